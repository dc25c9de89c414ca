"""UNDROP and SHOW … HISTORY: what comes back, in which order, and for how long."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sandbox.snowflake.errors import AlreadyExistsError, SnowflakeError, UnsupportedError
from sandbox.snowflake.retention import RetentionTooLongError
from sandbox.snowflake.verbs.undrop import PurgedError


@pytest.fixture
def lake(lake: Any) -> Any:
    """A table with two rows, which a role may read."""
    lake("CREATE ROLE R", "CREATE TABLE DB.RAW.T (A INT)", "INSERT INTO DB.RAW.T VALUES (1), (2)")
    return lake("GRANT SELECT ON TABLE DB.RAW.T TO ROLE R", "USE SCHEMA DB.RAW") and lake


def _grantees(sql: Any, what: str) -> set[tuple[str, str]]:
    return {(row["privilege"], row["grantee_name"]) for row in sql(f"SHOW GRANTS ON {what}")}


def _let_pass(sql: Any, days: float) -> None:
    sql.account.now = lambda: datetime.now(UTC) + timedelta(days=days)


def test_a_table_comes_back_with_rows_grants_and_tags(lake: Any) -> None:
    lake("CREATE TAG G", "ALTER TABLE T SET TAG G = 'v' ", "DROP TABLE T")
    with pytest.raises(SnowflakeError, match="does not exist"):
        lake("SELECT * FROM T")
    assert lake.one("UNDROP TABLE T") == {"status": "Table T successfully restored."}
    assert lake.query("SELECT sum(A) FROM T") == [(3,)]
    assert ("SELECT", "R") in _grantees(lake, "TABLE T")
    assert list(lake.one("SELECT SYSTEM$GET_TAG('G', 'T', 'TABLE')").values()) == ["v"]


def test_of_several_drops_the_latest_comes_first(lake: Any) -> None:
    lake("DROP TABLE T", "CREATE TABLE T AS SELECT 7 AS A", "DROP TABLE T", "UNDROP TABLE T")
    assert lake.query("SELECT A FROM T") == [(7,)]
    with pytest.raises(AlreadyExistsError):
        lake("UNDROP TABLE T")
    lake("ALTER TABLE T RENAME TO SEVEN", "UNDROP TABLE T")
    assert lake.query("SELECT sum(A) FROM T") == [(3,)]
    with pytest.raises(PurgedError, match=r"'DB.RAW.NOPE' did not exist or was purged"):
        lake("UNDROP TABLE NOPE")


def test_what_a_replacement_replaced_comes_back(lake: Any) -> None:
    lake("CREATE OR REPLACE TABLE T AS SELECT A + 10 AS A FROM T")
    assert lake.query("SELECT sum(A) FROM T") == [(23,)]
    assert _grantees(lake, "TABLE T") == {("OWNERSHIP", "ACCOUNTADMIN")}
    lake("DROP TABLE T", "UNDROP TABLE T", "ALTER TABLE T RENAME TO U", "UNDROP TABLE T")
    assert lake.query("SELECT sum(A) FROM T") == [(3,)]


def test_a_schema_comes_back_with_views_on_views_and_what_was_dropped_in_it(lake: Any) -> None:
    lake("CREATE VIEW V AS SELECT * FROM T", "CREATE VIEW A AS SELECT * FROM V")
    lake("CREATE TABLE GONE AS SELECT 5 AS N", "DROP TABLE GONE", "CREATE STAGE I")
    lake("DROP SCHEMA DB.RAW", "CREATE SCHEMA DB.RAW")
    with pytest.raises(AlreadyExistsError):
        lake("UNDROP SCHEMA DB.RAW")
    with pytest.raises(PurgedError):
        lake("UNDROP TABLE DB.RAW.GONE")
    lake("ALTER SCHEMA DB.RAW RENAME TO DB.OTHER", "UNDROP SCHEMA DB.RAW")
    assert lake.query("SELECT sum(A) FROM DB.RAW.A") == [(3,)]
    assert ("SELECT", "R") in _grantees(lake, "TABLE DB.RAW.T")
    assert [row["name"] for row in lake("SHOW STAGES IN SCHEMA DB.RAW")] == ["I"]
    lake("UNDROP TABLE DB.RAW.GONE")
    assert lake.query("SELECT N FROM DB.RAW.GONE") == [(5,)]


def test_views_wait_until_the_schema_that_they_read_is_back(lake: Any) -> None:
    lake("CREATE SCHEMA DB.MARTS", "CREATE VIEW DB.MARTS.V AS SELECT * FROM DB.RAW.T")
    lake("DROP SCHEMA DB.RAW", "DROP SCHEMA DB.MARTS")
    lake("UNDROP SCHEMA DB.MARTS")
    with pytest.raises(SnowflakeError, match="does not exist"):
        lake("SELECT * FROM DB.MARTS.V")
    lake("UNDROP SCHEMA DB.RAW")
    assert lake.query("SELECT sum(A) FROM DB.MARTS.V") == [(3,)]


def test_a_database_comes_back_after_a_restart(lake: Any, restarted: Any) -> None:
    lake("GRANT USAGE ON DATABASE DB TO ROLE R", "DROP DATABASE DB", "CREATE DATABASE DB")
    assert lake("SHOW TABLES IN DATABASE DB") == []
    lake("DROP DATABASE DB", "UNDROP DATABASE DB")
    assert lake("SHOW TABLES IN DATABASE DB") == []
    lake("ALTER DATABASE DB RENAME TO EMPTY")
    again = restarted()
    again("UNDROP DATABASE DB")
    assert again.query("SELECT sum(A) FROM DB.RAW.T") == [(3,)]
    assert ("USAGE", "R") in _grantees(again, "DATABASE DB")


def test_history_lists_the_dropped_beside_the_living(lake: Any) -> None:
    lake("DROP TABLE T", "CREATE TABLE T (B INT)")
    rows = lake("SHOW TABLES HISTORY IN SCHEMA DB.RAW")
    assert [(row["name"], row["rows"], row["dropped_on"] is None) for row in rows] == [
        ("T", 0, True),
        ("T", 2, False),
    ]
    assert "dropped_on" not in lake.one("SHOW TABLES IN SCHEMA DB.RAW")
    lake("DROP SCHEMA DB.RAW", "DROP DATABASE DB")
    (row,) = lake("SHOW DATABASES HISTORY LIKE 'DB'")
    assert row["dropped_on"] is not None


def test_after_the_retention_nothing_comes_back(lake: Any) -> None:
    lake("CREATE TABLE LONG (A INT) DATA_RETENTION_TIME_IN_DAYS = 3", "DROP TABLE T")
    lake("DROP TABLE LONG")
    _let_pass(lake, 2)
    with pytest.raises(PurgedError):
        lake("UNDROP TABLE T")
    lake("UNDROP TABLE LONG")
    assert lake.query("SELECT count(*) FROM LONG") == [(0,)]


def test_without_retention_a_drop_is_for_good(lake: Any) -> None:
    lake("ALTER SCHEMA DB.RAW SET DATA_RETENTION_TIME_IN_DAYS = 0", "DROP TABLE T")
    with pytest.raises(PurgedError):
        lake("UNDROP TABLE T")


def test_what_is_transient_keeps_one_day_at_most(lake: Any) -> None:
    lake("ALTER DATABASE DB SET DATA_RETENTION_TIME_IN_DAYS = 9")
    lake("CREATE TRANSIENT SCHEMA DB.TR", "CREATE TABLE DB.TR.T (A INT)")
    assert lake.one("SHOW TABLES IN SCHEMA DB.TR")["retention_time"] == "1"
    assert lake.one("SHOW TABLES LIKE 'T' IN SCHEMA DB.RAW")["retention_time"] == "9"
    with pytest.raises(RetentionTooLongError, match=r"1 day\(s\)"):
        lake("CREATE TRANSIENT SCHEMA DB.TR2 DATA_RETENTION_TIME_IN_DAYS = 2")
    with pytest.raises(RetentionTooLongError, match=r"90 day\(s\)"):
        lake("ALTER SCHEMA DB.RAW SET DATA_RETENTION_TIME_IN_DAYS = 91")


def test_views_have_no_undrop(lake: Any) -> None:
    with pytest.raises(UnsupportedError):
        lake("UNDROP VIEW V")
