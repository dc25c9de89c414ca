"""The hidden tables of each database that hold the past of its tables.

`versions` has a line for each committed change of a table: its serial, which grows through all
databases, how many rows it added, when, by which statements. Rows have numbers that never change,
from the serial times `ROWS` on; DuckDB keeps rows in the order in which they came.

`removed` names the tables that hold rows as they were before they were changed or deleted (their
images), one generation of tables for each set of columns; when columns change it ends, and every
row has an image in it. `consumed` tells how far changes of this database have read streams, a line
for each time; of all databases' lines on a stream the one with the highest serial is true.
"""

from __future__ import annotations

from typing import Final

import duckdb

from sandbox.snowflake.data.model import ObjectName
from sandbox.snowflake.sql.names import quoted

HIDDEN_SCHEMA: Final = "_leap"
VERSIONS: Final = "versions"
REMOVED: Final = "removed"
CONSUMED: Final = "consumed"
ROWS: Final = 1 << 36
"""More rows than one version can add."""
AT: Final = '"_leap_at"'
"""DuckDB's id of a row that stands; it may change whenever DuckDB tidies up."""
ROW: Final = '"_leap_row"'
UNTIL: Final = '"_leap_until"'
"""The serial of the version from which on the image is not true any more."""
CAUSE: Final = '"_leap_cause"'
CHANGED: Final = 0
GONE: Final = 1
COLUMNS: Final = 2
"""Causes of an image: the row was changed, deleted, or got other columns."""
_VERSIONS: Final = """
CREATE TABLE {place} (
    schema_name VARCHAR, table_name VARCHAR, serial BIGINT, first_row BIGINT, added BIGINT,
    committed TIMESTAMPTZ, statements VARCHAR[]
)
"""
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


def hidden(database: str, name: str) -> str:
    """The DuckDB name of a hidden table."""
    return ".".join(quoted(part) for part in (database, HIDDEN_SCHEMA, name))


def text(value: str) -> str:
    """A DuckDB string literal."""
    return "'" + value.replace("'", "''") + "'"


def of_table(name: ObjectName) -> str:
    """The condition on the lines of one table."""
    return f"schema_name = {text(name.schema)} AND table_name = {text(name.name)}"


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
    if not known:
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
        f"{at}, {statements} FROM {place}"
    )
