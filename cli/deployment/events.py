"""What the engine's event log says, reduced to what a person wants to know.

The shape of the events is the engine's own:
https://github.com/pulumi/pulumi/blob/master/sdk/go/common/apitype/events.go
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from infra.model.urn import kind_of, name_of, named

UNCHANGED: Final = frozenset({"same", "read", "read-discard", "refresh", "discard"})
WORDS: Final[Mapping[str, str]] = {
    "create": "created",
    "create-replacement": "created anew",
    "update": "updated",
    "delete": "deleted",
    "delete-replaced": "deleted for a replacement",
    "replace": "replaced",
    "same": "unchanged",
    "import": "imported",
    "refresh": "refreshed",
}
_COLOUR: Final = re.compile(r"<\{%.*?%\}>")
# The provider bridge logs each failure once more, with the place in its own source.
_SAID_TWICE: Final = re.compile(r"^sdk-v2/provider2\.go:\d+: |^(update|preview) failed$")


@dataclass(frozen=True, slots=True)
class Denial:
    """A policy that a resource breaks."""

    policy: str
    resource: str
    message: str
    mandatory: bool


@dataclass(frozen=True, slots=True)
class Change:
    """One resource that is, or would be, changed."""

    operation: str
    kind: str
    name: str
    properties: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


def plain(text: str) -> str:
    """The text without the engine's colour marks."""
    return _COLOUR.sub("", text).strip()


@dataclass(slots=True)
class Tally:
    """The sum of all events so far; `take` adds one line of the log."""

    done: Counter[str] = field(default_factory=Counter)
    summary: dict[str, int] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    denials: list[Denial] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    finished: set[str] = field(default_factory=set)
    under_way: set[tuple[str, str]] = field(default_factory=set)
    """Operations, each with its URN, that began and have not ended; a component's ends last."""
    latest: str = ""

    def take(self, line: str) -> None:
        """Add one event; kinds of event that say nothing to a person are passed over."""
        event = json.loads(line)
        for key, add in _READERS.items():
            if (body := event.get(key)) is not None:
                add(self, body)

    @property
    def changed(self) -> dict[str, int]:
        """Operations that change something, with their counts."""
        source = self.summary or dict(self.done)
        return {op: n for op, n in source.items() if op not in UNCHANGED and n}

    @property
    def waits_for_nothing(self) -> bool:
        """Whether something failed and nothing is under way any more."""
        return bool(self.failed) and not self.under_way

    def progress(self) -> str:
        """Counts so far and the latest resource, on one line."""
        return f"{in_words(self.done) or 'starting'}{f', {self.latest}' if self.latest else ''}"


def in_words(counts: Mapping[str, int]) -> str:
    """`12 created, 3 unchanged`."""
    return ", ".join(f"{n} {WORDS.get(op, op)}" for op, n in counts.items() if n)


def _starting(tally: Tally, body: dict[str, Any]) -> None:
    step = body["metadata"]
    if (step.get("new") or step.get("old") or {"custom": True}).get("custom"):
        tally.under_way.add((step["op"], step["urn"]))
    if step["op"] in UNCHANGED:
        return
    tally.latest = f"{step['op']} {kind_of(step['type'])} {name_of(step['urn'])}"
    properties = step.get("detailedDiff") or {}
    tally.changes.append(
        Change(step["op"], kind_of(step["type"]), name_of(step["urn"]), tuple(sorted(properties)))
    )


def _finished(tally: Tally, body: dict[str, Any]) -> None:
    step = body["metadata"]
    tally.done[step["op"]] += 1
    tally.under_way.discard((step["op"], step["urn"]))
    tally.finished.add(named(step["urn"]))


def _failed(tally: Tally, body: dict[str, Any]) -> None:
    tally.done["failed"] += 1
    step = body["metadata"]
    tally.under_way.discard((step["op"], step["urn"]))
    tally.failed.append(named(step["urn"]))


def _said(tally: Tally, body: dict[str, Any]) -> None:
    text = plain(body.get("message", ""))
    if not text or body.get("ephemeral") or _SAID_TWICE.match(text):
        return
    urn = body.get("urn") or ""
    line = f"{named(urn)}: {text}" if "::" in urn else text
    place = {"error": tally.errors, "warning": tally.warnings}.get(body.get("severity", ""))
    if place is not None and line not in place:
        place.append(line)


def _judged(tally: Tally, body: dict[str, Any]) -> None:
    urn = body.get("resourceUrn") or ""
    denial = Denial(
        policy=body.get("policyName", ""),
        resource=named(urn) if "::" in urn else "the stack",
        message=plain(body.get("message", "")),
        mandatory=body.get("enforcementLevel") == "mandatory",
    )
    if denial not in tally.denials:
        tally.denials.append(denial)


def _ended(tally: Tally, body: dict[str, Any]) -> None:
    tally.summary = dict(body.get("resourceChanges") or {})


_READERS: Final[Mapping[str, Callable[[Tally, dict[str, Any]], None]]] = {
    "resourcePreEvent": _starting,
    "resOutputsEvent": _finished,
    "resOpFailedEvent": _failed,
    "diagnosticEvent": _said,
    "policyEvent": _judged,
    "summaryEvent": _ended,
}
