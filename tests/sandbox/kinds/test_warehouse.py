"""Warehouses and the monitors that watch them."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.snowflake.errors import (
    AlreadyExistsError,
    CompilationError,
    DoesNotExistError,
    InvalidPropertyError,
    InvalidValueError,
    SnowflakeError,
)

WHOLE = (
    "CREATE WAREHOUSE \"WH\" WAREHOUSE_TYPE = 'STANDARD' WAREHOUSE_SIZE = 'MEDIUM' "
    "MAX_CLUSTER_COUNT = 3 MIN_CLUSTER_COUNT = 2 SCALING_POLICY = 'ECONOMY' AUTO_SUSPEND = 60 "
    "AUTO_RESUME = false INITIALLY_SUSPENDED = true COMMENT = 'Loads' "
    "ENABLE_QUERY_ACCELERATION = true QUERY_ACCELERATION_MAX_SCALE_FACTOR = 4 "
    "STATEMENT_TIMEOUT_IN_SECONDS = 3600"
)


@pytest.fixture
def sql(sql: Any) -> Any:
    """The same without the warehouse of the other tests."""
    sql("DROP WAREHOUSE TESTS_WH")
    return sql


def test_a_warehouse_shows_what_was_given(sql: Any) -> None:
    sql(WHOLE)
    row = sql.one("SHOW WAREHOUSES LIKE 'WH'")
    wanted = {
        "state": "SUSPENDED",
        "type": "STANDARD",
        "size": "Medium",
        "min_cluster_count": 2,
        "max_cluster_count": 3,
        "started_clusters": 0,
        "auto_suspend": 60,
        "auto_resume": "false",
        "comment": "Loads",
        "enable_query_acceleration": "true",
        "query_acceleration_max_scale_factor": 4,
        "resource_monitor": "null",
        "scaling_policy": "ECONOMY",
        "owner": "ACCOUNTADMIN",
    }
    assert wanted.items() <= row.items()


def test_a_bare_warehouse_has_snowflakes_defaults(sql: Any) -> None:
    sql("CREATE WAREHOUSE WH")
    row = sql.one("SHOW WAREHOUSES")
    assert (row["size"], row["auto_suspend"], row["state"], row["auto_resume"]) == (
        "X-Small",
        600,
        "STARTED",
        "true",
    )
    levels = {item["key"]: item["level"] for item in sql("SHOW PARAMETERS IN WAREHOUSE WH")}
    assert set(levels.values()) == {""}


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("XSMALL", "X-Small"),
        ("'X-Small'", "X-Small"),
        ("'2X-LARGE'", "2X-Large"),
        ("XXLARGE", "2X-Large"),
        ("'XXXLARGE'", "3X-Large"),
        ("X4LARGE", "4X-Large"),
        ("'6X-Large'", "6X-Large"),
    ],
)
def test_sizes_have_many_spellings_and_one_show(sql: Any, written: str, shown: str) -> None:
    sql(f"CREATE WAREHOUSE WH WAREHOUSE_SIZE = {written}")
    assert sql.one("SHOW WAREHOUSES")["size"] == shown


def test_set_and_unset_go_to_the_value_and_back(sql: Any) -> None:
    sql(
        WHOLE,
        "ALTER WAREHOUSE WH SET WAREHOUSE_SIZE = 'LARGE' WAIT_FOR_COMPLETION = true "
        "AUTO_SUSPEND = NULL STATEMENT_TIMEOUT_IN_SECONDS = 10",
    )
    row = sql.one("SHOW WAREHOUSES")
    assert (row["size"], row["auto_suspend"]) == ("Large", None)
    sql("ALTER WAREHOUSE WH UNSET WAREHOUSE_SIZE, COMMENT, STATEMENT_TIMEOUT_IN_SECONDS")
    row = sql.one("SHOW WAREHOUSES")
    assert (row["size"], row["comment"]) == ("X-Small", "")
    shown = "SHOW PARAMETERS LIKE 'STATEMENT_TIMEOUT%' IN WAREHOUSE WH"
    assert (sql.one(shown)["value"], sql.one(shown)["level"]) == ("172800", "")


def test_a_warehouse_suspends_and_resumes(sql: Any) -> None:
    sql("CREATE WAREHOUSE WH", "ALTER WAREHOUSE WH SUSPEND")
    assert sql.one("SHOW WAREHOUSES")["state"] == "SUSPENDED"
    with pytest.raises(SnowflakeError, match="cannot be suspended"):
        sql("ALTER WAREHOUSE WH SUSPEND")
    sql("ALTER WAREHOUSE WH RESUME IF SUSPENDED", "ALTER WAREHOUSE WH RESUME IF SUSPENDED")
    assert sql.one("SHOW WAREHOUSES")["state"] == "STARTED"
    with pytest.raises(SnowflakeError, match="cannot be resumed"):
        sql("ALTER WAREHOUSE WH RESUME")


def test_a_renamed_warehouse_stays_the_sessions(sql: Any) -> None:
    sql("CREATE WAREHOUSE WH", "ALTER WAREHOUSE WH RENAME TO WH2")
    assert sql.one("SHOW WAREHOUSES")["is_current"] == "Y"
    assert sql.session.warehouse == "WH2"


@pytest.mark.parametrize(
    ("rest", "error"),
    [
        ("WAREHOUSE_SIZE = HUGE", InvalidValueError),
        ("SCALING_POLICY = 'FAST'", InvalidValueError),
        ("AUTO_SUSPEND = -1", InvalidValueError),
        ("AUTO_RESUME = 'maybe'", InvalidValueError),
        ("MIN_CLUSTER_COUNT = 2", CompilationError),
        ("SPEED = 3", InvalidPropertyError),
        ("RESOURCE_MONITOR = MISSING", DoesNotExistError),
    ],
)
def test_bad_values_are_refused(sql: Any, rest: str, error: type[SnowflakeError]) -> None:
    with pytest.raises(error):
        sql(f"CREATE WAREHOUSE WH {rest}")
    assert sql("SHOW WAREHOUSES") == []


def test_a_taken_name_is_refused_unless_said_otherwise(sql: Any) -> None:
    sql("CREATE WAREHOUSE WH AUTO_SUSPEND = 1")
    with pytest.raises(AlreadyExistsError, match="'WH'"):
        sql("CREATE WAREHOUSE WH")
    sql("CREATE WAREHOUSE IF NOT EXISTS WH AUTO_SUSPEND = 2")
    assert sql.one("SHOW WAREHOUSES")["auto_suspend"] == 1
    sql("CREATE OR REPLACE WAREHOUSE WH AUTO_SUSPEND = 3")
    assert sql.one("SHOW WAREHOUSES")["auto_suspend"] == 3


def test_a_monitor_shows_quota_and_thresholds(sql: Any) -> None:
    sql(
        'CREATE RESOURCE MONITOR "DEV_LIMIT" WITH CREDIT_QUOTA = 100 FREQUENCY = MONTHLY '
        "START_TIMESTAMP = IMMEDIATELY TRIGGERS ON 50 PERCENT DO NOTIFY ON 75 PERCENT DO NOTIFY "
        "ON 100 PERCENT DO SUSPEND ON 110 PERCENT DO SUSPEND_IMMEDIATE"
    )
    row = sql.one("SHOW RESOURCE MONITORS LIKE 'dev_limit'")
    wanted = {
        "credit_quota": "100.00",
        "used_credits": "0.00",
        "remaining_credits": "100.00",
        "level": None,
        "frequency": "MONTHLY",
        "notify_at": "50%,75%",
        "suspend_at": "100%",
        "suspend_immediately_at": "110%",
    }
    assert wanted.items() <= row.items()
    assert row["start_time"].endswith("+0000")


def test_a_monitor_is_changed_in_one_statement(sql: Any) -> None:
    sql(
        "CREATE RESOURCE MONITOR RM WITH CREDIT_QUOTA = 100 TRIGGERS ON 90 PERCENT DO SUSPEND",
        "ALTER RESOURCE MONITOR RM SET CREDIT_QUOTA = 200 NOTIFY_USERS = (LEAP_ADMIN) "
        "TRIGGERS ON 80 PERCENT DO SUSPEND_IMMEDIATE",
    )
    row = sql.one("SHOW RESOURCE MONITORS")
    assert (row["credit_quota"], row["suspend_at"], row["suspend_immediately_at"]) == (
        "200.00",
        None,
        "80%",
    )
    assert row["notify_users"] == "LEAP_ADMIN"
    sql("ALTER RESOURCE MONITOR RM SET CREDIT_QUOTA = null NOTIFY_USERS = ()")
    row = sql.one("SHOW RESOURCE MONITORS")
    assert (row["credit_quota"], row["notify_users"]) == (None, "")


def test_only_users_are_notified(sql: Any) -> None:
    with pytest.raises(DoesNotExistError, match="User 'NOBODY'"):
        sql("CREATE RESOURCE MONITOR RM WITH NOTIFY_USERS = (NOBODY)")


def test_dropping_a_monitor_frees_its_warehouses(sql: Any) -> None:
    sql(
        'CREATE RESOURCE MONITOR "dev limit" WITH CREDIT_QUOTA = 1',
        'CREATE WAREHOUSE WH RESOURCE_MONITOR = "dev limit"',
    )
    assert sql.one("SHOW WAREHOUSES")["resource_monitor"] == "dev limit"
    assert sql.one("SHOW RESOURCE MONITORS")["level"] == "WAREHOUSE"
    sql('DROP RESOURCE MONITOR IF EXISTS "dev limit"')
    assert sql.one("SHOW WAREHOUSES")["resource_monitor"] == "null"
