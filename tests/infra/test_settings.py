"""Facts are checked as a whole, before anything is done with them."""

import json
from pathlib import Path
from typing import Any

import pytest

from infra import settings
from infra.model.target import Target
from infra.model.validation import file_schema
from infra.settings import SettingsError

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def _no_target_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LEAP_TARGET", raising=False)


def problems(root: Path, stack: str = "dev") -> list[str]:
    """What is wrong with a stack's settings."""
    with pytest.raises(SettingsError) as caught:
        settings.load(root, stack)
    return caught.value.problems


def append(root: Path, environment: str, text: str) -> None:
    """Replaces an environment's file by a few lines."""
    (root / "environments" / f"{environment}.yaml").write_text(text)


@pytest.mark.parametrize("stack", ["local", "dev", "prod", "dev-jane_doe", "pr-17"])
def test_the_committed_facts_are_good(stack: str) -> None:
    loaded = settings.load(ROOT, stack)
    assert loaded.stack.name == stack
    assert loaded.config.target is Target.SANDBOX


def test_a_layer_says_only_what_it_changes() -> None:
    base, dev = settings.load(ROOT, "prod"), settings.load(ROOT, "dev")
    assert dev.environment.warehouses["BI_WH"].auto_suspend == 60
    assert base.environment.warehouses["BI_WH"].auto_suspend == 600
    assert dev.environment.warehouses["BI_WH"].comment == "BI queries"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "warehouses: {BI_WH: {auto_suspend: soon}}",
            "environments/dev.yaml:warehouses.BI_WH.auto_suspend: got 'soon', allowed: integer ≥ 0",
        ),
        (
            "warehouses: {BI_WH: {auto_suspend: -1}}",
            "environments/dev.yaml:warehouses.BI_WH.auto_suspend: got -1, allowed: integer ≥ 0",
        ),
        (
            "warehouses: {BI_WH: {auto_suspend: null}}",
            "environments/dev.yaml:warehouses.BI_WH.auto_suspend: got nothing, "
            "allowed: integer ≥ 0",
        ),
        (
            "warehouses: {BI_WH: {resource_monitor: BI_LIMITS}}",
            "environments/dev.yaml:warehouses.BI_WH.resource_monitor: got 'BI_LIMITS', allowed: "
            "one of ACCOUNT_LIMIT, BI_LIMIT, DEV_LIMIT, LOADING_LIMIT, TRANSFORMING_LIMIT "
            "(did you mean BI_LIMIT?)",
        ),
        (
            "monitors: {BI_LIMIT: null}",
            "environments/base.yaml:warehouses.BI_WH.resource_monitor: got 'BI_LIMIT', allowed: "
            "one of ACCOUNT_LIMIT, DEV_LIMIT, LOADING_LIMIT, TRANSFORMING_LIMIT "
            "(did you mean DEV_LIMIT?)",
        ),
        (
            "roles: {DATA_ADMIN: {granted_to: [DATA_ADMIN]}}",
            "environments/dev.yaml:roles.DATA_ADMIN.granted_to: got a circle of roles, "
            "allowed: roles that roll up to SYSADMIN",
        ),
        (
            "access: {LOADER: {schemas: {ROW: READ}}}",
            "environments/dev.yaml:access.LOADER.schemas.ROW: got 'ROW', allowed: "
            "one of GOVERNANCE, INTERMEDIATE, MARTS, OPERATIONS, RAW, STAGING (did you mean RAW?)",
        ),
        (
            "access: {LOADER: {database: []}}",
            "environments/dev.yaml:access.LOADER.database: got [], allowed: a list with USAGE, "
            "without which nothing in the database can be reached",
        ),
        (
            "database: {schemas: {CI_7: {comment: Mine}}}",
            "environments/dev.yaml:database.schemas.CI_7: got a workspace's name, allowed: "
            "a name that no workspace's object has (DEV_<NAME>, CI_<NUMBER>)",
        ),
        (
            "feeds: [gyms, gyms]",
            "environments/dev.yaml:feeds.1: got 'gyms' twice, allowed: each entry once",
        ),
        (
            "alerts: {JOB_FAILED: {channel: LEAP_SLAK}}",
            "environments/dev.yaml:alerts.JOB_FAILED.channel: got 'LEAP_SLAK', allowed: "
            "one of LEAP_EMAIL, LEAP_PAGERDUTY, LEAP_SLACK (did you mean LEAP_SLACK?)",
        ),
        (
            "alerts: {SPENDING_HIGH: {limit: null}}",
            "environments/dev.yaml:alerts.SPENDING_HIGH.limit: got nothing, allowed: a value, "
            "which spending compares with",
        ),
        (
            "alerts: {JOB_FAILED: {limit: 3}}",
            "environments/dev.yaml:alerts.JOB_FAILED.limit: got 3, allowed: "
            "nothing: only spending, long_queries reads it",
        ),
        (
            "alerts: {FEED_STALE: {fresh_hours: {gymss: 3}}}",
            "environments/dev.yaml:alerts.FEED_STALE.fresh_hours.gymss: got 'gymss', allowed: "
            "one of census_demographics, gym_events, gyms (did you mean gyms?)",
        ),
        (
            "notifications: {LEAP_SLACK: {recipients: [a@b]}}",
            "environments/dev.yaml:notifications.LEAP_SLACK.recipients: got ['a@b'], allowed: "
            "nothing: only email has recipients",
        ),
        (
            "budgets: {PLATFORM_BUDGET: {notify: LEAP_SLACK}}",
            "environments/dev.yaml:budgets.PLATFORM_BUDGET.notify: got 'LEAP_SLACK', allowed: "
            "one of LEAP_EMAIL (did you mean LEAP_EMAIL?)",
        ),
        (
            "budgets: {PLATFORM_BUDGET: {warehouses: [BY_WH]}}",
            "environments/dev.yaml:budgets.PLATFORM_BUDGET.warehouses.0: got 'BY_WH', allowed: "
            "one of BI_WH, DEV_WH, LOADING_WH, TRANSFORMING_WH (did you mean BI_WH?)",
        ),
        (
            "account_monitor: NO_LIMIT",
            "environments/dev.yaml:account_monitor: got 'NO_LIMIT', allowed: one of ACCOUNT_LIMIT, "
            "BI_LIMIT, DEV_LIMIT, LOADING_LIMIT, TRANSFORMING_LIMIT (did you mean BI_LIMIT?)",
        ),
        (
            "feeds: [gymms]",
            "environments/dev.yaml:feeds.0: got 'gymms', allowed: "
            "one of census_demographics, gym_events, gyms (did you mean gyms?)",
        ),
        (
            "prefix: dev_",
            "environments/dev.yaml:prefix: got 'dev_', allowed: "
            "text like ^([A-Z][A-Z0-9]{0,15}__)?$",
        ),
        (
            "people: {ANA: {role: CI, warehouse: BIG_WH}}",
            "environments/dev.yaml:people.ANA.warehouse: got 'BIG_WH', allowed: "
            "one of BI_WH, DEV_WH, LOADING_WH, TRANSFORMING_WH (did you mean BI_WH?)",
        ),
        (
            "warehouses: {BI_WH: {warehouse_size: x-small}}",
            "environments/dev.yaml:warehouses.BI_WH.warehouse_size: got 'x-small', allowed: "
            "one of XSMALL, SMALL, MEDIUM, LARGE, XLARGE, XXLARGE, XXXLARGE, X4LARGE, X5LARGE, "
            "X6LARGE (did you mean XSMALL?)",
        ),
        (
            "warehouses: {BI_WH: {min_cluster_count: 4, max_cluster_count: 2}}",
            "environments/dev.yaml:warehouses.BI_WH.min_cluster_count: got 4, allowed: "
            "at most its max_cluster_count, 2",
        ),
        (
            "warehouses: {BI_WH: {auto_suspend: 1:30}}",
            "environments/dev.yaml:warehouses.BI_WH.auto_suspend: got '1:30', allowed: integer ≥ 0",
        ),
        (
            "warehouses: BI_WH",
            "environments/dev.yaml:warehouses: got 'BI_WH', allowed: a mapping",
        ),
        (
            f"database: {{schemas: {{{'S' * 201}: {{}}}}}}",
            "environments/dev.yaml:database.schemas.SSSSSSSSSSSSSSSSSSSS…: got 201 letters, "
            "allowed: a name of 200 at most",
        ),
        (
            "alerts: {JOB_SUMMARY: {schedule: 99 8 * * MON}}",
            "environments/dev.yaml:alerts.JOB_SUMMARY.schedule: got '99 8 * * MON' ('99' is not "
            "within 0 and 59), allowed: 15 MINUTES, or cron in UTC like 0 8 * * MON",
        ),
        (
            "prices: {credit: .inf}",
            "environments/dev.yaml:prices.credit: got inf, allowed: number > 0",
        ),
        (
            "exceptions: {X: {rule: warehouse-suspends, objects: [BI_WH], reason: Why not, "
            "owner: me too, until: 2027-13-01}}",
            "environments/dev.yaml:exceptions.X.until: got '2027-13-01', allowed: "
            "a day as YYYY-MM-DD",
        ),
        (
            "protect: yes",
            "environments/dev.yaml:protect: got 'yes', allowed: true or false",
        ),
        (
            "protect: maybe",
            "environments/dev.yaml:protect: got 'maybe', allowed: true or false",
        ),
    ],
)
def test_one_fault_is_one_problem(clone: Path, text: str, expected: str) -> None:
    append(clone, "dev", text)
    assert problems(clone) == [expected]


