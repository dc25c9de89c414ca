"""The columns and options of CREATE TABLE and CREATE VIEW, as read from their text.

https://docs.snowflake.com/en/sql-reference/sql/create-table
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from sandbox.snowflake.data.model import Governed
from sandbox.snowflake.data.statements.governed import BEGINNINGS, read_of_column, read_of_object
from sandbox.snowflake.data.types import DataType, read_type
from sandbox.snowflake.errors import UnsupportedError
from sandbox.snowflake.sql.reader import Reader
from sandbox.snowflake.sql.tokens import TokenKind

_DEFAULT_ENDS: Final = frozenset(
    {"NOT", "NULL", "COMMENT", "UNIQUE", "PRIMARY", "CONSTRAINT", "FOREIGN", "REFERENCES", "WITH"}
)
_VALUED: Final = frozenset(
    {
        "DATA_RETENTION_TIME_IN_DAYS",
        "MAX_DATA_EXTENSION_TIME_IN_DAYS",
        "CHANGE_TRACKING",
        "DEFAULT_DDL_COLLATION",
        "ENABLE_SCHEMA_EVOLUTION",
    }
)


@dataclass
class ColumnDefinition:
    """One column; `type` is None where a query gives it."""

    name: str
    type: DataType | None = None
    nullable: bool = True
    default: str | None = None
    identity: tuple[int, int] | None = None
    comment: str | None = None
    primary_key: bool = False
    unique_key: bool = False
    governed: list[Governed] = field(default_factory=list)


@dataclass
class Options:
    """What stands between the columns and the query."""

    comment: str | None = None
    copy_grants: bool = False
    cluster_by: str = ""
    properties: dict[str, str | None] = field(default_factory=dict)
    governed: list[Governed] = field(default_factory=list)


def read_columns(reader: Reader) -> list[ColumnDefinition]:
    """The parenthesised columns and constraints; constraints become marks on their columns."""
    reader.expect_symbol("(")
    columns: list[ColumnDefinition] = []
    while True:
        if not _constraint(reader, columns):
            columns.append(_column(reader))
        if reader.accept_symbol(")"):
            return columns
        reader.expect_symbol(",")


def read_options(reader: Reader) -> Options:
    """Options in any order, up to AS, LIKE, CLONE or the end."""
    options = Options()
    while not reader.at_end and reader.token.word not in {"AS", "LIKE", "CLONE"}:
        _option(reader, options)
    return options


def read_column(reader: Reader) -> ColumnDefinition:
    """A column of ALTER TABLE … ADD COLUMN."""
    return _column(reader)


def _option(reader: Reader, options: Options) -> None:
    if reader.accept("COPY", "GRANTS"):
        options.copy_grants = True
    elif reader.accept("COMMENT"):
        reader.accept_symbol("=")
        options.comment = reader.string()
    elif reader.accept("CLUSTER", "BY"):
        options.cluster_by = f"({reader.parenthesised()})"
    elif (word := reader.token.word) in _VALUED:
        reader.advance()
        reader.expect_symbol("=")
        options.properties[word] = reader.advance().value.upper()
    elif (governed := read_of_object(reader)) is not None:
        options.governed.append(governed)
    elif word in {"USING", "STAGE_FILE_FORMAT", "STAGE_COPY_OPTIONS", "WITH"}:
        raise UnsupportedError(f"CREATE TABLE with {word} {reader.ahead(1).value}".strip())
    else:
        raise reader.error()


def _column(reader: Reader) -> ColumnDefinition:
    column = ColumnDefinition(reader.identifier())
    untyped = reader.token.value in {",", ")"} or reader.token.word in {"COMMENT", *BEGINNINGS}
    if not untyped:
        column.type = read_type(reader)
    while not reader.at_end and reader.token.value not in {",", ")"}:
        _attribute(reader, column)
    return column


def _attribute(reader: Reader, column: ColumnDefinition) -> None:
    if _key(reader, column):
        return
    if reader.accept("NOT", "NULL"):
        column.nullable = False
    elif reader.accept("NULL"):
        column.nullable = True
    elif reader.accept("DEFAULT"):
        column.default = read_expression(reader)
    elif reader.accept_any("AUTOINCREMENT", "IDENTITY"):
        column.identity = _identity(reader)
    elif reader.accept("COMMENT"):
        column.comment = reader.string()
    elif reader.accept("COLLATE"):
        reader.string()
    elif (governed := read_of_column(reader, column.name)) is not None:
        column.governed.append(governed)
    elif not _enforcement(reader):
        raise reader.error()


def _key(reader: Reader, column: ColumnDefinition) -> bool:
    """An inline key; Snowflake keeps keys and does not enforce them."""
    if reader.accept("CONSTRAINT"):
        reader.identifier()
    if reader.accept("PRIMARY", "KEY"):
        column.primary_key, column.nullable = True, False
    elif reader.accept("UNIQUE"):
        column.unique_key = True
    elif reader.accept("FOREIGN", "KEY") or reader.token.word == "REFERENCES":
        _references(reader)
    else:
        return False
    return True


def _enforcement(reader: Reader) -> bool:
    phrases = (("NOT", "ENFORCED"), ("ENFORCED",), ("RELY",), ("NORELY",), ("NOVALIDATE",))
    return any(reader.accept(*phrase) for phrase in phrases)


def _identity(reader: Reader) -> tuple[int, int]:
    start, step = 1, 1
    if reader.accept_symbol("("):
        start = reader.integer()
        reader.expect_symbol(",")
        step = reader.integer()
        reader.expect_symbol(")")
    while True:
        if reader.accept("START"):
            reader.accept("WITH")
            reader.accept_symbol("=")
            start = reader.integer()
        elif reader.accept("INCREMENT"):
            reader.accept("BY")
            reader.accept_symbol("=")
            step = reader.integer()
        elif not reader.accept_any("ORDER", "NOORDER"):
            return start, step


def read_expression(reader: Reader) -> str:
    """The raw text of a default, up to what cannot belong to it."""
    start, end, depth = reader.token.start, reader.token.start, 0
    while not reader.at_end:
        value, word = reader.token.value, reader.token.word
        symbol = reader.token.kind is TokenKind.SYMBOL
        if depth == 0 and end > start and (word in _DEFAULT_ENDS or value == ","):
            break
        if symbol and value == ")" and depth == 0:
            break
        depth += symbol * ((value == "(") - (value == ")"))
        end = reader.advance().end
    return reader.text[start:end]


def _constraint(reader: Reader, columns: list[ColumnDefinition]) -> bool:
    """A table constraint; Snowflake keeps and does not enforce keys, so marks are enough."""
    named = reader.token.word == "CONSTRAINT"
    first = reader.ahead(2).word if named else reader.token.word
    second = reader.ahead(3) if named else reader.ahead(1)
    is_key = first in {"PRIMARY", "FOREIGN"} and second.word == "KEY"
    if not (is_key or (first == "UNIQUE" and second.value == "(")):
        return False
    if named:
        reader.accept("CONSTRAINT")
        reader.identifier()
    reader.advance()
    reader.accept("KEY")
    names = _names(reader)
    for column in columns:
        if column.name in names and first == "PRIMARY":
            column.primary_key, column.nullable = True, False
        if column.name in names and first == "UNIQUE":
            column.unique_key = True
    if first == "FOREIGN":
        _references(reader)
    while _enforcement(reader):
        continue
    return True


def _references(reader: Reader) -> None:
    reader.expect("REFERENCES")
    reader.path()
    if reader.token.value == "(":
        reader.parenthesised()


def _names(reader: Reader) -> set[str]:
    reader.expect_symbol("(")
    names = {reader.identifier()}
    while reader.accept_symbol(","):
        names.add(reader.identifier())
    reader.expect_symbol(")")
    return names
