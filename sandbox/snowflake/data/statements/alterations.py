"""Reading the changes of ALTER TABLE: columns added, dropped and altered, properties set."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sandbox.snowflake.data.statements.actions import (
    AddColumn,
    ColumnComment,
    ColumnRule,
    ColumnType,
    DropColumns,
    Properties,
)
from sandbox.snowflake.data.statements.definition import read_column, read_expression
from sandbox.snowflake.data.types import read_type
from sandbox.snowflake.errors import SnowflakeError, UnsupportedError
from sandbox.snowflake.sql.reader import Reader

Refuse = Callable[[str], SnowflakeError]


def read_additions(reader: Reader, refuse: Refuse) -> Sequence[Any]:
    """What follows ADD: columns, or a key, which is kept by nobody."""
    if reader.token.word in {"SEARCH", "ROW", "DATA", "AGGREGATION", "STORAGE"}:
        raise refuse(reader.text)
    if reader.token.word in {"CONSTRAINT", "PRIMARY", "UNIQUE", "FOREIGN"}:
        reader.raw_until_end()
        return []
    found = []
    while True:
        reader.accept("COLUMN")
        exists = reader.accept("IF", "NOT", "EXISTS")
        found.append(AddColumn(read_column(reader), exists))
        if not reader.accept_symbol(","):
            return found


def read_removals(reader: Reader, refuse: Refuse) -> Sequence[Any]:
    """What follows DROP: columns, or a key."""
    if reader.token.word in {"SEARCH", "ROW", "ALL", "AGGREGATION"}:
        raise refuse(reader.text)
    if reader.token.word in {"CONSTRAINT", "PRIMARY", "UNIQUE", "FOREIGN"}:
        reader.raw_until_end()
        return []
    reader.accept("COLUMN")
    exists = reader.accept("IF", "EXISTS")
    names = [reader.identifier()]
    while reader.accept_symbol(","):
        names.append(reader.identifier())
    return [DropColumns(names, exists)]


def read_column_changes(reader: Reader) -> Sequence[Any]:
    """`ALTER | MODIFY [(] [COLUMN] a …, [COLUMN] b … [)]`."""
    reader.advance()
    enclosed = reader.accept_symbol("(")
    found: list[Any] = []
    while True:
        reader.accept("COLUMN")
        found.append(_column_change(reader, reader.identifier()))
        if not reader.accept_symbol(","):
            break
        reader.accept_any("ALTER", "MODIFY")
    if enclosed:
        reader.expect_symbol(")")
    return found


def read_properties(reader: Reader, refuse: Refuse) -> Sequence[Properties]:
    """`SET a = 1 b = 2` (SET is read already) or `UNSET a, b`."""
    values: dict[str, str | None] = {}
    unset = reader.accept("UNSET")
    while not reader.at_end:
        if reader.token.word in {"TAG", "MASKING", "ROW"}:
            raise refuse(reader.text)
        name = reader.identifier()
        if unset:
            values[name] = None
        elif name == "SECURE":
            values[name] = "true"
        else:
            reader.expect_symbol("=")
            values[name] = reader.advance().value
        reader.accept_symbol(",")
    return [Properties(values)]


def _column_change(reader: Reader, name: str) -> Any:
    if reader.accept("SET", "NOT", "NULL"):
        return ColumnRule(name, "SET NOT NULL")
    if reader.accept("DROP", "NOT", "NULL"):
        return ColumnRule(name, "DROP NOT NULL")
    if reader.accept("SET", "DEFAULT"):
        return ColumnRule(name, "SET DEFAULT", read_expression(reader))
    if reader.accept("DROP", "DEFAULT"):
        return ColumnRule(name, "DROP DEFAULT")
    if reader.accept("UNSET", "COMMENT"):
        return ColumnComment(name, None)
    if reader.accept("COMMENT"):
        return ColumnComment(name, reader.string())
    if reader.token.word in {"SET", "UNSET"} and reader.ahead(1).word != "DATA":
        raise UnsupportedError(f"ALTER COLUMN … {reader.token.word} {reader.ahead(1).value}")
    reader.accept("SET", "DATA")
    reader.accept("TYPE")
    return ColumnType(name, read_type(reader))
