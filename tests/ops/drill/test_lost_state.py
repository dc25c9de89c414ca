"""The state is lost: the real account and journal, and an engine whose state is one file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from ops.drill import evidence, run
from ops.drill.lost_state import DRILL
from ops.drill.run import StepFailedError
from ops.drill.step import Drill, Problem
from ops.drill.tools import Tools
from tests.ops.drill.conftest import Killed, Lab, Life

pytestmark = pytest.mark.sandbox
SECRET = "ALTER USER LEO SET PASSWORD = 'a secret'"
OLD = "the state as it was"


@dataclass
class OneFile:
    """A state that is one file; what is moved is beside it."""

    lab: Lab
    root: Path
    pending: list[Problem] = field(default_factory=list)
    absent: list[str] = field(default_factory=list)
    differences: list[str] = field(default_factory=list)
    said: str = SECRET
    """The statement that the deployment sends."""

    @property
    def state(self) -> Path:
        return self.root / "state"

    def away(self, stamp: str) -> Path:
        """Where it was moved."""
        return self.root / f"away-{stamp}"

    def problems(self, *, practice: bool) -> list[Problem]:
        return self.pending

    def copy(self, folder: Path, *, practice: bool) -> dict[str, Any]:
        if not (folder / "copy").exists():
            (folder / "copy").write_text(self.state.read_text())
        return {"resources": 3, "said": "3 resources"}

    def lose(self, folder: Path, stamp: str) -> None:
        if not self.away(stamp).exists():
            self.state.rename(self.away(stamp))

    def is_lost(self, folder: Path, stamp: str) -> bool:
        return self.away(stamp).exists()

    def restore(self, folder: Path, stamp: str) -> str:
        if self.away(stamp).exists():
            self.away(stamp).replace(self.state)
        return "as it was"

    def unlike(self, folder: Path, stamp: str) -> list[str]:
        same = self.state.read_text() == (folder / "copy").read_text()
        return [] if same else ["the state"]

    def end(self, folder: Path, stamp: str) -> None:
        """It stays beside it."""

    def missing(self, folder: Path, *, practice: bool) -> int:
        return 3 if practice or not self.state.exists() else 0

    def rebuild(self, folder: Path) -> dict[str, Any]:
        (folder / "made").write_text(f"rebuilt from {(folder / 'copy').read_text()}")
        return self.facts()

    def facts(self) -> dict[str, Any]:
        """What a rebuilding tells."""
        return {
            "rounds": 2,
            "set_again": ["User leo (password)"],
            "believed": [],
            "absent": self.absent,
            "waiting": [],
        }

    def rebuilt(self, folder: Path) -> dict[str, Any] | None:
        return self.facts() if (folder / "made").exists() else None

    def write(self, folder: Path) -> None:
        self.state.write_text((folder / "made").read_text())

    def settle(self, folder: Path, *, practice: bool) -> dict[str, Any]:
        self.lab.ask("ALTER SESSION SET QUERY_TAG = 'leap stack local'")
        try:
            self.lab.ask(self.said)
        finally:
            self.lab.ask("ALTER SESSION UNSET QUERY_TAG")
        return {"updated": ["User leo"], "said": "1 updated"}

    def quiet(self, folder: Path, *, practice: bool) -> str:
        return "3 unchanged"

    def proof(self, folder: Path, *, practice: bool) -> dict[str, Any]:
        return {"differences": self.differences, "alike": 2, "objects": 1}


@pytest.fixture
def states(lab: Lab, tmp_path: Path) -> OneFile:
    """The state, and a user whose password is set again."""
    lab.ask("CREATE OR REPLACE USER LEO")
    made = OneFile(lab, tmp_path)
    made.state.write_text(OLD)
    lab.tools = Tools(states=made)
    return made


def test_the_state_is_rebuilt_and_the_evidence_says_what_was_set(lab: Lab, states: OneFile) -> None:
    scene = lab.run(DRILL)
    found = evidence.of(lab.kept(), DRILL.steps(scene))
    assert found["outcome"] == run.PASSED
    assert found["rto_seconds"] > 0
    assert found["rpo_seconds"] == 0.0
    assert "quiet" in found["rto_basis"]
    assert found["found"] == [{"statement": "ALTER USER LEO SET PASSWORD = '…'"}]
    assert "a secret" not in str(found)
    assert found["smoke_before"] == found["smoke_during"] == found["smoke_after"]
    assert any("User leo (password)" in text for text in found["lessons"])
    assert states.state.read_text() == f"rebuilt from {OLD}"
    assert states.away(lab.stamp).read_text() == OLD


@pytest.mark.parametrize("seed", range(4))
def test_killed_anywhere_it_is_finished_or_taken_back(
    lab: Lab, states: OneFile, kill_somewhere: Callable[[Drill, int], None], seed: int
) -> None:
    kill_somewhere(DRILL, seed)  # which runs it whole first
    old = f"rebuilt from {OLD}"
    passed = lab.journal().entries() and lab.kept().outcome == run.PASSED
    assert states.state.read_text() == (f"rebuilt from {old}" if passed else old)
    assert not passed or states.away(lab.stamp).read_text() == old


@pytest.mark.parametrize(
    "step", ["note", "lose", "notice", "rebuild", "write", "settle", "quiet", "prove", "tidy"]
)
def test_taken_back_from_each_step_the_state_is_as_it_was(
    lab: Lab, states: OneFile, step: str
) -> None:
    with pytest.raises(Killed):
        lab.run(DRILL, Life(dies_in=step))
    lab.back(DRILL)
    assert lab.kept().outcome == run.TOOK_BACK
    assert states.state.read_text() == OLD


def test_a_practice_leaves_the_state_alone(lab: Lab, states: OneFile) -> None:
    lab.run(DRILL, place=lab.place._replace(practice=True, target="snowflake"))
    assert states.state.read_text() == OLD
    assert not states.away(lab.stamp).exists()
    assert lab.kept().outcome == run.PASSED


def test_what_no_cloud_has_fails_it_before_anything_is_written(lab: Lab, states: OneFile) -> None:
    states.absent = ["Warehouse bi-wh"]
    with pytest.raises(StepFailedError, match="not found in any cloud: Warehouse bi-wh"):
        lab.run(DRILL)
    assert not states.state.exists()
    lab.back(DRILL)
    assert states.state.read_text() == OLD


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"differences": ["User leo is missing"]}, "User leo is missing"),
        ({"said": "CREATE OR REPLACE USER LEO"}, "CREATE OR REPLACE USER LEO"),
    ],
)
def test_another_object_or_one_made_anew_fails_the_proof(
    lab: Lab, states: OneFile, given: dict[str, Any], words: str
) -> None:
    for name, value in given.items():
        setattr(states, name, value)
    with pytest.raises(StepFailedError, match=words):
        lab.run(DRILL)
    lab.back(DRILL)
    assert states.state.read_text() == OLD


def test_changes_that_wait_are_told_before_it_begins(lab: Lab, states: OneFile) -> None:
    states.pending = [Problem("changes wait: 1 updated", "Deploy")]
    assert [one.what for one in DRILL.problems(lab.scene())] == ["changes wait: 1 updated"]
