"""Runs that save their state once, at their end, and what a killed one of them left.

The file backend writes the whole state after every step, so that a run grows with the square of
the stack (1,000 objects: six times as long). In the sandbox the engine may save once, because its
event log says all that was begun: what a killed run made and the state does not know is dropped,
to be made anew. A real account's runs save after every step.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from cli.paths import LOGS

VARIABLE: Final = "PULUMI_SKIP_CHECKPOINTS"
CREATIONS: Final = frozenset({"create", "create-replacement"})
OTHER_CHANGES: Final = frozenset({"update", "delete", "delete-replaced", "replace"})


@dataclass(frozen=True, slots=True)
class Leftovers:
    """What a run began and the state does not know, the latest first; whether to ask the account.

    `creations` are resources as the engine describes them: type, urn and inputs.
    """

    creations: tuple[Mapping[str, Any], ...] = ()
    refresh: bool = False


def begin(stack: str, events: Path) -> None:
    """Note, before the engine starts, where it will say what it does."""
    _marker(stack).write_text(events.name, encoding="utf-8")


def end(stack: str) -> None:
    """Forget the note: the state is saved, or what it lacked was dealt with."""
    _marker(stack).unlink(missing_ok=True)


def is_open(stack: str) -> bool:
    """Whether a run was begun of which it is not known that it saved its state."""
    return _marker(stack).exists()


def leftovers(stack: str, deployment: Mapping[str, Any]) -> Leftovers:
    """What the last run left, beside what the state knows."""
    try:
        events = LOGS / _marker(stack).read_text(encoding="utf-8")
    except FileNotFoundError:
        return Leftovers()
    known = {resource["urn"] for resource in deployment.get("resources") or ()}
    begun: dict[str, Mapping[str, Any]] = {}
    changed = finished = False
    for event in _events(events):
        if (step := event.get("resourcePreEvent", {}).get("metadata")) is not None:
            changed = changed or step["op"] in OTHER_CHANGES
            if step["op"] in CREATIONS and step["urn"] not in known:
                begun[step["urn"]] = step.get("new") or {}
        elif (step := event.get("resOpFailedEvent", {}).get("metadata")) is not None:
            begun.pop(step["urn"], None)
        finished = finished or "summaryEvent" in event
    return Leftovers(tuple(reversed(begun.values())), refresh=changed and not finished)


def _events(path: Path) -> Iterator[dict[str, Any]]:
    """The events of a log; its last line may be cut off."""
    if not path.exists():
        return
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            event = json.loads(line)
        except ValueError:
            return
        if isinstance(event, dict):
            yield event


def _marker(stack: str) -> Path:
    return LOGS / f"{stack}.unsaved"
