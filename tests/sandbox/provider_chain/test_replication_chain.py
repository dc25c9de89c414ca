"""The real engine on two accounts: groups, connections, and what waits for the first refresh."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from sandbox.snowflake.replication import standby
from sandbox.snowflake.result import Result

pytestmark = [pytest.mark.engine, pytest.mark.sandbox]

PROGRAM = "replication_program.py"
SHOWN = ("FAILOVER GROUPS", "CONNECTIONS", "DATABASES")
Ask = Callable[[str], list[dict[str, Any]]]


@pytest.fixture(scope="module")
def there(chain: Any) -> Ask:
    """Statements in the second account."""
    account = chain.account.organization.account(standby.NAME)
    session = account.system_session()

    def ask(text: str) -> list[dict[str, Any]]:
        result = account.execute(session, text)[1]
        assert isinstance(result, Result)
        names = [column.name for column in result.columns]
        return [dict(zip(names, row, strict=True)) for row in result.rows]

    return ask


def test_both_accounts_stand_and_the_plan_is_quiet(chain: Any, there: Ask) -> None:
    chain.pulumi("up", "--yes", "--skip-preview", step=1)
    assert chain.standing() == {"ANALYTICS", "LEAP_ANALYTICS", "LEAP_FAILOVER"}
    assert "LEAP_ANALYTICS" in {row["name"] for row in there("SHOW DATABASES")}
    groups = {row["account_name"]: row for row in there("SHOW FAILOVER GROUPS")}
    assert str(groups["SANDBOX_DR"]["is_primary"]).lower() == "false"
    (user,) = {
        row["property_value"]
        for row in there("DESCRIBE INTEGRATION LEAP_LANDING")
        if row["property"] == "STORAGE_AWS_IAM_USER_ARN"
    }
    assert json.loads(chain.pulumi("stack", "output", "--json"))["user_arn"] == user
    assert chain.plan(step=1) == {}
    assert chain.plan("--refresh", step=1) == {}


def test_another_schedule_changes_the_primary_alone(chain: Any) -> None:
    assert chain.plan() == {"update": {"leap-failover"}}
    chain.pulumi("up", "--yes", "--skip-preview")
    assert chain.plan("--refresh") == {}
    schedules = {row["replication_schedule"] for row in chain.sql("SHOW FAILOVER GROUPS")}
    assert "USING CRON */20 * * * * UTC" in schedules


def test_everything_goes_the_secondary_first(chain: Any, there: Ask) -> None:
    chain.pulumi("destroy", "--yes", "--skip-preview")
    assert chain.standing() == set()
    assert there("SHOW FAILOVER GROUPS") == []
    assert there("SHOW CONNECTIONS") == []
    assert {row["name"] for row in there("SHOW DATABASES")} <= {"SNOWFLAKE"}
