"""Database roles. https://docs.snowflake.com/en/sql-reference/sql/create-database-role"""

from __future__ import annotations

from sandbox.snowflake.access import ownership
from sandbox.snowflake.catalog import columns as column
from sandbox.snowflake.catalog import values as value
from sandbox.snowflake.catalog.kind import Kind, Scope, ShowColumn
from sandbox.snowflake.catalog.record import Record
from sandbox.snowflake.context import Context
from sandbox.snowflake.errors import StatementSyntaxError
from sandbox.snowflake.kinds.role import granted_roles, granted_to, is_inherited
from sandbox.snowflake.sql.names import Path


def _renamed(context: Context, record: Record, path: Path) -> None:
    if path[0] != record.path[0]:
        raise StatementSyntaxError("A database role cannot move to another database.")


def _dropped(context: Context, record: Record) -> None:
    ownership.inherit(context, record)


KIND = Kind(
    name="DATABASE ROLE",
    plural="DATABASE ROLES",
    scope=Scope.DATABASE,
    properties=(value.COMMENT,),
    show=(
        column.CREATED_ON,
        column.NAME,
        column.fixed("is_default", "N"),
        column.fixed("is_current", "N"),
        ShowColumn("is_inherited", is_inherited),
        granted_to("ROLE"),
        granted_to("DATABASE ROLE"),
        granted_roles("granted_database_roles"),
        column.OWNER,
        column.COMMENT,
        column.OWNER_ROLE_TYPE,
    ),
    dropped=_dropped,
    renamed=_renamed,
)
