"""What a deployment to GitHub needs beside the facts: the organization, a token, secrets' values.

On the sandbox all of it is the sandbox's own; a secret there holds a word in its place.
"""

import json
from collections.abc import Mapping

import pulumi

from infra.model.environment import Environment
from infra.model.stack_config import GITHUB_LOGIN, GITHUB_SECRETS, PROJECT
from infra.model.target import GithubTarget, Target
from infra.settings import Secrets, Settings, SettingsError, destination

_Values = dict[str, dict[str, pulumi.Output[str]]]


def organization(settings: Settings, hidden: Secrets) -> tuple[GithubTarget, pulumi.Output[str]]:
    """Where the repositories are, and the token to reach them with.

    Raises:
        SettingsError: the stack's configuration lacks either; or the sandbox has no GitHub yet.
    """
    target = destination(settings).github
    if settings.config.target is Target.SANDBOX:
        if target is None or hidden.github_token is None:
            way_on = "./leap sandbox stop, then ./leap sandbox start"
            raise SettingsError(
                [f"sandbox: got one without a GitHub, allowed: a newer one: {way_on}"]
            )
        return target, pulumi.Output.secret(hidden.github_token)
    token = pulumi.Config(PROJECT).get_secret(GITHUB_LOGIN)
    if target is not None and token is not None:
        return target, token
    needed = {
        "github_owner": (target, f"an organization (pulumi config set {PROJECT}:github_owner …)"),
        GITHUB_LOGIN: (token, f"a token (pulumi config set --secret {PROJECT}:{GITHUB_LOGIN})"),
    }
    without = "or no `repositories` in the environment's file"
    raise SettingsError(
        [
            f"{PROJECT}:{key}: got nothing, allowed: {allowed}, {without}"
            for key, (value, allowed) in needed.items()
            if value is None
        ]
    )


def secret_values(settings: Settings) -> _Values:
    """The values of Actions' secrets, by repository and name.

    Raises:
        SettingsError: one that the facts name has no value.
    """
    environment = settings.environment
    if settings.config.target is Target.SANDBOX:
        return {
            repository: {key: pulumi.Output.secret(f"sandbox-{key}") for key in facts.secrets}
            for repository, facts in environment.repositories.items()
        }
    given = _given(pulumi.Config(PROJECT).get(GITHUB_SECRETS))
    if missing := _missing(environment, given):
        raise SettingsError(missing)
    return {
        repository: {key: pulumi.Output.secret(given[repository][key]) for key in facts.secrets}
        for repository, facts in environment.repositories.items()
    }


def _given(text: str | None) -> Mapping[str, Mapping[str, str]]:
    try:
        values = json.loads(text or "{}")
    except ValueError as error:
        raise SettingsError([f"{PROJECT}:{GITHUB_SECRETS}: got broken JSON ({error})"]) from error
    return values if isinstance(values, dict) else {}


def _missing(environment: Environment, given: Mapping[str, Mapping[str, str]]) -> list[str]:
    how = f"pulumi config set --secret --path '{PROJECT}:{GITHUB_SECRETS}.<repository>.<name>'"
    return [
        f"{PROJECT}:{GITHUB_SECRETS}.{repository}.{key}: got nothing, allowed: a secret ({how})"
        for repository, facts in environment.repositories.items()
        for key in facts.secrets
        if not given.get(repository, {}).get(key)
    ]
