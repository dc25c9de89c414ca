"""Recipes, taken from and run on a sandbox by the connection that `leap undo` uses."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, cast

import pytest

from cli.restoring import asking, server_time
from ops.restore import inventory
from ops.restore.account import Ask
from ops.restore.planned import Loss, Why
from ops.restore.recipe import Method, Recipe
from ops.restore.undo import State, Undo
from sandbox import process

if TYPE_CHECKING:
    from pathlib import Path

    from cli.workbench import Workbench

pytestmark = pytest.mark.sandbox
TABLE = ("D", "S", "T")
COLUMN = Loss("TABLE", TABLE, Why.COLUMN, "", "t")
SCHEMA = Loss("SCHEMA", ("D", "S"), Why.DROP, "", "s")


@dataclass
class Bench:
    """As much of a workbench as a connection needs."""

    given: dict[str, Any]

    def login(self) -> dict[str, Any]:
        return self.given


@pytest.fixture(scope="module")
def ask(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ask]:
    """A connection to a sandbox of its own, as the administrator."""
    root: Path = tmp_path_factory.mktemp("undo")
    try:
        facts = process.start(root, port=0, aws_port=0).snowflake
        given = {
            "account": facts.account,
            "user": facts.admin.user,
            "password": facts.admin.password,
            "host": facts.host,
            "port": facts.port,
            "protocol": facts.protocol,
        }
        with asking(cast("Workbench", Bench(given))) as asked:
            for statement in ("CREATE WAREHOUSE W", "CREATE ROLE READER"):
                asked(statement)
            yield asked
    finally:
        process.stop(root)


@pytest.fixture
def table(ask: Ask) -> Ask:
    """D.S.T (A, B, C) with three rows, which READER may read."""
    for statement in (
        "CREATE OR REPLACE DATABASE D",
        "CREATE SCHEMA D.S DATA_RETENTION_TIME_IN_DAYS = 2",
        "CREATE TABLE D.S.T (A INT NOT NULL, B VARCHAR(40), C NUMBER(10,2))",
        "INSERT INTO D.S.T VALUES (1, 'one', 1.25), (2, 'two', 2.5), (3, NULL, NULL)",
        "GRANT SELECT ON TABLE D.S.T TO ROLE READER",
    ):
        ask(statement)
    return ask


def kept(ask: Ask, *losses: Loss) -> Recipe:
    """The recipe for some losses, as the account stands."""
    before = server_time(ask)
    return Recipe(
        id="20260301T000000000Z",
        stack="prod",
        target="sandbox",
        account="sandbox",
        made_at=before.isoformat(),
        before=before.isoformat(),
        change="c",
        command="apply",
        applied_by="a",
        approved_by="b",
        objects=tuple(inventory.take(ask, losses, before)),
    )


def undo(ask: Ask, recipe: Recipe) -> dict[str, Any]:
    return {o.held.name: (o.state, o.notes) for o in Undo(ask, recipe, "STAMP").run()}


def rows(ask: Ask, query: str) -> list[tuple[Any, ...]]:
    return [tuple(row.values()) for row in ask(query)]


@pytest.mark.parametrize(
    "change",
    [
        ("ALTER TABLE D.S.T DROP COLUMN B",),
        ("ALTER TABLE D.S.T DROP COLUMN B, C", "ALTER TABLE D.S.T ADD COLUMN E INT"),
        ("ALTER TABLE D.S.T RENAME COLUMN B TO F", "UPDATE D.S.T SET F = 'x'"),
    ],
)
def test_a_table_that_lost_a_column_is_as_it_was_and_later_rows_stand_aside(
    table: Ask, change: tuple[str, ...]
) -> None:
    recipe = kept(table, COLUMN)
    assert [held.method for held in recipe.objects] == [Method.TIME_TRAVEL]
    for statement in change:
        table(statement)
    table("INSERT INTO D.S.T (A) VALUES (4)")
    state, notes = undo(table, recipe)["D.S.T"]
    assert (state, notes) == (State.RESTORED, ("rows that came since are in D.S.T__AFTER_STAMP",))
    assert rows(table, "SELECT A, B, C FROM D.S.T ORDER BY A") == [
        (1, "one", pytest.approx(1.25)),
        (2, "two", pytest.approx(2.5)),
        (3, None, None),
    ]
    assert len(rows(table, "SELECT A FROM D.S.T__AFTER_STAMP")) == 4
    assert inventory.grants_on(table, "TABLE", TABLE) == recipe.objects[0].grants
    assert undo(table, recipe)["D.S.T"] == (State.STANDS, ())


def test_a_table_is_not_cloned_from_before_its_retention(table: Ask) -> None:
    recipe = kept(table, COLUMN)
    table("ALTER TABLE D.S.T DROP COLUMN B")
    long_ago = server_time(table) - timedelta(days=30)
    state, notes = undo(table, replace(recipe, before=long_ago.isoformat()))["D.S.T"]
    assert state is State.LOST
    assert "Time travel data is not available" in notes[0]
    assert len(rows(table, "SELECT * FROM D.S.T")) == 3


def test_a_dropped_schema_comes_back_beside_one_that_took_its_name(table: Ask) -> None:
    table("CREATE STREAM D.S.NEWS ON TABLE D.S.T")
    recipe = kept(table, SCHEMA)
    table("INSERT INTO D.S.T VALUES (4, 'four', 4)")
    table("CREATE OR REPLACE SCHEMA D.S")
    states = undo(table, recipe)
    assert states["D.S"][0] is State.RESTORED
    assert states["D.S.T"] == (State.STANDS, ("4 rows, 3 before",))
    assert rows(table, "SELECT A FROM D.S.NEWS") == [(4,)]
    assert inventory.grants_on(table, "TABLE", TABLE) == next(
        held.grants for held in recipe.objects if held.path == TABLE
    )
