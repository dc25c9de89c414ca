"""An update that is killed anywhere is completed by the next one, with nothing twice or lost.

`LEAP_KILLS` says how many points are tried, `LEAP_KILLS_SEED` which. Without it none is: a point
takes minutes, and some still fail on a busy machine (docs/changes.md).
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest
import snowflake.connector

from tests.end_to_end.killing import STACK, Point, kill_at, points

if TYPE_CHECKING:
    from tests.end_to_end.conftest import Clone

pytestmark = [pytest.mark.engine, pytest.mark.sandbox]

COUNT = int(os.environ.get("LEAP_KILLS", "0"))
SEED = int(os.environ.get("LEAP_KILLS_SEED", "4"))
KINDS = ("WAREHOUSES", "ROLES", "DATABASES", "RESOURCE MONITORS", "INTEGRATIONS", "USERS")
INSIDE = ("SCHEMAS", "TABLES", "STAGES", "PIPES", "FILE FORMATS")


def standing(clone: Clone) -> dict[str, list[str]]:
    """Everything of the stack that SHOW tells, with every repetition."""
    status = clone.facts("sandbox", "status")["snowflake"]
    admin = status["users"]["ACCOUNTADMIN"]
    names = {"user": admin["user"], "password": admin["password"], "protocol": "http"}
    place = {key: status[key] for key in ("host", "port", "account")}
    with snowflake.connector.connect(**place, **names, role="ACCOUNTADMIN") as connection:

        def show(what: str) -> list[dict[str, Any]]:
            cursor = connection.cursor(snowflake.connector.DictCursor)
            cursor.execute(f"SHOW {what}")
            return [dict(row) for row in cursor.fetchall()]

        found = {
            kind: sorted(r["name"] for r in show(kind) if r["name"].startswith("DEV__"))
            for kind in KINDS
        }
        for kind in INSIDE if found["DATABASES"] else ():
            rows = show(f"{kind} IN DATABASE DEV__LEAP_ANALYTICS")
            found[kind] = sorted(f"{r.get('schema_name', '')}.{r['name']}" for r in rows)
        for role in found["ROLES"]:
            grants = show(f'GRANTS TO ROLE "{role}"')
            named = [f"{g['privilege']} {g['granted_on']} {g['name']}" for g in grants]
            found[f"grants to {role}"] = sorted(named)
    return found


def change(clone: Clone, number: int) -> None:
    """Facts that differ a little each time."""
    facts = clone.folder / "environments" / "dev.yaml"
    good = facts.read_text().partition("# killed")[0]
    added = f"# killed {number}\nroles:\n  LOADER:\n    comment: Number {number}\n"
    more = f"  CI:\n    comment: Number {number}\n  REPORTER:\n    comment: Number {number}\n"
    facts.write_text(good + added + more)


@pytest.fixture(scope="module")
def whole(clone: Clone) -> dict[str, list[str]]:
    """What stands after an update that nobody disturbed, with a table of somebody's rows."""
    done = clone.leap("apply", "--stack", STACK, "--yes")
    assert done.returncode == 0, done.stdout + done.stderr
    found = standing(clone)
    assert clone.leap("destroy", "--stack", STACK, "--yes").returncode == 0
    return found


@pytest.mark.parametrize(("number", "point"), list(enumerate(points(COUNT, SEED))), ids=str)
def test_the_next_run_completes_what_was_killed(
    clone: Clone, whole: dict[str, list[str]], number: int, point: Point
) -> None:
    destroying = point.command == "destroy"
    if point.command == "change":
        change(clone, number)
    kill_at(clone, point)
    assert clone.leap("sandbox", "start").returncode == 0
    done = clone.leap("destroy" if destroying else "apply", "--stack", STACK, "--yes")
    assert done.returncode == 0, done.stdout + done.stderr
    if destroying:
        assert not [name for names in standing(clone).values() for name in names]
        return
    assert standing(clone) == whole
    quiet = clone.leap("preview", "--stack", STACK, "--refresh", "--expect-no-changes")
    assert quiet.returncode == 0, quiet.stdout + quiet.stderr
