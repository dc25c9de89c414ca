"""An update that is killed anywhere is completed by the next one, with nothing twice or lost.

Two at once are not: the second is refused. Three fixed points are always tried. `LEAP_KILLS=50`
tries fifty others, `LEAP_KILLS_SEED` says which, and `LEAP_KILLS_FROM=17 LEAP_KILLS=1` tries the
seventeenth again. A point's name says all of it.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import pytest
import snowflake.connector

from tests.end_to_end.killing import (
    STACK,
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
ALWAYS: Final = (
    Point("destroy", "sandbox", "answer", 60),
    Point("destroy", "plugin", "statement", 40),
    Point("change", "engine", "answer", 2, by_hand=True),
)
RANDOM: Final = list(enumerate(points(range(FIRST, FIRST + COUNT), SEED), FIRST))
TRIED: Final = [
    *(pytest.param(point, id=str(point)) for point in ALWAYS if not COUNT),
    *(pytest.param(point, id=f"{point} (seed {SEED}, point {n})") for n, point in RANDOM),
]
KINDS: Final = ("WAREHOUSES", "ROLES", "DATABASES", "RESOURCE MONITORS", "INTEGRATIONS", "USERS")
INSIDE: Final = ("SCHEMAS", "TABLES", "STAGES", "PIPES", "FILE FORMATS", "TASKS", "ALERTS", "TAGS")
DATABASE: Final = "DEV__LEAP_ANALYTICS"
KEPT: Final = f"{DATABASE}.MARTS.SOMEBODYS"
WAREHOUSE: Final = "DEV__TRANSFORMING_WH"
PASSING: Final = "DEV__PASSING_"
SOMEBODYS: Final = "DEV__SOMEBODYS"


@contextmanager
def account(clone: Clone) -> Iterator[Any]:
    """The administrator's cursor."""
    status = clone.facts("sandbox", "status")["snowflake"]
    admin = status["users"]["ACCOUNTADMIN"]
    names = {"user": admin["user"], "password": admin["password"], "protocol": "http"}
    place = {key: status[key] for key in ("host", "port", "account")}
    with snowflake.connector.connect(**place, **names, role="ACCOUNTADMIN") as connection:
        yield connection.cursor(snowflake.connector.DictCursor)


def standing(cursor: Any) -> dict[str, list[str]]:
    """Everything of the stack that SHOW tells, with every repetition."""

    def show(what: str) -> list[dict[str, Any]]:
        return [dict(row) for row in cursor.execute(f"SHOW {what}").fetchall()]

    found = {
        kind: sorted(r["name"] for r in show(kind) if r["name"].startswith("DEV__"))
        for kind in KINDS
    }
    for kind in INSIDE if found["DATABASES"] else ():
        rows = show(f"{kind} IN DATABASE {DATABASE}")
        found[kind] = sorted(f"{r.get('schema_name', '')}.{r['name']}" for r in rows)
    passing = [name for name in found["ROLES"] if name.startswith(PASSING)]
    found["ROLES"] = [name for name in found["ROLES"] if name not in passing]
    found["passing roles"] = ["one" for _ in passing]
    for role in found["ROLES"]:
        grants = show(f'GRANTS TO ROLE "{role}"')
        named = [f"{g['privilege']} {g['granted_on']} {g['name']}" for g in grants]
        found[f"grants to {role}"] = sorted(named)
    return found


def difference(
    found: dict[str, list[str]], whole: dict[str, list[str]]
) -> dict[str, tuple[list[str], list[str]]]:
    """What is too much, and what is missing, of each kind."""
    both = {kind: (found.get(kind, []), whole.get(kind, [])) for kind in [*found, *whole]}
    return {
        kind: ([n for n in now if n not in right], [n for n in right if n not in now])
        for kind, (now, right) in both.items()
        if now != right
    }


def change(clone: Clone) -> None:
    """Facts that differ each time: comments change, one role goes and another comes."""
    facts = clone.folder / "environments" / "dev.yaml"
    good, _, before = facts.read_text().partition("# killed ")
    number = int(before.partition("\n")[0] or 0) + 1
    said = f"{{comment: Number {number}}}"
    passing = f"{{kind: functional, comment: Number {number}}}"
    facts.write_text(
        f"{good}# killed {number}\nroles:\n  LOADER: {said}\n  CI: {said}\n  REPORTER: {said}\n"
        f"  PASSING_{number}: {passing}\n"
    )


@pytest.fixture(scope="module")
def whole(clone: Clone) -> dict[str, list[str]]:
    """What stands after an update that nobody disturbed."""
    told_faults(clone)
    for word in ("stop", "start"):
        assert clone.leap("sandbox", word).returncode == 0
    change(clone)
    done = clone.leap("apply", "--stack", STACK, "--yes")
    assert done.returncode == 0, done.stdout + done.stderr
    with account(clone) as cursor:
        return standing(cursor)


@pytest.mark.parametrize("point", TRIED)
def test_the_next_run_completes_what_was_killed(
    clone: Clone, whole: dict[str, list[str]], point: Point
) -> None:
    prepare(clone, point)
    killed = kill_at(clone, point)
    with account(clone) as cursor:
        cursor.execute(f"CREATE ROLE IF NOT EXISTS {SOMEBODYS}")
    done = clone.leap("apply", "--stack", STACK, "--yes")
    assert done.returncode == 0, f"killed: {killed}\n{done.stdout}{done.stderr}"
    with account(clone) as cursor:
        assert cursor.execute(f"SHOW ROLES LIKE '{SOMEBODYS}'").fetchall()
        cursor.execute(f"DROP ROLE {SOMEBODYS}")
        if point.command == "change":
            cursor.execute(f"USE WAREHOUSE {WAREHOUSE}")
            assert cursor.execute(f"SELECT * FROM {KEPT}").fetchall() == [{"A": 1}]
            cursor.execute(f"DROP TABLE {KEPT}")
        assert difference(standing(cursor), whole) == {}
    quiet = clone.leap("preview", "--stack", STACK, "--refresh", "--expect-no-changes")
    assert quiet.returncode == 0, quiet.stdout + quiet.stderr


def test_a_second_update_is_refused_by_leap_and_by_the_engine(
    clone: Clone, whole: dict[str, list[str]]
) -> None:
    assert whole["DATABASES"]
    variables = {**clone.variables, **clone.facts("env", "--stack", STACK)}
    for bare, reason in ((False, "is being changed by leap apply"), (True, "is locked by")):
        change(clone)
        with held_at(clone, Point("change", "nobody", "statement", 1, by_hand=bare)) as first:
            second = clone.leap("apply", "--stack", STACK, "--yes")
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


def prepare(clone: Clone, point: Point) -> None:
    """What stands before the killed command: nothing for a deployment, a table for a change."""
    if point.command == "apply":
        done = clone.leap("destroy", "--stack", STACK, "--yes")
        assert done.returncode == 0, done.stdout + done.stderr
        with account(clone) as cursor:
            assert not [name for names in standing(cursor).values() for name in names]
    if point.command == "change":
        with account(clone) as cursor:
            cursor.execute(f"USE WAREHOUSE {WAREHOUSE}")
            cursor.execute(f"CREATE TABLE {KEPT} AS SELECT 1 AS A")
        change(clone)
