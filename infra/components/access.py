"""The derived grants, each as one resource.

Nothing here decides who gets what: it writes down what `derive_grants` returns. There are grants on
all existing objects and on future ones, so that it does not matter which came first; the provider
never reads the former back, so they are quiet.
"""

from collections.abc import Collection, Mapping
from typing import Any

import pulumi
import pulumi_snowflake as snowflake

from infra.components.providers import Providers
from infra.components.standing import Standing, awaited, going_with
from infra.model.environment import Environment
from infra.model.grants import ACCOUNT, Grant, Scope, derive_grants, logical_name
from infra.model.naming import Token


class Access(pulumi.ComponentResource):
    """All grants of an environment, made by SECURITYADMIN."""

    grants: Mapping[Grant, pulumi.Resource]

    def __init__(
        self,
        name: str,
        environment: Environment,
        providers: Providers,
        roles: Mapping[str, pulumi.Resource],
        needs: Standing,
        only: Collection[str] | None = None,
    ) -> None:
        """All grants, or those of the logical names in ``only``.

        A grant waits for its own ``roles``, by name in Snowflake, and for what it is on or in,
        which is among the ``needs``.
        """
        super().__init__(Token.ACCESS, name)
        named = {logical_name(grant, environment): grant for grant in derive_grants(environment)}
        self.grants = {
            grant: _resource(
                key,
                grant,
                going_with(
                    needs,
                    _kind(grant),
                    grant.name,
                    pulumi.ResourceOptions(
                        parent=self,
                        provider=providers.securityadmin,
                        depends_on=[*_roles(grant, roles), *_object(grant, needs)],
                    ),
                ),
            )
            for key, grant in named.items()
            if only is None or key in only
        }
        self.register_outputs({})

    def on(self, *names: str) -> list[pulumi.Resource]:
        """The grants on objects, and on what is or will be in schemas, by the grants' names."""
        return [made for grant, made in self.grants.items() if grant.name in names]


def _object(grant: Grant, needs: Standing) -> list[pulumi.Resource]:
    """What a grant is on. A role is among the roles already."""
    if grant.on == "ROLE":
        return []
    return awaited(needs, _kind(grant), grant.name)


def _kind(grant: Grant) -> str:
    """Of the object that a grant is on, or in."""
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
