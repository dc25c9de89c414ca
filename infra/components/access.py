"""The derived grants, each as one resource.

Nothing here decides who gets what: it writes down what `derive_grants` returns. There are grants on
all existing objects and on future ones, so that it does not matter which came first; the provider
never reads the former back, so they are quiet.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import pulumi
import pulumi_snowflake as snowflake

from infra.components.providers import Providers
from infra.model.environment import Environment
from infra.model.grants import ACCOUNT, Grant, Scope, derive_grants, logical_name
from infra.model.naming import Token


class Access(pulumi.ComponentResource):
    """All grants of an environment, made by SECURITYADMIN."""

    grants: Sequence[pulumi.Resource]

    def __init__(
        self,
        name: str,
        environment: Environment,
        providers: Providers,
        roles: Mapping[str, pulumi.Resource],
        needs: Mapping[str, Sequence[pulumi.Resource]],
        only: Collection[str] | None = None,
    ) -> None:
        """All grants, or those of the logical names in ``only``.

        Args:
            name: the component's logical name.
            environment: the facts.
            providers: as whom.
            roles: by name in Snowflake; a grant waits for its own, not for all of them, because
                the engine's work grows with every dependency.
            needs: what must stand before a grant on that type of object.
            only: logical names.
        """
        super().__init__(Token.ACCESS, name)
        named = {logical_name(grant, environment): grant for grant in derive_grants(environment)}
        self.grants = [
            _resource(
                key,
                grant,
                pulumi.ResourceOptions(
                    parent=self,
                    provider=providers.securityadmin,
                    depends_on=[*_roles(grant, roles), *needs.get(_kind(grant), ())],
                ),
            )
            for key, grant in named.items()
            if only is None or key in only
        ]
        self.register_outputs({})


def _kind(grant: Grant) -> str:
    return grant.on if grant.scope is Scope.OBJECT else "SCHEMA"


def _roles(grant: Grant, roles: Mapping[str, pulumi.Resource]) -> list[pulumi.Resource]:
    """The declared roles that a grant names; SYSADMIN is not ours."""
    named = [grant.role, *([grant.name] if grant.on == "ROLE" else [])]
    return [roles[name] for name in named if name in roles]


def _resource(name: str, grant: Grant, options: pulumi.ResourceOptions) -> pulumi.Resource:
    if grant.on == "ROLE":
        return snowflake.GrantAccountRole(
            name, role_name=grant.name, parent_role_name=grant.role, opts=options
        )
    return snowflake.GrantPrivilegesToAccountRole(
        name,
        account_role_name=grant.role,
        privileges=list(grant.privileges),
        opts=options,
        **_target(grant),
    )


def _target(grant: Grant) -> dict[str, Any]:
    if grant.scope is not Scope.OBJECT:
        objects = {"object_type_plural": grant.on, "in_schema": grant.name}
        return {"on_schema_object": {grant.scope.value.lower(): objects}}
    if grant.name.startswith('"') and grant.on != "SCHEMA":
        return {"on_schema_object": {"object_type": grant.on, "object_name": grant.name}}
    if grant.on == ACCOUNT:
        return {"on_account": True}
    if grant.on == "SCHEMA":
        return {"on_schema": {"schema_name": grant.name}}
    return {"on_account_object": {"object_type": grant.on, "object_name": grant.name}}
