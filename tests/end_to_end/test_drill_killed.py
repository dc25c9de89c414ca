"""The failover drill of the deployed estate, killed anywhere: it is finished or taken back.

`LEAP_FAILOVER_KILLS=20` tries twenty points by chance, `LEAP_FAILOVER_SEED` says which; without,
nothing is tried here (`tests/ops/drill` kills every drill on a small mart). One deployment serves
all points, and before each a row is written that no failover may lose.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import pytest

from ops.drill.heartbeat import TABLE as DRILLS_OWN
from tests.end_to_end.account import logged_in
from tests.end_to_end.drill_killing import (
    BOTH,
    COMMAND,
    SANDBOX,
    STATEMENT,
    Point,
    kill_at,
    kill_the_way_on,
    points,
)
from tests.end_to_end.killing import told_faults

if TYPE_CHECKING:
    from tests.end_to_end.conftest import Clone

COUNT: Final = int(os.environ.get("LEAP_FAILOVER_KILLS", "0"))
SEED: Final = int(os.environ.get("LEAP_FAILOVER_SEED", "6"))
pytestmark = [
    pytest.mark.engine,
    pytest.mark.sandbox,
    pytest.mark.skipif(not COUNT, reason="LEAP_FAILOVER_KILLS says how many points to try"),
]

NAMED: Final = (
    Point(12, 2, STATEMENT, SANDBOX, "resume", waits=True, again=0),
    Point(14, 1, STATEMENT, SANDBOX, "back", waits=True, again=0),
    Point(18, 1, STATEMENT, SANDBOX, "resume", waits=True, again=0),
)
"""The sandbox in the steps `promote`, `move clients` and `smoke`."""
MART: Final = "LEAP_ANALYTICS.MARTS.MART_GYM_ACCESSIBILITY"
ROWS: Final = "LEAP_ANALYTICS.MARTS.WRITTEN_BEFORE_A_KILL"
SMOKE: Final = (
    "SELECT OPPORTUNITY_TIER, COUNT(*) AS N, CURRENT_ACCOUNT_NAME() AS ACCOUNT "
    f"FROM {MART} GROUP BY 1 ORDER BY 1"
)
GROUP: Final = "LEAP_FAILOVER"
CLIENTS: Final = "LEAP-ANALYTICS"
FIRST, SECOND = "LEAP-SANDBOX", "LEAP-SANDBOX_DR"
LONGEST_SECONDS: Final = 30.0
"""A command whose sandbox is gone has said so by then."""


@pytest.fixture(scope="module")
def estate(clone: Clone) -> tuple[Clone, Mapping[str, Any]]:
    """`local` with its second account, and what was there before anything was killed."""
    told_faults(clone)
    for line in (("sandbox", "stop"), ("sandbox", "start"), ("up", "--with-dr")):
        done = clone.leap(*line)
        assert done.returncode == 0, done.stdout + done.stderr
    with logged_in(clone, warehouse="TRANSFORMING_WH") as ask:
        ask(f"CREATE TABLE {ROWS} (N NUMBER)")
    return clone, seen(clone)


def seen(clone: Clone) -> dict[str, Any]:
    """What a dashboard sees through the connection, which tables there are, and who leads."""
    with logged_in(clone, role="REPORTER", at=CLIENTS, warehouse="BI_WH") as ask:
        ask("USE SECONDARY ROLES NONE")
        found: dict[str, Any] = {"smoke": ask(SMOKE)}
    for account in (FIRST, SECOND):
        with logged_in(clone, at=account, warehouse="TRANSFORMING_WH") as ask:
            if account == SECOND:
                ask(f"ALTER FAILOVER GROUP {GROUP} REFRESH")
            tables = ask("SHOW TABLES IN SCHEMA LEAP_ANALYTICS.MARTS")
            rows = ask("SHOW FAILOVER GROUPS")
            mart = ask(f"SELECT * FROM {MART} ORDER BY CENSUS_BLOCK_GROUP")
            found[account] = {
                "tables": sorted(row["name"] for row in tables),
                "groups": {
                    row["account_name"]: (row["is_primary"], row["secondary_state"]) for row in rows
                },
                "mart": (len(mart), hashlib.sha256(repr(mart).encode()).hexdigest()),
            }
    return found


def kept(clone: Clone) -> list[list[int]]:
    """The rows that were written before kills, in both accounts."""
    found = []
    for account in (FIRST, SECOND):
        with logged_in(clone, at=account, warehouse="TRANSFORMING_WH") as ask:
            found.append([int(row["n"]) for row in ask(f"SELECT N FROM {ROWS} ORDER BY N")])
    return found


TRIED: Final = [*NAMED, *points(COUNT, SEED)]


@pytest.mark.parametrize(
    ("number", "point"),
    [pytest.param(n, p, id=f"{p} (seed {SEED}, point {n})") for n, p in enumerate(TRIED)],
)
def test_killed_anywhere_it_is_finished_or_taken_back(
    estate: tuple[Clone, Mapping[str, Any]], number: int, point: Point
) -> None:
    clone, before = estate
    with logged_in(clone, warehouse="TRANSFORMING_WH") as ask:
        ask(f"INSERT INTO {ROWS} VALUES ({number})")
    ended = kill_at(clone, point)
    print(f"{point}: exit {ended.code} after {ended.seconds:.1f} s\n{ended.said}")
    if point.victim == SANDBOX:
        assert "Traceback" not in ended.said
        assert ended.seconds < LONGEST_SECONDS
        assert ended.code in (0, 1, 3)
        assert ended.code != 1 or "leap drill resume failover-" in ended.said
    end(clone, point)
    assert unfinished(clone) == []
    assert seen(clone) == before
    assert kept(clone) == [list(range(number + 1))] * 2
    assert DRILLS_OWN not in before[FIRST]["tables"]


def end(clone: Clone, point: Point) -> None:
    """Finish what was killed, or take it back; killed before it had begun, there is nothing."""
    if point.again and unfinished(clone):
        victim = COMMAND if point.victim == BOTH else point.victim
        again = kill_the_way_on(clone, point.way, victim, point.again)
        print(f"{point.way}: exit {again.code} after {again.seconds:.1f} s\n{again.said}")
        assert "Traceback" not in again.said
    if unfinished(clone):
        done = clone.leap("drill", point.way)
        assert done.returncode == 0, done.stdout + done.stderr


def unfinished(clone: Clone) -> list[str]:
    """The drills that are not over."""
    done = clone.leap("drill", "list", "--json")
    assert done.returncode == 0, done.stderr
    return [row["unfinished"] for row in json.loads(done.stdout) if row["unfinished"]]


def test_the_plan_is_quiet_after_all_of_them(estate: tuple[Clone, Mapping[str, Any]]) -> None:
    clone, _ = estate
    with logged_in(clone, warehouse="TRANSFORMING_WH") as ask:
        ask(f"DROP TABLE {ROWS}")
    quiet = clone.leap("preview", "--expect-no-changes", "--refresh", "--whole")
    assert quiet.returncode == 0, quiet.stdout + quiet.stderr
