"""`prod` whole by the real engine: the brief's objects, a change of every kind, and what is taken.

The tests share one clone and run in this order. `prod` is deployed to the sandbox's two accounts
with the facts of `kinds.FACTS` beside its own.
"""

from __future__ import annotations

import json
import re
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest
import yaml
from snowflake.connector.errors import ProgrammingError

from tests.end_to_end import brief
from tests.end_to_end.account import Ask, logged_in
from tests.end_to_end.kinds import CHANGED, CHANGES, DB, FACTS, MADE

if TYPE_CHECKING:
    from tests.end_to_end.conftest import Clone

pytestmark = [pytest.mark.engine, pytest.mark.sandbox]

STACK: Final = ("--stack", "prod")
QUIET: Final = ("preview", *STACK, "--refresh", "--expect-no-changes")
SECOND: Final = "LEAP-SANDBOX_DR"
SENT: Final = f"{DB}.EXPORTS.SENT"
OPERATIONS: Final = f"{DB}.OPERATIONS"
GROUP: Final = "48201"
EVENT: Final = '{"member": "m", "gym": "g"}'
LOADED: Final = "_FILE_NAME, _FILE_ROW, _LOADED_AT"
FROM_A_FILE: Final = "'by hand', 1, SYSDATE()"


def good(done: subprocess.CompletedProcess[str]) -> str:
    """The output of a command that did what it should."""
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def facts(clone: Clone) -> Path:
    """What only `prod` says."""
    return clone.folder / "environments" / "prod.yaml"


def change(clone: Clone, more: str) -> None:
    """Merge facts into those of `prod`."""
    said = yaml.safe_load(facts(clone).read_text())
    facts(clone).write_text(yaml.safe_dump(merged(said, yaml.safe_load(more)), sort_keys=False))