def test_an_unknown_key_is_told_the_nearest(clone: Path) -> None:
    append(clone, "dev", "warehouses: {BI_WH: {wharehouse_size: XSMALL}}")
    (found,) = problems(clone)
    assert found.startswith(
        "environments/dev.yaml:warehouses.BI_WH.wharehouse_size: got an unknown"
    )
    assert found.endswith("(did you mean warehouse_size?)")


def test_a_key_given_twice_is_a_problem(clone: Path) -> None:
    append(clone, "dev", "prefix: DEV__\nprefix: DEV__\n")
    expected = "environments/dev.yaml:prefix: got the key again on line 2, allowed: each key once"
    assert problems(clone) == [expected]


def test_all_problems_are_reported_together(clone: Path) -> None:
    append(
        clone,
        "dev",
        "warehouses:\n"
        "  BI_WH: {auto_suspend: x, auto_suspend: y, size: 1}\n"
        "  bad-name: {warehouse_size: XSMALL, auto_suspend: 60, resource_monitor: NONE}\n"
        "feeds: [planets]\n",
    )
    keys = sorted(problem.split(": ")[0] for problem in problems(clone))
    assert keys == [
        "environments/dev.yaml:feeds.0",
        "environments/dev.yaml:warehouses.BI_WH.auto_suspend",
        "environments/dev.yaml:warehouses.BI_WH.auto_suspend",
        "environments/dev.yaml:warehouses.BI_WH.size",
        "environments/dev.yaml:warehouses.bad-name",
        "environments/dev.yaml:warehouses.bad-name.resource_monitor",
    ]


