"""The statements by which staged rows come into a replica."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import duckdb

from sandbox.snowflake.data.metadata import literal
from sandbox.snowflake.data.model import ObjectName
from sandbox.snowflake.data.past.images import Images
from sandbox.snowflake.data.past.keeping import images_place
from sandbox.snowflake.data.past.tables import (
    AT,
    CAUSE,
    GONE,
    REMOVED,
    ROW,
    VERSIONS,
    hidden,
    of_table,
    text,
)
from sandbox.snowflake.data.replica.source import Line
from sandbox.snowflake.data.replica.tables import REPLICATED, TableState
from sandbox.snowflake.sql.names import quoted

_IDS: Final = "leap_ids"


@dataclass(frozen=True, slots=True)
class Followed:
    """A table that is followed, and the names of the rows that arrive for it."""

    name: ObjectName
    since: int
    """The least number of a row that came after both sides were the same."""
    any_gone: bool
    columns: tuple[str, ...]
    """The columns that come of changed rows."""
    changed: str
    past: str


def place_of(name: ObjectName) -> str:
    """The table's DuckDB name."""
    return ".".join(quoted(part) for part in name)


def made(name: ObjectName, state: TableState) -> list[str]:
    """The statements that make the same table, empty."""
    parts = [
        f"{quoted(column)} {kind}"
        + (f" DEFAULT ({default})" if default is not None else "")
        + ("" if nullable else " NOT NULL")
        for column, kind, nullable, default, _ in state.columns
    ]
    return [
        f"CREATE TABLE {place_of(name)} ({', '.join(parts)})",
        *comments(name, state),
    ]


def comments(name: ObjectName, state: TableState) -> list[str]:
    """What is kept of a table and its columns in comments."""
    place = place_of(name)
    table = literal(state.comment) if state.comment is not None else "NULL"
    return [
        f"COMMENT ON TABLE {place} IS {table}",
        *(
            f"COMMENT ON COLUMN {place}.{quoted(column)} IS "
            + (literal(comment) if comment is not None else "NULL")
            for column, _, _, _, comment in state.columns
        ),
    ]


def dropped(cursor: duckdb.DuckDBPyConnection, name: ObjectName) -> list[str]:
    """Take a table and its past away."""
    places = [place for one in Images(cursor, name).generations for place in one.places]
    register = hidden(name.database, REPLICATED)
    return [
        *(f"DROP TABLE IF EXISTS {hidden(name.database, place)}" for place in places),
        *(
            f"DELETE FROM {hidden(name.database, table)} WHERE {of_table(name)}"
            for table in (VERSIONS, REMOVED)
        ),
        f"DELETE FROM {register} WHERE {of_table(name)}",
        f"DROP TABLE IF EXISTS {place_of(name)}",
    ]


def versions(name: ObjectName, lines: Sequence[Line], now: datetime) -> list[str]:
    """The source's versions, with its numbers; all of them come with this refresh."""
    if not lines:
        return []
    rest = f"{text(now.isoformat())}::TIMESTAMPTZ, [], NULL"
    key = f"{text(name.schema)}, {text(name.name)}"
    values = ", ".join(f"({key}, {serial}, {first}, {n}, {rest})" for serial, first, n in lines)
    return [f"INSERT INTO {hidden(name.database, VERSIONS)} VALUES {values}"]


def registered(name: ObjectName, origin: str, state: TableState) -> list[str]:
    """What the table is a copy of now."""
    register = hidden(name.database, REPLICATED)
    values = (
        f"{text(name.schema)}, {text(name.name)}, {text(origin)}, {state.birth}, {state.serial}"
    )
    return [
        f"DELETE FROM {register} WHERE {of_table(name)}",
        f"INSERT INTO {register} VALUES ({values})",
    ]


def replaced(cursor: duckdb.DuckDBPyConnection, table: Followed) -> list[str]:
    """Rows that went or got other values."""
    place, ids = place_of(table.name), f"temp.main.{quoted(_IDS)}"
    went = (
        f"SELECT DISTINCT {ROW} FROM {table.past} WHERE {CAUSE} = {GONE} AND {ROW} < {table.since}"
    )
    numbers = [went] if table.any_gone else []
    if table.columns:
        numbers.append(f"SELECT {ROW} FROM {table.changed}")
    if not numbers:
        return []
    placed = Images(cursor, table.name).placed(" UNION ALL ".join(numbers))
    statements = [f"CREATE TEMP TABLE {quoted(_IDS)} AS {placed}"]
    if table.columns:
        given = ", ".join(f"{quoted(one)} = new.{quoted(one)}" for one in table.columns)
        statements.append(
            f"UPDATE {place} SET {given} FROM (SELECT ids.{AT} AS leap_at, came.* FROM "
            f"{table.changed} AS came JOIN {ids} AS ids USING ({ROW})) AS new "
            f"WHERE {place}.rowid = new.leap_at"
        )
    if table.any_gone:
        where = f" WHERE {ROW} IN ({went})" if table.columns else ""
        statements.append(f"DELETE FROM {place} WHERE rowid IN (SELECT {AT} FROM {ids}{where})")
    return [*statements, f"DROP TABLE {ids}"]


def view(name: ObjectName, own: str | None, theirs: str | None) -> list[str]:
    """Take a view away and have it wait to be made as the source has it."""
    waiting = hidden(name.database, "views_waiting")
    condition = f"schema_name = {text(name.schema)} AND view_name = {text(name.name)}"
    statements = [f"DELETE FROM {waiting} WHERE {condition}"]
    if own is not None:
        statements.append(f"DROP VIEW {place_of(name)}")
    if theirs is not None:
        values = f"{text(name.schema)}, {text(name.name)}, {text(theirs)}"
        statements.append(f"INSERT INTO {waiting} VALUES ({values})")
    return statements


def remembered(cursor: duckdb.DuckDBPyConnection, table: Followed) -> list[str]:
    """Rows as they were go to the table's images; the place is made with the first."""
    kept, making = images_place(cursor, table.name)
    return [*making, f"INSERT INTO {kept} SELECT * FROM {table.past}"]
