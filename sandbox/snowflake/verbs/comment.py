"""COMMENT [IF EXISTS] ON <kind> <name> IS '…'."""

from __future__ import annotations

from sandbox.snowflake.context import Context
from sandbox.snowflake.result import Result, status
from sandbox.snowflake.sql.reader import Reader


def comment(context: Context, reader: Reader) -> Result | None:
    """Set the comment; of columns, tables and views on the data plane (None), which keeps them."""
    if_exists = reader.accept("IF", "EXISTS")
    reader.expect("ON")
    kind = context.registry.read_singular(reader)
    if kind is None or kind.on_data_plane:
        return None
    path = kind.read_path(reader)
    reader.expect("IS")
    text = reader.string()
    reader.expect_end()
    if if_exists and context.find(kind, path) is None:
        return status("Statement executed successfully.")
    record = context.get(kind, path)
    context.demand(kind.alter_privilege("SET"), record)
    record.properties["COMMENT"] = text
    context.store.save(record)
    return status("Statement executed successfully.")
