"""Time Travel by the account's clock: retention, policies, views, and whole schemas of the past."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.snowflake.data.past.moment import NoDataThenError, StatementNotFoundError


@pytest.fixture
def marts(estate: Any) -> Any:
    """DB.MARTS.M with two rows, an hour old."""
    estate("CREATE SCHEMA DB.MARTS")
    estate("CREATE TABLE M (ID INT, NAME VARCHAR) DATA_RETENTION_TIME_IN_DAYS = 3")
    estate("INSERT INTO M VALUES (1, 'anna'), (2, 'ben')")
    estate.wait(hours=1)
    return estate


def test_the_past_ends_with_the_retention(marts: Any) -> None:
    marts("DELETE FROM M")
    marts.wait(days=2)
    assert marts.query("SELECT count(*) FROM M AT(OFFSET => -86400 * 2 - 60)") == [(2,)]
    marts.wait(days=1, minutes=5)
    with pytest.raises(NoDataThenError, match="beyond the allowed time travel period"):
        marts("SELECT * FROM M AT(OFFSET => -86400 * 3 - 60)")
    assert marts.query("SELECT count(*) FROM M AT(OFFSET => -86400)") == [(0,)]


def test_a_table_without_retention_has_no_past(marts: Any) -> None:
    marts("ALTER TABLE M SET DATA_RETENTION_TIME_IN_DAYS = 0", "DELETE FROM M")
    with pytest.raises(NoDataThenError):
        marts("SELECT * FROM M AT(OFFSET => -60)")


def test_any_statement_marks_a_point_in_time(marts: Any) -> None:
    (row,) = marts("SELECT LAST_QUERY_ID() AS ID FROM M LIMIT 1")
    marts.wait(hours=1)
    marts("DELETE FROM M")
    assert marts.query(f"SELECT count(*) FROM M AT(STATEMENT => '{row['ID']}')") == [(2,)]
    with pytest.raises(StatementNotFoundError):
        marts("SELECT * FROM M BEFORE(STATEMENT => '01b00000-0000-0000-0000-000000000000')")


def test_masks_and_row_filters_hold_for_the_past(marts: Any) -> None:
    marts("CREATE MASKING POLICY HIDE AS (V VARCHAR) RETURNS VARCHAR -> '***'")
    marts("CREATE ROW ACCESS POLICY FIRST AS (I INT) RETURNS BOOLEAN -> I = 1", "DELETE FROM M")
    marts("ALTER TABLE M MODIFY COLUMN NAME SET MASKING POLICY HIDE")
    marts("ALTER TABLE M ADD ROW ACCESS POLICY FIRST ON (ID)")
    assert marts.query("SELECT ID, NAME FROM M AT(OFFSET => -60)") == [(1, "***")]
    marts("CREATE TABLE COPIED AS SELECT * FROM M AT(OFFSET => -60)")
    assert marts.query("SELECT * FROM COPIED") == [(1, "***")]
    marts("CREATE TABLE CLONED CLONE M AT(OFFSET => -60)")
    assert marts.query("SELECT * FROM CLONED") == [(1, "***")]


def test_a_view_of_the_past_reads_the_past_of_its_tables(marts: Any) -> None:
    marts("CREATE VIEW V AS SELECT NAME FROM M WHERE ID > 1", "DELETE FROM M")
    assert marts.query("SELECT * FROM V") == []
    assert marts.query("SELECT * FROM V AT(OFFSET => -60)") == [("ben",)]


def test_a_schema_is_cloned_as_it_was(marts: Any) -> None:
    marts("DELETE FROM M WHERE ID = 1", "CREATE TABLE LATER (A INT)")
    marts.wait(hours=1)
    marts("CREATE SCHEMA DB.PAST CLONE DB.MARTS AT(OFFSET => -3600 - 60)")
    assert marts.query("SELECT count(*) FROM DB.PAST.M") == [(2,)]
    assert [row["name"] for row in marts("SHOW TABLES IN SCHEMA DB.PAST")] == ["M"]
    marts("CREATE DATABASE COPY CLONE DB AT(OFFSET => -60)")
    assert marts.query("SELECT count(*) FROM COPY.MARTS.M") == [(1,)]
    with pytest.raises(NoDataThenError):
        marts("CREATE SCHEMA DB.NEVER CLONE DB.PAST AT(OFFSET => -60)")


def test_a_dropped_column_keeps_its_mask_away_from_a_clone_of_the_past(marts: Any) -> None:
    marts("CREATE MASKING POLICY HIDE AS (V VARCHAR) RETURNS VARCHAR -> '***'")
    marts("ALTER TABLE M MODIFY COLUMN NAME SET MASKING POLICY HIDE")
    marts("ALTER TABLE M DROP COLUMN NAME")
    marts("CREATE TABLE BACK CLONE M AT(OFFSET => -60)")
    assert marts.query("SELECT * FROM BACK ORDER BY ID") == [(1, "***"), (2, "***")]
