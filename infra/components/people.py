"""People, each with one role. Only the sandbox's have a password.

On a real account a person logs in by single sign-on with their e-mail address; somebody without
one exists on the sandbox alone.
"""

from collections.abc import Mapping

import pulumi
import pulumi_snowflake as snowflake

from infra.components.providers import Providers
from infra.model.environment import Environment
from infra.model.naming import Token, logical


class People(pulumi.ComponentResource):
    """Everybody whom the facts and the files of people name."""

    def __init__(
        self,
        name: str,
        environment: Environment,
        providers: Providers,
        password: pulumi.Output[str] | None,
        roles: Mapping[str, pulumi.Resource],
    ) -> None:
        """``password``: of everybody on the sandbox; None on a real account.

        ``roles``: by name in Snowflake; a person waits for the own one.
        """
        super().__init__(Token.PEOPLE, name)
        naming = environment.naming
        for key, person in environment.people.items():
            if password is None and person.email is None:
                continue
            user = snowflake.User(
                logical(key),
                name=naming.account(key),
                password=password,
                default_role=naming.account(person.role),
                default_warehouse=naming.account(person.warehouse),
                email=person.email,
                login_name=person.email if password is None else None,
                first_name=person.first_name,
                last_name=person.last_name,
                comment="A person of the sandbox" if password is not None else None,
                opts=pulumi.ResourceOptions(
                    parent=self,
                    provider=providers.useradmin,
                    depends_on=[roles[naming.account(person.role)]],
                ),
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
