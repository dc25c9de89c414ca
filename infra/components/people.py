"""People to log in as on the sandbox, one for each role.

Real people come from an identity provider and never from here: the facts of a real environment
name none, and this component has no way to give one a password there.
"""

from collections.abc import Sequence

import pulumi
import pulumi_snowflake as snowflake

from infra.components.providers import Providers
from infra.model.environment import Environment
from infra.model.naming import Token, logical


class People(pulumi.ComponentResource):
    """The sandbox's people, each with one role."""

    def __init__(
        self,
        name: str,
        environment: Environment,
        providers: Providers,
        password: pulumi.Output[str],
        roles: Sequence[pulumi.Resource],
    ) -> None:
        super().__init__(Token.PEOPLE, name)
        making = pulumi.ResourceOptions(
            parent=self, provider=providers.useradmin, depends_on=list(roles)
        )
        naming = environment.naming
        for key, person in environment.people.items():
            user = snowflake.User(
                logical(key),
                name=naming.account(key),
                password=password,
                default_role=naming.account(person.role),
                default_warehouse=naming.account(person.warehouse),
                comment="A person of the sandbox",
                opts=making,
            )
            snowflake.GrantAccountRole(
                logical(key, "is", person.role),
                role_name=naming.account(person.role),
                user_name=naming.account(key),
                opts=pulumi.ResourceOptions(
                    parent=self, provider=providers.securityadmin, depends_on=[user]
                ),
            )
        self.register_outputs({})
