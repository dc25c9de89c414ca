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
from typing import Any, Final

from benchmarks.changed_rows import MADE, SHAPES, TABLE, Shape, changes
from benchmarks.measure import say
from benchmarks.scratch import connect, sandbox

ROWS: Final = 10_000_000
REFRESH: Final = "ALTER FAILOVER GROUP FG REFRESH"


def main() -> None:
    """Measure and print; the number of rows may be given."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else ROWS
    for shape in SHAPES:
        with sandbox() as (connection, _):
            home = connect(connection)
            other = connect(connection, account="LEAP-SANDBOX_DR")
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


def _ask(client: Any, *statements: str) -> list[Any]:
    found: list[Any] = []
    for text in statements:
        found = client.cursor().execute(text).fetchall()
    return found


if __name__ == "__main__":
    main()
