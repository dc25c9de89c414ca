"""SHOW columns that many kinds share."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sandbox.snowflake.catalog.kind import ShowColumn
from sandbox.snowflake.catalog.record import Record
from sandbox.snowflake.context import Context

CREATED_ON = ShowColumn("created_on", lambda context, record: record.created_on, "timestamp_ltz")
NAME = ShowColumn("name", lambda context, record: record.name)
DATABASE_NAME = ShowColumn("database_name", lambda context, record: record.path[0])
SCHEMA_NAME = ShowColumn("schema_name", lambda context, record: record.path[1])
OWNER = ShowColumn("owner", lambda context, record: context.owner_name(record))
OWNER_ROLE_TYPE = ShowColumn("owner_role_type", lambda context, record: context.owner_type(record))
COMMENT = ShowColumn("comment", lambda context, record: record.comment)
IS_DEFAULT = ShowColumn("is_default", lambda context, record: "N")


def fixed(name: str, value: Any = "", type_: str = "text") -> ShowColumn:
    """A cell that is the same for every object."""
    return ShowColumn(name, lambda context, record: value, type_)


def shown(name: str, item: str, type_: str = "text", missing: Any = "") -> ShowColumn:
    """A property's value; `missing` where it is not set."""

    def cell(context: Context, record: Record) -> Any:
        value = record.properties.get(item)
        return missing if value is None else value

    return ShowColumn(name, cell, type_)


def flag(name: str, item: str) -> ShowColumn:
    """A property as `true` or `false`."""
    return ShowColumn(
        name, lambda context, record: "true" if record.properties.get(item) else "false"
    )


def moment(name: str, item: str) -> ShowColumn:
    """A property that keeps a moment as ISO text."""

    def cell(context: Context, record: Record) -> datetime | None:
        value = record.properties.get(item)
        return datetime.fromisoformat(value) if value else None

    return ShowColumn(name, cell, "timestamp_ltz")
