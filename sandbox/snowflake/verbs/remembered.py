"""Answers of the control plane, kept so that RESULT_SCAN can query a SHOW or DESCRIBE.

https://docs.snowflake.com/en/sql-reference/functions/result_scan
"""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from sandbox.snowflake.context import Context
from sandbox.snowflake.result import SELECT, AnyResult, Result

_TYPES = {
    "fixed": pa.int64(),
    "boolean": pa.bool_(),
    "timestamp_ltz": pa.timestamp("us", tz="UTC"),
}


def remember(context: Context, result: AnyResult) -> None:
    """Keep the rows of a SHOW or DESCRIBE with the session; other answers are not kept."""
    if isinstance(result, Result) and result.statement_type == SELECT:
        context.session.data.remember(context.statement.id, _table(result))


def _table(result: Result) -> pa.Table:
    names = [column.name for column in result.columns]
    values: list[list[Any]] = [[row[index] for row in result.rows] for index in range(len(names))]
    arrays = [
        pa.array(
            cells if column.type in _TYPES else [_text(cell) for cell in cells],
            _TYPES.get(column.type, pa.string()),
        )
        for column, cells in zip(result.columns, values, strict=True)
    ]
    return pa.Table.from_arrays(arrays, names)


def _text(value: Any) -> str | None:
    return None if value is None else str(value)