@pytest.mark.parametrize(
    "text",
    [
        *("a: [1", "- 1", "&a [*a]", "&a {x: *a}", "feeds: !!set {gyms}"),
        *("protect: true\n---\nprotect: false", "prefix: !!binary aGVsbG8="),
    ],
)
def test_broken_yaml_is_one_problem(clone: Path, text: str) -> None:
    append(clone, "dev", text)
    (found,) = problems(clone)
    assert found.startswith("environments/dev.yaml")


def test_a_tab_is_told_with_its_line(clone: Path) -> None:
    append(clone, "dev", "warehouses:\n\tBI_WH: {}\n")
    (found,) = problems(clone)
    assert found == (
        "environments/dev.yaml:2: got broken YAML (found character '\\t' that cannot start any "
        "token), allowed: YAML, indented with spaces"
    )


def test_a_missing_file_is_a_problem(clone: Path) -> None:
    (clone / "environments" / "dev.yaml").unlink()
    (found,) = problems(clone)
    assert "No such file" in found


@pytest.mark.parametrize("name", ["staging", "dev-", "pr-abc", "dev-../x", ""])
def test_an_unknown_stack_is_told_the_known_ones(name: str) -> None:
    with pytest.raises(SettingsError, match="allowed: local, dev, prod, dev-<user>, pr-<number>"):
        settings.load(ROOT, name)


@pytest.mark.parametrize("stack", ["dev-jane", "pr-1"])
def test_a_workspace_is_refused_where_a_foundation_is_meant(stack: str) -> None:
    with pytest.raises(SettingsError, match="a workspace, allowed: local, dev, prod"):
        settings.foundation(settings.load(ROOT, stack))


@pytest.mark.parametrize(
    ("config", "key"),
    [
        ({"leap:target": "moon"}, "leap:target: got 'moon', allowed: one of sandbox, snowflake"),
        ({"leap:targett": "sandbox"}, "leap:targett: got an unknown key"),
        ({"leap:environment": "prod"}, "leap:environment: got 'prod', allowed: 'dev'"),
        ({"leap:target": "snowflake"}, "leap:organization_name: got nothing"),
    ],
)
def test_a_bad_configuration_is_a_problem(config: dict[str, str], key: str) -> None:
    with pytest.raises(SettingsError) as caught:
        settings.load(ROOT, "dev", config)
    assert any(p.startswith(f"Pulumi.dev.yaml:{key}") for p in caught.value.problems)


def test_the_environment_variable_beats_the_stack_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEAP_TARGET", "snowflake")
    with pytest.raises(SettingsError, match="leap:user: got nothing"):
        settings.load(ROOT, "local")


def test_a_sandbox_that_never_ran_says_how_to_start_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("LEAP_SANDBOX_CONNECTION", str(tmp_path / "none.json"))
    with pytest.raises(SettingsError, match=r"\./leap sandbox start"):
        settings.destination(settings.load(ROOT, "local"))


def test_a_torn_connection_file_says_how_to_mend_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = tmp_path / "connection.json"
    path.write_text('{"snowflake": {')
    monkeypatch.setenv("LEAP_SANDBOX_CONNECTION", str(path))
    with pytest.raises(SettingsError, match=r"\./leap sandbox reset"):
        settings.destination(settings.load(ROOT, "local"))


def test_the_destination_is_the_running_sandbox(connection: Path) -> None:
    place = settings.destination(settings.load(ROOT, "local"))
    assert place.snowflake.account == "LEAP-SANDBOX"
    assert place.snowflake.port == 48080
    assert place.aws.endpoint_url == "http://127.0.0.1:48081"


def test_the_editors_schema_is_fresh() -> None:
    committed: Any = json.loads((ROOT / "environments" / "schema.json").read_text())
    assert committed == file_schema(), "python -m infra.schema writes it"
