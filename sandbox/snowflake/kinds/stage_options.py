"""The parenthesised groups of CREATE and ALTER STAGE, each option read as its own property.

Secrets of `CREDENTIALS` and `ENCRYPTION` are read and left behind: only their names are kept.
https://docs.snowflake.com/en/sql-reference/sql/create-stage
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from sandbox.snowflake.catalog import values as value
from sandbox.snowflake.catalog.kind import Property, Read
from sandbox.snowflake.errors import InvalidPropertyError
from sandbox.snowflake.kinds import format_options
from sandbox.snowflake.sql.reader import Reader
from sandbox.snowflake.sql.tokens import TokenKind

COPY: Final = {
    "ON_ERROR": value.text("ON_ERROR", "ABORT_STATEMENT"),
    "SIZE_LIMIT": value.integer("SIZE_LIMIT"),
    "PURGE": value.boolean("PURGE", False),
    "RETURN_FAILED_ONLY": value.boolean("RETURN_FAILED_ONLY", False),
    "ENFORCE_LENGTH": value.boolean("ENFORCE_LENGTH", True),
    "TRUNCATECOLUMNS": value.boolean("TRUNCATECOLUMNS", False),
    "FORCE": value.boolean("FORCE", False),
    "MATCH_BY_COLUMN_NAME": value.word(
        "MATCH_BY_COLUMN_NAME",
        *("CASE_SENSITIVE", "CASE_INSENSITIVE", "NONE"),
        default="NONE",
    ),
}
DIRECTORY: Final = {
    "ENABLE": value.boolean("ENABLE", False),
    "AUTO_REFRESH": value.boolean("AUTO_REFRESH", False),
    "REFRESH_ON_CREATE": value.boolean("REFRESH_ON_CREATE"),
    "NOTIFICATION_INTEGRATION": value.reference("NOTIFICATION_INTEGRATION"),
}
_KEPT: Final = frozenset(("AWS_KEY_ID", "AWS_ROLE", "TYPE", "KMS_KEY_ID"))


def _read_group(reader: Reader, known: Mapping[str, Property]) -> dict[str, Any]:
    """`(NAME = value …)`, each read as its own property."""
    found: dict[str, Any] = {}
    reader.expect_symbol("(")
    while not reader.accept_symbol(")"):
        name = reader.identifier()
        if name not in known:
            raise InvalidPropertyError(name, ", ".join(known))
        reader.expect_symbol("=")
        found[name] = known[name].read(reader, known[name])
        reader.accept_symbol(",")
    return found


def group(known: Mapping[str, Property]) -> Read:
    """A reader of the options that are `known`."""
    return lambda reader, item: _read_group(reader, known)


def secrets(*known: str) -> Read:
    """A reader that keeps the names given, and a value only where it is no secret."""
    texts = {name: value.text(name) for name in known}

    def read(reader: Reader, item: Property) -> dict[str, Any]:
        given = _read_group(reader, texts)
        return {name: text if name in _KEPT else None for name, text in given.items()}

    return read


def _read_format_name(reader: Reader, item: Property) -> str:
    """A name as it was written, bare or in a string: DESCRIBE repeats it."""
    if reader.token.kind is TokenKind.STRING:
        return reader.string()
    start = reader.token.start
    reader.path()
    return reader.text[start : reader.last.end]


_FORMAT: Final = {"FORMAT_NAME": value.of("FORMAT_NAME", _read_format_name)}
_FORMAT_PROPERTIES: Final = {**_FORMAT, **format_options.PROPERTIES}


def read_format(reader: Reader, item: Property) -> dict[str, Any]:
    """`(TYPE = … options)`, `(FORMAT_NAME = name)`, or a name alone."""
    if reader.token.value != "(":
        return {"FORMAT_NAME": _read_format_name(reader, item)}
    found = _read_group(reader, _FORMAT_PROPERTIES)
    if "FORMAT_NAME" not in found:
        format_options.check(found)
    return found
