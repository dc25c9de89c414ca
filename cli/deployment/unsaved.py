"""Runs that are under way, and whether the last one has told all that it did.

The file backend writes the whole state after every step, so that a run grows with the square of
the stack (1,000 objects: six times as long). In the sandbox the engine may save once, at its end:
what a killed run made is found by the account's word (`cli.deployment.witness`), what it changed by
asking the account. A real account's runs save after every step.

A note is made before the engine starts and goes when the run ended well, or when what it left was
put right. So whatever is killed when, the next command finds the note.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from cli.deployment import updates
from cli.paths import LOGS

VARIABLE: Final = "PULUMI_SKIP_CHECKPOINTS"
NO_LOG: Final = "none"
CREATIONS: Final = frozenset({"create", "create-replacement"})


@dataclass(frozen=True, slots=True)
class Unfinished:
    """A stack whose last run left more, or less, in the account than the state says.

    `since`: when the last good run ended; None before the first. `told_all`: every change that
    succeeded is in the state, so that only creations can be unknown to it. `began`: when the last
    run did, or the last good one ended; None where neither is known.
    """

    since: datetime | None
    told_all: bool
    began: datetime | None = field(default=None, compare=False)


def begin(stack: str, events: Path | None = None) -> None:
    """Note, before the engine starts, where it will say what it does."""
    LOGS.mkdir(parents=True, exist_ok=True)
    note = {"began": int(time.time()), "events": events.name if events else ""}
    temporary = _marker(stack).with_suffix(".new")
    temporary.write_text(json.dumps(note), encoding="utf-8")
    temporary.replace(_marker(stack))


def end(stack: str) -> None:
    """Forget the note: the state is saved."""
    _marker(stack).unlink(missing_ok=True)


def is_open(stack: str) -> bool:
    """Whether a run was begun of which it is not known that it saved its state."""
    return _marker(stack).exists()


def mended(stack: str, variables: Mapping[str, str]) -> None:
    """What the last run left was put right: forget the note, and how that run ended."""
    last = next(updates.of(stack, variables), None)
    if last is not None:
        _mended(stack).write_text(last.ended.isoformat(), encoding="utf-8")
    end(stack)


def unfinished(
    stack: str, variables: Mapping[str, str], deployment: Mapping[str, Any]
) -> Unfinished | None:
    """What is known of a last run that did not end well; None where nothing can be amiss."""
    ended = list(_until_good(updates.of(stack, variables)))
    last, good = (ended[0] if ended else None), next((u for u in ended if u.succeeded), None)
    since = good.ended if good else None
    noted = is_open(stack)
    began, events = _note(stack) if noted else (since, LOGS / NO_LOG)
    if deployment.get("pending_operations"):
        return Unfinished(since, told_all=False, began=began)
    if noted and began is not None:
        told = _Told.of(events)
        saved = last is not None and told.all and last.began >= began
        if saved and last is not None and last.succeeded:
            return None
        return Unfinished(since, told_all=saved and not told.failed_changes, began=began)
    if last is None or last.succeeded or _is_mended(stack, last):
        return None
    return Unfinished(since, told_all=False, began=began)


@dataclass(frozen=True, slots=True)
class _Told:
    """What an event log tells of its run. It is written behind the work, and may be cut off."""

    all: bool
    failed_changes: bool

    @classmethod
    def of(cls, path: Path) -> _Told:
        whole = failed = False
        for event in _events(path):
            whole = whole or "summaryEvent" in event
            step = event.get("resOpFailedEvent", {}).get("metadata")
            failed = failed or (step is not None and step["op"] not in CREATIONS)
        return cls(whole, failed)


def _until_good(ended: Iterator[updates.Update]) -> Iterator[updates.Update]:
    for update in ended:
        yield update
        if update.succeeded:
            return


def _events(path: Path) -> Iterator[dict[str, Any]]:
    """The events of a log; its last line may be cut off."""
    if not path.is_file():
        return
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            event = json.loads(line)
        except ValueError:
            return
        if isinstance(event, dict):
            yield event


def _note(stack: str) -> tuple[datetime, Path]:
    """When the run began, and its event log; nothing of use where the note cannot be read."""
    try:
        note = json.loads(_marker(stack).read_text(encoding="utf-8"))
        return datetime.fromtimestamp(note["began"], UTC), LOGS / (note["events"] or NO_LOG)
    except (ValueError, TypeError, KeyError):
        return datetime.now(UTC), LOGS / NO_LOG


def _is_mended(stack: str, last: updates.Update) -> bool:
    kept = _mended(stack)
    return kept.exists() and kept.read_text(encoding="utf-8") == last.ended.isoformat()


def _marker(stack: str) -> Path:
    return LOGS / f"{stack}.unsaved"


def _mended(stack: str) -> Path:
    return LOGS / f"{stack}.mended"
