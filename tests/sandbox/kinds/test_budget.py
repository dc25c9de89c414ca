"""Budgets: what their methods keep and answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from sandbox.snowflake.errors import DoesNotExistError, SnowflakeError

_ROOT = "SNOWFLAKE.LOCAL.ACCOUNT_ROOT_BUDGET"


@pytest.fixture
def budget(lake: Any) -> Any:
    """Budget DB.RAW.B, and warehouse W."""
    lake("USE SCHEMA DB.RAW", "CREATE WAREHOUSE W", "CREATE SNOWFLAKE.CORE.BUDGET B()")
    return lake


def _answer(client: Any, call: str) -> Any:
    (value,) = client.one(f"CALL {call}").values()
    return value


def test_a_budget_comes_shows_and_goes(budget: Any) -> None:
    row = budget.one("SHOW SNOWFLAKE.CORE.BUDGET IN SCHEMA DB.RAW")
    assert (row["name"], row["database_name"], row["owner"]) == ("B", "DB", "ACCOUNTADMIN")
    with pytest.raises(SnowflakeError, match="already exists"):
        budget("CREATE SNOWFLAKE.CORE.BUDGET DB.RAW.B()")
    budget("CREATE SNOWFLAKE.CORE.BUDGET IF NOT EXISTS B()")
    budget("ALTER SNOWFLAKE.CORE.BUDGET B SET COMMENT = 'serverless'")
    assert budget.one("SHOW SNOWFLAKE.CORE.BUDGET INSTANCES LIKE 'b'")["comment"] == "serverless"
    budget("DROP SNOWFLAKE.CORE.BUDGET B", "DROP SNOWFLAKE.CORE.BUDGET IF EXISTS B")
    assert budget("SHOW SNOWFLAKE.CORE.BUDGET") == []
    with pytest.raises(DoesNotExistError):
        budget("CALL B!GET_SPENDING_LIMIT()")


def test_a_limit_reads_back_after_a_restart(budget: Any, restarted: Callable[[], Any]) -> None:
    assert _answer(budget, "DB.RAW.B!GET_SPENDING_LIMIT()") == -1
    said = _answer(budget, "DB.RAW.B!SET_SPENDING_LIMIT(100 + 20)")
    assert said == "The spending limit has been updated to 120 credits."
    assert _answer(restarted(), "DB.RAW.B!GET_SPENDING_LIMIT()") == 120


def test_who_is_told_reads_back(budget: Any) -> None:
    budget(
        "CREATE NOTIFICATION INTEGRATION E TYPE = EMAIL ENABLED = TRUE "
        "ALLOWED_RECIPIENTS = ('a@leap.example')",
        "CREATE NOTIFICATION INTEGRATION H TYPE = WEBHOOK ENABLED = TRUE "
        "WEBHOOK_URL = 'https://hooks.slack.com/services/x'",
        "CALL B!SET_EMAIL_NOTIFICATIONS('e', 'a@leap.example')",
        "CALL B!ADD_NOTIFICATION_INTEGRATION('h')",
        "CALL B!SET_NOTIFICATION_THRESHOLD(90)",
        "CALL B!SET_NOTIFICATION_MUTE_FLAG(TRUE)",
    )
    assert _answer(budget, "B!GET_NOTIFICATION_EMAIL()") == "a@leap.example"
    assert _answer(budget, "B!GET_NOTIFICATION_INTEGRATION_NAME()") == "E"
    assert _answer(budget, "B!GET_NOTIFICATION_THRESHOLD()") == 90
    assert _answer(budget, "B!GET_NOTIFICATION_MUTE_FLAG()") == "TRUE"
    (row,) = budget("CALL B!GET_NOTIFICATION_INTEGRATIONS()")
    assert (row["INTEGRATION_NAME"], row["LAST_NOTIFICATION_TIME"]) == ("H", None)
    budget("CALL B!REMOVE_NOTIFICATION_INTEGRATION('H')")
    assert budget("CALL B!GET_NOTIFICATION_INTEGRATIONS()") == []


@pytest.mark.parametrize(
    "reference",
    [
        "SYSTEM$REFERENCE('WAREHOUSE', 'W', 'SESSION', 'APPLYBUDGET')",
        "(SELECT SYSTEM$REFERENCE('WAREHOUSE', 'W', 'SESSION', 'APPLYBUDGET'))",
        "SELECT SYSTEM$REFERENCE('WAREHOUSE', 'W', 'PERSISTENT', 'APPLYBUDGET')",
    ],
)
def test_a_resource_is_linked_and_unlinked(budget: Any, reference: str) -> None:
    said = _answer(budget, f"B!ADD_RESOURCE({reference})")
    assert said == "Successfully added resource to resource group"
    row = budget.one("CALL B!GET_LINKED_RESOURCES()")
    assert (row["NAME"], row["DOMAIN"], row["DATABASE_NAME"]) == ("W", "WAREHOUSE", None)
    budget(f"CALL B!REMOVE_RESOURCE({reference})")
    assert budget("CALL B!GET_LINKED_RESOURCES()") == []


def test_tags_are_linked(budget: Any) -> None:
    tag = "SYSTEM$REFERENCE('TAG', 'DB.RAW.COST_CENTRE', 'SESSION', 'APPLYBUDGET')"
    budget("CREATE TAG COST_CENTRE", f"CALL B!ADD_RESOURCE_TAG({tag}, 'data')")
    row = budget.one("CALL B!GET_RESOURCE_TAGS()")
    assert (row["TAG_NAME"], row["TAG_VALUE"]) == ("COST_CENTRE", "data")
    (reference,) = budget.one(f"SELECT {tag}").values()
    budget(f"CALL B!SET_RESOURCE_TAGS([['{reference}', 'ops']], 'UNION')")
    assert budget.one("CALL B!GET_RESOURCE_TAGS()")["TAG_VALUE"] == "ops"


def test_the_account_has_a_budget_of_its_own_once_it_is_activated(sql: Any) -> None:
    with pytest.raises(SnowflakeError, match="not activated"):
        sql(f"CALL {_ROOT}!SET_SPENDING_LIMIT(500)")
    sql(f"CALL {_ROOT}!ACTIVATE()", f"CALL {_ROOT}!SET_SPENDING_LIMIT(500)")
    assert _answer(sql, f"{_ROOT}!GET_SPENDING_LIMIT()") == 500
    with pytest.raises(SnowflakeError, match="custom budgets only"):
        sql(f"CALL {_ROOT}!GET_LINKED_RESOURCES()")
    sql(f"CALL {_ROOT}!DEACTIVATE()")
    with pytest.raises(SnowflakeError, match="not activated"):
        sql(f"CALL {_ROOT}!GET_SPENDING_LIMIT()")


@pytest.mark.parametrize(
    ("call", "said"),
    [
        ("B!SET_SPENDING_LIMIT(0)", "positive integer"),
        ("B!SET_SPENDING_LIMIT()", "Invalid argument"),
        ("B!SET_SPENDING_LIMIT(1, 2)", "Invalid argument"),
        ("B!ADD_RESOURCE('ENT_REF_nonsense')", "invalid"),
        ("B!ADD_NOTIFICATION_INTEGRATION('nope')", "does not exist"),
        ("B!SET_EMAIL_NOTIFICATIONS('nope', 'a@leap.example')", "does not exist"),
        ("B!DO_MAGIC()", "not support"),
    ],
)
def test_what_a_budget_cannot_do_is_refused(budget: Any, call: str, said: str) -> None:
    with pytest.raises(SnowflakeError, match=said):
        budget(f"CALL {call}")
