"""The journal survives what cuts it off, and the runner reads only it and the account."""

from __future__ import annotations

from pathlib import Path

import pytest

from ops.drill import evidence, run
from ops.drill.journal import NAME, Event, Journal
from ops.drill.shelf import kept, unfinished
from ops.drill.step import Ask, Drill, DrillFailedError, Phase, Scene, Step
from tests.ops.drill.conftest import PLACE, quiet


def nobody(*, role: str, warehouse: str = "", account: str = "") -> Ask:
    """No account is asked here."""
    raise AssertionError(role)


def scene(folder: Path) -> Scene:
    """One without an account."""
    return Scene(PLACE, nobody, folder, "20260301T000000")


def drill(*steps: Step, differences: tuple[str, ...] = ()) -> Drill:
    """A drill of some steps."""
    return Drill("a", "a", (), (), lambda s: steps, lambda s: [], lambda s: list(differences))


class World:
    """What steps do is in a set."""

    def __init__(self) -> None:
        self.done: set[str] = set()
        self.calls: list[str] = []

    def step(self, name: str, *, fails: bool = False, outage: bool = False) -> Step:
        """A step with a check and a way back."""

        def run_(_: Scene) -> dict[str, object]:
            self.calls.append(name)
            if fails and name not in self.done:
                raise DrillFailedError(f"{name} does not work")
            self.done.add(name)
            return {name: 1}

        return Step(
            name,
            name,
            Phase.HARM,
            run_,
            lambda _: {} if name in self.done else None,
            lambda _: self.done.discard(name),
            outage,
            not outage,
        )


def test_a_line_that_was_cut_off_is_passed_over_and_ended(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "d")
    journal.write(Event.OPENED, facts={"drill": "a"})
    with (tmp_path / "d" / NAME).open("a") as file:
        file.write('{"event": "begun", "at": "20')
    journal.write(Event.BEGUN, "one")
    assert [entry.event for entry in journal.entries()] == [Event.OPENED, Event.BEGUN]


def test_a_step_is_written_down_before_it_runs(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "d")
    seen: list[Event] = []

    def look(_: Scene) -> None:
        seen.extend(entry.event for entry in journal.entries())

    one = drill(Step("one", "one", Phase.PREPARE, look))
    run.open_journal(journal, one, scene(tmp_path / "d"))
    run.forward(one, scene(tmp_path / "d"), journal, quiet)
    assert seen == [Event.OPENED, Event.BEGUN]


def test_a_failed_drill_says_what_was_done_and_goes_on_there(tmp_path: Path) -> None:
    world, folder = World(), tmp_path / "d"
    journal = Journal(folder)
    broken = drill(world.step("one"), world.step("two", fails=True), world.step("three"))
    run.open_journal(journal, broken, scene(folder))
    with pytest.raises(run.StepFailedError, match=r"done: one; not done: two, three"):
        run.forward(broken, scene(folder), journal, quiet)
    assert [one.id for one in unfinished(tmp_path)] == ["d"]
    world.calls.clear()
    mended = drill(*(world.step(name) for name in ("one", "two", "three")))
    run.forward(mended, scene(folder), journal, quiet)
    assert world.calls == ["two", "three"]
    assert unfinished(tmp_path) == []


def test_a_step_that_the_account_says_is_done_is_not_done_again(tmp_path: Path) -> None:
    world, folder = World(), tmp_path / "d"
    world.done.add("one")
    journal = Journal(folder)
    one = drill(world.step("one"), world.step("two"))
    run.open_journal(journal, one, scene(folder))
    run.forward(one, scene(folder), journal, quiet)
    assert world.calls == ["two"]


def test_a_step_that_somebody_undid_meanwhile_is_done_again(tmp_path: Path) -> None:
    world, folder = World(), tmp_path / "d"
    journal = Journal(folder)
    steps = (world.step("one"), world.step("two", fails=True))
    run.open_journal(journal, drill(*steps), scene(folder))
    with pytest.raises(run.StepFailedError):
        run.forward(drill(*steps), scene(folder), journal, quiet)
    world.done.clear()
    world.calls.clear()
    run.forward(drill(steps[0], world.step("two")), scene(folder), journal, quiet)
    assert world.calls == ["one", "two"]


def test_it_is_taken_back_from_the_last_step_that_was_begun(tmp_path: Path) -> None:
    world, folder = World(), tmp_path / "d"
    journal = Journal(folder)
    steps = (world.step("one"), world.step("two", fails=True), world.step("three"))
    run.open_journal(journal, drill(*steps), scene(folder))
    with pytest.raises(run.StepFailedError):
        run.forward(drill(*steps), scene(folder), journal, quiet)
    run.backward(drill(*steps), scene(folder), journal, quiet)
    went = [entry.step for entry in journal.entries() if entry.event is Event.BACK_DONE]
    assert went == ["two", "one"]
    assert kept(tmp_path)[0].outcome == run.TOOK_BACK


def test_what_is_not_as_before_keeps_it_open(tmp_path: Path) -> None:
    world, folder = World(), tmp_path / "d"
    journal = Journal(folder)
    one = drill(world.step("one"), world.step("two", fails=True), differences=("the rows",))
    run.open_journal(journal, one, scene(folder))
    with pytest.raises(run.StepFailedError):
        run.forward(one, scene(folder), journal, quiet)
    with pytest.raises(DrillFailedError, match="the rows"):
        run.backward(one, scene(folder), journal, quiet)
    assert len(unfinished(tmp_path)) == 1


def test_rto_counts_from_the_damage_to_the_right_rows(tmp_path: Path) -> None:
    world, folder = World(), tmp_path / "d"
    journal = Journal(folder)
    one = drill(world.step("harm", outage=True), world.step("mend"))
    run.open_journal(journal, one, scene(folder))
    run.forward(one, scene(folder), journal, quiet)
    at = {e.step: e.at for e in journal.entries() if e.event is Event.DONE}
    found = evidence.of(kept(tmp_path)[0], one.steps(scene(folder)))
    assert found["rto_seconds"] == round((at["mend"] - at["harm"]).total_seconds(), 3)
