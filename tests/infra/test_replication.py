"""The second account: facts that must agree, who asked for it, and what both accounts are given."""

import json
from pathlib import Path
from typing import Any

import pytest

from infra import settings
from infra.model.cron import CronError, longest_gap
from infra.model.replication import longest_wait
from infra.settings import SettingsError
from tests.infra.test_deploy import HIDDEN, of, real_account

GROUP = "groups: {LEAP_FAILOVER: "
ALL_TYPES = (
    "ACCOUNT PARAMETERS, DATABASES, INTEGRATIONS, NETWORK POLICIES, RESOURCE MONITORS, ROLES"
)


def problems(root: Path, replication: str, more: str = "") -> list[str]:
    """What is wrong with `prod` when its file says this of its replication."""
    (root / "environments" / "prod.yaml").write_text(
        f"protect: true\nreplication: {{{replication}}}\n{more}"
    )
    with pytest.raises(SettingsError) as caught:
        settings.load(root, "prod")
    return caught.value.problems


@pytest.mark.parametrize(
    ("replication", "expected"),
    [
        (
            GROUP + "{databases: [LEAP_ANALYTIC]}}",
            "groups.LEAP_FAILOVER.databases.0: got 'LEAP_ANALYTIC', allowed: one of "
            "LEAP_ANALYTICS (did you mean LEAP_ANALYTICS?)",
        ),
        (
            GROUP + "{databases: [LEAP_ANALYTICS, CENSUS]}}",
            "groups.LEAP_FAILOVER.databases.1: got 'CENSUS', an imported database, allowed: "
            "LEAP_ANALYTICS: what is imported from a share cannot be replicated; get the listing "
            "in the second account",
        ),
        (
            GROUP + "{schedule: 5 MINUTES}}",
            "groups.LEAP_FAILOVER.schedule: got '5 MINUTES', allowed: at least 10 MINUTES "
            "(limits.min_replication_minutes)",
        ),
        (
            GROUP + "{schedule: 0 * * * *}}",
            "groups.LEAP_FAILOVER.schedule: got '0 * * * *', 60 minutes apart, allowed: a refresh "
            "at least every 30 minutes (replication.rpo_minutes)",
        ),
        (
            GROUP + "{schedule: 61 * * * *}}",
            "groups.LEAP_FAILOVER.schedule: got '61 * * * *' ('61' is not within 0 and 59), "
            "allowed: 10 MINUTES, or minute hour day month weekday in UTC",
        ),
        (
            GROUP + "{schedule: null}}",
            "groups.LEAP_FAILOVER.schedule: got nothing, allowed: 10 MINUTES, for instance: "
            "nothing else refreshes the group",
        ),
        (
            GROUP + "{rpo_assurance: true}}",
            "groups.LEAP_FAILOVER.schedule: got '10 MINUTES', allowed: nothing: rpo_assurance "
            "sets its own pace",
        ),
        (
            GROUP + "{integration_types: [STORAGE INTEGRATIONS]}}",
            "groups.LEAP_FAILOVER.integration_types: got ['STORAGE INTEGRATIONS'], allowed: all "
            "kinds that this environment makes, because the list is taken as a whole: "
            "NOTIFICATION INTEGRATIONS, STORAGE INTEGRATIONS",
        ),
        (
            GROUP + "{object_types: [DATABASES, INTEGRATIONS, USERS]}}",
            "groups.LEAP_FAILOVER.object_types: got USERS alone, allowed: ROLES too, without "
            "which users have no rights over there",
        ),
        (
            GROUP + "{databases: []}}",
            "groups.LEAP_FAILOVER.databases: got nothing, allowed: at least one, since "
            "object_types has DATABASES",
        ),
        (
            GROUP + "{object_types: [ROLES, TABLES]}}",
            "groups.LEAP_FAILOVER.object_types.1: got 'TABLES', allowed: one of ACCOUNT PARAMETERS",
        ),
        (
            "groups: {SECOND: {object_types: [ROLES], schedule: 10 MINUTES}}",
            "groups.SECOND.object_types: got ROLES, allowed: DATABASES alone: an account has one "
            "group with more, here LEAP_FAILOVER",
        ),
        (
            "replication_groups: {READERS: {object_types: [ROLES], accounts: [BI], schedule: 1 * * "
            "* *}}",
            "replication_groups.READERS.object_types: got ROLES, allowed: DATABASES alone: an "
            "account has one group with more, here LEAP_FAILOVER",
        ),
        (
            "reading: {role: REPORTER, warehouse: DEV_WH}",
            "reading.warehouse: got 'DEV_WH', allowed: a warehouse that REPORTER may use: BI_WH",
        ),
        (
            "clone: {database: LEAP_ANALYTICS}",
            "clone.database: got 'LEAP_ANALYTICS', allowed: a name that no other database has: it "
            "is of the second account alone",
        ),
        ("clone: {keep: 0}", "clone.keep: got 0, allowed: integer from 1 to 40"),
        (
            "clone: {schedule: 90 MINUTES}",
            "clone.schedule: got '90 MINUTES', allowed: cron in UTC, like 0 3 1 1,4,7,10 *",
        ),
        ("conection: {}", "conection: got an unknown key, allowed: one of clone, connection"),
    ],
)
def test_facts_that_do_not_agree_are_told(clone: Path, replication: str, expected: str) -> None:
    found = problems(clone, replication)
    assert any(f".yaml:replication.{expected}" in one for one in found), found


