"""GitHub beside the account: what `leap drift`, `leap audit` and `leap up` ask of it, and as whom.

On the sandbox the token is the sandbox's own. Elsewhere it is `GITHUB_TOKEN` (or `GH_TOKEN`), else
the stack's own secret. Without one, or where GitHub does not answer, that is named as unread.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from cli.errors import NotUsableError
from cli.target import SANDBOX, running_sandbox
from infra.model.stack_config import GITHUB_LOGIN, PROJECT
from ops.access.facts import Unread
from ops.github import guards, standing
from ops.github.compare import compare
from ops.github.deployed import Deployed, deployed
from ops.github.guards import Guard
from ops.github.standing import Standing
from ops.github.transport import Api, GithubError

if TYPE_CHECKING:
    from infra.settings import Settings
    from ops.drift.finding import Finding

TOKENS: Final = ("GITHUB_TOKEN", "GH_TOKEN")
HOW: Final = f"set {TOKENS[0]}, or {PROJECT}:{GITHUB_LOGIN} of the stack (docs/github.md)"


class Hub(NamedTuple):
    """What GitHub told of some repositories."""

    standing: Standing
    guards: list[Guard]

    @property
    def unread(self) -> list[Unread]:
        """What it did not tell."""
        return self.standing.unread


def of_state(settings: Settings, deployment: Mapping[str, Any]) -> tuple[Deployed, Hub]:
    """What a stack deployed to GitHub, and what stands there."""
    code = deployed(deployment)
    branches = {name: code.branches.get(name, []) for name in code.repositories}
    return code, _look(settings, code.owner, branches)


def of_facts(settings: Settings) -> Hub | None:
    """What stands of the repositories that the facts declare; None where the stack has none."""
    owner = owner_of(settings)
    if not settings.environment.repositories or not owner:
        return None
    branches = {
        name: [one.default_branch, *one.branches, *(p for p in one.protection if "*" not in p)]
        for name, one in settings.environment.repositories.items()
    }
    return _look(settings, owner, branches)


def differences(settings: Settings, deployment: Mapping[str, Any]) -> list[Finding]:
    """Code against GitHub."""
    code, hub = of_state(settings, deployment)
    return compare(code, hub.standing) if code.repositories else []


def owner_of(settings: Settings) -> str:
    """The organization on GitHub; empty where the stack has none."""
    if settings.config.target != SANDBOX:
        return settings.config.github_owner
    github = running_sandbox().github
    return github.owner if github is not None else ""


def api_of(settings: Settings) -> Api:
    """GitHub as the stack reaches it.

    Raises:
        NotUsableError: there is no token.
    """
    if settings.config.target == SANDBOX:
        github = running_sandbox().github
        if github is None:
            raise NotUsableError(
                "The sandbox has no GitHub yet.", "./leap sandbox stop, then ./leap sandbox start"
            )
        return Api(github.token, github.base_url)
    token = next((os.environ[one] for one in TOKENS if os.environ.get(one)), "")
    token = token or _configured(settings.stack.name)
    if not token:
        raise NotUsableError("There is no token for GitHub.", HOW)
    return Api(token)


def _configured(stack: str) -> str:
    """The stack's own token; empty where it has none or its secrets cannot be opened."""
    from cli.deployment.stack import pulumi
    from cli.workbench import toolchain, variables

    key = f"{PROJECT}:{GITHUB_LOGIN}"
    try:
        seen = variables(toolchain())
        return pulumi(seen, "config", "get", key, "--stack", stack, check=False).strip()
    except NotUsableError:
        return ""


def _look(settings: Settings, owner: str, branches: Mapping[str, Iterable[str]]) -> Hub:
    if not branches:
        return Hub(Standing(owner), [])
    try:
        found = standing.read(api_of(settings), owner, branches)
    except (GithubError, NotUsableError) as error:
        found = Standing(owner, answered=False)
        names = ", ".join(f"{owner}/{name}" for name in branches)
        found.unread.append(Unread(f"GitHub: {names}", str(error)))
        return Hub(found, [])
    return Hub(found, guards.guards(found, branches))
