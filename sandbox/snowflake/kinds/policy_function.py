"""The form that masking and row access policies share: arguments, a return type and a body.

The body is kept as written. It ends where `COMMENT =` or another option begins, which no expression
can hold at that place.
https://docs.snowflake.com/en/sql-reference/sql/create-masking-policy
"""

from __future__ import annotations

from typing import Any, Final

from sandbox.snowflake.catalog import columns as column
from sandbox.snowflake.catalog.kind import ShowColumn
from sandbox.snowflake.catalog.record import Record
from sandbox.snowflake.context import Context
from sandbox.snowflake.data.reading import parse_expression
from sandbox.snowflake.data.types import parse_type, read_type
from sandbox.snowflake.errors import CompilationError
from sandbox.snowflake.result import Column, Result
from sandbox.snowflake.sql.reader import Reader
from sandbox.snowflake.sql.tokens import TokenKind

_OPTIONS: Final = ("COMMENT", "EXEMPT_OTHER_POLICIES")
_OPERATORS: Final = frozenset(
    ("AND", "CASE", "ELSE", "IN", "IS", "LIKE", "NOT", "OR", "THEN", "WHEN", "ON", "SELECT", "")
)


def read_function(reader: Reader, properties: dict[str, Any]) -> None:
    """AS (arguments) RETURNS type -> body."""
    properties["SIGNATURE"] = _read_signature(reader)
    reader.expect("RETURNS")
    properties["RETURNS"] = str(read_type(reader))
    read_body(reader, properties)


def read_body(reader: Reader, properties: dict[str, Any]) -> None:
    """-> body."""
    reader.expect_symbol("->")
    start, depth = reader.token.start, 0
    while not reader.at_end and not (depth == 0 and _option_follows(reader)):
        token = reader.advance()
        if token.kind is TokenKind.SYMBOL:
            depth += {"(": 1, ")": -1}.get(token.value, 0)
    body = reader.text[start : reader.token.start].strip().rstrip(";").rstrip()
    if not body:
        raise reader.error()
    properties["BODY"] = body


def _option_follows(reader: Reader) -> bool:
    """Whether an option begins here, rather than a comparison with an argument of its name."""
    if reader.token.word not in _OPTIONS or reader.ahead(1).value != "=":
        return False
    before = reader.last
    ends_operand = before.kind is not TokenKind.SYMBOL or before.value == ")"
    return ends_operand and not (before.kind is TokenKind.WORD and before.word in _OPERATORS)


def _read_signature(reader: Reader) -> list[list[str]]:
    arguments: list[list[str]] = []
    reader.expect_symbol("(")
    while not reader.accept_symbol(")"):
        name = reader.identifier()
        arguments.append([name, str(read_type(reader))])
        reader.accept_symbol(",")
    return arguments


def require_whole(record: Record) -> None:
    """An error for a policy without its function, or with a body that is no expression."""
    if not record.properties.get("BODY"):
        raise CompilationError("Missing option(s): [AS]")
    if not record.properties["SIGNATURE"]:
        raise CompilationError("A policy needs at least one argument.")
    parse_expression(record.properties["BODY"])


def describe(context: Context, record: Record) -> Result:
    """One row; the signature names the types without their sizes."""
    arguments = ", ".join(
        f"{name} {_bare(given)}" for name, given in record.properties["SIGNATURE"]
    )
    names = ("name", "signature", "return_type", "body")
    row = [
        record.name,
        f"({arguments})",
        record.properties["RETURNS"],
        record.properties["BODY"],
    ]
    return Result([Column(name) for name in names], [row])


def _bare(text: str) -> str:
    family = parse_type(text).family
    return "VARCHAR" if family == "TEXT" else family


def show(kind: str, options: ShowColumn) -> tuple[ShowColumn, ...]:
    """The columns of SHOW <kind> POLICIES."""
    return (
        column.CREATED_ON,
        column.NAME,
        column.DATABASE_NAME,
        column.SCHEMA_NAME,
        column.fixed("kind", kind),
        column.OWNER,
        column.COMMENT,
        column.OWNER_ROLE_TYPE,
        options,
    )
