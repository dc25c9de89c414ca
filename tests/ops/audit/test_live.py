"""An account's rows as items; what is refused is named and judged by no rule."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from infra.model.rules.catalogue import RULES
from infra.model.rules.judging import judge
from infra.model.rules.rule import Ground
from ops.access.facts import Facts, Unread
from ops.access.names import Securable, role, user
from ops.audit import live, use
from tests.ops.audit.conftest import TODAY

NOW = datetime(2026, 12, 1, tzinfo=UTC)
LONG_AGO = NOW - timedelta(days=400)
Telling = Callable[[Mapping[str, Any]], Callable[[str], Sequence[Mapping[str, Any]]]]

USER: dict[str, Any] = {
    "name": "ANA",
    "created_on": LONG_AGO,
    "last_success_login": NOW - timedelta(days=1),
    "type": None,
    "default_role": "DATA_ANALYST",
    "email": "ana@leap.example",
    "disabled": "false",
    "has_password": "false",
    "has_mfa": "false",
    "ext_authn_duo": "false",
    "has_rsa_public_key": "false",
}
WAREHOUSE: dict[str, Any] = {
    "name": "BI_WH",
    "size": "Medium",
    "auto_suspend": 300,
    "resource_monitor": "BI_LIMIT",
    "max_cluster_count": 3,
}
MONITOR = {"name": "BI_LIMIT", "credit_quota": "300.00", "suspend_at": "100%"}
TIMEOUTS = [
    {"key": "STATEMENT_TIMEOUT_IN_SECONDS", "value": "600"},
    {"key": "STATEMENT_QUEUED_TIMEOUT_IN_SECONDS", "value": "60"},
]
GOOD: dict[str, Any] = {
    "SHOW WAREHOUSES": [WAREHOUSE],
    "SHOW PARAMETERS IN WAREHOUSE": TIMEOUTS,
    "SHOW RESOURCE MONITORS": [MONITOR],
    "SHOW USERS": [USER],
}


def found(
    telling: Telling, prod: Ground, facts: Facts | None = None, **rows: Any
) -> list[tuple[str, str]]:
    """Rule and object of each finding of an account that is good but for these rows."""
    told = {key.replace("_", " "): value for key, value in rows.items()}
    account = live.read(telling({**told, **GOOD} | told), facts or Facts("test"), NOW, 90)
    judgement = judge(RULES, account.items, prod, TODAY)
    return [(finding.rule.id, finding.item.name) for finding in judgement.findings]


def test_a_good_account_has_no_finding(telling: Telling, prod: Ground) -> None:
    assert found(telling, prod) == []


def test_what_an_account_alone_knows_is_judged(telling: Telling, prod: Ground) -> None:
    people = [
        USER | {"name": "PASS", "has_password": "true"},
        USER | {"name": "OLD", "last_success_login": NOW - timedelta(days=120)},
        USER | {"name": "BOSS", "default_role": "ACCOUNTADMIN"},
        USER | {"name": "LEGACY", "type": "LEGACY_SERVICE"},
    ]
    assert set(found(telling, prod, SHOW_USERS=people)) == {
        ("people-have-a-second-factor", "PASS"),
        ("nobody-has-a-password", "PASS"),
        ("sleepers-are-locked", "OLD"),
        ("nobody-starts-as-administrator", "BOSS"),
        ("no-legacy-service-users", "LEGACY"),
        ("programs-come-from-known-places", "LEGACY"),
    }


def test_a_warehouse_made_by_hand_is_judged(telling: Telling, prod: Ground) -> None:
    by_hand = {"name": "HAND_WH", "size": "4X-Large", "auto_suspend": None}
    shown = [WAREHOUSE, by_hand | {"resource_monitor": "null", "max_cluster_count": 1}]
    rules = {rule for rule, name in found(telling, prod, SHOW_WAREHOUSES=shown)}
    assert rules == {
        "warehouse-suspends",
        "warehouse-has-a-ceiling",
        "warehouse-is-small-enough",
    }


def test_grants_are_judged_with_what_they_lead_to(telling: Telling, prod: Ground) -> None:
    facts = Facts("test")
    for number in range(3):
        table = Securable("TABLE", ("LEAP_ANALYTICS", "RAW", f"T{number}"))
        facts.grant(role("DATA_ANALYST"), ("INSERT", "SELECT"), table)
    facts.grant(role("LOADER"), ("INSERT",), Securable("TABLE", ("LEAP_ANALYTICS", "RAW", "T0")))
    assert found(telling, prod, facts) == [
        ("raw-has-one-writer", "DATA_ANALYST on table LEAP_ANALYTICS.RAW.T0")
    ]


def test_the_systems_own_grants_are_no_finding(telling: Telling, prod: Ground) -> None:
    row = {"privilege": "USAGE", "granted_on": "DATABASE", "name": "SALES", "granted_by": ""}
    theirs: dict[str, Any] = {"SHOW_GRANTS_TO_ROLE_PUBLIC": [row]}
    ours: dict[str, Any] = {"SHOW_GRANTS_TO_ROLE_PUBLIC": [row | {"granted_by": "SYSADMIN"}]}
    assert found(telling, prod, **theirs) == []
    assert found(telling, prod, **ours) == [("nothing-for-public", "PUBLIC on database SALES")]


def test_what_is_refused_is_named_and_nothing_is_taken_for_absent(
    telling: Telling, prod: Ground
) -> None:
    facts = Facts("test")
    facts.unread.append(Unread("SHOW GRANTS TO ROLE X", "Insufficient privileges"))
    told = GOOD | {
        "SHOW PARAMETERS IN WAREHOUSE": "Insufficient privileges",
        "SHOW NETWORK POLICIES": "Insufficient privileges",
        "SELECT": "No active warehouse",
    }
    account = live.read(telling(told), facts, NOW, 90)
    assert judge(RULES, account.items, prod, TODAY).findings == ()
    assert account.used is None
    assert {one.what.split(" BI_WH")[0] for one in account.unread} >= {
        "SHOW NETWORK POLICIES",
        "SHOW GRANTS TO ROLE X",
        "buckets, queues and IAM roles",
    }
    assert any("SHOW PARAMETERS IN WAREHOUSE" in one.what for one in account.unread)


def test_a_role_that_hides_peoples_properties_is_no_proof_against_them(
    telling: Telling, prod: Ground
) -> None:
    hidden = dict.fromkeys(("has_password", "has_mfa", "last_success_login", "email"))
    assert found(telling, prod, SHOW_USERS=[USER | hidden]) == []


def test_roles_and_grants_that_nobody_used_are_told_of(telling: Telling, prod: Ground) -> None:
    facts = Facts("test")
    for name in ("BUSY", "IDLE"):
        facts.grant_role(role(name), user("ANA"))
    facts.grant_role(role("YOUNG"), user("ANA"))
    made = [{"name": name, "created_on": LONG_AGO} for name in ("BUSY", "IDLE")]
    told = GOOD | {
        "SHOW ROLES": [*made, {"name": "YOUNG", "created_on": NOW}],
        "SELECT": [{"user_name": "ANA", "role_name": "BUSY"}],
    }
    account = live.read(telling(told), facts, NOW, 90)
    assert {(f.rule.id, f.item.name) for f in use.findings(account, facts, prod, NOW)} == {
        ("roles-are-used", "IDLE"),
        ("grants-are-used", "IDLE to ANA"),
        ("grants-are-used", "YOUNG to ANA"),
    }


def test_a_privilege_that_a_user_holds_is_judged(telling: Telling, prod: Ground) -> None:
    held = {"privilege": "SELECT", "granted_on": "TABLE", "name": "D.S.T", "granted_by": "X"}
    roles = {"role": "DATA_ANALYST", "granted_to": "USER", "grantee_name": "ANA"}
    told: dict[str, Any] = {"SHOW_GRANTS_TO_USER": [held, roles]}
    assert found(telling, prod, **told) == [("no-privilege-for-a-user", "user ANA on table D.S.T")]


def test_users_that_could_not_be_asked_are_named(
    telling: Telling, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused = GOOD | {"SHOW GRANTS TO USER": "Insufficient privileges"}
    account = live.read(telling(refused), Facts("test"), NOW, 90)
    assert ("SHOW GRANTS TO USER ANA", "Insufficient privileges") in account.unread
    monkeypatch.setattr(live, "MOST_USERS", 1)
    many = GOOD | {"SHOW USERS": [USER, USER | {"name": "BEA"}, USER | {"name": "CAY"}]}
    account = live.read(telling(many), Facts("test"), NOW, 90)
    words = "privileges held by 2 of 3 users themselves"
    assert words in [one.what for one in account.unread]


def test_a_failover_group_is_judged_as_it_stands(telling: Telling, prod: Ground) -> None:
    group = {
        "name": "LEAP_FAILOVER",
        "account_name": "PROD",
        "is_primary": "true",
        "object_types": "DATABASES, INTEGRATIONS, RESOURCE MONITORS, ROLES, USERS, WAREHOUSES",
        "allowed_integration_types": "STORAGE",
        "replication_schedule": "60 MINUTE",
    }
    rows: dict[str, Any] = {
        "SHOW_DATABASES_IN_FAILOVER_GROUP": [{"name": "KNOWN"}],
        "SHOW_DATABASES": [
            {"name": "KNOWN", "retention_time": "7", "origin": ""},
            {"name": "SCRATCH", "retention_time": "7", "origin": ""},
            {"name": "CENSUS", "retention_time": "1", "origin": "ACME.MARKET.CENSUS"},
        ],
        "SHOW_FAILOVER_GROUPS": [group, {**group, "account_name": "DR", "is_primary": "false"}],
        "SHOW_STORAGE_INTEGRATIONS": [{"name": "LANDING", "type": "EXTERNAL_STAGE"}],
        "DESCRIBE_INTEGRATION": [
            {"property": "STORAGE_ALLOWED_LOCATIONS", "property_value": "s3://landing/"}
        ],
        "SHOW_CONNECTIONS": [
            {
                "name": "ANALYTICS",
                "is_primary": "true",
                "organization_name": "ACME",
                "account_name": "PROD",
                "failover_allowed_to_accounts": "ACME.PROD",
            }
        ],
    }
    told = found(telling, prod, **rows)
    assert [one for one in told if one[0] != "few-account-admins"] == [
        ("clients-move-with-a-failover", "ANALYTICS"),
        ("databases-are-replicated", "SCRATCH"),
        ("refreshes-keep-the-target", "LEAP_FAILOVER"),
    ]
