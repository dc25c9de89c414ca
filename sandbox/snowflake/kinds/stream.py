"""Streams on tables and views: what changed since they were last read.

They are kept, shown and described; their rows are not served, and a query of one says that there
is no such table.
https://docs.snowflake.com/en/sql-reference/sql/create-stream
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from sandbox.snowflake.catalog import columns as column
from sandbox.snowflake.catalog import values as value
from sandbox.snowflake.catalog.kind import Kind, Scope, ShowColumn
from sandbox.snowflake.catalog.record import Record
from sandbox.snowflake.context import Context
from sandbox.snowflake.errors import CompilationError, DoesNotExistError, UnsupportedError
from sandbox.snowflake.result import Result
from sandbox.snowflake.sql.names import dotted
from sandbox.snowflake.sql.reader import Reader
from sandbox.snowflake.verbs.show import table

_EXTENSION: Final = "MAX_DATA_EXTENSION_TIME_IN_DAYS"


def _on(reader: Reader, properties: dict[str, Any]) -> None:
    """ON {TABLE | VIEW} name."""
    word = reader.accept_any("TABLE", "VIEW")
    if word is None:
        raise UnsupportedError(f"CREATE STREAM … ON {reader.token.word}")
    properties |= {"SOURCE_KIND": word, "SOURCE": dotted(reader.path())}


def _time_travel(reader: Reader, properties: dict[str, Any]) -> None:
    raise UnsupportedError("CREATE STREAM … AT | BEFORE (time travel)")


def _validate(context: Context, record: Record) -> None:
    """Find the source, which later statements know by its id."""
    properties = record.properties
    if "SOURCE" not in properties:
        raise CompilationError("Missing option(s): [ON]")
    if "SOURCE_ID" in properties:
        return
    path = Reader(properties["SOURCE"]).path()
    whole = (*record.path[: 3 - len(path)], *path)
    context.check_parent(whole)
    source = context.store.find("TABLE", whole)
    if source is None or source.kind != properties["SOURCE_KIND"]:
        raise DoesNotExistError(properties["SOURCE_KIND"], dotted(whole))
    context.demand("SELECT", source)
    properties |= {"SOURCE": dotted(whole), "SOURCE_ID": source.id}


def _source(context: Context, record: Record) -> Record | None:
    return context.store.get(record.properties["SOURCE_ID"])


def _source_name(context: Context, record: Record) -> str:
    source = _source(context, record)
    return dotted(source.path) if source is not None else str(record.properties["SOURCE"])


def _is_stale(context: Context, record: Record) -> bool:
    after = _stale_after(context, record)
    return after is None or context.now >= after


def _stale_after(context: Context, record: Record) -> datetime | None:
    source = _source(context, record)
    if source is None:
        return None
    days = context.account.parameters.effective(_EXTENSION, source).value
    return record.created_on + timedelta(days=int(days))


def _invalid_reason(context: Context, record: Record) -> str:
    if _source(context, record) is not None:
        return "N/A"
    return f"Base {record.properties['SOURCE_KIND'].lower()} dropped, cannot read from the stream"


def _mode(context: Context, record: Record) -> str:
    return "APPEND_ONLY" if record.properties.get("APPEND_ONLY") else "DEFAULT"


def _source_type(context: Context, record: Record) -> str:
    return str(record.properties["SOURCE_KIND"]).capitalize()


def _describe(context: Context, record: Record) -> Result:
    return table(context, KIND, [record])


KIND: Final = Kind(
    name="STREAM",
    plural="STREAMS",
    scope=Scope.SCHEMA,
    properties=(
        value.boolean("APPEND_ONLY", False),
        value.boolean("SHOW_INITIAL_ROWS", False),
        value.COMMENT,
    ),
    clauses={"ON": _on, "AT": _time_travel, "BEFORE": _time_travel},
    show=(
        column.CREATED_ON,
        column.NAME,
        column.DATABASE_NAME,
        column.SCHEMA_NAME,
        column.OWNER,
        column.COMMENT,
        ShowColumn("table_name", _source_name),
        ShowColumn("source_type", _source_type),
        ShowColumn("base_tables", _source_name),
        column.fixed("type", "DELTA"),
        ShowColumn("stale", lambda c, record: "true" if _is_stale(c, record) else "false"),
        ShowColumn("mode", _mode),
        ShowColumn("stale_after", _stale_after, "timestamp_ltz"),
        ShowColumn("invalid_reason", _invalid_reason),
        column.OWNER_ROLE_TYPE,
    ),
    describe=_describe,
    validate=_validate,
)
