"""The drills that were run from this clone, one folder each, and which of them is not over."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from ops.drill.journal import Entry, Event, Facts, Journal
from ops.drill.run import OPEN, going_back, is_over


class Kept(NamedTuple):
    """A drill that was begun."""

    journal: Journal
    entries: tuple[Entry, ...]

    @property
    def id(self) -> str:
        """The name of its folder."""
        return self.journal.folder.name

    @property
    def opened(self) -> Facts:
        """What the first line says."""
        return self.entries[0].facts

    @property
    def drill(self) -> str:
        """Its name."""
        return str(self.opened["drill"])

    @property
    def began(self) -> datetime:
        """When it was begun."""
        return self.entries[0].at

    @property
    def is_over(self) -> bool:
        """Whether it came to an end."""
        return is_over(self.entries)

    @property
    def going_back(self) -> bool:
        """Whether it is being taken back."""
        return going_back(self.entries)

    @property
    def outcome(self) -> str:
        """How it ended."""
        ends = [entry for entry in self.entries if entry.event is Event.ENDED]
        return str(ends[-1].facts["outcome"]) if ends else OPEN

    @property
    def holder(self) -> Facts:
        """Who worked on it last."""
        worked = [e for e in self.entries if e.event in (Event.OPENED, Event.GOES_ON)]
        return worked[-1].facts

    @property
    def notes(self) -> dict[str, Any]:
        """What its steps learned."""
        found: dict[str, Any] = {}
        for entry in self.entries:
            if entry.event in (Event.DONE, Event.BACK_DONE):
                found |= entry.facts
        return found

    def where(self) -> str:
        """How far it came, in words."""
        done = [entry.step for entry in self.entries if entry.event is Event.DONE]
        begun = [entry.step for entry in self.entries if entry.event is Event.BEGUN]
        at = f"after step {done[-1]}" if done else "before its first step was done"
        open_ = f", in step {begun[-1]}" if begun and begun[-1] not in done else ""
        return (
            f"being taken back, it had come to step {begun[-1]}" if self.going_back else at + open_
        )


def kept(folder: Path) -> list[Kept]:
    """All drills of a clone, the latest first; a folder without a first line began nothing."""
    found = []
    for path in folder.glob("*/"):
        journal = Journal(path)
        entries = tuple(journal.entries())
        if entries and entries[0].event is Event.OPENED:
            found.append(Kept(journal, entries))
    return sorted(found, key=lambda one: one.began, reverse=True)


def unfinished(folder: Path, where: Callable[[Facts], bool] = lambda opened: True) -> list[Kept]:
    """Those that are not over; `where` chooses by their first line."""
    return [one for one in kept(folder) if not one.is_over and where(one.opened)]
