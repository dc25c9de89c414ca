"""Budgets count their own objects, and tell once a day when the month will cost too much."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

_ROOT = "SNOWFLAKE.LOCAL.ACCOUNT_ROOT_BUDGET"
_REFERENCE = "SYSTEM$REFERENCE('{}', '{}', 'SESSION', 'APPLYBUDGET')"


@pytest.fixture
def budgets(estate: Any) -> Any:
    """The account's budget of 100 credits, and B for warehouse OTHER; W burns a credit an hour."""
    estate(
        "CREATE WAREHOUSE OTHER INITIALLY_SUSPENDED = TRUE",
        f"CALL {_ROOT}!ACTIVATE()",
        f"CALL {_ROOT}!SET_SPENDING_LIMIT(100)",
        f"CALL {_ROOT}!SET_EMAIL_NOTIFICATIONS('MAIL', 'ops@leap.example')",
        "CREATE SNOWFLAKE.CORE.BUDGET B()",
        f"CALL B!ADD_RESOURCE({_REFERENCE.format('WAREHOUSE', 'OTHER')})",
        "CALL B!SET_SPENDING_LIMIT(100)",
        "CALL B!SET_EMAIL_NOTIFICATIONS('ops@leap.example')",
    )
    return estate


def test_a_budget_is_told_daily_while_the_month_will_cost_too_much(budgets: Any) -> None:
    budgets("USE WAREHOUSE W", "CALL SYSTEM$WAIT(18, 'HOURS')")
    budgets.pass_time(days=3)
    (message,) = budgets.sent()
    assert (message["integration"], message["to"]) == ("MAIL", ["ops@leap.example"])
    # 18 credits in the first five of 31 days; with the days after, less than the threshold
    assert "is projected to spend 111.60 credits this month, 112% of its" in message["body"]


def test_a_quiet_budget_says_nothing(budgets: Any) -> None:
    budgets("USE WAREHOUSE W", "CALL SYSTEM$WAIT(2, 'HOURS')")
    assert budgets.pass_time(days=10) == []
    assert budgets.sent() == []


def test_a_custom_budget_counts_its_own_objects(budgets: Any) -> None:
    budgets(
        "USE WAREHOUSE W",
        "CALL SYSTEM$WAIT(2, 'HOURS')",
        "USE WAREHOUSE OTHER",
        "CALL SYSTEM$WAIT(1, 'HOURS')",
        "ALTER WAREHOUSE OTHER SUSPEND",
    )
    spent = budgets("CALL B!GET_SPENDING_HISTORY()")
    assert spent == [
        {
            "MEASUREMENT_DATE": date(2026, 1, 5),
            "SERVICE_TYPE": "WAREHOUSE_METERING",
            "CREDITS_SPENT": pytest.approx(1.0),
        }
    ]
    later = "TIME_LOWER_BOUND => DATEADD(day, 1, CURRENT_TIMESTAMP())"
    assert budgets(f"CALL B!GET_SPENDING_HISTORY({later})") == []
    (whole,) = budgets(f"CALL {_ROOT}!GET_SPENDING_HISTORY()")
    assert whole["CREDITS_SPENT"] > 3


def test_tagged_objects_count(budgets: Any) -> None:
    tag = _REFERENCE.format("TAG", "DB.OPS.COST_CENTRE")
    budgets(
        "CREATE TAG COST_CENTRE",
        "ALTER WAREHOUSE W SET TAG COST_CENTRE = 'data'",
        f"CALL B!ADD_RESOURCE_TAG({tag}, 'data')",
        "USE WAREHOUSE W",
        "CALL SYSTEM$WAIT(1, 'HOURS')",
    )
    (row,) = budgets("CALL B!GET_SPENDING_HISTORY()")
    assert row["CREDITS_SPENT"] >= 1


def test_a_muted_budget_is_not_told(budgets: Any) -> None:
    budgets(
        f"CALL {_ROOT}!SET_NOTIFICATION_MUTE_FLAG(TRUE)",
        "USE WAREHOUSE W",
        "CALL SYSTEM$WAIT(30, 'HOURS')",
    )
    assert budgets.sent() == []


def test_serverless_alerts_cost(estate: Any) -> None:
    estate(
        "CREATE ALERT A SCHEDULE = '60 MINUTE' IF (EXISTS (SELECT 1)) THEN SELECT 2",
        "ALTER ALERT A RESUME",
    )
    estate.pass_time(hours=2)
    told = "SELECT SERVICE_TYPE, NAME FROM SNOWFLAKE.ACCOUNT_USAGE.METERING_HISTORY"
    assert set(estate.query(told)) == {("SERVERLESS_ALERTS", "A")}
