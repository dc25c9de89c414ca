"""How property values are read: one small function per shape of value.

Each takes the reader (placed after `=`) and the property, and returns a JSON value. NULL is taken
everywhere and reads as None.
"""

from __future__ import annotations

from typing import Any

from sandbox.snowflake.catalog.kind import Property, Read
from sandbox.snowflake.errors import InvalidValueError
from sandbox.snowflake.sql.names import dotted
from sandbox.snowflake.sql.reader import Reader
from sandbox.snowflake.sql.tokens import TokenKind


def _null(reader: Reader) -> bool:
    return reader.accept("NULL")


def read_text(reader: Reader, item: Property) -> str | None:
    """A string; a bare word or number is taken as text too."""
    if _null(reader):
        return None
    token = reader.token
    if token.kind in (TokenKind.STRING, TokenKind.WORD, TokenKind.NUMBER):
        reader.advance()
        return token.value
    if token.kind is TokenKind.QUOTED:
        reader.advance()
        return token.value
    raise reader.error()


def read_integer(reader: Reader, item: Property) -> int | None:
    """A whole number."""
    if _null(reader):
        return None
    if reader.token.kind is TokenKind.STRING:
        value = reader.string()
        if not value.lstrip("-").isdigit():
            raise InvalidValueError(value, item.name)
        return int(value)
    return reader.integer()


def read_number(reader: Reader, item: Property) -> float | None:
    """A number, whole or not."""
    if _null(reader):
        return None
    if reader.token.kind is not TokenKind.NUMBER:
        raise reader.error()
    return float(reader.advance().value)


def read_boolean(reader: Reader, item: Property) -> bool | None:
    """TRUE or FALSE, also as a string."""
    if _null(reader):
        return None
    token = reader.token
    if token.kind not in (TokenKind.WORD, TokenKind.STRING) or token.value.upper() not in (
        "TRUE",
        "FALSE",
    ):
        raise InvalidValueError(token.value, item.name)
    reader.advance()
    return token.value.upper() == "TRUE"


def read_word(reader: Reader, item: Property) -> str | None:
    """One of the property's choices, upper case, bare or as a string."""
    if _null(reader):
        return None
    value = str(read_text(reader, item)).upper()
    if item.choices and value not in item.choices:
        raise InvalidValueError(value, item.name)
    return value


def read_name(reader: Reader, item: Property) -> str | None:
    """An object's name, kept as written by `dotted`."""
    if _null(reader):
        return None
    if reader.token.kind is TokenKind.STRING:
        return dotted(Reader(reader.string()).path())
    return dotted(reader.path())


def read_texts(reader: Reader, item: Property) -> list[str]:
    """A parenthesised list of strings."""
    return [str(read_text(reader, item)) for _ in _listed(reader)]


def read_names(reader: Reader, item: Property) -> list[str]:
    """A parenthesised list of names."""
    return [str(read_name(reader, item)) for _ in _listed(reader)]


def _listed(reader: Reader) -> Any:
    reader.expect_symbol("(")
    while not reader.accept_symbol(")"):
        yield
        reader.accept_symbol(",")


def read_options(reader: Reader, item: Property) -> dict[str, Any]:
    """A parenthesised list of `NAME = value`; values are text, number, boolean or list."""
    options: dict[str, Any] = {}
    reader.expect_symbol("(")
    while not reader.accept_symbol(")"):
        name = reader.identifier()
        reader.expect_symbol("=")
        options[name] = read_any(reader, item)
        reader.accept_symbol(",")
    return options


def read_any(reader: Reader, item: Property) -> Any:
    """Whatever the value looks like."""
    token = reader.token
    if token.value == "(" and token.kind is TokenKind.SYMBOL:
        return [read_any(reader, item) for _ in _listed(reader)]
    if token.kind is TokenKind.NUMBER:
        reader.advance()
        return int(token.value) if token.value.isdigit() else float(token.value)
    if token.word in ("TRUE", "FALSE"):
        reader.advance()
        return token.word == "TRUE"
    if _null(reader):
        return None
    if token.kind is TokenKind.STRING:
        reader.advance()
        return token.value
    return dotted(reader.path())


def text(name: str, default: str | None = None) -> Property:
    """A property that holds text."""
    return Property(name, read_text, default)


def integer(name: str, default: int | None = None) -> Property:
    """A property that holds a whole number."""
    return Property(name, read_integer, default)


def boolean(name: str, default: bool | None = None) -> Property:
    """A property that holds true or false."""
    return Property(name, read_boolean, default)


def word(name: str, *choices: str, default: str | None = None) -> Property:
    """A property that holds one of `choices`."""
    return Property(name, read_word, default, choices)


def reference(name: str) -> Property:
    """A property that names another object."""
    return Property(name, read_name)


def of(name: str, read: Read, default: Any = None) -> Property:
    """A property with a reader of its own."""
    return Property(name, read, default)


COMMENT = text("COMMENT", "")
