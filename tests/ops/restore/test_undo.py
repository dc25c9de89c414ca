"""Recipes, taken from and run on a small account of the test's own that knows UNDROP and CLONE."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ops.restore import inventory, recipe
from ops.restore.account import RefusedError
from ops.restore.planned import Loss, Why
from ops.restore.recipe import Method, Recipe
from ops.restore.undo import State, Undo, same_moment

NOW = datetime(2026, 3, 1, tzinfo=UTC)
KINDS = {"DATABASES": 1, "SCHEMAS": 2, "TABLES": 3, "STAGES": 3, "STREAMS": 3}
Key = tuple[str, ...]


class Account:
    """Databases, schemas and tables by path; what was dropped, the latest last."""

    def __init__(self) -> None:
        self.objects: dict[Key, dict[str, Any]] = {}
        self.dropped: list[tuple[Key, dict[Key, dict[str, Any]]]] = []
        self.said: list[str] = []
        self.clock = 0
        for path in (("D",), ("D", "S"), ("D", "S", "T"), ("D", "S", "U")):
            self.make(path)

    def make(self, path: Key, rows: int = 5, days: int = 7) -> None:
        self.clock += 1
        created = NOW - timedelta(days=1) + timedelta(seconds=self.clock)
        names = dict(zip(("database_name", "schema_name"), path[:-1], strict=False))
        self.objects[path] = names | {
            "name": path[-1],
            "created_on": created,
            "rows": rows,
            "bytes": 10,
            "retention_time": str(days),
            "owner": "SYSADMIN",
        }

    def drop(self, path: Key) -> None:
        gone = {p: o for p, o in self.objects.items() if p[: len(path)] == path}
        self.objects = {p: o for p, o in self.objects.items() if p not in gone}
        self.dropped.append((path, gone))

    def rename(self, path: Key, new: Key) -> None:
        moved = {p: o for p, o in self.objects.items() if p[: len(path)] == path}
        for old, found in moved.items():
            del self.objects[old]
            self.objects[new + old[len(path) :]] = found
        self.objects[new] |= {"name": new[-1]}

    def __call__(self, statement: str) -> Sequence[dict[str, Any]]:
        self.said.append(statement)
        path = tuple(re.findall(r'"([^"]+)"', statement))
        verb = statement.split()[0]
        if verb == "SHOW" and statement.startswith("SHOW GRANTS"):
            return []
        if verb == "SHOW":
            return self._show(statement, path)
        if verb == "UNDROP":
            at = max((n for n, (p, _) in enumerate(self.dropped) if p == path), default=None)
            if at is None or path in self.objects:
                raise RefusedError("cannot be undropped")
            self.objects |= self.dropped.pop(at)[1]
        elif " RENAME TO " in statement:
            half = len(path) // 2
            self.rename(path[:half], path[half:])
        elif " CLONE " in statement:
            half = len(path) // 2
            self.make(path[:half], rows=self.objects[path[half:]]["rows"])
        return []

    def _show(self, statement: str, container: Key) -> list[dict[str, Any]]:
        plural = statement.split()[1]
        if container and container not in self.objects:
            raise RefusedError("does not exist")
        rows = [
            row
            for path, row in self.objects.items()
            if len(path) == KINDS[plural] and path[: len(container)] == container
        ]
        return [] if plural in ("STAGES", "STREAMS") else rows


def kept(account: Account, *losses: Loss, **more: Any) -> Recipe:
    """The recipe for some losses, as the account stands."""
    made = Recipe(
        id="20260301T000000000Z",
        stack="prod",
        target="sandbox",
        account="sandbox",
        made_at=NOW.isoformat(),
        before=NOW.isoformat(),
        change="c",
        command="apply",
        applied_by="a",
        approved_by="b",
        objects=tuple(inventory.take(account, losses, NOW)),
    )
    return replace(made, **more)


def states(account: Account, made: Recipe) -> dict[str, State]:
    """Run it; the state by object."""
    return {o.held.name: o.state for o in Undo(account, made, "STAMP").run()}


DROPPED = Loss("SCHEMA", ("D", "S"), Why.DROP, "", "u")


@pytest.fixture
def account() -> Account:
    """Database D, schema S, tables T and U of five rows each."""
    return Account()


def test_a_dropped_schema_comes_back_with_its_tables_and_again_is_left_alone(
    account: Account,
) -> None:
    before = dict(account.objects)
    made = kept(account, DROPPED)
    account.drop(("D", "S"))
    assert set(states(account, made).values()) == {State.RESTORED, State.STANDS}
    assert account.objects == before
    account.said.clear()
    assert set(states(account, made).values()) == {State.STANDS}
    assert not [said for said in account.said if not said.startswith("SHOW")]


def test_what_was_dropped_one_by_one_comes_back_containers_first(account: Account) -> None:
    before = dict(account.objects)
    table = Loss("TABLE", ("D", "S", "T"), Why.DROP, "", "t")
    database = Loss("DATABASE", ("D",), Why.DROP, "", "d")
    made = kept(account, table, database, DROPPED)
    for path in (("D", "S", "T"), ("D", "S"), ("D",)):
        account.drop(path)
    states(account, made)
    assert account.objects == before
    undropped = [said for said in account.said if said.startswith("UNDROP")]
    assert undropped == ['UNDROP DATABASE "D"', 'UNDROP SCHEMA "D"."S"', 'UNDROP TABLE "D"."S"."T"']


def test_what_has_taken_the_name_is_renamed_aside(account: Account) -> None:
    made = kept(account, replace(DROPPED, why=Why.REPLACE))
    created = account.objects["D", "S", "T"]["created_on"]
    account.drop(("D", "S"))
    account.make(("D", "S"))
    account.make(("D", "S", "T"), rows=0)
    states(account, made)
    assert account.objects["D", "S", "T"]["created_on"] == created
    assert ("D", "S__AFTER_STAMP", "T") in account.objects


def test_a_younger_one_that_was_dropped_since_is_looked_behind(account: Account) -> None:
    made = kept(account, DROPPED)
    account.drop(("D", "S"))
    account.make(("D", "S"))
    account.drop(("D", "S"))
    assert states(account, made)["D.S"] is State.RESTORED
    assert ("D", "S", "T") in account.objects


def test_rows_that_differ_are_said(account: Account) -> None:
    made = kept(account, DROPPED)
    account.objects["D", "S", "T"]["rows"] = 3
    found = {o.held.name: o.notes for o in Undo(account, made, "STAMP").run()}
    assert found["D.S.T"] == ("3 rows, 5 before",)
    assert found["D.S.U"] == ()


def test_without_retention_only_a_kept_clone_brings_it_back(account: Account) -> None:
    account.make(("D", "S"), days=0)
    made = kept(account, DROPPED)
    assert [h.method for h in made.objects if h.kind == "SCHEMA"] == [Method.NEVER]
    account.make(("D", "K"))
    account.drop(("D", "S"))
    assert states(account, made)["D.S"] is State.LOST
    with_clone = replace(made, clones={'SCHEMA "D"."S"': '"D"."K"'})
    assert states(account, with_clone)["D.S"] is State.RESTORED


def test_tables_that_go_with_a_container_are_kept_as_long_as_it_is(account: Account) -> None:
    account.make(("D", "S", "T"), days=0)
    account.objects["D", "S"]["retention_time"] = "2"
    made = kept(account, DROPPED)
    assert {h.until for h in made.objects} == {(NOW + timedelta(days=2)).isoformat()}
    assert {h.method for h in made.objects} == {Method.UNDROP}


def test_a_transient_table_is_kept_for_a_day_at_most(account: Account) -> None:
    account.objects["D", "S", "T"]["kind"] = "TRANSIENT"
    made = kept(account, Loss("TABLE", ("D", "S", "T"), Why.DROP, "", "t"))
    assert made.until == NOW + timedelta(days=1)


def test_a_recipe_is_read_back_as_it_was_written(account: Account, tmp_path: Path) -> None:
    made = kept(account, DROPPED, resources=({"urn": "u"},))
    path = recipe.save(tmp_path / "prod", made)
    assert path.stat().st_mode & 0o777 == 0o600
    assert recipe.load(path) == made
    path.with_name("0.json").write_text("{}")
    assert recipe.kept(path.parent) == [made]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2026-03-01 10:00:00+00:00", "2026-03-01T02:00:00-08:00", True),
        ("2026-03-01 10:00:00", "2026-03-01T10:00:00+00:00", True),
        ("2026-03-01 10:00:01", "2026-03-01T10:00:00+00:00", False),
        ("?", "?", True),
    ],
)
def test_times_compare_by_moment(one: str, other: str, same: bool) -> None:
    assert same_moment(one, other) is same
