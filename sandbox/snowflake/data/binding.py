"""Bind variables: `?` and `:1` become the literals that the drivers sent.

Values travel as text with a type: FIXED, REAL, TEXT, BOOLEAN, DATE in milliseconds, TIME and
TIMESTAMP_* in nanoseconds. A list of values inserts one row for each.
https://docs.snowflake.com/en/developer-guide/sql-api/submitting-requests
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta, timezone
from functools import partial
from typing import Any, Final

from sandbox.snowflake.errors import SnowflakeError
from sandbox.snowflake.sql.tokens import Token, TokenKind, tokenize

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
Literals = Callable[[int], str]


class BindingError(SnowflakeError):
    """A bind variable without a value."""

    code = "002049"
    sqlstate = "42601"

    def __init__(self, position: int) -> None:
        super().__init__(f"SQL compilation error:\nBind variable ?{position} not set.")


def bound(sql: str, bindings: Mapping[str, Any] | None, *, nulls: bool = False) -> str:
    """`sql` with its bind variables replaced; by NULL when only a description is asked for."""
    if not bindings and not (nulls and "?" in sql):
        return sql
    given = bindings or {}
    tokens = [token for token in tokenize(sql) if token.kind is not TokenKind.END]
    places = _places(tokens)
    if not places:
        return sql
    rows = max((len(entry["value"]) for entry in given.values() if _is_list(entry)), default=0)

    def literal(position: int, row: int | None) -> str:
        entry = given.get(str(position))
        if entry is None:
            if nulls:
                return "NULL"
            raise BindingError(position)
        value = entry["value"][row] if row is not None and _is_list(entry) else entry["value"]
        return _literal(str(entry.get("type", "TEXT")).upper(), value)

    if not rows:
        return _replace(sql, 0, len(sql), places, partial(literal, row=None))
    first, last = _row_group(tokens, places)
    repeated = ", ".join(
        _replace(sql, first, last, places, partial(literal, row=row)) for row in range(rows)
    )
    return sql[:first] + repeated + sql[last:]


def _places(tokens: list[Token]) -> list[tuple[int, int, int]]:
    """Start, end and number of each bind variable."""
    places: list[tuple[int, int, int]] = []
    for token, following in zip(tokens, [*tokens[1:], None], strict=True):
        if token.kind is not TokenKind.SYMBOL:
            continue
        if token.value == "?":
            places.append((token.start, token.end, len(places) + 1))
        elif token.value == ":" and following is not None and _is_number(token, following):
            places.append((token.start, following.end, int(following.value)))
    return places


def _is_number(colon: Token, following: Token) -> bool:
    beside = following.start == colon.end and following.kind is TokenKind.NUMBER
    return beside and following.value.isdigit()


def _row_group(tokens: list[Token], places: list[tuple[int, int, int]]) -> tuple[int, int]:
    """The parentheses after VALUES that hold the variables."""
    values = max(t.end for t in tokens if t.word == "VALUES" and t.end <= places[0][0])
    opened = next(t for t in tokens if t.start >= values and t.value == "(")
    depth = 0
    for token in tokens:
        if token.start < opened.start or token.kind is not TokenKind.SYMBOL:
            continue
        depth += (token.value == "(") - (token.value == ")")
        if depth == 0:
            return opened.start, token.end
    return opened.start, tokens[-1].end


def _replace(
    sql: str, first: int, last: int, places: list[tuple[int, int, int]], literal: Literals
) -> str:
    parts, position = [], first
    for start, end, number in places:
        if first <= start < last:
            parts += [sql[position:start], literal(number)]
            position = end
    return "".join([*parts, sql[position:last]])


def _is_list(entry: Mapping[str, Any]) -> bool:
    return isinstance(entry.get("value"), list)


def _literal(kind: str, value: Any) -> str:
    if value is None:
        return "NULL"
    text = str(value)
    if kind == "FIXED" and re.fullmatch(r"[+-]?\d+(\.\d+)?", text):
        return text
    if kind == "BOOLEAN":
        return "TRUE" if text.lower() in {"true", "1"} else "FALSE"
    if kind == "DATE" and re.fullmatch(r"-?\d+", text):
        moment = _EPOCH + timedelta(milliseconds=int(text))
        return f"'{moment:%Y-%m-%d}'::DATE"
    if kind == "TIME" and text.isdigit():
        moment = _EPOCH + timedelta(microseconds=int(text) // 1000)
        return f"'{moment:%H:%M:%S.%f}'::TIME"
    if kind.startswith("TIMESTAMP") and re.fullmatch(r"-?\d+( \d+)?", text):
        return _timestamp(kind, text)
    return _quoted(text) + {"FIXED": "::NUMBER", "REAL": "::FLOAT", "BINARY": "::BINARY"}.get(
        kind, ""
    )


def _timestamp(kind: str, text: str) -> str:
    nanos, _, offset = text.partition(" ")
    zone = timezone(timedelta(minutes=int(offset or 1440) - 1440))
    moment = (_EPOCH + timedelta(microseconds=int(nanos) // 1000)).astimezone(zone)
    suffix = "" if kind == "TIMESTAMP_NTZ" else f"{moment:%z}"
    return f"'{moment:%Y-%m-%d %H:%M:%S.%f}{suffix}'::{kind}"


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "''") + "'"
