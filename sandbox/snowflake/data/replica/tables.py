"""The hidden table that tells what each table of a replica is a copy of.

`birth` is the serial with which the table began where it was made: the table's identity through all
accounts. `serial` is the version that was copied: up to there both sides are the same. Serials and
row numbers of a replica are those of its source, so that after a promotion the former source can be
refreshed by what changed since.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import duckdb

from sandbox.snowflake.data.metadata import Metadata
from sandbox.snowflake.data.model import ObjectName
from sandbox.snowflake.data.past.tables import HIDDEN_SCHEMA, VERSIONS, hidden
from sandbox.snowflake.data.store import KEPT, run

REPLICATED: Final = "replicated"
APPLIED: Final = "applied"
"""Has one line: the last refresh that came in."""
STAGED: Final = "staged_"
"""Begins the names of tables that wait to come in whole, after the mark of what is hidden."""
_TABLES: Final = """
CREATE TABLE IF NOT EXISTS {replicated} (
    schema_name VARCHAR, table_name VARCHAR, origin VARCHAR, birth BIGINT, serial BIGINT
);
CREATE TABLE IF NOT EXISTS {applied} (refresh VARCHAR)
"""
_COLUMNS: Final = """
SELECT schema_name, table_name, column_name, data_type, is_nullable, column_default, comment
FROM duckdb_columns() WHERE database_name = ? AND NOT internal
AND schema_name <> ? AND NOT starts_with(schema_name, ?) AND NOT starts_with(table_name, ?)
ORDER BY schema_name, table_name, column_index
"""
_COMMENTS: Final = """
SELECT schema_name, table_name, comment FROM duckdb_tables()
WHERE database_name = ? AND schema_name <> ? AND NOT starts_with(schema_name, ?)
AND NOT starts_with(table_name, ?)
"""

Key = tuple[str, str]
"""Schema and table."""


@dataclass(frozen=True, slots=True)
class TableState:
    """One table as it stands. `copied` is the version that it was copied at, and where from."""

    birth: int
    serial: int
    columns: tuple[tuple[Any, ...], ...]
    comment: str | None
    copied: tuple[str, int] | None = None

    @property
    def shape(self) -> tuple[Any, ...]:
        """All of its columns but their comments."""
        return tuple(column[:4] for column in self.columns)


def prepare(cursor: duckdb.DuckDBPyConnection, database: str) -> None:
    """Make the hidden tables where they are missing."""
    run(
        cursor,
        _TABLES.format(replicated=hidden(database, REPLICATED), applied=hidden(database, APPLIED)),
    )


def has_hidden(cursor: duckdb.DuckDBPyConnection, database: str) -> bool:
    """Whether the database is, or ever was, a replica."""
    return Metadata().kind_of(cursor, ObjectName(database, HIDDEN_SCHEMA, REPLICATED)) is not None


def states(cursor: duckdb.DuckDBPyConnection, database: str) -> dict[Key, TableState]:
    """All tables of a database, in a few queries."""
    copied: dict[Key, tuple[str, int, int]] = {}
    if has_hidden(cursor, database):
        rows = run(cursor, f"SELECT * FROM {hidden(database, REPLICATED)}")
        copied = {(row[0], row[1]): (row[2], row[3], row[4]) for row in rows}
    columns: dict[Key, list[tuple[Any, ...]]] = {}
    wanted = [database, HIDDEN_SCHEMA, KEPT, KEPT]
    for schema, table, *column in run(cursor, _COLUMNS, wanted):
        columns.setdefault((schema, table), []).append(tuple(column))
    comments = {(row[0], row[1]): row[2] for row in run(cursor, _COMMENTS, wanted)}
    found: dict[Key, TableState] = {}
    for schema, table, first, last in run(
        cursor,
        f"SELECT schema_name, table_name, min(serial), max(serial) "
        f"FROM {hidden(database, VERSIONS)} GROUP BY ALL",
    ):
        key = (schema, table)
        if key not in comments:
            continue
        origin, birth, serial = copied.get(key, ("", first, 0))
        if first > serial > 0:
            # It took the name of a copy that is gone, after a promotion: a table of its own.
            origin, birth, serial = "", first, 0
        found[key] = TableState(
            birth,
            last,
            tuple(columns.get(key, ())),
            comments[key],
            (origin, serial) if origin else None,
        )
    return found
