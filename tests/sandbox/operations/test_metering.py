"""Warehouses run and suspend on the clock, burn credits, and are held by their monitors."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.snowflake.errors import SnowflakeError

_CREDITS = (
    "SELECT WAREHOUSE_NAME, ROUND(SUM(CREDITS_USED), 6) "
    "FROM SNOWFLAKE.ACCOUNT_USAGE.WAREHOUSE_METERING_HISTORY GROUP BY 1 ORDER BY 1"
)


@pytest.fixture
def table(estate: Any) -> Any:
    """DB.OPS.T, and W in use."""
    estate("CREATE TABLE T (A INT)", "USE WAREHOUSE W")
    return estate


def _state(client: Any, name: str = "W") -> str:
    return str(client(f"SHOW WAREHOUSES LIKE '{name}'")[0]["state"])


def test_a_warehouse_resumes_for_work_and_suspends_when_idle(table: Any) -> None:
    assert _state(table) == "SUSPENDED"
    table("SHOW TABLES", "SELECT 1", "SELECT CURRENT_ROLE()")
    assert _state(table) == "SUSPENDED"
    table("SELECT COUNT(*) FROM T")
    assert _state(table) == "STARTED"
    table.wait(seconds=59)
    assert _state(table) == "STARTED"
    table.wait(seconds=1)
    assert _state(table) == "SUSPENDED"


def test_each_start_costs_a_minute_at_least_and_then_by_the_second(table: Any) -> None:
    table("ALTER WAREHOUSE W SET AUTO_SUSPEND = 30", "SELECT COUNT(*) FROM T")
    table.wait(minutes=10)
    assert table.query(_CREDITS) == [("W", round(60 / 3600, 6))]
    table("SELECT COUNT(*) FROM T", "CALL SYSTEM$WAIT(90)")
    table.wait(minutes=10)
    assert table.query(_CREDITS) == [("W", round((60 + 120) / 3600, 6))]


def test_a_size_burns_twice_what_the_one_below_does(estate: Any) -> None:
    for size in ("XSMALL", "SMALL", "MEDIUM", "LARGE"):
        estate(f"CREATE WAREHOUSE {size} WAREHOUSE_SIZE = {size} AUTO_SUSPEND = 600")
    estate.wait(hours=5)
    expected = {
        size: round(2**place / 6, 6)
        for place, size in enumerate(("XSMALL", "SMALL", "MEDIUM", "LARGE"))
    }
    assert dict(estate.query(_CREDITS)) == expected


def test_hours_are_told_apart_and_survive_a_restart(table: Any) -> None:
    table("ALTER WAREHOUSE W SET AUTO_SUSPEND = 0", "SELECT COUNT(*) FROM T")
    table.wait(hours=2.5)
    rows = table.query(
        "SELECT DATE_PART(hour, START_TIME), CREDITS_USED "
        "FROM SNOWFLAKE.ACCOUNT_USAGE.WAREHOUSE_METERING_HISTORY ORDER BY 1"
    )
    assert [(int(hour), float(burnt)) for hour, burnt in rows] == [(6, 1.0), (7, 1.0), (8, 0.5)]
    table("ALTER WAREHOUSE W SUSPEND")
    table.wait(hours=2.5)
    assert table.query(_CREDITS) == [("W", 2.5)]
    with pytest.raises(SnowflakeError, match="cannot be suspended"):
        table("ALTER WAREHOUSE W SUSPEND")


def test_a_warehouse_that_may_not_resume_refuses(table: Any) -> None:
    table("ALTER WAREHOUSE W SET AUTO_RESUME = FALSE")
    with pytest.raises(SnowflakeError, match="No active warehouse"):
        table("SELECT COUNT(*) FROM T")
    table("ALTER WAREHOUSE W RESUME", "SELECT COUNT(*) FROM T")


@pytest.fixture
def monitored(table: Any) -> Any:
    """W under DEV_LIMIT of 2 credits, which tells DORA at 50 and suspends at 100."""
    table(
        "CREATE USER DORA EMAIL = 'dora@leap.example'",
        "CREATE RESOURCE MONITOR DEV_LIMIT CREDIT_QUOTA = 2 NOTIFY_USERS = (DORA) "
        "TRIGGERS ON 50 PERCENT DO NOTIFY ON 100 PERCENT DO SUSPEND",
        "ALTER WAREHOUSE W SET RESOURCE_MONITOR = DEV_LIMIT AUTO_SUSPEND = 0",
        "SELECT COUNT(*) FROM T",
    )
    return table


def test_a_monitor_tells_suspends_and_refuses(monitored: Any) -> None:
    monitored.pass_time(minutes=61)
    (message,) = monitored.sent()
    assert (message["to"], "50%" in message["subject"]) == (["dora@leap.example"], True)
    row = monitored("SHOW RESOURCE MONITORS")[0]
    assert (row["used_credits"], row["remaining_credits"]) == ("1.02", "0.98")
    monitored.pass_time(hours=5)
    assert _state(monitored) == "SUSPENDED"
    assert monitored("SHOW RESOURCE MONITORS")[0]["used_credits"] == "2.00"
    assert len(monitored.sent()) == 2
    with pytest.raises(SnowflakeError, match="resource monitor 'DEV_LIMIT' has exceeded its quota"):
        monitored("SELECT COUNT(*) FROM T")
    with pytest.raises(SnowflakeError, match="exceeded its quota"):
        monitored("ALTER WAREHOUSE W RESUME")


def test_a_higher_quota_or_a_new_month_lets_it_run_again(monitored: Any) -> None:
    monitored.pass_time(hours=5)
    monitored("ALTER RESOURCE MONITOR DEV_LIMIT SET CREDIT_QUOTA = 10", "SELECT COUNT(*) FROM T")
    monitored("ALTER WAREHOUSE W SUSPEND")
    monitored("ALTER RESOURCE MONITOR DEV_LIMIT SET CREDIT_QUOTA = 1")
    with pytest.raises(SnowflakeError, match="exceeded its quota"):
        monitored("SELECT COUNT(*) FROM T")
    monitored.pass_time(days=30)
    assert monitored("SHOW RESOURCE MONITORS")[0]["used_credits"] == "0.00"
    monitored("SELECT COUNT(*) FROM T")


def test_the_account_monitor_holds_every_warehouse(table: Any) -> None:
    table(
        "CREATE RESOURCE MONITOR ALL_OF_IT CREDIT_QUOTA = 1 FREQUENCY = DAILY "
        "START_TIMESTAMP = IMMEDIATELY TRIGGERS ON 100 PERCENT DO SUSPEND",
        "ALTER ACCOUNT SET RESOURCE_MONITOR = ALL_OF_IT",
        "ALTER WAREHOUSE W SET AUTO_SUSPEND = 0",
        "SELECT COUNT(*) FROM T",
    )
    table.pass_time(hours=3)
    with pytest.raises(SnowflakeError, match="'ALL_OF_IT' has exceeded"):
        table("SELECT COUNT(*) FROM T")
    table.pass_time(days=1)
    table("SELECT COUNT(*) FROM T")


@pytest.mark.parametrize(("action", "ends"), [("SUSPEND", False), ("SUSPEND_IMMEDIATE", True)])
def test_only_an_immediate_suspension_ends_what_runs(table: Any, action: str, ends: bool) -> None:
    table(
        f"CREATE RESOURCE MONITOR M CREDIT_QUOTA = 1 TRIGGERS ON 100 PERCENT DO {action}",
        "ALTER WAREHOUSE W SET RESOURCE_MONITOR = M",
    )
    if ends:
        with pytest.raises(SnowflakeError, match="canceled"):
            table("CALL SYSTEM$WAIT(2, 'HOURS')")
        assert table.query(_CREDITS)[0][1] < 1.01
    else:
        table("CALL SYSTEM$WAIT(2, 'HOURS')")
    with pytest.raises(SnowflakeError, match="exceeded its quota"):
        table("SELECT COUNT(*) FROM T")


def test_a_wait_is_a_long_query_in_the_history(table: Any) -> None:
    table("SELECT SYSTEM$WAIT(11, 'MINUTES')")
    rows = table.query(
        "SELECT QUERY_TEXT, WAREHOUSE_NAME FROM SNOWFLAKE.ACCOUNT_USAGE.QUERY_HISTORY "
        "WHERE TOTAL_ELAPSED_TIME > 600000"
    )
    assert rows == [("SELECT SYSTEM$WAIT(11, 'MINUTES')", "W")]
