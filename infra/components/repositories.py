"""Every repository of an environment, under one provider for the organization on GitHub."""

from collections.abc import Mapping

import pulumi
import pulumi_github as github

from infra.components.repository import Repository
from infra.model.environment import Environment
from infra.model.naming import Token
from infra.model.target import GithubTarget

_NO_DELAY_MS = 1
"""Between writes on the sandbox; GitHub itself asks for the provider's second."""


class Repositories(pulumi.ComponentResource):
    """The provider, and the repositories by name."""

    def __init__(
        self,
        name: str,
        environment: Environment,
        target: GithubTarget,
        token: pulumi.Input[str],
        secrets: Mapping[str, Mapping[str, pulumi.Output[str]]],
    ) -> None:
        """``secrets``: the values of Actions' secrets, by repository and name."""
        super().__init__(Token.REPOSITORIES, name)
        provider = github.Provider(
            "github",
            owner=target.owner,
            token=token,
            base_url=target.base_url and f"{target.base_url}/",
            write_delay_ms=_NO_DELAY_MS if target.base_url else None,
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.by_name = {
            key: Repository(
                key, facts, provider, secrets.get(key, {}), self, protect=environment.protect
            )
            for key, facts in environment.repositories.items()
        }
        self.register_outputs({})
