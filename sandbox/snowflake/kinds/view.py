"""Views. https://docs.snowflake.com/en/sql-reference/sql/show-views"""

from __future__ import annotations

from sandbox.snowflake.catalog import columns as column
from sandbox.snowflake.catalog import values as value
from sandbox.snowflake.catalog.kind import Kind, Scope
from sandbox.snowflake.kinds.table import CHANGE_TRACKING

KIND = Kind(
    name="VIEW",
    plural="VIEWS",
    scope=Scope.SCHEMA,
    namespace="TABLE",
    on_data_plane=True,
    properties=(value.COMMENT,),
    modifiers=("SECURE", "RECURSIVE", "TEMPORARY", "TEMP", "VOLATILE"),
    privileges=("REFERENCES", "SELECT"),
    show=(
        column.CREATED_ON,
        column.NAME,
        column.fixed("reserved", ""),
        column.DATABASE_NAME,
        column.SCHEMA_NAME,
        column.OWNER,
        column.COMMENT,
        column.shown("text", "TEXT"),
        column.flag("is_secure", "SECURE"),
        column.fixed("is_materialized", "false"),
        column.OWNER_ROLE_TYPE,
        CHANGE_TRACKING,
    ),
)
