"""Bind variables: `?` and `:1` become the literals that the drivers sent.

Values travel as text with a type: FIXED, REAL, TEXT, BOOLEAN, DATE in milliseconds, TIME and
TIMESTAMP_* in nanoseconds. Lists of values are the part of `bulk`.
https://docs.snowflake.com/en/developer-guide/sql-api/submitting-requests
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, Final, NamedTuple

from sandbox.snowflake.errors import SnowflakeError
from sandbox.snowflake.sql.tokens import Token, TokenKind, tokenize

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_TYPES: Final = {
    "REAL": "FLOAT",
    "BOOLEAN": "BOOLEAN",
    "DATE": "DATE",
    "TIME": "TIME",
    "TIMESTAMP_NTZ": "TIMESTAMP_NTZ",
    "TIMESTAMP_LTZ": "TIMESTAMP_LTZ",
    "TIMESTAMP_TZ": "TIMESTAMP_TZ",
}


class BindingError(SnowflakeError):
    """A bind variable without a value."""

    code = "002049"
    sqlstate = "42601"

    def __init__(self, position: int) -> None:
        super().__init__(f"SQL compilation error:\nBind variable ?{position} not set.")


class Place(NamedTuple):
    """Where a bind variable stands in the text, and which it is."""

    start: int
    end: int
    number: int


def bound(sql: str, bindings: Mapping[str, Any] | None, *, nulls: bool = False) -> str:
    """`sql` with its bind variables replaced; by NULL when only a description is asked for."""
    if not bindings and not (nulls and "?" in sql):
        return sql
    tokens = [token for token in tokenize(sql) if token.kind is not TokenKind.END]
    parts, position = [], 0
    for place in bind_places(tokens):
        entry = (bindings or {}).get(str(place.number))
        if entry is None and not nulls:
            raise BindingError(place.number)
        parts += [sql[position : place.start], "NULL" if entry is None else _literal(entry)]
        position = place.end
    return "".join([*parts, sql[position:]])


def bind_places(tokens: Sequence[Token]) -> list[Place]:
    """The bind variables in the order of the text."""
    places: list[Place] = []
    for token, following in zip(tokens, [*tokens[1:], None], strict=True):
        if token.kind is not TokenKind.SYMBOL:
            continue
        if token.value == "?":
            places.append(Place(token.start, token.end, len(places) + 1))
        elif token.value == ":" and following is not None and _is_number(token, following):
            places.append(Place(token.start, following.end, int(following.value)))
    return places


def text_of(kind: str, value: Any) -> str | None:
    """A sent value as the text that Snowflake reads as its type."""
    if value is None:
        return None
    text = str(value)
    if kind == "DATE" and re.fullmatch(r"-?\d+", text):
        return f"{_EPOCH + timedelta(milliseconds=int(text)):%Y-%m-%d}"
    if kind == "TIME" and text.isdigit():
        return f"{_EPOCH + timedelta(microseconds=int(text) // 1000):%H:%M:%S.%f}"
    if kind.startswith("TIMESTAMP") and re.fullmatch(r"-?\d+( \d+)?", text):
        return _timestamp(kind, text)
    return text


def typed(expression: str, kind: str, scale: int) -> str:
    """The expression, which is text, in the type that was sent."""
    if kind == "FIXED":
        return f"{expression}::NUMBER(38, {scale})"
    if kind == "BINARY":
        return f"TO_BINARY({expression}, 'HEX')"
    return f"{expression}::{_TYPES[kind]}" if kind in _TYPES else expression


def _literal(entry: Mapping[str, Any]) -> str:
    kind = str(entry.get("type", "TEXT")).upper()
    text = text_of(kind, entry["value"])
    if text is None:
        return "NULL"
    if kind == "FIXED" and re.fullmatch(r"[+-]?\d+(\.\d+)?", text):
        return text
    return typed("'" + text.replace("\\", "\\\\").replace("'", "''") + "'", kind, 0)


def _is_number(colon: Token, following: Token) -> bool:
    beside = following.start == colon.end and following.kind is TokenKind.NUMBER
    return beside and following.value.isdigit()


def _timestamp(kind: str, text: str) -> str:
    nanos, _, offset = text.partition(" ")
    zone = timezone(timedelta(minutes=int(offset or 1440) - 1440))
    moment = (_EPOCH + timedelta(microseconds=int(nanos) // 1000)).astimezone(zone)
    suffix = "" if kind == "TIMESTAMP_NTZ" else f"{moment:%z}"
    return f"{moment:%Y-%m-%d %H:%M:%S.%f}{suffix}"
