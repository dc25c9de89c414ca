"""Workspaces by the real engine: many at once, and each thing that may happen to one of them.

Made and taken down by developers' own logins. The tests share one clone with `local` on it and run
in this order. `LEAP_WORKSPACES=20` takes twenty developers in place of three.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

import pytest
import yaml
from snowflake.connector.errors import ProgrammingError

from sandbox.snowflake.faults import held_by
from tests.end_to_end import brief
from tests.end_to_end.account import Ask, logged_in
from tests.end_to_end.killing import told_faults

if TYPE_CHECKING:
    from tests.end_to_end.conftest import Clone

pytestmark = [pytest.mark.engine, pytest.mark.sandbox]

COUNT: Final = int(os.environ.get("LEAP_WORKSPACES", "3"))
DEVELOPERS: Final = tuple(f"dev-d{number}" for number in range(1, COUNT + 1))
PULL_REQUEST: Final = "pr-42"
DATABASE: Final = "LEAP_ANALYTICS"
ENGINEER: Final = "DATA_ENGINEER"
ENZO: Final = "ENZO_ENGINEER"
GUS: Final = "GUS_ENGINEER"
WORKERS: Final = ("WORKSPACE_ADMIN", ENGINEER, "CI")
DOOR: Final = ("RESOURCE MONITOR", "WAREHOUSE")
"""What the three procedures make, change and drop with their owner's rights."""


@pytest.fixture(scope="module")
def platform(clone: Clone) -> Clone:
    """`local` with a second engineer and something to clone; without alerts, a day is fast."""
    facts = clone.folder / "environments" / "local.yaml"
    said = yaml.safe_load(facts.read_text())
    base = yaml.safe_load((facts.parent / "base.yaml").read_text())
    said["people"][GUS] = {"role": ENGINEER, "warehouse": "DEV_WH"}
    said["alerts"] = {name: {"enabled": False} for name in base["alerts"]}
    facts.write_text(yaml.safe_dump(said, sort_keys=False))
    told_faults(clone).write_text("[]")
    for word in ("stop", "start"):
        assert clone.leap("sandbox", word).returncode == 0
    good(clone.leap("apply", "--yes"))
    with logged_in(clone, "TESS_TRANSFORMER", "TRANSFORMER", warehouse="TRANSFORMING_WH") as ask:
        ask(f"CREATE TABLE {DATABASE}.MARTS.SITES AS SELECT 1 AS SITE UNION ALL SELECT 2")
        ask(f"CREATE VIEW {DATABASE}.MARTS.FIRST_SITE AS SELECT MIN(SITE) AS SITE FROM SITES")
    return clone


@pytest.fixture(scope="module")
def before(platform: Clone) -> dict[str, set[str]]:
    """What stands without any workspace."""
    return standing(platform)


def good(done: subprocess.CompletedProcess[str]) -> str:
    """The output of a command that did what it should."""
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def standing(clone: Clone) -> dict[str, set[str]]:
    """All that a workspace could leave behind: in the account, in the backend, in the folder."""
    kinds = (f"SCHEMAS IN DATABASE {DATABASE}", "ROLES", "WAREHOUSES", "RESOURCE MONITORS")
    with logged_in(clone) as ask:
        found = {kind: {str(row["name"]) for row in ask(f"SHOW {kind}")} for kind in kinds}
        for role in (*WORKERS, "PUBLIC"):
            grants = ask(f"SHOW GRANTS TO ROLE {role}")
            found[f"grants to {role}"] = {f"{g['privilege']} {g['name']}" for g in grants}
    stacks = json.loads(clone.by_hand("stack", "ls", "--json").stdout)
    found["stacks"] = {stack["name"] for stack in stacks}
    found["files"] = {file.name for file in clone.folder.glob("Pulumi*")}
    return found


def differs(now: dict[str, set[str]], before: dict[str, set[str]]) -> dict[str, set[str]]:
    """What came or went between two looks."""
    return {key: now[key] ^ before[key] for key in now if now[key] != before[key]}


def listed(clone: Clone) -> dict[str, dict[str, Any]]:
    """What `leap dev list` tells, by stack."""
    return {entry["stack"]: entry for entry in clone.facts("dev", "list")}


def at_once(clone: Clone, command: str, stacks: Iterable[str], *options: str) -> None:
    """The command for every workspace, started together."""
    running = [clone.start("dev", command, stack, *options) for stack in stacks]
    ended = [(process, *process.communicate()) for process in running]
    assert [out + err for process, out, err in ended if process.returncode != 0] == []


def at_work(clone: Clone, stack: str) -> Any:
    """A session of the workspace's owner in it, as `leap dbt` would log in."""
    user, role = ("CLEO_CI", "CI") if stack.startswith("pr-") else (ENZO, ENGINEER)
    schema = schema_of(stack)
    return logged_in(clone, user, role, warehouse=f"{schema}_WH", database=DATABASE, schema=schema)


