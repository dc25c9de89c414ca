"""Two accounts of the sandbox: failed over and back, killed anywhere, refused where it must be.

`LEAP_DRILL_KILLS=20` tries twenty points of the drill, by seed.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import Any

import pytest
import snowflake.connector

from ops.drill import evidence, reading, run, second
from ops.drill.failover import DRILL
from ops.drill.step import Drill, DrillFailedError
from ops.drill.tools import Tools
from ops.restore.account import RefusedError
from sandbox import process
from tests.ops.drill.conftest import PLACE, Killed, Lab, Life, quiet

pytestmark = pytest.mark.sandbox
KILLS = int(os.environ.get("LEAP_DRILL_KILLS", "2"))
DR = "LEAP-SANDBOX_DR"
TWO = PLACE._replace(second=DR, groups=("G",), client="C")
HOME = (
    "CREATE TASK D.MARTS.T WAREHOUSE = TRANSFORMING_WH SCHEDULE = '1440 MINUTE' AS SELECT 1",
    "ALTER TASK D.MARTS.T RESUME",
    "CREATE FAILOVER GROUP G OBJECT_TYPES = DATABASES, ROLES, WAREHOUSES ALLOWED_DATABASES = D "
    "ALLOWED_ACCOUNTS = LEAP.SANDBOX_DR REPLICATION_SCHEDULE = '60 MINUTE'",
    "CREATE CONNECTION C",
    "ALTER CONNECTION C ENABLE FAILOVER TO ACCOUNTS LEAP.SANDBOX_DR",
)
THERE = (
    "CREATE FAILOVER GROUP G AS REPLICA OF LEAP.SANDBOX.G",
    "ALTER FAILOVER GROUP G REFRESH",
    "CREATE CONNECTION C AS REPLICA OF LEAP.SANDBOX.C",
)
ROWS = "SELECT * FROM D.MARTS.MART ORDER BY STATE, OPPORTUNITY_SCORE"


@pytest.fixture
def pair(lab: Lab) -> Iterator[Lab]:
    """The mart, replicated, with a task that runs and a connection that clients use."""

    def poll(account: str, role: str, warehouse: str, statement: str) -> Sequence[dict[str, Any]]:
        here = process.status(lab.root).connection
        assert here is not None
        snowflake_ = here.snowflake
        with (
            snowflake.connector.connect(
                account=account,
                host=snowflake_.host,
                port=snowflake_.port,
                protocol=snowflake_.protocol,
                user=snowflake_.admin.user,
                password=snowflake_.admin.password,
                role=role,
                warehouse=warehouse,
            ) as connection,
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)
            names = [column.name.lower() for column in cursor.description]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    lab.place, lab.tools = TWO, Tools(poll=poll)
    for statement in HOME:
        lab.ask(statement)
    for statement in THERE:
        second.patiently(lambda text: lab.ask(text, account=DR), statement)
    yield lab
    reading.end(lab.folder)
    for statement in ("ALTER CONNECTION C PRIMARY", "ALTER FAILOVER GROUP G PRIMARY"):
        with suppress(RefusedError):
            second.patiently(lab.ask, statement)
    for account in (DR, ""):
        for statement in ("DROP FAILOVER GROUP G", "DROP CONNECTION C", "DROP DATABASE D"):
            with suppress(RefusedError):
                lab.ask(statement, account=account)


def assert_home(lab: Lab) -> None:
    """The first account leads, the second follows and has no rows of a drill."""
    scene = lab.scene()
    assert DRILL.differences(scene) == [] if scene.notes else True
    assert second.leads(scene, second.home(scene), "LEAP-SANDBOX")
    assert second.clients_at(scene, second.home(scene), "LEAP-SANDBOX")
    for account in ("", DR):
        tables = [row["name"] for row in lab.ask("SHOW TABLES IN DATABASE D", account=account)]
        assert tables == ["MART"]
    row = second.group(second.there(scene), "G", DR)
    assert row is not None
    assert row["secondary_state"] == "STARTED"


def test_the_second_account_serves_and_gives_back(pair: Lab) -> None:
    rows = pair.ask(ROWS)
    scene = pair.run(DRILL)
    found = evidence.of(pair.kept(), DRILL.steps(scene))
    assert found["outcome"] == run.PASSED
    assert found["rto_seconds"] > 0
    assert 0 < found["rpo_seconds"] < 600
    assert found["smoke_after"] == found["smoke_before"]
    assert "read-only" in pair.kept().notes["refusal"]
    seen = reading.summary(pair.folder)
    assert seen["errors"] == {}
    assert set(seen["answered_by"]) == {"SANDBOX", "SANDBOX_DR"}
    assert pair.ask(ROWS) == pair.ask(ROWS, "ACCOUNTADMIN", "BI_WH", DR) == rows
    assert_home(pair)


@pytest.mark.parametrize("seed", range(KILLS))
def test_killed_anywhere_it_is_finished_or_taken_back(
    pair: Lab, kill_somewhere: Callable[[Drill, int], None], seed: int
) -> None:
    rows = pair.ask(ROWS)
    kill_somewhere(DRILL, seed)
    assert pair.ask(ROWS) == rows
    assert_home(pair)


def test_taken_back_what_was_written_over_there_is_kept(pair: Lab) -> None:
    with pytest.raises(Killed):
        pair.run(DRILL, Life(dies_in="count the loss"))
    work = "INSERT INTO D.MARTS.MART VALUES ('NV', 'low', 1, 1)"
    pair.ask(work, "ACCOUNTADMIN", "BI_WH", DR)
    journal = pair.journal()
    changed = "the rows of D.MARTS.MART"
    with pytest.raises(DrillFailedError, match=changed):
        run.backward(DRILL, pair.scene(), journal, quiet)
    assert not pair.kept().is_over
    run.backward(DRILL, pair.scene(), journal, quiet, accept=True)
    assert pair.kept().outcome == run.TOOK_BACK
    found = evidence.of(pair.kept(), DRILL.steps(pair.scene()))
    assert [changed in text for text in found["lessons"]] == [True]
    kept = pair.ask("SELECT STATE FROM D.MARTS.MART WHERE STATE = 'NV'", "ACCOUNTADMIN", "BI_WH")
    assert kept == [{"state": "NV"}]


def test_a_copy_with_other_rows_is_found_before_anything_is_promoted(
    pair: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    def other_rows(ask: object, path: object, at: str = "") -> dict[str, object]:
        prints.append(len(prints))
        return {"rows": 5 + len(prints), "hash": "0"}

    prints: list[int] = []
    monkeypatch.setattr("ops.drill.table.fingerprint", other_rows)
    with pytest.raises(run.StepFailedError, match="7 there, 6 here") as failed:
        pair.run(DRILL)
    assert failed.value.step.name == "refresh"
    assert second.leads(pair.scene(), second.home(pair.scene()), "LEAP-SANDBOX")


def test_a_second_account_whose_refreshes_are_suspended_is_no_place_to_go(pair: Lab) -> None:
    pair.ask("ALTER FAILOVER GROUP G SUSPEND", account=DR)
    (problem,) = DRILL.problems(pair.scene())
    assert "it lags" in problem.what
    assert problem.remedy.endswith("ALTER FAILOVER GROUP G RESUME")


def test_a_platform_without_a_second_account_is_told_how_to_get_one(lab: Lab) -> None:
    found = DRILL.problems(lab.scene())
    assert [problem.bad_input for problem in found] == [True]
    assert "leap up --with-dr" in found[0].remedy


def test_a_connection_that_leads_elsewhere_and_a_group_that_is_not_primary_stop_it(
    pair: Lab,
) -> None:
    pair.ask("ALTER CONNECTION C PRIMARY", account=DR)
    said = [problem.what for problem in DRILL.problems(pair.scene())]
    assert said == ["LEAP-C does not lead to LEAP-SANDBOX"]
    pair.ask("ALTER FAILOVER GROUP G PRIMARY", account=DR)
    assert "G is not primary in LEAP-SANDBOX" in [p.what for p in DRILL.problems(pair.scene())]
    pair.ask("ALTER FAILOVER GROUP G REFRESH")
    pair.ask("ALTER FAILOVER GROUP G PRIMARY")
    pair.ask("ALTER CONNECTION C PRIMARY")


@pytest.mark.parametrize(
    ("second", "bad_input", "words"),
    [
        ("LEAP-C", True, "LEAP-C is answered by SANDBOX"),
        ("LEAP-NOWHERE", False, "Verify the account name is correct"),
    ],
)
def test_a_wrong_name_of_the_second_account_is_told(
    pair: Lab, second: str, bad_input: bool, words: str
) -> None:
    (found,) = DRILL.problems(pair.scene(place=TWO._replace(second=second)))
    assert found.bad_input is bad_input
    assert words in found.what
    assert found.remedy.startswith("Put the second account's name right")
