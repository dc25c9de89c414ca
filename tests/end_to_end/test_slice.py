"""The slice through everything, with the real engine: from nothing to a mart, and back to nothing.

The tests share one clone and run in this order; each leaves `local` deployed, but for the last.
"""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
import time
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.end_to_end import brief
from tests.end_to_end.account import logged_in as session
from tests.role_table import CASES, REFUSALS, ROLES, logged_in, outcome

if TYPE_CHECKING:
    from tests.end_to_end.conftest import Clone

pytestmark = [pytest.mark.engine, pytest.mark.sandbox]

WAREHOUSES = {"LOADING_WH", "TRANSFORMING_WH", "BI_WH", "DEV_WH"}


@pytest.fixture(scope="module")
def platform(clone: Clone) -> Clone:
    """A clone in which `leap up` was run once."""
    done = clone.leap("up")
    assert done.returncode == 0, done.stderr
    for title in ("Objects of local (sandbox)", "Rows by table (sandbox)", "First rows of MART"):
        assert title in done.stdout
    assert "Try next:" in done.stdout
    return clone


def test_the_platform_is_that_of_the_brief_and_its_tables_have_rows(platform: Clone) -> None:
    standing = platform.facts("status")
    assert set(standing["objects"]["warehouses"]) == WAREHOUSES
    assert set(standing["objects"]["schemas"]) >= {"RAW", "STAGING", "INTERMEDIATE", "MARTS"}
    rows = {table["table"]: int(table["rows"]) for table in standing["tables"]}
    loaded = ("RAW.GYMS", "RAW.CENSUS_DEMOGRAPHICS", "RAW.GYM_EVENTS")
    assert all(rows[table] > 0 for table in (*loaded, "MARTS.MART_GYM_ACCESSIBILITY"))
    assert standing["mart"]
    with session(platform) as ask:
        assert brief.missing(ask) == []


@pytest.mark.parametrize("role", ROLES)
def test_a_person_of_each_role_may_do_what_is_declared_and_nothing_else(
    platform: Clone, role: str
) -> None:
    account = platform.facts("sandbox", "status")["snowflake"]
    with logged_in(account, role) as connection:
        found = {case.statement: outcome(connection, case, role) for case in CASES}
    wanted = {case.statement: role in case.allowed for case in CASES}
    assert {text: found[text] for text in wanted if wanted[text] != (found[text] is None)} == {}
    assert {error for error in found.values() if error is not None} <= REFUSALS


