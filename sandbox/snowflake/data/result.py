"""Running a query on DuckDB and shaping its answer for the drivers."""

from __future__ import annotations

from typing import Final

import duckdb
import pyarrow as pa

from sandbox.snowflake.data.session import DataSession
from sandbox.snowflake.data.types import NUMBER, TEXT, DataType, from_duckdb
from sandbox.snowflake.data.wire import arrow_result
from sandbox.snowflake.result import SELECT, ArrowResult, Column, Result

_PLAIN: Final = (TEXT, NUMBER, DataType("BOOLEAN"))


def fetch(session: DataSession, sql: str, statement_id: str) -> ArrowResult:
    """Runs the query, keeps its rows for RESULT_SCAN and answers them."""
    relation = session.cursor.sql(sql)
    types = [from_duckdb(str(kind)) for kind in relation.types]
    table = relation.to_arrow_table()
    session.remember(statement_id, table)
    return arrow_result(table, types)


def fetch_constants(session: DataSession, sql: str, statement_id: str) -> Result | ArrowResult:
    """The answer of a query without row sources: plain rows where the types allow, being quicker.

    Drivers ping with `SELECT 1` and ask `CURRENT_ROLE()` all the time.
    """
    session.cursor.execute(sql)
    described = session.cursor.description or []
    rows = session.cursor.fetchall()
    types = [from_duckdb(str(column[1])) for column in described]
    names = [str(column[0]) for column in described]
    if not all(kind in _PLAIN for kind in types):
        return fetch(session, sql, statement_id)
    values = [pa.array([row[place] for row in rows]) for place in range(len(names))]
    session.remember(statement_id, pa.table(values, names=names))
    return Result([Column(n, t.wire) for n, t in zip(names, types, strict=True)], rows)


def describe(cursor: duckdb.DuckDBPyConnection, sql: str) -> ArrowResult:
    """The columns of the query, without running it."""
    relation = cursor.sql(sql)
    types = [from_duckdb(str(kind)) for kind in relation.types]
    empty = pa.table(
        [pa.array([], pa.string()) for _ in types], names=[str(name) for name in relation.columns]
    )
    return ArrowResult(arrow_result(empty, types).rowtype, "", 0, SELECT)
