"""Functional, service and access roles. Who holds them is the access component's."""

from collections.abc import Collection, Mapping

import pulumi
import pulumi_snowflake as snowflake

from infra.components.providers import Providers
from infra.model.environment import Environment
from infra.model.grants import access_roles
from infra.model.naming import Token, logical


class Roles(pulumi.ComponentResource):
    """Every role of an environment, owned by USERADMIN."""

    by_name: Mapping[str, snowflake.AccountRole]
    """By the name in Snowflake."""

    def __init__(
        self,
        name: str,
        environment: Environment,
        providers: Providers,
        only: Collection[str] | None = None,
    ) -> None:
        """All roles, or those of the names in Snowflake that ``only`` holds."""
        super().__init__(Token.ROLES, name)
        options = pulumi.ResourceOptions(parent=self, provider=providers.useradmin)
        naming = environment.naming
        comments = {naming.account(key): role.comment for key, role in environment.roles.items()}
        comments |= {role.name: role.comment for role in access_roles(environment)}
        self.by_name = {
            role: snowflake.AccountRole(
                logical(role.removeprefix(environment.prefix)),
                name=role,
                comment=comment or None,
                opts=options,
            )
            for role, comment in comments.items()
            if only is None or role in only
        }
        self.register_outputs({})
