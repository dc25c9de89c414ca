"""Running a query on DuckDB and shaping its answer for the drivers."""

from __future__ import annotations

import duckdb
import pyarrow as pa

from sandbox.snowflake.data.session import DataSession
from sandbox.snowflake.data.types import from_duckdb
from sandbox.snowflake.data.wire import arrow_result
from sandbox.snowflake.result import SELECT, ArrowResult


def fetch(session: DataSession, sql: str, statement_id: str) -> ArrowResult:
    """Runs the query, keeps its rows for RESULT_SCAN and answers them."""
    relation = session.cursor.sql(sql)
    types = [from_duckdb(str(kind)) for kind in relation.types]
    table = relation.to_arrow_table()
    session.remember(statement_id, table)
    return arrow_result(table, types)


def describe(cursor: duckdb.DuckDBPyConnection, sql: str) -> ArrowResult:
    """The columns of the query, without running it."""
    relation = cursor.sql(sql)
    types = [from_duckdb(str(kind)) for kind in relation.types]
    empty = pa.table(
        [pa.array([], pa.string()) for _ in types], names=[str(name) for name in relation.columns]
    )
    return ArrowResult(arrow_result(empty, types).rowtype, "", 0, SELECT)