def schema_of(stack: str) -> str:
    """Of a developer or of a pull request."""
    return stack.upper().replace("DEV-", "DEV_").replace("PR-", "CI_")


def refused(ask: Ask, statement: str) -> str:
    """What the account says to a statement that may not be."""
    with pytest.raises(ProgrammingError) as caught:
        ask(statement)
    return str(caught.value)


def test_all_go_up_at_once_work_side_by_side_and_leave_nothing(
    platform: Clone, before: dict[str, set[str]]
) -> None:
    stacks = (*DEVELOPERS, PULL_REQUEST)
    with logged_in(platform) as ask:
        (since,) = ask("SELECT CURRENT_TIMESTAMP() AS AT")
    at_once(platform, "new", stacks)
    with logged_in(platform) as ask:
        assert [
            shown for stack in stacks for shown in brief.missing_of(ask, schema_of(stack))
        ] == []
    for number, stack in enumerate(stacks):
        with at_work(platform, stack) as ask:
            ask(f"CREATE TABLE OWN AS SELECT {number} AS N")
    for number, stack in enumerate(stacks):
        with at_work(platform, stack) as ask:
            assert ask("SELECT N FROM OWN") == [{"n": number}]
    with at_work(platform, DEVELOPERS[0]) as ask:
        assert ask("SELECT N FROM CI_42.OWN") == [{"n": COUNT}]
    with at_work(platform, PULL_REQUEST) as ask:
        assert "does not exist or not authorized" in refused(ask, "SELECT N FROM DEV_D1.OWN")
    assert {name: (e["state"], e["rows"]) for name, e in listed(platform).items()} == dict.fromkeys(
        stacks, ("stands", 1)
    )
    good(platform.leap("preview", "--stack", PULL_REQUEST, "--expect-no-changes", "--refresh"))
    at_once(platform, "down", stacks, "--yes")
    assert differs(standing(platform), before) == {}
    assert by_administrators(platform, since["at"].isoformat()) == []


def by_administrators(clone: Clone, since: str) -> list[str]:
    """What developers did in other roles than theirs, but for the work of the three procedures."""
    with logged_in(clone) as ask:
        found = ask(
            "SELECT ROLE_NAME AS WHO, QUERY_TEXT AS WHAT "
            f"FROM SNOWFLAKE.ACCOUNT_USAGE.QUERY_HISTORY WHERE START_TIME >= '{since}' "
            "AND USER_NAME IN ('ENZO_ENGINEER', 'CLEO_CI')"
        )
    assert {row["who"] for row in found} >= set(WORKERS)
    return [
        row["what"]
        for row in found
        if row["who"] not in WORKERS and not any(kind in row["what"] for kind in DOOR)
    ]


def test_a_clone_has_the_rows_of_the_platform_and_a_life_of_its_own(platform: Clone) -> None:
    said = platform.leap("dev", "new", "ann", "--clone", "MARTS", "--credits", "1")
    good(said)
    assert "1 tables cloned, 1 views" in said.stderr
    with at_work(platform, "dev-ann") as ask:
        ask("DELETE FROM SITES WHERE SITE = 1")
        assert ask("SELECT SITE FROM SITES") == [{"site": 2}]
        assert ask("SELECT SITE FROM FIRST_SITE") == [{"site": 1}]
        assert ask("SELECT COUNT(*) AS N FROM MARTS.SITES") == [{"n": 2}]


def test_anothers_workspace_is_refused_by_its_owners_name(platform: Clone) -> None:
    held = listed(platform)["dev-ann"]
    for command in (("new", "ann"), ("up", "ann", "--days", "9"), ("down", "ann", "--yes")):
        done = platform.leap("dev", *command, "--login", GUS)
        assert (done.returncode, done.stdout) == (2, "")
        assert f"which is {ENZO}'s until {held['expires_on']}" in done.stderr
        assert f"--login {ENZO}" in done.stderr
    assert listed(platform)["dev-ann"] == held


def test_a_foundation_with_a_workspace_on_it_is_not_destroyed(platform: Clone) -> None:
    done = platform.leap("destroy", "--yes")
    assert done.returncode == 1
    assert f"Workspaces stand on local: dev-ann of {ENZO}. Nothing was done." in done.stderr


