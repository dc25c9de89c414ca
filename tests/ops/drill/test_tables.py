"""Drills on the mart itself: run, killed anywhere, continued, taken back, on a copy of it."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest

from ops.drill import evidence, page, run, table
from ops.drill.catalogue import DRILLS
from ops.drill.restore_table import DRILL as RESTORE
from ops.drill.step import Drill
from ops.drill.undrop_schema import DRILL as UNDROP
from tests.ops.drill.conftest import PLACE, Killed, Lab, Life

pytestmark = pytest.mark.sandbox
KILLS = int(os.environ.get("LEAP_DRILL_KILLS", "3"))
ROWS = "SELECT * FROM D.MARTS.MART ORDER BY STATE, OPPORTUNITY_SCORE"


@pytest.mark.parametrize("drill", [RESTORE, UNDROP], ids=lambda drill: drill.name)
def test_it_passes_and_leaves_all_as_it_was(lab: Lab, drill: Drill) -> None:
    rows, grants = lab.ask(ROWS), lab.ask("SHOW GRANTS ON TABLE D.MARTS.MART")
    scene = lab.run(drill)
    found = evidence.of(lab.kept(), drill.steps(scene))
    assert found["outcome"] == run.PASSED
    assert found["rto_seconds"] > 0
    assert found["rpo_seconds"] == 0
    assert found["smoke_during"] != found["smoke_before"] == found["smoke_after"]
    assert lab.ask(ROWS) == rows
    assert held(lab.ask("SHOW GRANTS ON TABLE D.MARTS.MART")) == held(grants)
    assert [row["name"] for row in lab.ask("SHOW TABLES IN DATABASE D")] == ["MART"]
    assert {row["name"] for row in lab.ask("SHOW SCHEMAS IN DATABASE D")} == SCHEMAS
    assert "Passed" in page.as_page(found, drill.title)


def test_the_smoke_is_the_same_in_whatever_order_the_rows_lie(lab: Lab) -> None:
    """0.1 + 0.1 + 0.1 + 4.2 is 4.5, and 4.2 + 0.1 + 0.1 + 0.1 a little less."""
    path, seen = ("D", "MARTS", "FLOATS"), []
    for order in ("OPPORTUNITY_SCORE", "OPPORTUNITY_SCORE DESC"):
        lab.ask(
            "CREATE OR REPLACE TABLE D.MARTS.FLOATS AS SELECT 'high' AS OPPORTUNITY_TIER, "
            "1 AS POPULATION, S::FLOAT AS OPPORTUNITY_SCORE FROM VALUES (0.1), (0.1), (0.1), (4.2) "
            f"AS V(S) ORDER BY {order}",
            warehouse="TRANSFORMING_WH",
        )
        seen.append(table.smoke(lambda text: lab.ask(text, warehouse="TRANSFORMING_WH"), path))
    assert seen[0] == seen[1]
    assert seen[0]["rows"][0]["block_groups"] == 4


@pytest.mark.parametrize("drill", [RESTORE, UNDROP], ids=lambda drill: drill.name)
@pytest.mark.parametrize("seed", range(KILLS))
def test_killed_anywhere_it_is_finished_or_taken_back(
    lab: Lab, kill_somewhere: Callable[[Drill, int], None], drill: Drill, seed: int
) -> None:
    rows = lab.ask(ROWS)
    kill_somewhere(drill, seed)
    assert lab.ask(ROWS) == rows
    assert [row["name"] for row in lab.ask("SHOW TABLES IN DATABASE D")] == ["MART"]
    assert {row["name"] for row in lab.ask("SHOW SCHEMAS IN DATABASE D")} == SCHEMAS


@pytest.mark.parametrize("drill", [RESTORE, UNDROP], ids=lambda drill: drill.name)
def test_on_a_copy_the_mart_itself_is_not_touched(lab: Lab, drill: Drill) -> None:
    before = lab.ask("SHOW TABLES LIKE 'MART' IN SCHEMA D.MARTS")
    lab.run(drill, place=PLACE._replace(practice=True))
    assert lab.ask("SHOW TABLES LIKE 'MART' IN SCHEMA D.MARTS") == before
    assert [row["name"] for row in lab.ask("SHOW TABLES IN DATABASE D")] == ["MART"]
    assert {row["name"] for row in lab.ask("SHOW SCHEMAS IN DATABASE D")} == SCHEMAS


@pytest.mark.parametrize("drill", [RESTORE, UNDROP], ids=lambda drill: drill.name)
def test_a_drill_on_a_copy_that_is_taken_back_leaves_nothing(lab: Lab, drill: Drill) -> None:
    place = PLACE._replace(practice=True)
    with pytest.raises(Killed):
        lab.run(drill, Life(dies_at=40), place)
    lab.back(drill, place=place)
    assert [row["name"] for row in lab.ask("SHOW TABLES IN DATABASE D")] == ["MART"]
    assert {row["name"] for row in lab.ask("SHOW SCHEMAS IN DATABASE D")} == SCHEMAS


def test_rows_that_are_not_those_of_before_are_not_called_equal(lab: Lab) -> None:
    steps = RESTORE.steps(lab.scene())
    meddled = steps[0]._replace(
        run=lambda scene: {**(steps[0].run(scene) or {}), "fingerprint": {"rows": 5, "hash": "0"}}
    )
    drill = Drill(
        "restore-table", "", (), (), lambda scene: (meddled, *steps[1:]), lambda s: [], lambda s: []
    )
    with pytest.raises(run.StepFailedError, match="the rows of") as failed:
        lab.run(drill)
    assert failed.value.step.name == "prove"
    assert not lab.kept().is_over


def test_all_problems_are_told_at_once(lab: Lab) -> None:
    lab.ask("ALTER TABLE D.MARTS.MART SET DATA_RETENTION_TIME_IN_DAYS = 0")
    lab.ask("REVOKE USAGE ON SCHEMA D.MARTS FROM ROLE REPORTER")
    found = [problem.what for problem in RESTORE.problems(lab.scene())]
    assert len(found) == 2
    assert "keeps no Time Travel" in found[0]
    assert "REPORTER cannot read" in found[1]


def test_the_catalogue_tells_what_each_needs_and_touches() -> None:
    for drill in DRILLS.values():
        assert drill.needs
        assert drill.touches


SCHEMAS = {"INFORMATION_SCHEMA", "MARTS", "PUBLIC"}


def held(rows: object) -> set[tuple[str, str]]:
    """Who holds what."""
    assert isinstance(rows, list)
    return {(row["privilege"], row["grantee_name"]) for row in rows}
