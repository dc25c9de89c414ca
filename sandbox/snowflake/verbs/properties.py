"""Reads the property lists of CREATE and ALTER … SET / UNSET into a record."""

from __future__ import annotations

from typing import Any

from sandbox.snowflake.catalog.kind import Kind
from sandbox.snowflake.errors import InvalidPropertyError, UnsupportedError
from sandbox.snowflake.parameters import PARAMETERS
from sandbox.snowflake.sql.names import dotted
from sandbox.snowflake.sql.reader import Reader
from sandbox.snowflake.sql.tokens import TokenKind


class Changes:
    """What a property list says: properties, parameters and tags to set."""

    def __init__(self) -> None:
        self.properties: dict[str, Any] = {}
        self.parameters: dict[str, str] = {}
        self.tags: dict[str, str] = {}


def read_properties(kind: Kind, reader: Reader) -> Changes:
    """Read `NAME = value` pairs and clauses until the statement ends."""
    changes = Changes()
    while not reader.at_end:
        if reader.accept_symbol(","):
            continue
        word = reader.token.word
        if not word:
            raise reader.error()
        if word in kind.clauses and reader.ahead(1).value != "=":
            reader.advance()
            kind.clauses[word](reader, changes.properties)
        elif word in ("WITH", "TAG") and reader.ahead(1).word in ("TAG", ""):
            reader.accept("WITH")
            reader.expect("TAG")
            changes.tags |= read_tags(reader)
        else:
            _read_one(kind, reader, changes)
    return changes


def _read_one(kind: Kind, reader: Reader, changes: Changes) -> None:
    name = reader.advance().word
    item = kind.property(name)
    parameter = PARAMETERS.get(name) if name in kind.parameters else None
    if item is None and parameter is None:
        if reader.token.value != "=":
            raise UnsupportedError(f"{' '.join(reader.text.split()[:2])} … {name}")
        raise InvalidPropertyError(name, _known(kind))
    reader.accept_symbol("=")
    if item is not None:
        changes.properties[name] = item.read(reader, item)
    elif parameter is not None:
        changes.parameters[name] = parameter.read(reader)


def read_tags(reader: Reader) -> dict[str, str]:
    """`(tag = 'v', …)` or, after SET TAG, the same without parentheses."""
    tags: dict[str, str] = {}
    closed = reader.accept_symbol("(")
    while not reader.at_end and not (closed and reader.accept_symbol(")")):
        name = dotted(reader.path())
        reader.expect_symbol("=")
        tags[name] = reader.string()
        reader.accept_symbol(",")
    return tags


def read_unset(kind: Kind, reader: Reader) -> tuple[list[str], list[str]]:
    """The properties and the parameters that UNSET names."""
    properties: list[str] = []
    parameters: list[str] = []
    while not reader.at_end:
        if reader.accept_symbol(","):
            continue
        if reader.token.kind is not TokenKind.WORD:
            raise reader.error()
        name = reader.advance().word
        if kind.property(name) is not None:
            properties.append(name)
        elif name in kind.parameters:
            parameters.append(name)
        else:
            raise InvalidPropertyError(name, _known(kind))
    return properties, parameters


def _known(kind: Kind) -> str:
    names = [item.name for item in kind.properties]
    return ", ".join(sorted({*names, *kind.parameters, *kind.clauses}))