def test_a_limit_that_is_reached_stops_the_work_until_it_is_raised(platform: Clone) -> None:
    with at_work(platform, "dev-ann") as ask:
        ask("CALL SYSTEM$WAIT(2, 'HOURS')")
        assert "DEV_ANN_LIMIT' has exceeded its quota" in refused(ask, "SELECT * FROM SITES")
        assert "Insufficient privileges" in refused(
            ask, "ALTER WAREHOUSE DEV_ANN_WH UNSET RESOURCE_MONITOR"
        )
    entry = listed(platform)["dev-ann"]
    assert entry["credits"] == 1
    assert entry["credits_used"] > 1
    too_much = platform.leap("dev", "up", "ann", "--credits", "51")
    assert (too_much.returncode, too_much.stdout) == (2, "")
    assert "--credits: got 51, allowed: integer from 1 to 50" in too_much.stderr
    good(platform.leap("dev", "up", "ann", "--credits", "3"))
    with at_work(platform, "dev-ann") as ask:
        assert ask("SELECT SITE FROM SITES") == [{"site": 2}]
        ask("CALL SYSTEM$WAIT(2, 'HOURS')")
    assert listed(platform)["dev-ann"]["credits_used"] > 3


def test_what_is_over_its_last_day_is_listed_and_goes_only_with_a_yes(platform: Clone) -> None:
    good(platform.leap("dev", "new", "eve", "--days", "1"))
    with at_work(platform, "dev-eve") as ask:
        ask("CREATE TABLE KEPT AS SELECT 1 AS A UNION ALL SELECT 2")
    assert "Nothing has expired" in good(platform.leap("dev", "expire", "--yes"))
    good(platform.leap("sandbox", "clock", "advance", "2d"))
    done = platform.leap("dev", "expire")
    assert done.returncode == 1
    assert done.stdout.startswith(f"dev-eve of {ENZO} expired on ")
    assert "1 tables with 2 rows, 0 views" in done.stdout
    assert "dev-ann" not in done.stdout
    assert listed(platform)["dev-eve"]["expired"]
    good(platform.leap("dev", "expire", "--yes", "--login", GUS))
    assert set(listed(platform)) == {"dev-ann"}


def test_objects_without_their_stack_are_an_orphan_that_only_its_owner_takes_down(
    platform: Clone, before: dict[str, set[str]]
) -> None:
    good(platform.by_hand("stack", "rm", "dev-ann", "--force", "--yes"))
    assert listed(platform)["dev-ann"]["state"] == "orphan: its stack is not in this backend"
    kept = platform.leap("dev", "expire", "--yes", "--orphans")
    assert f"dev-ann of {ENZO} until" in good(kept)
    again = platform.leap("dev", "new", "ann")
    assert again.returncode == 2
    assert "its stack is not in this backend" in again.stderr
    assert platform.leap("dev", "down", "ann", "--yes", "--login", GUS).returncode == 2
    assert "dev-ann" in listed(platform)
    good(platform.leap("dev", "down", "ann", "--yes"))
    assert differs(standing(platform), before) == {}


def test_a_stack_without_its_schema_is_an_orphan_that_new_completes_or_expire_takes_down(
    platform: Clone, before: dict[str, set[str]]
) -> None:
    good(platform.leap("dev", "new", "--pr", "7"))
    good(platform.leap("sandbox", "sql", f"DROP SCHEMA {DATABASE}.CI_7"))
    good(platform.leap("dev", "new", "--pr", "7"))
    with at_work(platform, "pr-7") as ask:
        ask("CREATE TABLE OWN AS SELECT 1 AS N")
    good(platform.leap("sandbox", "sql", f"DROP SCHEMA {DATABASE}.CI_7"))
    assert listed(platform)["pr-7"]["state"] == "orphan: its schema is gone"
    done = platform.leap("dev", "expire", "--yes")
    assert (done.returncode, "pr-7, orphan: its schema is gone" in done.stdout) == (1, True)
    good(platform.leap("dev", "expire", "--yes", "--orphans"))
    assert differs(standing(platform), before) == {}


def test_one_that_was_killed_half_way_is_completed_and_goes(
    platform: Clone, before: dict[str, set[str]]
) -> None:
    rule = {"match": "WORKSPACE_OPEN", "with": "hold", "after": True}
    faults = told_faults(platform)
    faults.write_text(json.dumps([rule]))
    process = platform.start("dev", "new", "bob")
    while not held_by(faults).exists():
        assert process.poll() is None, process.communicate()
        time.sleep(0.05)
    engine, _, _ = (platform.folder / ".leap/locks/dev-bob.engine").read_text().partition(" ")
    os.killpg(int(engine), signal.SIGKILL)
    process.kill()
    process.communicate()
    faults.write_text("[]")
    good(platform.leap("dev", "new", "bob"))
    assert listed(platform)["dev-bob"]["state"] == "stands"
    with at_work(platform, "dev-bob") as ask:
        ask("CREATE TABLE OWN AS SELECT 1 AS N")
    good(platform.leap("dev", "down", "bob", "--yes"))
    assert differs(standing(platform), before) == {}
