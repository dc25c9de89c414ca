"""A table that took a copy's name after a promotion is another table, and is copied whole."""

from __future__ import annotations

from tests.sandbox.replication.conftest import Client, Pair
from tests.sandbox.replication.test_failover import GROUP, REPLICA, ROWS


def test_a_table_replaced_after_failing_back_is_not_added_to_its_old_copy(
    home: Client, pair: Pair
) -> None:
    home("CREATE DATABASE DB", "CREATE SCHEMA DB.S", "CREATE TABLE DB.S.T (A INT, B TEXT)")
    home("INSERT INTO DB.S.T VALUES (1, 'x'), (2, 'y')", GROUP)
    other = Client(pair.other)
    other(REPLICA, "ALTER FAILOVER GROUP FG REFRESH", "ALTER FAILOVER GROUP FG PRIMARY")
    home("ALTER FAILOVER GROUP FG REFRESH", "ALTER FAILOVER GROUP FG PRIMARY")
    home("USE WAREHOUSE WH", "CREATE OR REPLACE TABLE DB.S.T AS SELECT * FROM DB.S.T")
    other("ALTER FAILOVER GROUP FG REFRESH", "USE WAREHOUSE WH")
    assert other.values(ROWS) == home.values(ROWS) == [(1, "x"), (2, "y")]
    assert next(pair.other.refreshes.history.all()).copied == 1
