"""A state that is moved away comes back to the byte, wherever the move or the way back was cut."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from cli import memory
from cli.deployment import absence
from cli.deployment.absence import Absence, refuse_while_lost
from cli.errors import NotUsableError
from ops.drill.journal import Event, Journal

STAMP = "20260301T000000000"
OLD = {
    "stacks/leap/local.json": "the state",
    "stacks/leap/local.json.bak": "the one before",
    "history/leap/local/local-1.history.json": "an update",
    "backups/leap/local/local.1.json": "a backup",
}
OTHERS = ("stacks/leap/dev-jane.json", "meta.yaml", "history/leap/dev-jane/dev-jane-1.history.json")


class Killed(BaseException):
    """The process is gone."""


class Place:
    """A backend of files and a clone's notes."""

    def __init__(self, root: Path) -> None:
        self.states, self.kept = root / "state", root / "drills" / f"lost-state-{STAMP}"
        self.memory, self.logs = root / "memory", root / "logs"
        for name, text in OLD.items():
            self.put(name, text)
        for name in OTHERS:
            self.put(name, "another's")
        self.memory.mkdir()
        self.logs.mkdir()
        (self.memory / "local.json").write_text("what is remembered")

    def put(self, name: str, text: str) -> None:
        """A file of the backend."""
        file = self.states / ".pulumi" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def absence(self) -> Absence:
        """As each process makes it."""
        return Absence("local", self.states, self.kept, STAMP)

    def all(self) -> dict[str, str]:
        """Everything but the drill's folder."""
        files = [*self.states.rglob("*"), *self.memory.rglob("*"), *self.logs.rglob("*")]
        return {str(file): file.read_text() for file in files if file.is_file()}

    def rebuilt(self) -> None:
        """What a rebuilt state leaves."""
        self.put("stacks/leap/local.json", "rebuilt")
        self.put("history/leap/local/local-2.history.json", "the update after")
        (self.memory / "local.json").write_text("what is remembered now")
        (self.logs / "local.mended").write_text("now")


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    """The state of local and of a workspace."""
    made = Place(tmp_path)
    monkeypatch.setattr(memory, "FOLDER", made.memory)
    monkeypatch.setattr(absence, "LOGS", made.logs)
    monkeypatch.setattr(absence, "DRILLS", tmp_path / "drills")
    return made


def dying(monkeypatch: pytest.MonkeyPatch, at: int) -> Callable[[], int]:
    """Kill the process before the n-th move; how many there were."""
    moves, real = [0], Path.rename

    def rename(self: Path, target: Any) -> Any:
        moves[0] += 1
        if moves[0] == at:
            raise Killed
        return real(self, target)

    monkeypatch.setattr(Path, "rename", rename)
    return lambda: moves[0]


def test_lost_it_is_nowhere_and_others_are_untouched(place: Place) -> None:
    lost = place.absence()
    lost.lose()
    assert lost.is_lost
    left = {Path(name).name for name in place.all() if "lost-local" not in name}
    assert left == {Path(name).name for name in OTHERS}
    lost.lose()
    assert place.absence().is_lost


def test_it_comes_back_to_the_byte_over_what_was_rebuilt(place: Place) -> None:
    before, prints = place.all(), place.absence().prints()
    place.absence().lose()
    place.rebuilt()
    assert place.absence().prints() != prints
    place.absence().restore()
    assert place.all() == before
    assert place.absence().prints() == prints
    kept = {path.name for path in (place.kept / "rebuilt").rglob("*.json")}
    assert {"local-2.history.json", "stacks--leap--local.json"} <= kept
    assert place.absence().restore() == "the state was not moved"


@pytest.mark.parametrize("at", range(1, 7))
def test_killed_at_any_move_it_is_lost_or_back_the_next_time(
    place: Place, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    before = place.all()
    with monkeypatch.context() as patched:
        dying(patched, at)
        try:
            place.absence().lose()
        except Killed:
            assert not place.absence().is_lost
    place.absence().lose()
    assert place.absence().is_lost
    place.rebuilt()
    with monkeypatch.context() as patched:
        dying(patched, at)
        try:
            place.absence().restore()
        except Killed:
            assert place.all() != before
    place.absence().restore()
    assert place.all() == before


def test_at_the_end_the_histories_are_one_and_the_old_state_is_in_the_drills_folder(
    place: Place,
) -> None:
    before = place.all()
    place.absence().lose()
    place.rebuilt()
    place.absence().end()
    place.absence().end()
    history = place.states / ".pulumi" / "history" / "leap" / "local"
    assert {file.name for file in history.iterdir()} == {
        "local-1.history.json",
        "local-2.history.json",
    }
    assert (place.kept / "lost" / "stacks--leap--local.json").read_text() == "the state"
    assert not list(place.states.glob("lost-*"))
    place.absence().restore()
    assert place.all() == before


def test_no_deployment_begins_while_a_drill_has_the_state(place: Place) -> None:
    bench: Any = SimpleNamespace(
        stack="local", variables={"PULUMI_BACKEND_URL": place.states.as_uri()}
    )
    refuse_while_lost(bench)
    journal = Journal(place.kept)
    journal.write(Event.OPENED)
    place.absence().lose()
    with pytest.raises(NotUsableError, match=f"leap drill back lost-state-{STAMP}"):
        refuse_while_lost(bench)
    journal.write(Event.ENDED)
    refuse_while_lost(bench)
    (place.kept / "journal.jsonl").unlink()
    with pytest.raises(NotUsableError, match="says where each file belongs"):
        refuse_while_lost(bench)
    place.absence().restore()
    refuse_while_lost(bench)