def test_all_problems_are_told_at_once(clone: Path) -> None:
    found = problems(clone, GROUP + "{databases: [NOTHING], schedule: 1 MINUTES}}, rpo_minutes: 0")
    assert {one.split(":")[1] for one in found} >= {
        "replication.groups.LEAP_FAILOVER.databases.0",
        "replication.groups.LEAP_FAILOVER.schedule",
        "replication.rpo_minutes",
    }


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("dr_account_name: xy12345.us-west-2", "dr_account_name: got 'xy12345.us-west-2'"),
        ("dr_account_name: PROD", "dr_account_name: got 'PROD', allowed: another account than"),
        ("dr_aws_region: eu-west-1", "dr_aws_region: got 'eu-west-1', allowed: another region"),
        ("dr_account_name: ''", "dr_account_name: got nothing, allowed: text: a second account"),
    ],
)
def test_a_wrong_second_account_is_refused(clone: Path, lines: str, expected: str) -> None:
    file = real_account(clone) / "Pulumi.prod.yaml"
    key, _, value = lines.partition(": ")
    kept = [line for line in file.read_text().splitlines() if f"leap:{key}:" not in line]
    file.write_text("\n".join([*kept, f"  leap:{key}: {value}", ""]))
    with pytest.raises(SettingsError) as caught:
        settings.load(clone, "prod")
    assert any(one.startswith(f"Pulumi.prod.yaml:leap:{expected}") for one in caught.value.problems)


def test_a_real_stack_without_a_second_account_is_told_with_all_else(clone: Path) -> None:
    file = real_account(clone) / "Pulumi.prod.yaml"
    kept = [line for line in file.read_text().splitlines() if "dr_" not in line]
    file.write_text("\n".join([*kept, "  leap:colour: blue", ""]))
    with pytest.raises(
        SettingsError, match="dr_account_name: got nothing, allowed: the second"
    ) as e:
        settings.load(clone, "prod")
    assert any("leap:colour: got an unknown key" in one for one in e.value.problems)