def test_dbt_as_a_reader_is_refused_before_it_writes(platform: Clone) -> None:
    account = platform.facts("sandbox", "status")["snowflake"]
    person = account["users"]["REPORTER"]
    says = {name: str(account[name]) for name in ("account", "host", "port")} | {
        "protocol": "http",
        "user": person["user"],
        "password": person["password"],
        "role": "REPORTER",
        "warehouse": "BI_WH",
    }
    folder = platform.folder
    run = "run --project-dir dbt --profiles-dir dbt --select mart_gym_accessibility"
    done = subprocess.run(
        [sys.executable, "-m", "dbt.cli.main", *run.split()],
        cwd=folder,
        env={
            **platform.variables,
            **{f"LEAP_DBT_{name.upper()}": value for name, value in says.items()},
            "DBT_TARGET_PATH": str(folder / ".leap" / "reader" / "target"),
            "DBT_LOG_PATH": str(folder / ".leap" / "reader" / "logs"),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert "Schema 'LEAP_ANALYTICS.INTERMEDIATE' does not exist or not authorized." in done.stdout


@pytest.mark.parametrize("options", [("--whole",), ("--refresh",)])
def test_the_plan_is_quiet(platform: Clone, options: tuple[str, ...]) -> None:
    done = platform.leap("preview", "--expect-no-changes", *options)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_preview_of_nothing_new_is_that_of_the_whole_without_the_engine(platform: Clone) -> None:
    quick = platform.leap("preview", "--expect-no-changes")
    assert (quick.returncode, "nothing changed since" in quick.stderr) == (0, True)
    assert platform.facts("preview") == platform.facts("preview", "--whole")


def test_up_again_does_nothing(platform: Clone) -> None:
    before = platform.facts("status")["tables"]
    done = platform.leap("up")
    assert done.returncode == 0, done.stderr
    assert "nothing changed since the last deployment" in done.stderr
    assert "(0 new)" in done.stderr
    assert "nothing changed since the last build" in done.stderr
    assert platform.facts("status")["tables"] == before


def test_what_somebody_dropped_is_noticed_by_the_next_up(platform: Clone) -> None:
    assert platform.leap("sandbox", "sql", "DROP WAREHOUSE BI_WH").returncode == 0
    done = platform.leap("up")
    assert done.returncode == 0, done.stderr
    assert "gone from the account: warehouses BI_WH" in done.stderr
    assert platform.names("SHOW WAREHOUSES") == WAREHOUSES


def test_what_breaks_a_rule_is_denied_with_its_id_and_remedy(platform: Clone) -> None:
    facts = platform.folder / "environments" / "local.yaml"
    good = facts.read_text()
    late = "\nwarehouses:\n  BI_WH: {auto_suspend: 86400}\n"
    forging = "\naccess:\n  REPORTER: {schemas: {RAW: WRITE}}\n"
    try:
        facts.write_text(good + late + forging)
        ours = platform.leap("preview")
        bare = platform.by_hand("preview", "--policy-pack", "policies")
        facts.write_text(good + forging)
        alone = platform.leap("preview")
    finally:
        facts.write_text(good)
    suspends = "BI_WH: warehouse-suspends: it suspends after 86400 idle seconds"
    lower = "Lower auto_suspend in environments/."
    writes = "raw-has-one-writer: REPORTER → LEAP_ANALYTICS__RAW__WRITE has"
    take_away = "Take the role or the level away"
    for done, said in ((ours, ours.stdout), (bare, bare.stdout + bare.stderr)):
        assert done.returncode != 0
        for words in (suspends, lower, writes, take_away):
            assert words in " ".join(said.split())
    assert alone.returncode == 1
    assert f"denied by policy {writes.split(':')[0]}" in alone.stdout


def test_the_audit_finds_the_account_clean_and_then_what_was_done_by_hand(
    platform: Clone,
) -> None:
    for source in ("--live", "--state"):
        assert platform.facts("audit", source)["findings"] == []
    by_hand = (
        "CREATE WAREHOUSE HAND_WH WITH AUTO_SUSPEND = 86400",
        "GRANT ROLE LOADER TO ROLE DATA_ANALYST",
    )
    undone = ("DROP WAREHOUSE HAND_WH", "REVOKE ROLE LOADER FROM ROLE DATA_ANALYST")
    try:
        for statement in by_hand:
            assert platform.leap("sandbox", "sql", statement).returncode == 0
        done = platform.leap("audit", "--live", "--json")
    finally:
        for statement in undone:
            platform.leap("sandbox", "sql", statement)
    assert done.returncode == 1
    found = {(f["rule"], f["object"]) for f in json.loads(done.stdout)["findings"]}
    assert {("warehouse-suspends", "HAND_WH"), ("warehouse-has-a-ceiling", "HAND_WH")} <= found
    assert ("raw-has-one-writer", "LOADER to DATA_ANALYST") in found


def test_a_change_of_access_is_previewed_alone_as_in_the_whole(platform: Clone) -> None:
    facts = platform.folder / "environments" / "local.yaml"
    kept = facts.read_text()
    more = "\naccess:\n  REPORTER: {schemas: {OPERATIONS: OWN}}\n  CI: {schemas: {RAW: null}}\n"
    facts.write_text(kept + more)
    try:
        part, whole = platform.facts("preview"), platform.facts("preview", "--whole")
    finally:
        facts.write_text(kept)
    by_name = [sorted(found["changes"], key=lambda c: c["name"]) for found in (part, whole)]
    assert by_name[0] == by_name[1] != []
    assert part["counts"] == whole["counts"]


def test_wrong_facts_are_all_reported_and_nothing_is_touched(platform: Clone) -> None:
    facts = platform.folder / "environments" / "local.yaml"
    good = facts.read_text()
    wrong = "\nwarehouses:\n  BI_WH:\n    auto_suspends: 60\n    resource_monitor: NOBODY\n"
    try:
        facts.write_text(good + wrong)
        done = platform.leap("up")
    finally:
        facts.write_text(good)
    assert (done.returncode, done.stdout) == (2, "")
    assert "auto_suspends" in done.stderr
    assert "NOBODY" in done.stderr


def test_a_broken_file_is_reported_and_the_others_load(platform: Clone, tmp_path: Path) -> None:
    sample = next((platform.folder / "ingestion" / "samples" / "gyms").glob("*.csv"))
    with sample.open(newline="") as file:
        head, first = islice(csv.reader(file), 2)
    at = head.index("latitude")
    rows = {"good": [head, first], "bad": [head, first, [*first[:at], "north", *first[at + 1 :]]]}
    files = {name: tmp_path / f"gyms-{name}.csv" for name in rows}
    for name, path in files.items():
        with path.open("w", newline="") as file:
            csv.writer(file).writerows(rows[name])
    done = platform.leap("ingest", "put", "gyms", *map(str, files.values()))
    assert done.returncode == 1, done.stderr
    assert "gyms-bad" in done.stdout
    assert "line 3" in done.stdout
    assert "gyms-good" not in done.stdout
    assert platform.leap("ingest", "status", "gyms").returncode == 1


def test_a_second_stack_stands_beside_the_first_and_goes_without_it(platform: Clone) -> None:
    done = platform.leap("apply", "--stack", "dev", "--yes")
    assert done.returncode == 0, done.stdout + done.stderr
    assert platform.names("SHOW WAREHOUSES") == WAREHOUSES | {f"DEV__{n}" for n in WAREHOUSES}
    with session(platform) as ask:
        assert brief.missing(ask, "DEV__") == []
    assert platform.leap("preview", "--expect-no-changes", "--refresh").returncode == 0
    gone = platform.leap("destroy", "--stack", "dev", "--yes")
    assert gone.returncode == 0, gone.stderr
    assert platform.names("SHOW WAREHOUSES") == WAREHOUSES


QUIET = ("preview", "--expect-no-changes", "--refresh")


def state_of(platform: Clone) -> Path:
    """Where `local` keeps its state."""
    return platform.folder / ".leap" / "state" / ".pulumi"


def test_a_drill_that_lost_the_state_and_died_is_taken_back_to_the_byte(platform: Clone) -> None:
    file = state_of(platform) / "stacks" / "leap" / "local.json"
    before = file.read_bytes()
    process = platform.start("drill", "run", "lost-state", start_new_session=True)
    drills = platform.folder / ".leap" / "drills"
    while not any('"begun"' in line and '"rebuild"' in line for line in journal(drills)):
        time.sleep(0.05)
        assert process.poll() is None, process.communicate()
    os.killpg(process.pid, signal.SIGKILL)
    for victim in engine_processes(platform.folder):
        os.kill(victim, signal.SIGKILL)
    process.communicate()
    refused = platform.leap("up")
    assert (refused.returncode, "leap drill back lost-state-" in refused.stderr) == (3, True)
    done = platform.leap("drill", "back")
    assert done.returncode == 0, done.stderr
    assert file.read_bytes() == before
    quick = platform.leap("preview", "--expect-no-changes")
    assert (quick.returncode, "nothing changed since" in quick.stderr) == (0, True)


def journal(drills: Path) -> list[str]:
    """The lines of all drills of a lost state."""
    files = drills.glob("lost-state-*/journal.jsonl")
    return [line for file in files for line in file.read_text().splitlines()]


def test_a_lost_state_is_rebuilt_and_nothing_is_made_anew(platform: Clone) -> None:
    known = json.loads((state_of(platform) / "stacks" / "leap" / "local.json").read_text())
    found = platform.facts("drill", "run", "lost-state")
    assert (found["outcome"], found["rpo_seconds"]) == ("passed", 0.0)
    assert found["rto_seconds"] > 0
    count = len(known["checkpoint"]["latest"]["resources"])
    assert found["measured"]["resources"] == count > 300
    assert found["measured"]["declared in the same words"] > 0.8 * count
    done = platform.leap(*QUIET)
    assert done.returncode == 0, done.stdout


def test_a_state_that_is_really_lost_is_rebuilt_by_apply(platform: Clone) -> None:
    there = platform.leap("apply", "--rebuild-state", "--yes")
    assert (there.returncode, "has a state with" in there.stderr) == (1, True)
    state_of(platform).rename(platform.folder / ".leap" / "lost")
    counts = platform.facts("apply", "--rebuild-state", "--yes")["counts"]
    assert {op for op, n in counts.items() if n} == {"same", "update"}
    done = platform.leap(*QUIET)
    assert done.returncode == 0, done.stdout


def test_a_reset_and_then_a_killed_run_are_both_noticed_and_made_good(platform: Clone) -> None:
    assert platform.leap("sandbox", "reset").returncode == 0
    assert platform.names("SHOW WAREHOUSES") == set()
    events = platform.folder / ".leap" / "logs" / "local-up.events.jsonl"
    events.unlink(missing_ok=True)
    process = platform.start("up", start_new_session=True)
    while not (events.exists() and "Warehouse" in events.read_text()):
        time.sleep(0.05)
        assert process.poll() is None, process.communicate()
    for victim in engine_processes(platform.folder):
        os.kill(victim, signal.SIGKILL)
    os.kill(process.pid, signal.SIGKILL)
    _, said = process.communicate()
    assert "the sandbox was reset" in said
    done = platform.leap("up")
    assert done.returncode == 0, done.stderr
    assert "was killed" in done.stderr
    assert platform.facts("status")["mart"]
    assert platform.leap("preview", "--expect-no-changes", "--whole").returncode == 0


def engine_processes(folder: Path) -> list[int]:
    """The running `pulumi` whose working directory is this clone."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if (entry / "cwd").resolve() == folder and "pulumi" in (entry / "comm").read_text():
                found.append(int(entry.name))
        except OSError:
            continue
    return found


def test_by_hand_everything_is_quiet_and_goes(platform: Clone) -> None:
    assert platform.by_hand("preview", "--expect-no-changes").returncode == 0
    up = ("up", "--yes", "--skip-preview", "--policy-pack", "policies", "--expect-no-changes")
    again = platform.by_hand(*up)
    assert again.returncode == 0, again.stdout + again.stderr
    gone = platform.by_hand("destroy", "--yes")
    assert gone.returncode == 0, gone.stdout + gone.stderr
    assert platform.names("SHOW WAREHOUSES") == set()
    assert "LEAP_ANALYTICS" not in platform.names("SHOW DATABASES")
    assert "DATA_ANALYST" not in platform.names("SHOW ROLES")
