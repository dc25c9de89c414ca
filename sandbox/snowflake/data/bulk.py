"""Many rows in one INSERT: they go to DuckDB as one Arrow table, not as a million syntax nodes.

Two forms: literal rows (`VALUES (1, 'a'), (2, 'b')`, as dbt's seeds and the connector's executemany
send them) and lists of bind values. The statement keeps its head and selects from `ROWS_NAME`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import pyarrow as pa

from sandbox.snowflake.data.binding import Place, bind_places, text_of, typed
from sandbox.snowflake.data.model import ObjectName
from sandbox.snowflake.sql.names import dotted_quoted
from sandbox.snowflake.sql.tokens import Token, TokenKind, tokenize, unescape

ROWS_NAME: Final = ObjectName("SNOWFLAKE", "LEAP", "BOUND_ROWS")
_WORTH_IT: Final = 4096
_SOURCE: Final = dotted_quoted(ROWS_NAME)
_HEAD: Final = re.compile(
    r"\s*INSERT\s+(?:OVERWRITE\s+)?INTO\s+[^()';]+?(?:\([^()';]*\))?\s*\bVALUES\s*(?=\()",
    re.IGNORECASE,
)
_VALUE: Final = re.compile(
    r"""\s*(?:(?P<null>NULL)
        |(?P<truth>TRUE|FALSE)
        |(?P<number>[+-]?(?:\d+\.?\d*|\.\d+)(?:E[+-]?\d+)?)
        |'(?P<text>(?:[^'\\]|''|\\.)*)')\s*(?P<end>[,)])""",
    re.IGNORECASE | re.VERBOSE | re.DOTALL,
)
_BETWEEN: Final = re.compile(r"\s*(?:,\s*\(|(?P<end>;?\s*$))")


@dataclass(frozen=True, slots=True)
class Bulk:
    """The shortened statement and the rows that it selects."""

    text: str
    rows: pa.Table


def shortened(sql: str, bindings: Mapping[str, Any] | None) -> Bulk | None:
    """The statement with its many rows apart; None where there are none."""
    if bindings and any(_is_list(entry) for entry in bindings.values()):
        return bound_rows(sql, bindings)
    return literal_rows(sql)


@lru_cache(maxsize=4)
def literal_rows(sql: str) -> Bulk | None:
    """The statement with its literal rows apart; None where it is short or has other values."""
    head = _HEAD.match(sql) if len(sql) > _WORTH_IT else None
    if head is None:
        return None
    rows = _rows(sql, head.end())
    if rows is None or len({len(row) for row in rows}) != 1:
        return None
    columns = [pa.array(column, pa.string()) for column in zip(*rows, strict=True)]
    names = [f"C{place}" for place in range(1, len(columns) + 1)]
    start = sql[: head.end()].upper().rindex("VALUES")
    listed = ", ".join(f'"{name}"' for name in names)
    return Bulk(f"{sql[:start]} SELECT {listed} FROM {_SOURCE}", pa.table(columns, names))


def bound_rows(sql: str, bindings: Mapping[str, Any]) -> Bulk:
    """The statement with lists of bind values apart; other values in it stay as they are."""
    tokens = [token for token in tokenize(sql) if token.kind is not TokenKind.END]
    places = bind_places(tokens)
    values, last = _value_group(tokens, places)
    opened = next(token for token in tokens if token.start >= values.end and token.value == "(")
    parts, position = [sql[: values.start], "SELECT "], opened.end
    count = max(len(entry["value"]) for entry in bindings.values() if _is_list(entry))
    columns: dict[str, pa.Array] = {}
    for place in places:
        entry = bindings[str(place.number)]
        sent = entry["value"] if _is_list(entry) else [entry["value"]] * count
        kind = str(entry.get("type", "TEXT")).upper()
        name = f"C{place.number}"
        columns[name] = pa.array([text_of(kind, value) for value in sent], pa.string())
        parts += [sql[position : place.start], typed(f'"{name}"', kind, _scale(kind, sent))]
        position = place.end
    parts += [sql[position : last.start], f" FROM {_SOURCE}", sql[last.end :]]
    return Bulk("".join(parts), pa.table(columns))


def _rows(sql: str, position: int) -> list[list[str | None]] | None:
    rows: list[list[str | None]] = []
    position += 1
    while True:
        row: list[str | None] = []
        while True:
            match = _VALUE.match(sql, position)
            if match is None:
                return None
            row.append(_value(match))
            position = match.end()
            if match["end"] == ")":
                break
        rows.append(row)
        between = _BETWEEN.match(sql, position)
        if between is None:
            return None
        if between["end"] is not None:
            return rows
        position = between.end()


def _value(match: re.Match[str]) -> str | None:
    if match["text"] is not None:
        body = match["text"]
        return unescape(body) if "\\" in body or "'" in body else body
    return None if match["null"] else (match["truth"] or match["number"]).lower()


def _value_group(tokens: Sequence[Token], places: Sequence[Place]) -> tuple[Token, Token]:
    """The word VALUES and the parenthesis that closes its one row."""
    first = places[0].start
    values = [token for token in tokens if token.word == "VALUES" and token.end <= first][-1]
    depth = 0
    for token in tokens:
        if token.start < values.end or token.kind is not TokenKind.SYMBOL:
            continue
        depth += (token.value == "(") - (token.value == ")")
        if depth == 0:
            return values, token
    return values, tokens[-1]


def _scale(kind: str, sent: Sequence[Any]) -> int:
    if kind != "FIXED":
        return 0
    texts = (str(value) for value in sent if value is not None)
    return min(max((len(text.partition(".")[2]) for text in texts), default=0), 12)


def _is_list(entry: Mapping[str, Any]) -> bool:
    return isinstance(entry.get("value"), list)
