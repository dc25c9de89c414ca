"""A workspace's objects, all made by a role that administers nothing.

The schema has managed access: what dbt builds there is its builder's, who may read it is decided by
the schema's owner alone, and only such an owner may grant what is to come without MANAGE GRANTS.
What was built is absent: it goes with the schema.

https://docs.snowflake.com/en/user-guide/security-access-control-configure#creating-managed-access-schemas
"""

from collections.abc import Iterator
from typing import Any, Final

import pulumi
import pulumi_snowflake as snowflake

from infra.model.identifiers import quoted
from infra.model.naming import Naming, Token, logical
from infra.model.sql import Sql, Value, joined, literal, sql
from infra.model.workspace import Workspace as WorkspaceFacts
from infra.model.workspace import WorkspaceNames
from infra.model.workspace_procedures import CLOSE, LIMIT, OPEN

RETENTION_DAYS: Final = 1
"""A workspace is built again sooner than restored; transient tables allow one day at most."""


class Workspace(pulumi.ComponentResource):
    """One schema with its roles and their grants."""

    def __init__(
        self,
        name: str,
        facts: WorkspaceFacts,
        names: WorkspaceNames,
        naming: Naming,
        provider: snowflake.Provider,
        *,
        comment: str,
    ) -> None:
        """``comment`` goes on the schema, and is what the account knows of the workspace."""
        super().__init__(Token.WORKSPACE, name)
        self.options = pulumi.ResourceOptions(parent=self, provider=provider)
        self.naming = naming
        self.schema = snowflake.Schema(
            logical("schema"),
            name=names.schema_,
            database=names.database,
            comment=comment,
            is_transient="true",
            with_managed_access="true",
            data_retention_time_in_days=RETENTION_DAYS,
            opts=self.options,
        )
        self.place = quoted(names.database, names.schema_)
        self.own_role = self._owner(names.own_role, facts.role)
        if facts.readers:
            self._readers(names.read_role, facts.readers)
        self.register_outputs({})

    def limit(self, place: str, workspace: str, credits_given: int) -> None:
        """A warehouse of its own with a limit, through the procedures in the schema ``place``.

        The limit is a resource by itself: a new one changes the monitor, and does not make it anew
        with nothing used.
        """
        opened = snowflake.Execute(
            logical("warehouse"),
            execute=_call(place, OPEN, workspace),
            revert=_call(place, CLOSE, workspace),
            opts=self._after(self.own_role),
        )
        snowflake.Execute(
            logical("limit"),
            execute=_call(place, LIMIT, workspace, credits_given),
            revert="SELECT 1",
            opts=self._after(opened),
        )

    def _owner(self, role: str, builder: str) -> snowflake.AccountRole:
        """Everything on the schema, for the role that builds in it."""
        made = self._role("own", role, f"Everything in schema {self.place}")
        snowflake.GrantPrivilegesToAccountRole(
            logical("own-on-schema"),
            account_role_name=role,
            all_privileges=True,
            on_schema={"schema_name": self.place},
            opts=self._after(made, self.schema),
        )
        self._hand("own", role, builder, made)
        return made

    def _readers(self, role: str, readers: tuple[str, ...]) -> None:
        """Use of the schema and reading of what will be in it."""
        made = self._role("read", role, f"Reads schema {self.place}")
        for where, privilege, target in self._readable():
            snowflake.GrantPrivilegesToAccountRole(
                logical("read-on", where),
                account_role_name=role,
                privileges=[privilege],
                opts=self._after(made, self.schema),
                **target,
            )
        for reader in readers:
            self._hand("read", role, reader, made)

    def _readable(self) -> Iterator[tuple[str, str, dict[str, Any]]]:
        yield "schema", "USAGE", {"on_schema": {"schema_name": self.place}}
        for plural in ("TABLES", "VIEWS"):
            to_come = {"object_type_plural": plural, "in_schema": self.place}
            yield f"future-{plural}", "SELECT", {"on_schema_object": {"future": to_come}}

    def _role(self, name: str, role: str, comment: str) -> snowflake.AccountRole:
        return snowflake.AccountRole(logical(name), name=role, comment=comment, opts=self.options)

    def _hand(self, name: str, role: str, holder: str, made: pulumi.Resource) -> None:
        snowflake.GrantAccountRole(
            logical(name, "to", holder),
            role_name=role,
            parent_role_name=self.naming.account(holder),
            opts=self._after(made),
        )

    def _after(self, *needed: pulumi.Resource) -> pulumi.ResourceOptions:
        more = pulumi.ResourceOptions(depends_on=list(needed))
        return pulumi.ResourceOptions.merge(self.options, more)


def _call(place: str, procedure: str, *values: Value) -> str:
    given = joined((literal(value) for value in values), ", ")
    return sql("CALL {place}.{name}({given})", place=Sql(place), name=Sql(procedure), given=given)
