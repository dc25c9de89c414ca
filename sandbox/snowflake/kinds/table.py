"""Tables: the catalogue knows who owns them and what they are called, the data plane the rows.

https://docs.snowflake.com/en/sql-reference/sql/show-tables
"""

from __future__ import annotations

from typing import Any, Final

from sandbox.snowflake.catalog import columns as column
from sandbox.snowflake.catalog import values as value
from sandbox.snowflake.catalog.kind import Kind, Scope, ShowColumn
from sandbox.snowflake.catalog.record import Record
from sandbox.snowflake.context import Context
from sandbox.snowflake.data.model import ObjectName
from sandbox.snowflake.kinds.database import retention

PLACE: Final = "PLACE"
"""The property of a dropped table, as SHOW … HISTORY sees it, that says where its rows are."""


def _kind(context: Context, record: Record) -> str:
    if record.kind == "VIEW":
        return "VIEW"
    return "TRANSIENT" if record.properties.get("TRANSIENT") else "TABLE"


def _rows(context: Context, record: Record) -> Any:
    name = _stored(record)
    return context.account.data.row_count(name) if record.kind == "TABLE" else None


def _stored(record: Record) -> ObjectName:
    """Where the rows are: a dropped table's lie aside."""
    return ObjectName(record.path[0], record.path[1], record.properties.get(PLACE, record.name))


def _restored(context: Context, record: Record, place: str) -> None:
    context.account.data.shelf.restore_table(ObjectName(*record.path), place)


def _purged(context: Context, record: Record, place: str) -> None:
    """A table that was not kept is gone from the data plane already."""
    if place:
        context.account.data.shelf.purge_table(ObjectName(record.path[0], record.path[1], place))


def _bytes(context: Context, record: Record) -> Any:
    name = _stored(record)
    return context.account.data.table_bytes(name) if record.kind == "TABLE" else None


def _cluster_by(context: Context, record: Record) -> str:
    key = record.properties.get("CLUSTER_BY")
    return f"LINEAR{key}" if key else ""


def _on(record: Record, item: str) -> str:
    """ON or OFF, for a property that the data plane reports as text."""
    return "OFF" if str(record.properties.get(item) or "FALSE").upper() == "FALSE" else "ON"


def _evolves(context: Context, record: Record) -> str:
    return "Y" if _on(record, "ENABLE_SCHEMA_EVOLUTION") == "ON" else "N"


CHANGE_TRACKING = ShowColumn(
    "change_tracking", lambda context, record: _on(record, "CHANGE_TRACKING")
)

KIND = Kind(
    name="TABLE",
    plural="TABLES",
    scope=Scope.SCHEMA,
    on_data_plane=True,
    properties=(value.COMMENT,),
    parameters=(
        "DATA_RETENTION_TIME_IN_DAYS",
        "MAX_DATA_EXTENSION_TIME_IN_DAYS",
        "DEFAULT_DDL_COLLATION",
        "QUOTED_IDENTIFIERS_IGNORE_CASE",
    ),
    modifiers=("TRANSIENT", "TEMPORARY", "TEMP", "VOLATILE", "LOCAL", "GLOBAL"),
    restored=_restored,
    purged=_purged,
    privileges=(
        "APPLYBUDGET",
        "DELETE",
        "EVOLVE SCHEMA",
        "INSERT",
        "REBUILD",
        "REFERENCES",
        "SELECT",
        "TRUNCATE",
        "UPDATE",
    ),
    show=(
        column.CREATED_ON,
        column.NAME,
        column.DATABASE_NAME,
        column.SCHEMA_NAME,
        ShowColumn("kind", _kind),
        column.COMMENT,
        ShowColumn("cluster_by", _cluster_by),
        ShowColumn("rows", _rows, "fixed"),
        ShowColumn("bytes", _bytes, "fixed"),
        column.OWNER,
        ShowColumn("retention_time", retention),
        ShowColumn("automatic_clustering", lambda c, record: _on(record, "CLUSTER_BY")),
        CHANGE_TRACKING,
        column.fixed("search_optimization", "OFF"),
        column.fixed("search_optimization_progress", None),
        column.fixed("search_optimization_bytes", None, "fixed"),
        column.fixed("is_external", "N"),
        ShowColumn("enable_schema_evolution", _evolves),
        column.OWNER_ROLE_TYPE,
        column.fixed("is_event", "N"),
        column.fixed("budget", None),
        column.fixed("is_hybrid", "N"),
        column.fixed("is_iceberg", "N"),
        column.fixed("is_dynamic", "N"),
        column.fixed("is_immutable", "N"),
    ),
)