def merged(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """As the environment files merge: mappings by name, the rest replaces."""
    found = dict(old)
    for key, value in new.items():
        both = isinstance(value, dict) and isinstance(found.get(key), dict)
        found[key] = merged(found[key], value) if both else value
    return found


@pytest.fixture(scope="module")
def prod(clone: Clone) -> Clone:
    """`prod` on the sandbox, with two rows in a table of the schema EXPORTS."""
    change(clone, FACTS)
    made = clone.facts("apply", *STACK, "--yes")["changes"]
    assert {one["kind"] for one in made if one["operation"] == "create"} >= MADE
    with logged_in(clone, warehouse="DEV_WH") as ask:
        ask(f"CREATE TABLE {SENT} AS SELECT 1 AS N UNION ALL SELECT 2")
    return clone


def test_each_object_of_the_brief_is_shown_to_the_ordinary_connector(prod: Clone) -> None:
    with logged_in(prod, warehouse="DEV_WH") as ask:
        assert brief.missing(ask, what=(*brief.BRIEF, *brief.REPLICATED)) == []
    with logged_in(prod, at=SECOND) as ask:
        ask("ALTER FAILOVER GROUP LEAP_FAILOVER REFRESH")  # as its schedule does
        assert brief.missing(ask, what=brief.REPLICA) == []


def test_what_was_written_here_is_read_there_and_changed_by_nobody(prod: Clone) -> None:
    with logged_in(prod, at=SECOND, warehouse="BI_WH") as ask:
        assert ask(f"SELECT N FROM {SENT} ORDER BY N") == [{"n": 1}, {"n": 2}]
        with pytest.raises(ProgrammingError, match="read-only"):
            ask(f"DELETE FROM {SENT}")


def test_prod_is_quiet_also_when_the_account_is_asked(prod: Clone) -> None:
    good(prod.leap(*QUIET))


def as_role(ask: Ask, role: str, statement: str) -> list[dict[str, Any]]:
    """What the administrator sees in a role, and in no other beside it."""
    for text in ("USE ROLE ACCOUNTADMIN", f"USE ROLE {role}", "USE SECONDARY ROLES NONE"):
        ask(text)
    ask(f"USE WAREHOUSE {'TRANSFORMING_WH' if role == 'TRANSFORMER' else 'DEV_WH'}")
    return ask(statement)


def test_a_tagged_column_is_plain_to_who_may_and_masked_to_others(prod: Clone) -> None:
    table, event = f"{DB}.RAW.CENSUS_DEMOGRAPHICS", f"{DB}.RAW.GYM_EVENTS"
    with logged_in(prod, warehouse="DEV_WH") as ask:
        ask(f"INSERT INTO {table} (CENSUS_BLOCK_GROUP, {LOADED}) SELECT '{GROUP}', {FROM_A_FILE}")
        ask(f"INSERT INTO {event} (EVENT, {LOADED}) SELECT PARSE_JSON('{EVENT}'), {FROM_A_FILE}")
        seen = {
            role: (
                as_role(ask, role, f"SELECT CENSUS_BLOCK_GROUP AS C FROM {table}")[0]["c"],
                sorted(json.loads(as_role(ask, role, f"SELECT EVENT AS E FROM {event}")[0]["e"])),
            )
            for role in ("TRANSFORMER", "DATA_ENGINEER")
        }
        ask("USE ROLE ACCOUNTADMIN")
        days = ask(
            f"SELECT SYSTEM$GET_TAG('{DB}.GOVERNANCE.RETENTION_DAYS', '{table}', 'TABLE') AS DAYS"
        )
    assert seen["TRANSFORMER"] == (GROUP, ["gym", "member"])
    assert re.fullmatch("[0-9a-f]{64}", seen["DATA_ENGINEER"][0])
    assert seen["DATA_ENGINEER"][1] == ["gym"]
    assert days == [{"days": "365"}]


def test_alerts_reach_pagerduty_slack_and_mail_also_of_a_new_version_of_the_share(
    prod: Clone,
) -> None:
    kept = f"{OPERATIONS}.MARKETPLACE_COLUMNS"
    failed = f"{OPERATIONS}.JOB_RUNS SELECT 'build', 'i', 'failed', SYSDATE(), SYSDATE(), 'why'"
    with logged_in(prod, warehouse="DEV_WH") as ask:
        weekly_check(ask)
        ask(f"INSERT INTO {kept} SELECT 'PUBLIC.GONE', 'A', 'TEXT', MAX(SNAPSHOT_AT) FROM {kept}")
        weekly_check(ask)
        ask(f"INSERT INTO {failed}")
        for alert in ("JOB_FAILED", "SCHEMA_CHANGED", "JOB_SUMMARY"):
            ask(f"EXECUTE ALERT {OPERATIONS}.{alert}")
    told = {(m["integration"], m["body"]) for m in prod.facts("sandbox", "notifications")}
    for integration, words in (
        ("LEAP_PAGERDUTY", ("production job failed (1)", "build: why")),
        ("LEAP_SLACK", ("schema change (1)", "PUBLIC.GONE.A is gone")),
        ("LEAP_EMAIL", ("weekly summary of dbt runs", "build: 1 run, 1 failed")),
    ):
        assert any(to == integration and all(w in said for w in words) for to, said in told), told


def weekly_check(ask: Ask) -> None:
    """Run the task that keeps the columns of the Marketplace's databases, and wait for its rows."""
    count = f"SELECT COUNT(DISTINCT SNAPSHOT_AT) AS N FROM {OPERATIONS}.MARKETPLACE_COLUMNS"
    before = ask(count)
    ask(f"EXECUTE TASK {OPERATIONS}.KEEP_MARKETPLACE_COLUMNS")
    while ask(count) == before:
        time.sleep(0.1)


def test_one_change_of_every_kind_is_made_shown_and_quiet(prod: Clone) -> None:
    feeds = prod.folder / "ingestion" / "feeds"
    gyms = (feeds / "gyms.yaml").read_text()
    (feeds / "visits.yaml").write_text(gyms.replace("name: gyms", "name: visits"))
    (feeds / "gyms.yaml").write_text(re.sub("description: .*", "description: Changed", gyms))
    change(prod, CHANGED)
    secret = ("config", "set", "--secret", "leap:slackWebhookSecret", "another", *STACK)
    good(prod.by_hand(*secret))
    done = {
        (entry["kind"], entry["operation"])
        for entry in prod.facts("apply", *STACK, "--yes")["changes"]
    }
    assert {(kind, row.operation) for kind, row in CHANGES.items()} - done == set()
    with logged_in(prod, warehouse="DEV_WH") as ask:
        assert [kind for kind, row in CHANGES.items() if not is_shown(ask, *row[1:])] == []
    good(prod.leap(*QUIET))


def is_shown(ask: Ask, statement: str, values: Mapping[str, str]) -> bool:
    """Whether a row of the statement has all the values in it."""
    return not statement or any(
        all(value in str(row.get(key)) for key, value in values.items()) for row in ask(statement)
    )


def given_a_second_key(clone: Clone, *command: str) -> None:
    """The command is refused, somebody else approves that very change, and then it is done."""
    refused = clone.leap(*command, *STACK, "--yes")
    assert refused.returncode == 1, refused.stdout + refused.stderr
    (change,) = (
        waiting["id"]
        for waiting in clone.facts("approve", *STACK)
        if waiting["id"] in refused.stdout + refused.stderr
    )
    good(clone.leap("approve", change, *STACK, "--as", "ANOTHER"))
    good(clone.leap(*command, *STACK, "--yes", "--approve", "ANOTHER"))


def test_a_schema_made_anew_brings_along_all_that_the_program_keeps_in_it(prod: Clone) -> None:
    run = "'nightly', 'i', 'failed', SYSDATE(), SYSDATE(), 'kept'"
    kept = f"SELECT MESSAGE FROM {OPERATIONS}.JOB_RUNS WHERE JOB = 'nightly'"
    with logged_in(prod, warehouse="DEV_WH") as ask:
        ask(f"INSERT INTO {OPERATIONS}.JOB_RUNS SELECT {run}")
    change(prod, "database: {schemas: {OPERATIONS: {is_transient: true}}}")
    given_a_second_key(prod, "apply")
    good(prod.leap(*QUIET))
    undone = prod.leap("undo", *STACK)
    assert "apply to make anew" in undone.stderr, undone.stdout + undone.stderr
    change(prod, "database: {schemas: {OPERATIONS: {is_transient: false}}}")
    good(prod.leap("apply", *STACK, "--yes"))
    with logged_in(prod, warehouse="DEV_WH") as ask:
        assert ask(kept) == [{"message": "kept"}]
        assert ask(f"SHOW ALERTS IN SCHEMA {OPERATIONS}")
    good(prod.leap(*QUIET))


def test_a_schema_with_rows_goes_only_with_a_second_key_and_comes_back(prod: Clone) -> None:
    change(prod, "database: {schemas: {EXPORTS: null}}")
    given_a_second_key(prod, "apply")
    assert "EXPORTS" not in prod.names(f"SHOW SCHEMAS IN DATABASE {DB}")
    good(prod.leap("undo", *STACK))
    with logged_in(prod, warehouse="DEV_WH") as ask:
        assert ask(f"SELECT N FROM {SENT} ORDER BY N") == [{"n": 1}, {"n": 2}]


def test_prod_is_destroyed_only_with_a_second_key_and_leaves_nothing(prod: Clone) -> None:
    given_a_second_key(prod, "destroy", "--accept-loss")  # of the files of an internal stage
    for kind, ours in (("WAREHOUSES", "_WH"), ("DATABASES", DB), ("INTEGRATIONS", "LEAP")):
        assert [name for name in prod.names(f"SHOW {kind}") if ours in name] == []
    assert prod.names("SHOW CONNECTIONS") | prod.names("SHOW FAILOVER GROUPS") == set()
    assert prod.names("SHOW ROLES") & {"DATA_ANALYST", "LOADER", "WORKSPACE_ADMIN"} == set()
    assert prod.names("SHOW USERS") & {"CI_SVC", "PAUL_PERSON"} == set()
    with logged_in(prod, at=SECOND) as ask:  # a copy stays, where facts protect what it is of
        assert {row["name"] for row in ask("SHOW DATABASES")} >= {DB}
        assert ask("SHOW CONNECTIONS") == ask("SHOW FAILOVER GROUPS") == []
