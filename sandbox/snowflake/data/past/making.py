"""Makes the hidden tables that hold the past, and begins the past of a table."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import duckdb

from sandbox.snowflake.data.model import ObjectName
from sandbox.snowflake.data.past.tables import (
    CAUSE,
    CONSUMED,
    HIDDEN_SCHEMA,
    REMOVED,
    ROW,
    ROWS,
    UNTIL,
    VERSIONS,
    hidden,
    text,
)
from sandbox.snowflake.sql.names import quoted

_VERSIONS: Final = """
CREATE TABLE {place} (
    schema_name VARCHAR, table_name VARCHAR, serial BIGINT, first_row BIGINT, added BIGINT,
    committed TIMESTAMPTZ, statements VARCHAR[], assigned VARCHAR[]
)
"""
_ASSIGNED: Final = "ALTER TABLE {place} ADD COLUMN IF NOT EXISTS assigned VARCHAR[]"
_REMOVED: Final = """
CREATE TABLE {place} (
    schema_name VARCHAR, table_name VARCHAR, place VARCHAR, ended BIGINT, columns VARCHAR,
    names VARCHAR
)
"""
_CONSUMED: Final = """
CREATE TABLE IF NOT EXISTS {place} (stream BIGINT, serial BIGINT, read_at TIMESTAMPTZ)
"""
_STANDING: Final = """
SELECT schema_name, table_name FROM duckdb_tables()
WHERE database_name = ? AND schema_name <> ?
"""


def images_table(place: str, columns: Iterable[tuple[str, str]]) -> str:
    """The statement that makes a table of images; `columns` are names and DuckDB's types.

    Not `CREATE TABLE … AS … LIMIT 0`: in DuckDB 2.0 nobody sees 122,880 rows or more that come
    into such a table in the transaction that made it, until the file is opened again.
    """
    listed = "".join(f", {quoted(name)} {kind}" for name, kind in columns)
    return f"CREATE TABLE {place} ({ROW} BIGINT, {UNTIL} BIGINT, {CAUSE} UTINYINT{listed})"


def prepare_database(cursor: duckdb.DuckDBPyConnection, database: str, serial: int) -> int:
    """Makes the tables where they are missing; the last serial of the database.

    Tables that stood before anything was kept of their past have one from here on.
    """
    versions, removed = hidden(database, VERSIONS), hidden(database, REMOVED)
    cursor.execute(_CONSUMED.format(place=hidden(database, CONSUMED)))
    known = cursor.execute(
        "SELECT 1 FROM duckdb_tables() "
        "WHERE database_name = ? AND schema_name = ? AND table_name = ?",
        [database, HIDDEN_SCHEMA, VERSIONS],
    ).fetchall()
    if known:
        cursor.execute(_ASSIGNED.format(place=versions))
    else:
        cursor.execute(_VERSIONS.format(place=versions) + ";" + _REMOVED.format(place=removed))
        for names in cursor.execute(_STANDING, [database, HIDDEN_SCHEMA]).fetchall():
            cursor.execute(first_version(ObjectName(database, *names), serial + 1, "now()", ""))
    row = cursor.execute(f"SELECT max(serial) FROM {versions}").fetchone()
    return int(row[0]) if row and row[0] is not None else serial


def first_version(name: ObjectName, serial: int, at: str, statement: str) -> str:
    """The statement that begins the past of a table, with the rows that it has.

    `at` is an expression.
    """
    place = ".".join(quoted(part) for part in name)
    statements = f"[{text(statement)}]" if statement else "[]"
    return (
        f"INSERT INTO {hidden(name.database, VERSIONS)} "
        f"SELECT {text(name.schema)}, {text(name.name)}, {serial}, {serial * ROWS}, count(*), "
        f"{at}, {statements}, [] FROM {place}"
    )
