"""Rows of the sandbox's own, lent to a DuckDB connection for one statement."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import duckdb
import pyarrow as pa

_TOUCHED: Final = "leap_touched_rows"


@contextmanager
def lent(
    cursor: duckdb.DuckDBPyConnection, name: str, rows: pa.Table | pa.RecordBatchReader
) -> Iterator[None]:
    """Rows as a table of that name."""
    cursor.register(name, rows)
    try:
        yield
    finally:
        cursor.unregister(name)


@contextmanager
def among(cursor: duckdb.DuckDBPyConnection, rows: pa.Array) -> Iterator[str]:
    """The condition on DuckDB's id that a row is one of these."""
    if len(rows) == 1:
        yield f"= {rows[0].as_py()}"
        return
    with lent(cursor, _TOUCHED, pa.table({"touched": rows})):
        yield f"IN (SELECT touched FROM {_TOUCHED})"
