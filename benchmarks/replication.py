"""A refresh of what changed beside a full one: 1 % added, changed and deleted, and nothing at all.

The ratio in one run is the figure; the times are true of this machine. Rows are made by the
sandbox itself, in a table of five columns and in one of the mart's. A share of the cost does not
depend on the rows: the catalogue, and one look at each table's versions (the line "nothing"). Rows
"everywhere" are ten of each thousand, so that no part of the table is without.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

import snowflake.connector

from benchmarks.failover import COLUMNS
from benchmarks.measure import say
from benchmarks.scratch import sandbox
from sandbox.connection import Connection

ROWS: Final = 10_000_000
TABLE: Final = "DB.PUBLIC.T"
REFRESH: Final = "ALTER FAILOVER GROUP FG REFRESH"
MADE: Final = "SELECT {columns} FROM TABLE(GENERATOR(ROWCOUNT => {rows}))"


class Shape(NamedTuple):
    """A table: its columns in terms of SEQ8(), a row's number, and what a change sets."""

    title: str
    columns: str
    number: str
    measure: str


SHAPES: Final = (
    Shape(
        "5 columns",
        "SEQ8() AS ID, MOD(SEQ8(), 1000) AS N, 'row number ' || SEQ8() AS NAME, "
        "SEQ8() * 1.5 AS X, SEQ8() * 7 AS Y",
        "ID",
        "X",
    ),
    Shape("the mart's columns", COLUMNS, "TO_NUMBER(CENSUS_BLOCK_GROUP)", "OPPORTUNITY_SCORE"),
)


def changes(shape: Shape, rows: int) -> Iterator[tuple[str, str]]:
    """What each refresh is to carry, and the statement that does it."""
    some, number = rows // 100, f"MOD({shape.number}, 1000)"
    added = f"INSERT INTO {TABLE} {MADE.format(columns=shape.columns, rows=some)}"
    changed = " ".join(("UPDATE", TABLE, "SET", shape.measure, "= {value} WHERE {which}"))
    deleted = " ".join(("DELETE FROM", TABLE, "WHERE", number, "BETWEEN 500 AND 509"))
    first = f"{shape.number} < {some // 2}"  # the numbers of the first half were added again
    yield "nothing", "SELECT 1"
    yield "1 % added", added
    yield "1 % changed, side by side", changed.format(value=-1, which=first)
    yield "1 % changed, everywhere", changed.format(value=-2, which=f"{number} BETWEEN 20 AND 29")
    yield "1 % deleted, everywhere", deleted
    yield "1 % added, to a table with gaps", added


def main() -> None:
    """Measure and print; the number of rows may be given."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else ROWS
    for shape in SHAPES:
        with sandbox() as (connection, _):
            home = _session(connection, "LEAP-SANDBOX")
            other = _session(connection, "LEAP-SANDBOX_DR")
            say(f"A refresh of what changed, {shape.title}", *_measured(home, other, shape, rows))


def _measured(home: Any, other: Any, shape: Shape, rows: int) -> Iterator[str]:
    _ask(
        home,
        "CREATE WAREHOUSE WH",
        "CREATE DATABASE DB",
        f"CREATE TABLE {TABLE} AS {MADE.format(columns=shape.columns, rows=rows)}",
        "CREATE FAILOVER GROUP FG OBJECT_TYPES = DATABASES, WAREHOUSES ALLOWED_DATABASES = DB "
        "ALLOWED_ACCOUNTS = LEAP.SANDBOX_DR",
    )
    _ask(other, "CREATE FAILOVER GROUP FG AS REPLICA OF LEAP.SANDBOX.FG")
    full = _seconds(other)
    _ask(other, "USE WAREHOUSE WH")
    yield f"full refresh of {rows:,} rows: {full:.1f} s"
    for what, change in changes(shape, rows):
        _ask(home, change)
        seconds = _seconds(other)
        same = _sums(home, shape) == _sums(other, shape)
        yield (
            f"{what}: {seconds:.2f} s, {seconds / full:.1%} of a full one, {_told(other)}"
            + ("" if same else " AND THE SIDES DIFFER")
        )


def _seconds(client: Any) -> float:
    started = time.perf_counter()
    _ask(client, REFRESH)
    return time.perf_counter() - started


def _sums(client: Any, shape: Shape) -> list[Any]:
    columns = f"count(*), sum({shape.number}), sum(ROUND({shape.measure}))"
    return _ask(client, " ".join(("SELECT", columns, "FROM", TABLE)))


def _told(client: Any) -> str:
    rows = _ask(
        client,
        "SELECT TOTAL_BYTES FROM SNOWFLAKE.ACCOUNT_USAGE.REPLICATION_GROUP_REFRESH_HISTORY "
        "ORDER BY START_TIME DESC LIMIT 1",
    )
    return str(rows[0][0])


def _session(connection: Connection, account: str) -> Any:
    facts = connection.snowflake
    return snowflake.connector.connect(
        account=account,
        user=facts.admin.user,
        password=facts.admin.password,
        host=facts.host,
        port=facts.port,
        protocol=facts.protocol,
        role="ACCOUNTADMIN",
    )


def _ask(client: Any, *statements: str) -> list[Any]:
    found: list[Any] = []
    for text in statements:
        found = client.cursor().execute(text).fetchall()
    return found


if __name__ == "__main__":
    main()
