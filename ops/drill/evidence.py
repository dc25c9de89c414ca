"""What a drill proved, from its journal alone: times, rows expected and seen, steps, outcome.

RTO counts from the moment the harm was done to the one at which the smoke query was right again, on
this machine's clock, with every interruption in it. RPO is what the proving step measured.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

from ops.drill.journal import Entry, Event, Facts
from ops.drill.shelf import Kept
from ops.drill.step import Step

NAME: Final = "evidence.json"
PAGE: Final = "evidence.html"
MEASURED: Final = (
    *("rto_basis", "rpo_basis", "smoke_query", "smoke_before", "smoke_during", "smoke_after"),
)
OF_THE_PLACE: Final = ("drill", "stack", "target", "account", "user", "host")


def of(one: Kept, steps: tuple[Step, ...]) -> dict[str, Any]:
    """The evidence as plain values; `None` where something was not measured."""
    entries, notes = one.entries, one.notes
    ends = [entry for entry in entries if entry.event is Event.ENDED]
    ended = [entry.at for entry in ends]
    last = ended[-1] if ended else entries[-1].at
    accepted = ends[-1].facts.get("lessons") if ends else None
    return {
        "id": one.id,
        **{key: one.opened.get(key) for key in OF_THE_PLACE},
        "outcome": one.outcome,
        "began": one.began.isoformat(),
        "ended": ended[-1].isoformat() if ended else None,
        "seconds": _seconds(one.began, last),
        "rto_seconds": _rto(entries, steps),
        "rpo_seconds": notes.get("rpo_seconds"),
        **{key: notes.get(key) for key in MEASURED},
        "interruptions": list(_interruptions(entries)),
        "steps": [_step(step, entries) for step in steps],
        "measured": notes.get("measured") or {},
        "found": notes.get("found") or [],
        "lessons": [*(notes.get("lessons") or []), *(accepted or [])],
    }


def write(folder: Path, evidence: dict[str, Any], page: str) -> tuple[Path, Path]:
    """Both files, each whole or not at all."""
    texts = {NAME: json.dumps(evidence, indent=1, default=str) + "\n", PAGE: page}
    for name, text in texts.items():
        draft = folder / f"{name}.new"
        with draft.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(folder / name)
    return folder / NAME, folder / PAGE


def _rto(entries: tuple[Entry, ...], steps: tuple[Step, ...]) -> float | None:
    """From the first end of the outage's step to the end of the last that restores something."""
    outage = [step.name for step in steps if step.outage]
    restores = {step.name for step in steps if step.restores}
    since = [e.at for e in entries if e.event is Event.DONE and e.step in outage]
    until = {e.step: e.at for e in entries if e.event is Event.DONE and e.step in restores}
    whole = bool(since) and set(until) == restores
    return _seconds(since[0], max(until.values())) if whole else None


def _step(step: Step, entries: tuple[Entry, ...]) -> dict[str, Any]:
    own = [entry for entry in entries if entry.step == step.name]
    begun = [entry.at for entry in own if entry.event is Event.BEGUN]
    done = [entry for entry in own if entry.event is Event.DONE]
    back = [entry for entry in own if entry.event is Event.BACK_DONE]
    failed = [entry for entry in own if entry.event is Event.FAILED]
    return {
        "name": step.name,
        "does": step.does,
        "phase": step.phase,
        "state": "taken back" if back else "done" if done else "begun" if begun else "not begun",
        "began": begun[0].isoformat() if begun else None,
        "ended": done[-1].at.isoformat() if done else None,
        "seconds": done[-1].facts.get("seconds") if done else None,
        "attempts": len(begun),
        "said": str((back or done)[-1].facts.get("said") or "") if back or done else "",
        "errors": [str(entry.facts.get("error")) for entry in failed],
    }


def _interruptions(entries: tuple[Entry, ...]) -> Iterator[Facts]:
    for before, entry in pairwise(entries):
        if entry.event is Event.GOES_ON:
            seconds = _seconds(before.at, entry.at)
            yield {"at": before.at.isoformat(), "step": before.step, "seconds": seconds}


def _seconds(since: datetime, until: datetime) -> float:
    return round((until - since).total_seconds(), 3)
