"""A refresh of what changed beside a full one: 1 % added, changed and deleted, and nothing at all.

The ratio in one run is the figure; the times are true of this machine. Rows are made by the
sandbox itself, in one table of five columns. A share of the cost does not depend on the rows: the
catalogue, and one look at each table's versions (the line "nothing").
"""

from __future__ import annotations

import sys
import time
from typing import Any

import snowflake.connector

from benchmarks.measure import say
from benchmarks.scratch import sandbox
from sandbox.connection import Connection

ROWS = 10_000_000
_REFRESH = "ALTER FAILOVER GROUP FG REFRESH"
_COLUMNS = (
    "SEQ8() AS ID, MOD(SEQ8(), 1000) AS N, 'row number ' || SEQ8() AS NAME, "
    "SEQ8() * 1.5 AS X, SEQ8() * 7 AS Y FROM TABLE(GENERATOR(ROWCOUNT => %(rows)s))"
)
_ADDED = (
    "INSERT INTO DB.PUBLIC.T SELECT %(rows)s + SEQ8(), 1, 'new', 2, 3 "
    "FROM TABLE(GENERATOR(ROWCOUNT => %(some)s))"
)
_CHANGES = (
    ("nothing", ()),
    ("1 % added", (_ADDED,)),
    ("1 % changed", ("UPDATE DB.PUBLIC.T SET X = -1 WHERE N BETWEEN 20 AND 29",)),
    ("1 % deleted", ("DELETE FROM DB.PUBLIC.T WHERE N BETWEEN 500 AND 509",)),
    ("1 % added, to a table with gaps", (_ADDED,)),
)


def main() -> None:
    """Measure and print; the number of rows may be given."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else ROWS
    with sandbox() as (connection, _):
        home, other = _session(connection, "LEAP-SANDBOX"), _session(connection, "LEAP-SANDBOX_DR")
        _ask(
            home,
            "CREATE WAREHOUSE WH",
            "CREATE DATABASE DB",
            f"CREATE TABLE DB.PUBLIC.T AS SELECT {_COLUMNS}",
            "CREATE FAILOVER GROUP FG OBJECT_TYPES = DATABASES, WAREHOUSES ALLOWED_DATABASES = DB "
            "ALLOWED_ACCOUNTS = LEAP.SANDBOX_DR",
            rows=rows,
        )
        _ask(other, "CREATE FAILOVER GROUP FG AS REPLICA OF LEAP.SANDBOX.FG")
        full = _seconds(other)
        _ask(other, "USE WAREHOUSE WH")
        lines = [f"full refresh of {rows:,} rows: {full:.1f} s"]
        for what, change in _CHANGES:
            _ask(home, *change, rows=rows)
            seconds = _seconds(other)
            same = _sums(home) == _sums(other)
            lines.append(
                f"{what}: {seconds:.2f} s, {seconds / full:.1%} of a full one, {_told(other)}"
                + ("" if same else " AND THE SIDES DIFFER")
            )
    say("A refresh of what changed", *lines)


def _seconds(client: Any) -> float:
    started = time.perf_counter()
    _ask(client, _REFRESH)
    return time.perf_counter() - started


def _sums(client: Any) -> list[Any]:
    return _ask(client, "SELECT count(*), sum(ID), sum(N), sum(X), sum(Y) FROM DB.PUBLIC.T")


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


def _ask(client: Any, *statements: str, rows: int = 0) -> list[Any]:
    found: list[Any] = []
    for text in statements:
        given = {"rows": rows, "some": rows // 100} if "%(" in text else None
        found = client.cursor().execute(text, given).fetchall()
    return found


if __name__ == "__main__":
    main()
