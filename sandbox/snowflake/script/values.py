"""Values of a script: how they come out of results, and go back into SQL as literals."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, Final

from sandbox.snowflake.errors import UnsupportedError
from sandbox.snowflake.result import DML, AnyResult, ArrowResult, Result
from sandbox.snowflake.session import Session

_CLASS: Final = 0xF000
_JSON: Final = {"variant": "VARIANT", "object": "OBJECT", "array": "ARRAY"}
_CAST: Final = {
    "real": "FLOAT",
    "date": "DATE",
    "time": "TIME",
    "timestamp_ntz": "TIMESTAMP_NTZ",
    "timestamp_ltz": "TIMESTAMP_LTZ",
    "timestamp_tz": "TIMESTAMP_TZ",
}


@dataclass(frozen=True, slots=True)
class Value:
    """A Python value and the driver's name of its type."""

    value: Any = None
    type: str = "text"

    @property
    def true(self) -> bool:
        """Whether a condition of this value holds; NULL does not."""
        if isinstance(self.value, str):
            return self.value.lower() == "true"
        return bool(self.value)

    def literal(self) -> str:
        """The SQL expression that is this value."""
        value = self.value
        if value is None:
            return "NULL"
        if isinstance(value, bool):
            return "TRUE" if value else "FALSE"
        if self.type in _JSON:
            text = value if isinstance(value, str) else json.dumps(value, default=str)
            return f"PARSE_JSON({quoted(text)})::{_JSON[self.type]}"
        if isinstance(value, bytes | bytearray):
            return f"TO_BINARY('{value.hex()}', 'HEX')"
        if isinstance(value, int | Decimal) and self.type == "fixed":
            return f"({value})" if value < 0 else str(value)
        text = _text(value)
        cast = _CAST.get(self.type)
        return f"{quoted(text)}::{cast}" if cast else quoted(text)


NULL: Final = Value()


def _text(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    return value.isoformat() if isinstance(value, date | time) else str(value)


def quoted(text: str) -> str:
    """A string literal."""
    return "'" + text.replace("\\", "\\\\").replace("'", "''") + "'"


@dataclass(frozen=True, slots=True)
class Rows:
    """What a statement answered, as values; `result` is its answer as it went out."""

    query_id: str
    result: AnyResult
    names: Sequence[str]
    types: Sequence[str]
    rows: Sequence[Sequence[Any]]

    def value(self, row: int, column: int) -> Value:
        """One cell."""
        return Value(self.rows[row][column], self.types[column])

    def record(self, row: int) -> dict[str, Value]:
        """A row by upper-case column name."""
        return {
            name.upper(): self.value(row, place)
            for place, name in reversed([*enumerate(self.names)])
        }

    @property
    def changed(self) -> int | None:
        """How many rows a DML statement changed; None for any other statement."""
        result = self.result
        if not isinstance(result, Result) or result.statement_type & _CLASS != DML:
            return None
        counts = zip(self.names, *result.rows[:1], strict=True)
        return sum(int(count) for name, *cells in counts for count in cells if "multi" not in name)


def rows_of(session: Session, query_id: str, result: AnyResult) -> Rows:
    """The rows of a statement's answer."""
    if isinstance(result, Result):
        names = [column.name for column in result.columns]
        types = [column.type for column in result.columns]
        return Rows(query_id, result, names, types, result.rows)
    if not isinstance(result, ArrowResult):
        return Rows(query_id, result, (), (), ())
    table = session.data.recall(query_id)
    if table is None:
        raise UnsupportedError("a result of more than 100,000 rows in Snowflake Scripting")
    names = [str(entry["name"]) for entry in result.rowtype]
    types = [str(entry["type"]).lower() for entry in result.rowtype]
    columns = [column.to_pylist() for column in table.columns]
    return Rows(query_id, result, names, types, list(zip(*columns, strict=True)))
