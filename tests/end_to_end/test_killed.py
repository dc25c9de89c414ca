"""An update that is killed anywhere is completed by the next one, with nothing twice or lost.

Two at once are not: the second is refused. A few fixed points are always tried. `LEAP_KILLS=50`
tries fifty others, `LEAP_KILLS_SEED` says which, `LEAP_KILLS_OF=new,undo` of which commands, and
`LEAP_KILLS_FROM=17 LEAP_KILLS=1` tries the seventeenth again. A point's name says all of it.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.end_to_end.account import logged_in
from tests.end_to_end.ground import (
    DATABASE,
    KEPT,
    PERSON,
    SENT,
    SOMEBODYS,
    WAREHOUSE,
    change,
    difference,
    of_workspaces,
    standing,
)
from tests.end_to_end.killing import (
    APPLY,
    CORNER,
    LINES,
    PLATFORM,
    STACK,
    WORKSPACE,
    Point,
    held_at,
    kill_at,
    points,
    told_faults,
)

if TYPE_CHECKING:
    from tests.end_to_end.conftest import Clone

pytestmark = [pytest.mark.engine, pytest.mark.sandbox]

COUNT: Final = int(os.environ.get("LEAP_KILLS", "0"))
SEED: Final = int(os.environ.get("LEAP_KILLS_SEED", "4"))
FIRST: Final = int(os.environ.get("LEAP_KILLS_FROM", "0"))
COMMANDS: Final = tuple(os.environ.get("LEAP_KILLS_OF", ",".join(LINES)).split(","))
ALWAYS: Final = (
    Point("destroy", "sandbox", "answer", 60),
    Point("destroy", "plugin", "statement", 40),
    Point("change", "engine", "answer", 2, by_hand=True),
    Point("replace", "leap", "step", 15),
)
RANDOM: Final = list(enumerate(points(range(FIRST, FIRST + COUNT), SEED, COMMANDS), FIRST))
TRIED: Final = [
    *((point, str(point)) for point in ALWAYS if not COUNT),
    *((point, f"{point} (seed {SEED}, point {n})") for n, point in RANDOM),
]


def of(*commands: str) -> pytest.MarkDecorator:
    """The points of these commands."""
    wanted = [pytest.param(p, id=name) for p, name in TRIED if p.command in commands]
    return pytest.mark.parametrize("point", wanted)


def good(done: subprocess.CompletedProcess[str]) -> None:
    """A command that did what it should."""
    assert done.returncode == 0, done.stdout + done.stderr


def quiet(clone: Clone, stack: str) -> None:
    """Nothing to do, also when the account is asked."""
    good(clone.leap("preview", "--stack", stack, "--refresh", "--expect-no-changes"))


@pytest.fixture(scope="module")
def whole(clone: Clone) -> dict[str, list[str]]:
    """What stands after an update that nobody disturbed."""
    told_faults(clone)
    for word in ("stop", "start"):
        good(clone.leap("sandbox", word))
    change(clone)
    good(clone.leap(*APPLY))
    with logged_in(clone) as ask:
        return standing(ask)


@of(*PLATFORM)
def test_the_next_run_completes_what_was_killed(
    clone: Clone, whole: dict[str, list[str]], point: Point
) -> None:
    prepare(clone, point)
    killed = kill_at(clone, point)
    with logged_in(clone) as ask:
        ask(f"CREATE ROLE IF NOT EXISTS {SOMEBODYS}")
    done = clone.leap(*APPLY)
    assert done.returncode == 0, f"killed: {killed}\n{done.stdout}{done.stderr}"
    with logged_in(clone, warehouse=WAREHOUSE) as ask:
        assert ask(f"SHOW ROLES LIKE '{SOMEBODYS}'")
        ask(f"DROP ROLE {SOMEBODYS}")
        if point.command in {"change", "replace"}:
            assert ask(f"SELECT * FROM {KEPT}") == [{"a": 1}]
            ask(f"DROP TABLE {KEPT}")
        assert difference(standing(ask), whole) == {}
    quiet(clone, STACK)


def prepare(clone: Clone, point: Point) -> None:
    """What stands before the killed command: nothing for a deployment, a table for a change."""
    if point.command == "apply":
        good(clone.leap(*LINES["destroy"]))
        with logged_in(clone) as ask:
            assert not [name for names in standing(ask).values() for name in names]
    if point.command in {"change", "replace"}:
        with logged_in(clone, warehouse=WAREHOUSE) as ask:
            ask(f"CREATE TABLE {KEPT} AS SELECT 1 AS A")
        change(clone, replaces=point.command == "replace")


@of(*CORNER)
def test_the_same_command_completes_a_workspace_that_was_killed(
    clone: Clone, whole: dict[str, list[str]], point: Point
) -> None:
    assert whole["DATABASES"]
    with logged_in(clone) as ask:
        before = of_workspaces(ask)
    if point.command != "new":
        good(clone.leap(*LINES["new"]))
        with at_work(clone) as ask:
            ask("CREATE TABLE OWN AS SELECT 1 AS N")
    kill_at(clone, point)
    again = clone.leap(*LINES[point.command])
    good(again)
    if point.command != "down":
        with at_work(clone) as ask:
            if point.command == "new":
                ask("CREATE TABLE OWN AS SELECT 1 AS N")
            assert ask("SELECT N FROM OWN") == [{"n": 1}]
        quiet(clone, WORKSPACE)
        (entry,) = clone.facts("dev", "list", "--on", STACK)
        assert (entry["state"], entry["rows"]) == ("stands", 1)
        assert entry["credits"] == (7 if point.command == "renew" else 10)
        good(clone.leap(*LINES["down"]))
    with logged_in(clone) as ask:
        assert difference(of_workspaces(ask), before) == {}


def at_work(clone: Clone) -> Any:
    """A session of the workspace's owner in it."""
    schema = WORKSPACE.upper().replace("-", "_")
    place = {"warehouse": f"DEV__{schema}_WH", "database": DATABASE, "schema": schema}
    return logged_in(clone, PERSON, "DEV__DATA_ENGINEER", **place)