def test_local_has_a_second_account_only_where_somebody_asked(
    clone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def asked() -> bool:
        return settings.load(clone, "local").environment.replication is not None

    monkeypatch.setenv(settings.WITH_DR, "")
    assert not asked()
    note = settings.request_file(clone, "local")
    note.parent.mkdir(parents=True)
    note.touch()
    assert asked()
    monkeypatch.setenv(settings.WITH_DR, "false")
    assert not asked()
    note.unlink()
    monkeypatch.setenv(settings.WITH_DR, "true")
    assert asked()


def test_a_workspace_has_no_second_account(clone: Path) -> None:
    assert settings.load(clone, "dev-jane").environment.replication is None


@pytest.mark.parametrize(
    ("schedule", "minutes"),
    [
        ("10 MINUTES", 10),
        ("*/10 * * * *", 10),
        ("0 * * * *", 60),
        ("0 6,18 * * *", 720),
        ("0 6 * * MON", 7 * 1440),
        ("0 3 1 1,4,7,10 *", 92 * 1440),
        ("30 4 1,15 * 5", 7 * 1440),
    ],
)
def test_the_longest_wait_between_refreshes(schedule: str, minutes: int) -> None:
    assert longest_wait(schedule) == minutes


@pytest.mark.parametrize("expression", ["* * * *", "0 24 * * *", "0 0 31 2 *", "x * * * *"])
def test_what_is_no_cron_expression(expression: str) -> None:
    with pytest.raises(CronError):
        longest_gap(expression)


def test_a_secondary_group_is_made_over_there_and_after_its_primary(deployed: Any) -> None:
    groups = {r.name: r for r in deployed("prod") if r.type.endswith(":FailoverGroup")}
    primary, secondary = groups["leap-failover"], groups["dr-leap-failover"]
    assert primary.inputs["allowedAccounts"] == ["LEAP.SANDBOX_DR"]
    assert primary.inputs["replicationSchedule"] == {"interval": 10}
    assert "::accountadmin" in primary.provider
    assert "::dr-accountadmin" in secondary.provider
    assert secondary.inputs["fromReplica"] == {
        "organizationName": "LEAP",
        "sourceAccountName": "SANDBOX",
        "name": "LEAP_FAILOVER",
    }
    assert primary.urn in secondary.dependencies


def test_the_secondary_connection_follows_its_primary(deployed: Any) -> None:
    found = {r.name: r for r in deployed("prod")}
    primary, secondary = found["analytics"], found["dr-analytics"]
    assert primary.inputs["enableFailoverToAccounts"] == ["LEAP.SANDBOX_DR"]
    assert secondary.inputs["create"] == [
        'CREATE CONNECTION IF NOT EXISTS "ANALYTICS" AS REPLICA OF "LEAP"."SANDBOX"."ANALYTICS"'
    ]
    assert "::dr-statements" in secondary.provider
    assert primary.urn in secondary.dependencies


def test_both_landing_zones_are_read_by_both_accounts(deployed: Any) -> None:
    roles = [r.inputs for r in deployed("prod") if r.type.endswith(":Role")]
    assert {role["role"] for role in roles} == {
        "leap-analytics-landing",
        "leap-analytics-landing-dr",
    }
    for role in roles:
        users = {one["Principal"]["AWS"] for one in json.loads(role["trust_policy"])["Statement"]}
        assert users == {
            "arn:aws:iam::999999999999:user/snowflake",
            "arn:aws:iam::888888888888:user/snowflake",
        }


def test_what_is_of_the_second_region_lies_there(deployed: Any) -> None:
    there = [r for r in deployed("prod") if ":DrLanding" in r.urn and "/aws:" in r.type]
    assert {r.inputs.get("region") for r in there} == {"us-west-2"}
    assert {r.inputs["bucket"] for r in there if "bucket" in r.inputs} == {
        "leap-analytics-landing-dr-123456789012"
    }


def test_the_second_account_has_a_login_of_its_own_on_real_accounts(
    deployed: Any, clone: Path
) -> None:
    given = {**HIDDEN, "private_key": "a key", "dr_private_key": "another"}
    config = json.dumps({f"leap:{key}": value for key, value in given.items()})
    registered = deployed("prod", real_account(clone), config)
    second = next(r.inputs for r in registered if r.name == "dr-accountadmin")
    assert (second["organizationName"], second["accountName"]) == ("ACME", "PROD_DR")
    assert second["privateKey"]["value"] == "another"
    groups = [r.inputs for r in registered if r.type.endswith(":FailoverGroup")]
    assert ["ACME.PROD_DR"] in [group.get("allowedAccounts") for group in groups]


def test_the_quarterly_clone_is_a_task_over_there(deployed: Any) -> None:
    task = of(deployed, "prod", "Task")["CLONE_EACH_QUARTER"]
    assert task["database"] == "LEAP_DR"
    assert task["schedule"] == {"usingCron": "0 3 1 1,4,7,10 * UTC"}
    assert """' CLONE ' || '"LEAP_ANALYTICS"'""" in task["sqlStatement"]
    assert "FOR back IN 4 TO 40" in task["sqlStatement"]


def test_dev_has_no_second_account(deployed: Any) -> None:
    assert [r.urn for r in deployed("dev") if "Replication" in r.urn or "Dr" in r.urn] == []
