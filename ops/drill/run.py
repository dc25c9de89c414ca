"""Going through a drill, on from where it was, or back to where it began.

Only the journal is written here. What is raised as `Exception` by a step is noted and raised again;
anything else (a signal, the end of the process) leaves the journal as it is, because the next
process has to be able to go on from that too.
"""

from __future__ import annotations

import getpass
import os
import socket
import time
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from typing import Any, Final, Protocol

from ops.drill.journal import Entry, Event, Facts, Journal
from ops.drill.step import Drill, DrillFailedError, Phase, Scene, Step

TOOK_BACK: Final = "taken back"
PASSED: Final = "passed"
OPEN: Final = "unfinished"


class Watch(Protocol):
    """Shows a step while it runs."""

    def __call__(self, title: str) -> AbstractContextManager[Any]:
        """Around one step; what it yields has `done(text)`."""


class StepFailedError(Exception):
    """A step that failed, with what was done before it and what was not."""

    def __init__(self, step: Step, cause: Exception, done: list[str], left: list[str]) -> None:
        self.step, self.cause, self.done, self.left = step, cause, done, left
        words = " ".join(str(cause).split())
        super().__init__(
            f"step {step.name} failed: {words}\n"
            f"done: {', '.join(done) or 'nothing'}; not done: {', '.join(left)}"
        )


def open_journal(journal: Journal, drill: Drill, scene: Scene) -> None:
    """The first line: what, where, by whom."""
    place = scene.place
    journal.write(
        Event.OPENED,
        facts={
            "drill": drill.name,
            "stack": place.stack,
            "account": place.account,
            "target": place.target,
            "place": place._asdict(),
            "stamp": scene.stamp,
            **runner(),
        },
    )


def runner() -> Facts:
    """Who runs it: process, person, machine."""
    return {"pid": os.getpid(), "user": getpass.getuser(), "host": socket.gethostname()}


def forward(drill: Drill, scene: Scene, journal: Journal, watch: Watch) -> None:
    """Every step that is not done, to the end.

    Raises:
        StepFailedError: one failed; the journal says so.
    """
    remember(scene, journal.entries())
    steps = drill.steps(scene)
    todo = _todo(steps, scene, journal.entries())
    for number, step in enumerate(steps, 1):
        if step not in todo:
            continue
        with watch(f"{number}/{len(steps)} {step.does}") as running:
            facts = _take(step, steps, scene, journal)
            running.done(words(facts))
    journal.write(Event.ENDED, facts={"outcome": PASSED})


def backward(
    drill: Drill, scene: Scene, journal: Journal, watch: Watch, *, accept: bool = False
) -> None:
    """Take back every step that was begun, the last first, and see that all is as it was.

    `accept`: what differs was meant by somebody, and the drill ends with it in its evidence.

    Raises:
        StepFailedError: one cannot be taken back.
        DrillFailedError: something is not as it was.
    """
    entries = journal.entries()
    remember(scene, entries)
    steps = drill.steps(scene)
    begun = {entry.step for entry in entries if entry.event is Event.BEGUN}
    wanted = [step for step in reversed(steps) if step.name in begun and step.back is not None]
    for at, step in enumerate(wanted):
        assert step.back is not None
        with watch(f"back: {step.name}") as running:
            journal.write(Event.BACK_BEGUN, step.name)
            try:
                facts = step.back(scene) or {}
            except Exception as error:
                journal.write(Event.FAILED, step.name, {"error": str(error), "back": True})
                left = [one.name for one in wanted[at:]]
                raise StepFailedError(
                    step, error, [one.name for one in wanted[:at]], left
                ) from error
            journal.write(Event.BACK_DONE, step.name, facts)
            running.done(words(facts))
    differences = drill.differences(scene) if drill_was_noted(entries) else []
    if differences and not accept:
        raise DrillFailedError("not as it was before: " + "; ".join(differences))
    lessons = [f"accepted, not as it was before: {one}" for one in differences]
    journal.write(Event.ENDED, facts={"outcome": TOOK_BACK, "lessons": lessons})


def drill_was_noted(entries: Iterable[Entry]) -> bool:
    """Whether the first step ended: before it, nothing is known to compare with, or changed."""
    return any(entry.event is Event.DONE for entry in entries)


def remember(scene: Scene, entries: Iterable[Entry]) -> None:
    """What the steps learned, from the journal."""
    for entry in entries:
        if entry.event in (Event.DONE, Event.BACK_DONE):
            scene.notes.update(entry.facts)


def is_over(entries: Iterable[Entry]) -> bool:
    """Whether the drill came to an end."""
    return any(entry.event is Event.ENDED for entry in entries)


def going_back(entries: Iterable[Entry]) -> bool:
    """Whether somebody began to take it back: then there is no way forward any more."""
    return any(entry.event is Event.BACK_BEGUN for entry in entries)


def _todo(steps: tuple[Step, ...], scene: Scene, entries: list[Entry]) -> list[Step]:
    """Steps that the journal does not say are done, and the last one if the account says no."""
    done = {entry.step for entry in entries if entry.event is Event.DONE}
    todo = [step for step in steps if step.name not in done]
    last = next((step for step in reversed(steps) if step.name in done), None)
    if last is not None and last.check is not None and last.check(scene) is None:
        todo.insert(0, last)
    return todo


def _take(step: Step, steps: tuple[Step, ...], scene: Scene, journal: Journal) -> Facts:
    journal.write(Event.BEGUN, step.name)
    started = time.monotonic()
    try:
        found = step.check(scene) if step.check is not None else None
        facts = dict(found if found is not None else step.run(scene) or {})
    except Exception as error:
        journal.write(Event.FAILED, step.name, {"error": " ".join(str(error).split())})
        at = steps.index(step)
        done, left = [s.name for s in steps[:at]], [s.name for s in steps[at:]]
        raise StepFailedError(step, error, done, left) from error
    scene.notes.update(facts)
    seconds = round(time.monotonic() - started, 3)
    journal.write(Event.DONE, step.name, {**facts, "seconds": seconds})
    return facts


def words(facts: Facts) -> str:
    """What a step says of itself when it is done."""
    return str(facts.get("said") or "")


def harm_was_done(steps: Iterable[Step], entries: Iterable[Entry]) -> Iterator[Step]:
    """The steps that may have damaged something."""
    begun = {entry.step for entry in entries if entry.event is Event.BEGUN}
    yield from (step for step in steps if step.phase is Phase.HARM and step.name in begun)
