"""Differences that somebody accepted for a while: a facts file with reason, owner and an end.

What has ended, or whose date cannot be read, excuses nothing. The last day counts.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated, Final, NamedTuple

from pydantic import StringConstraints

from infra.model.base import Fact
from ingestion import yaml_file
from ops.drift.finding import Finding

FOLDER: Final = "environments/drift"

Words = Annotated[str, StringConstraints(min_length=3)]


class Acceptance(Fact):
    """One decision."""

    finding: Words
    """The finding's words as `leap drift` prints them; ``*`` stands for any letters."""
    reason: Words
    owner: Words
    """Who answers for it."""
    until: str
    """The last day, ``YYYY-MM-DD``; anything else has ended."""

    def covers(self, finding: Finding) -> bool:
        """Whether it is about this finding, in time or not."""
        return fnmatchcase(finding.what, self.finding)

    def holds_on(self, day: date) -> bool:
        """Whether it still excuses on that day."""
        try:
            return day <= date.fromisoformat(self.until)
        except ValueError:
            return False


class Accepted(Fact):
    """The file."""

    accepted: tuple[Acceptance, ...] = ()


class Split(NamedTuple):
    """Findings by what was decided about them."""

    open: list[Finding]
    excused: list[tuple[Finding, Acceptance]]
    ended: list[Acceptance]
    """Those that cover something and no longer hold, a date that cannot be read included."""
    idle: list[Acceptance]
    """Those that cover nothing any more."""


def file_of(stack: str) -> str:
    """The stack's file, from the repository's root."""
    return f"{FOLDER}/{stack}.yaml"


def load(root: Path, stack: str) -> tuple[Acceptance, ...]:
    """The stack's decisions; none where there is no file.

    Raises:
        InvalidInputError: with every problem of the file.
    """
    shown = file_of(stack)
    path = root / shown
    return yaml_file.read(path, shown, Accepted).accepted if path.is_file() else ()


def split(findings: Iterable[Finding], decisions: Iterable[Acceptance], day: date) -> Split:
    """Which findings are excused on a day."""
    decided = list(decisions)
    result = Split([], [], [], [])
    used = set()
    for finding in findings:
        covering = [number for number, one in enumerate(decided) if one.covers(finding)]
        used |= set(covering)
        holding = next((decided[n] for n in covering if decided[n].holds_on(day)), None)
        if holding is None:
            result.open.append(finding)
        else:
            result.excused.append((finding, holding))
    for number, one in enumerate(decided):
        if number not in used:
            result.idle.append(one)
        elif not one.holds_on(day):
            result.ended.append(one)
    return result
