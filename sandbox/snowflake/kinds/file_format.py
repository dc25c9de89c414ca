"""File formats. https://docs.snowflake.com/en/sql-reference/sql/create-file-format"""

from __future__ import annotations

import json
from typing import Any, Final

from sandbox.snowflake.catalog import columns as column
from sandbox.snowflake.catalog import values as value
from sandbox.snowflake.catalog.kind import Kind, Scope, ShowColumn
from sandbox.snowflake.catalog.record import Record
from sandbox.snowflake.context import Context
from sandbox.snowflake.errors import CompilationError
from sandbox.snowflake.kinds import format_options
from sandbox.snowflake.result import Result
from sandbox.snowflake.verbs.describe import property_rows


def options(record: Record) -> dict[str, Any]:
    """All options in force, by upper-case name, TYPE among them."""
    return format_options.complete(record.properties)


def _validate(context: Context, record: Record) -> None:
    if record.properties.get("TYPE") is None:
        raise CompilationError("Missing option(s): [TYPE]")
    format_options.check(record.properties)


def _describe(context: Context, record: Record) -> Result:
    return property_rows(format_options.rows(options(record)))


def _format_options(context: Context, record: Record) -> str:
    return json.dumps(options(record), separators=(",", ":"))


KIND: Final = Kind(
    name="FILE FORMAT",
    plural="FILE FORMATS",
    scope=Scope.SCHEMA,
    modifiers=("TEMPORARY", "TEMP"),
    properties=(*format_options.PROPERTIES.values(), value.COMMENT),
    privileges=("USAGE",),
    show=(
        column.CREATED_ON,
        column.NAME,
        column.DATABASE_NAME,
        column.SCHEMA_NAME,
        column.shown("type", "TYPE"),
        column.OWNER,
        column.COMMENT,
        ShowColumn("format_options", _format_options),
        column.OWNER_ROLE_TYPE,
    ),
    describe=_describe,
    validate=_validate,
    renamed=lambda context, record, path: None,
)
