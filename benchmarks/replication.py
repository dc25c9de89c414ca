"""A refresh of what changed beside a full one: 1 % added, changed and deleted, and nothing at all.

The ratios in one run are the figures; the times are true of this machine. CPU-seconds are what a
refresh costs; by the clock a full one is ahead, because it keeps all cores at work and some rows do
not. Rows are made by the sandbox itself, in a table of five columns and in one of the mart's. A
share of the cost does not depend on the rows: the catalogue, and one look at each table's versions
(the line "nothing"). Rows "everywhere" are ten of each thousand, so that no part of the table is
without.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from typing import Any, Final

from benchmarks.changed_rows import MADE, SHAPES, TABLE, Shape, changes
from benchmarks.measure import say
from benchmarks.memory import cpu_seconds
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
            refresh = _Refresh(other, connection.pid)
            say(f"A refresh of what changed, {shape.title}", *_measured(home, refresh, shape, rows))


class _Refresh:
    """Refreshes the secondary, and tells what the last one took."""

    def __init__(self, client: Any, process: int) -> None:
        self.client = client
        self._process = process

    def __call__(self) -> tuple[float, float]:
        """Seconds by the clock, and of the sandbox's processors."""
        started, used = time.perf_counter(), cpu_seconds(self._process)
        _ask(self.client, REFRESH)
        return time.perf_counter() - started, cpu_seconds(self._process) - used


def _measured(home: Any, refresh: _Refresh, shape: Shape, rows: int) -> Iterator[str]:
    other = refresh.client
    _ask(
        home,
        "CREATE WAREHOUSE WH",
        "CREATE DATABASE DB",
        f"CREATE TABLE {TABLE} AS {MADE.format(columns=shape.columns, rows=rows)}",
        "CREATE FAILOVER GROUP FG OBJECT_TYPES = DATABASES, WAREHOUSES ALLOWED_DATABASES = DB "
        "ALLOWED_ACCOUNTS = LEAP.SANDBOX_DR",
    )
    _ask(other, "CREATE FAILOVER GROUP FG AS REPLICA OF LEAP.SANDBOX.FG")
    full, work = refresh()
    _ask(other, "USE WAREHOUSE WH")
    yield f"full refresh of {rows:,} rows: {full:.1f} s, {work:.1f} CPU-seconds"
    for what, change in changes(shape, rows):
        _ask(home, change)
        seconds, used = refresh()
        same = _sums(home, shape) == _sums(other, shape)
        yield (
            f"{what}: {used / work:.1%} of the CPU-seconds of a full one ({used:.2f}), "
            f"{seconds / full:.1%} of its time ({seconds:.2f} s), {_told(other)}"
            + ("" if same else " AND THE SIDES DIFFER")
        )


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
