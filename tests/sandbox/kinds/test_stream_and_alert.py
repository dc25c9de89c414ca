"""Streams and alerts: their life; `operations/test_streams.py` reads and consumes streams."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.snowflake.data.past.moment import NoDataThenError
from sandbox.snowflake.errors import (
    CompilationError,
    DoesNotExistError,
    InvalidValueError,
    UnsupportedError,
)


@pytest.fixture
def table(lake: Any) -> Any:
    """A table in DB.RAW, and a warehouse."""
    lake("CREATE TABLE DB.RAW.T (A INT)", "CREATE WAREHOUSE W", "USE SCHEMA DB.RAW")
    return lake


def test_a_stream_knows_its_table_through_a_rename(table: Any) -> None:
    table("CREATE STREAM S ON TABLE T APPEND_ONLY = TRUE COMMENT = 'one'")
    table("ALTER TABLE T RENAME TO U", "ALTER STREAM S SET COMMENT = 'two'")
    row = table.one("SHOW STREAMS LIKE 's' IN SCHEMA DB.RAW")
    assert (row["table_name"], row["mode"], row["comment"]) == ("DB.RAW.U", "APPEND_ONLY", "two")
    assert (row["stale"], row["source_type"]) == ("false", "Table")
    assert table.one("DESCRIBE STREAM S") == row


def test_a_stream_is_stale_when_its_table_is_gone(table: Any) -> None:
    table("CREATE STREAM S ON TABLE T", "DROP TABLE T")
    row = table.one("SHOW STREAMS")
    assert (row["stale"], row["stale_after"], row["table_name"]) == ("true", None, "DB.RAW.T")


@pytest.mark.parametrize(
    ("statement", "error"),
    [
        ("CREATE STREAM S ON TABLE NOPE", DoesNotExistError),
        ("CREATE STREAM S ON VIEW T", DoesNotExistError),
        ("CREATE STREAM S COMMENT = 'x'", CompilationError),
        ("CREATE STREAM S ON STAGE X", UnsupportedError),
        ("CREATE STREAM S ON TABLE T AT (OFFSET => -60)", NoDataThenError),
    ],
)
def test_what_has_no_source_is_no_stream(table: Any, statement: str, error: Any) -> None:
    with pytest.raises(error):
        table(statement)


def test_the_first_stream_turns_change_tracking_on(table: Any) -> None:
    assert table.one("SHOW TABLES LIKE 'T' IN SCHEMA DB.RAW")["change_tracking"] == "OFF"
    table("CREATE STREAM S ON TABLE T")
    assert table.one("SHOW TABLES LIKE 'T' IN SCHEMA DB.RAW")["change_tracking"] == "ON"


def test_an_alert_is_started_changed_and_suspended(table: Any) -> None:
    table(
        "CREATE ALERT A WAREHOUSE = W SCHEDULE = '5 MINUTE' COMMENT = 'one' "
        "IF (EXISTS (SELECT 1 FROM T WHERE A > (2))) THEN INSERT INTO T VALUES (1)"
    )
    row = table.one("SHOW ALERTS IN SCHEMA DB.RAW")
    assert (row["state"], row["condition"]) == ("suspended", "SELECT 1 FROM T WHERE A > (2)")
    assert row["action"] == "INSERT INTO T VALUES (1)"
    table("ALTER ALERT A RESUME", "ALTER ALERT A MODIFY CONDITION EXISTS (SELECT 2)")
    table("ALTER ALERT A MODIFY ACTION SELECT 3", "ALTER ALERT A SET SCHEDULE = '9 MINUTE'")
    row = table.one("DESCRIBE ALERT A")
    assert (row["state"], row["condition"], row["action"]) == ("started", "SELECT 2", "SELECT 3")
    table("ALTER ALERT A SUSPEND")
    assert table.one("SHOW ALERTS")["state"] == "suspended"


@pytest.mark.parametrize(
    ("rest", "error"),
    [
        ("WAREHOUSE = NOPE IF (EXISTS (SELECT 1)) THEN SELECT 1", DoesNotExistError),
        ("SCHEDULE = 'x' IF (EXISTS (SELECT 1)) THEN SELECT 1", InvalidValueError),
        ("SCHEDULE = '5 MINUTE' IF (EXISTS (SELECT 1))", CompilationError),
    ],
)
def test_an_alert_must_be_whole(table: Any, rest: str, error: Any) -> None:
    with pytest.raises(error):
        table(f"CREATE ALERT A {rest}")
