"""What happened is told by the views and table functions of histories."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.snowflake.errors import LoginError

_USAGE = "SNOWFLAKE.ACCOUNT_USAGE"


def test_queries_are_told_by_warehouse_user_session_and_time(estate: Any) -> None:
    estate("CREATE TABLE T (A INT)", "USE WAREHOUSE W", "SELECT 1 FROM T")
    estate.wait(hours=3)
    estate("SELECT 2 FROM T")
    told = "SELECT QUERY_TEXT FROM TABLE(INFORMATION_SCHEMA.QUERY_HISTORY{})"
    since = "(END_TIME_RANGE_START => DATEADD(hour, -1, CURRENT_TIMESTAMP()))"
    assert [text for (text,) in estate.query(told.format(since))] == ["SELECT 2 FROM T"]
    warehouse = told.format("_BY_WAREHOUSE('W')")
    assert ("SELECT 1 FROM T",) in estate.query(warehouse)
    assert estate.query(told.format("_BY_WAREHOUSE(WAREHOUSE_NAME => 'OTHER')")) == []
    assert estate.query(told.format("_BY_USER('NOBODY')")) == []
    session = told.format(f"_BY_SESSION(SESSION_ID => {estate.session.id})")
    assert len(estate.query(session)) > 5


def test_a_query_is_told_with_its_warehouse_and_what_it_cost(estate: Any) -> None:
    estate("USE WAREHOUSE W", "ALTER SESSION SET QUERY_TAG = 'nightly'", "CALL SYSTEM$WAIT(1800)")
    query = f"SELECT WAREHOUSE_SIZE, EXECUTION_TIME FROM {_USAGE}.QUERY_HISTORY"
    assert estate.query(f"{query} WHERE QUERY_TAG = 'nightly' AND QUERY_TYPE = 'CALL'") == [
        ("XSMALL", 1_800_000)
    ]
    cost = f"SELECT CREDITS_ATTRIBUTED_COMPUTE FROM {_USAGE}.QUERY_ATTRIBUTION_HISTORY"
    assert estate.query(f"{cost} WHERE QUERY_TAG = 'nightly' AND END_TIME > START_TIME") == [(0.5,)]


def test_credits_are_told_by_service_and_day(estate: Any) -> None:
    estate("USE WAREHOUSE W", "CALL SYSTEM$WAIT(20, 'HOURS')")
    daily = f"SELECT TO_VARCHAR(USAGE_DATE), CREDITS_BILLED FROM {_USAGE}.METERING_DAILY_HISTORY"
    assert estate.query(f"{daily} ORDER BY 1") == [("2026-01-05", 18.0), ("2026-01-06", 2.0)]
    service = f"SELECT DISTINCT SERVICE_TYPE, NAME FROM {_USAGE}.METERING_HISTORY"
    assert estate.query(service) == [("WAREHOUSE_METERING", "W")]
    function = "TABLE(INFORMATION_SCHEMA.WAREHOUSE_METERING_HISTORY('2026-01-06'))"
    assert estate.query(f"SELECT SUM(CREDITS_USED) FROM {function}") == [(2.0,)]


def test_logins_are_told_also_those_that_failed(estate: Any) -> None:
    with pytest.raises(LoginError):
        estate.account.log_in({"LOGIN_NAME": "nobody", "PASSWORD": "x"}, {})
    told = f"SELECT USER_NAME, IS_SUCCESS, ERROR_CODE FROM {_USAGE}.LOGIN_HISTORY"
    assert estate.query(told) == [("NOBODY", "NO", 390100), ("LEAP_ADMIN", "YES", None)]
    mine = "TABLE(INFORMATION_SCHEMA.LOGIN_HISTORY_BY_USER('leap_admin'))"
    assert estate.query(f"SELECT FIRST_AUTHENTICATION_FACTOR FROM {mine}") == [("PASSWORD",)]


def test_loads_of_all_databases_are_told_together(estate: Any) -> None:
    for database in ("DB", "OTHER"):
        estate(
            f"CREATE DATABASE IF NOT EXISTS {database}",
            f"CREATE OR REPLACE SCHEMA {database}.L",
            f"USE SCHEMA {database}.L",
        )
    for view, column in (("COPY_HISTORY", "TABLE_CATALOG_NAME"), ("LOAD_HISTORY", "CATALOG_NAME")):
        assert estate.query(f"SELECT COUNT({column}) FROM {_USAGE}.{view}") == [(0,)]
