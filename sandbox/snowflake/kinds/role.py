"""Account roles. https://docs.snowflake.com/en/sql-reference/sql/create-role"""

from __future__ import annotations

from typing import Final

from sandbox.snowflake.access import ownership
from sandbox.snowflake.catalog import columns as column
from sandbox.snowflake.catalog import values as value
from sandbox.snowflake.catalog.kind import Kind, Scope, ShowColumn
from sandbox.snowflake.catalog.record import Record
from sandbox.snowflake.context import Context
from sandbox.snowflake.errors import InsufficientPrivilegesError, SnowflakeError
from sandbox.snowflake.sql.names import Path, dotted

SYSTEM_ROLES: Final = frozenset(
    ("ACCOUNTADMIN", "ORGADMIN", "PUBLIC", "SECURITYADMIN", "SYSADMIN", "USERADMIN")
)


class CurrentRoleError(SnowflakeError):
    """DROP of the role that runs it."""

    code = "003021"
    sqlstate = "42501"

    def __init__(self, name: str) -> None:
        super().__init__(
            "SQL execution error:\n"
            f"Cannot drop role {dotted((name,))} as it is the current primary role."
        )


def _dropped(context: Context, record: Record) -> None:
    if record.name in SYSTEM_ROLES:
        raise InsufficientPrivilegesError("role", record.name)
    if record.id == context.session.role_id:
        raise CurrentRoleError(record.name)
    ownership.inherit(context, record)


def _renamed(context: Context, record: Record, path: Path) -> None:
    if record.name in SYSTEM_ROLES:
        raise InsufficientPrivilegesError("role", record.name)


def _yes(answer: bool) -> str:
    return "Y" if answer else "N"


def _is_default(context: Context, record: Record) -> str:
    default = context.user.properties.get("DEFAULT_ROLE")
    return _yes(default == dotted(record.path))


def _is_current(context: Context, record: Record) -> str:
    return _yes(record.id == context.session.role_id)


def is_inherited(context: Context, record: Record) -> str:
    """Y where the session's primary role inherits this one."""
    primary = context.session.role_id
    if primary is None or primary == record.id:
        return "N"
    return _yes(record.id in context.account.access.hierarchy.closure(primary))


def granted_to(kind: str) -> ShowColumn:
    """How many grantees of a kind a role has; the column is named as SHOW names it."""
    name = {
        "USER": "assigned_to_users",
        "ROLE": "granted_to_roles",
        "DATABASE ROLE": "granted_to_database_roles",
    }[kind]

    def count(context: Context, record: Record) -> int:
        members = context.account.access.hierarchy.of(record.id)
        grantees = (context.store.get(member.grantee) for member in members)
        return sum(1 for grantee in grantees if grantee is not None and grantee.kind == kind)

    return ShowColumn(name, count, "fixed")


def granted_roles(name: str) -> ShowColumn:
    """How many roles were granted to a role."""
    return ShowColumn(
        name,
        lambda context, record: len(context.account.access.hierarchy.to(record.id)),
        "fixed",
    )


KIND = Kind(
    name="ROLE",
    plural="ROLES",
    scope=Scope.ACCOUNT,
    properties=(value.COMMENT,),
    show=(
        column.CREATED_ON,
        column.NAME,
        ShowColumn("is_default", _is_default),
        ShowColumn("is_current", _is_current),
        ShowColumn("is_inherited", is_inherited),
        granted_to("USER"),
        granted_to("ROLE"),
        granted_roles("granted_roles"),
        column.OWNER,
        column.COMMENT,
    ),
    dropped=_dropped,
    renamed=_renamed,
)