@of("undo")
def test_the_same_command_completes_an_undo_that_was_killed(
    clone: Clone, whole: dict[str, list[str]], point: Point
) -> None:
    with logged_in(clone, warehouse=WAREHOUSE) as ask:
        ask(f"CREATE OR REPLACE TABLE {SENT} AS SELECT 1 AS N UNION ALL SELECT 2")
    change(clone, exports=False)
    good(clone.leap(*APPLY))
    if kill_at(clone, point):
        good(clone.leap(*LINES["undo"]))
    change(clone)
    good(clone.leap(*APPLY))
    with logged_in(clone, warehouse=WAREHOUSE) as ask:
        assert ask(f"SELECT N FROM {SENT} ORDER BY N") == [{"n": 1}, {"n": 2}]
        ask(f"DROP TABLE {SENT}")
        assert difference(standing(ask), whole) == {}
    quiet(clone, STACK)


def test_what_fails_for_good_leaves_the_rest_done_and_says_what_remains(
    clone: Clone, whole: dict[str, list[str]]
) -> None:
    assert whole["DATABASES"]
    change(clone)
    faults = told_faults(clone)
    faults.write_text(json.dumps([{"match": "^CREATE ROLE .*PASSING", "with": "lock"}]))
    done = clone.leap(*APPLY)
    faults.write_text("[]")
    assert done.returncode == 1
    assert "waited for a lock for too long" in done.stderr
    (told,) = (line for line in done.stderr.splitlines() if "failed: " in line)
    assert "3 updated" in told
    assert re.search(r"failed: AccountRole passing-\d+; not begun: GrantAccountRole \S+-\d+", told)
    assert "run the same command again" in done.stderr
    good(clone.leap(*APPLY))
    quiet(clone, STACK)


def test_a_second_update_is_refused_by_leap_and_by_the_engine(
    clone: Clone, whole: dict[str, list[str]]
) -> None:
    assert whole["DATABASES"]
    variables = {**clone.variables, **clone.facts("env", "--stack", STACK)}
    for bare, reason in ((False, "is being changed by leap apply"), (True, "is locked by")):
        change(clone)
        with held_at(clone, Point("change", "nobody", "statement", 1, by_hand=bare)) as first:
            second = clone.leap(*APPLY)
            assert (second.returncode, reason in second.stderr) == (3, True), second.stderr
            other = by_hand(clone, variables)
            assert other.returncode != 0
            assert "currently locked by" in other.stdout + other.stderr
        said, _ = first.communicate()
        assert first.returncode == 0, said
    assert clone.leap("preview", "--stack", STACK, "--expect-no-changes").returncode == 0


def by_hand(clone: Clone, variables: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """A bare `pulumi up` of the stack, by the variables that `leap env` told before."""
    return subprocess.run(
        ["pulumi", "up", "--stack", STACK, "--yes", "--skip-preview", "--non-interactive"],
        cwd=clone.folder,
        env=variables,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
