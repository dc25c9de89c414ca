"""Network rules and the policies that name them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sandbox.snowflake.errors import CompilationError, DoesNotExistError, InvalidValueError
from sandbox.snowflake.kinds.network_policy import PolicyActiveError
from sandbox.snowflake.kinds.network_rule import RuleInUseError

RULE = "CREATE NETWORK RULE DB.RAW.R TYPE = IPV4 MODE = INGRESS VALUE_LIST = ('10.0.0.0/8')"
LIST = "ALLOWED_NETWORK_RULE_LIST"


@pytest.fixture
def ruled(lake: Any) -> Any:
    """A rule and a policy that allows it."""
    lake(RULE, "USE SCHEMA DB.RAW")
    lake(f"CREATE NETWORK POLICY P {LIST} = (R) BLOCKED_IP_LIST = ('10.0.0.1', '10.0.0.2')")
    return lake


def described(client: Any) -> dict[str, str]:
    return {row["name"]: row["value"] for row in client("DESCRIBE NETWORK POLICY P")}


def test_a_rule_is_described(ruled: Any) -> None:
    ruled("ALTER NETWORK RULE R SET VALUE_LIST = ('10.0.0.1', '10.0.0.2'), COMMENT = 'two'")
    row = ruled.one("DESCRIBE NETWORK RULE DB.RAW.R")
    assert (row["value_list"], row["comment"], row["type"]) == ("10.0.0.1,10.0.0.2", "two", "IPV4")
    assert ruled.one("SHOW NETWORK RULES IN SCHEMA DB.RAW")["entries_in_valuelist"] == 2
    ruled("ALTER NETWORK RULE R UNSET VALUE_LIST, COMMENT")
    assert ruled.one("DESCRIBE NETWORK RULE R")["value_list"] == ""


def test_a_policy_describes_its_lists(ruled: Any) -> None:
    assert described(ruled) == {
        LIST: '[{"fullyQualifiedRuleName":"DB.RAW.R"}]',
        "BLOCKED_IP_LIST": "10.0.0.1,10.0.0.2",
    }
    row = ruled.one("SHOW NETWORK POLICIES LIKE 'p'")
    assert row["entries_in_allowed_network_rules"] == 1
    assert row["entries_in_blocked_ip_list"] == 2
    ruled("ALTER NETWORK POLICY P UNSET BLOCKED_IP_LIST")
    ruled(f"ALTER NETWORK POLICY P SET {LIST} = ()", "ALTER NETWORK POLICY P RENAME TO Q")
    assert ruled("DESCRIBE NETWORK POLICY Q") == []


def test_rules_are_added_and_removed(ruled: Any) -> None:
    ruled(RULE.replace("DB.RAW.R", "R2"), f"ALTER NETWORK POLICY P ADD {LIST} = (R2)")
    assert len(json.loads(described(ruled)[LIST])) == 2
    ruled(f"ALTER NETWORK POLICY P REMOVE {LIST} = (DB.RAW.R)")
    assert "DB.RAW.R2" in described(ruled)[LIST]


def test_what_is_in_use_stays(ruled: Any) -> None:
    with pytest.raises(RuleInUseError):
        ruled("DROP NETWORK RULE DB.RAW.R")
    ruled("ALTER NETWORK RULE R SET VALUE_LIST = ('127.0.0.1')")
    ruled("ALTER ACCOUNT SET NETWORK_POLICY = P", "CREATE USER U NETWORK_POLICY = 'P'")
    with pytest.raises(PolicyActiveError, match="ACCOUNT"):
        ruled("DROP NETWORK POLICY P")
    ruled("ALTER ACCOUNT UNSET NETWORK_POLICY")
    with pytest.raises(PolicyActiveError, match="USER U"):
        ruled("ALTER NETWORK POLICY P RENAME TO Q")
    ruled("DROP USER U", "DROP NETWORK POLICY P", "DROP NETWORK RULE R")


@pytest.mark.parametrize(
    ("statement", "error"),
    [
        ("CREATE NETWORK RULE X TYPE = IPV4 VALUE_LIST = ('10.0.0.300')", InvalidValueError),
        ("CREATE NETWORK RULE X TYPE = IPV4 MODE = EGRESS", CompilationError),
        ("CREATE NETWORK RULE X MODE = INGRESS", CompilationError),
        (f"CREATE NETWORK POLICY X {LIST} = (NOPE)", DoesNotExistError),
        ("CREATE NETWORK POLICY X ALLOWED_IP_LIST = ('here')", InvalidValueError),
    ],
)
def test_what_is_no_address_is_refused(ruled: Any, statement: str, error: Any) -> None:
    with pytest.raises(error):
        ruled(statement)
