"""DESCRIBE of the kinds that the catalogue keeps."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sandbox.snowflake.access.rules import DESCRIBE
from sandbox.snowflake.catalog.kind import Kind
from sandbox.snowflake.context import Context
from sandbox.snowflake.errors import UnsupportedError
from sandbox.snowflake.result import Column, Result
from sandbox.snowflake.sql.reader import Reader


def describe(context: Context, kind: Kind, reader: Reader) -> Result:
    """DESCRIBE <kind> <name>, as the kind declares it."""
    record = context.get(kind, kind.read_path(reader))
    kind = context.registry[record.kind]
    reader.expect_end()
    if record.id != context.session.user_id:
        context.demand(DESCRIBE, record)
    if kind.describe is None:
        raise UnsupportedError(f"DESCRIBE {kind.name}")
    return kind.describe(context, record)


def property_rows(rows: Iterable[tuple[str, str, Any, Any]]) -> Result:
    """The `property, property_type, property_value, property_default` table of integrations."""
    names = ("property", "property_type", "property_value", "property_default")
    return Result([Column(name) for name in names], [list(row) for row in rows])
