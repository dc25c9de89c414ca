"""The second key: a named person's approval of one exact change, bound to it and short-lived.

A change is known by a hash of what it would destroy and of the state that it starts from: when
either differs, so does the id, and an earlier approval says nothing. Names are audited, not proven:
whoever applies answers for the name that they give. A prompt of the operating system or a signature
is deliberately absent.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from ops import private_file
from ops.restore.planned import Loss

LASTS: Final = timedelta(hours=24)
ID_LENGTH: Final = 12


class ApprovalError(Exception):
    """Why an approval does not hold."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Somebody at a keyboard: every name by which this machine knows them."""

    names: tuple[str, ...]

    def is_called(self, name: str) -> bool:
        """Whether a name is one of theirs; an address counts by what stands before the @, too."""
        own = {form for known in self.names for form in _forms(known)}
        return bool(own & _forms(name))

    def __str__(self) -> str:
        return self.names[0] if self.names else "?"


@dataclass(frozen=True, slots=True)
class Given:
    """One approval: by whom, at whose keyboard, when."""

    name: str
    typed_by: tuple[str, ...]
    at: str


@dataclass(frozen=True, slots=True)
class Request:
    """A change that waits for its second key."""

    id: str
    stack: str
    asked_by: tuple[str, ...]
    asked_at: str
    losses: tuple[str, ...]
    approvals: tuple[Given, ...] = field(default=())

    def expires(self) -> datetime:
        """When nobody may approve or apply it any more."""
        return datetime.fromisoformat(self.asked_at) + LASTS


def as_facts(request: Request) -> dict[str, Any]:
    """One JSON value."""
    return {**asdict(request), "expires_at": request.expires().isoformat()}


def change_id(
    stack: str, target: str, losses: Iterable[Loss], deployment: Mapping[str, Any]
) -> str:
    """The id of exactly this destruction, from exactly this state."""
    resources = deployment.get("resources") or ()
    facts = {
        "stack": stack,
        "target": target,
        "losses": [asdict(loss) for loss in losses],
        "time": (deployment.get("manifest") or {}).get("time"),
        "resources": sorted(f"{r['urn']} {r.get('id', '')}" for r in resources),
    }
    text = json.dumps(facts, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:ID_LENGTH]


class Register:
    """The requests of a stack, one file each, readable by their owner alone."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def find(self, change: str) -> Request | None:
        """The request for a change."""
        try:
            content = json.loads(self._path(change).read_text(encoding="utf-8"))
            given = tuple(
                Given(g["name"], tuple(g["typed_by"]), g["at"]) for g in content["approvals"]
            )
            return Request(
                **content | {"approvals": given, "losses": tuple(content["losses"])},
            )
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def ask(
        self, change: str, stack: str, losses: Iterable[str], who: Identity, now: datetime
    ) -> Request:
        """Note that a change waits; one that waits already, and has not expired, stays as it is."""
        found = self.find(change)
        if found is not None and now < found.expires():
            return found
        request = Request(change, stack, who.names, now.isoformat(), tuple(losses))
        self._write(request)
        return request

    def approve(self, change: str, name: str, typed_by: Identity, now: datetime) -> Request:
        """Add an approval.

        Raises:
            ApprovalError: there is no such request, it expired, or the name is the applier's own.
        """
        request = self.find(change)
        if request is None:
            raise ApprovalError(f"no change {change} waits for approval here")
        if now >= request.expires():
            raise ApprovalError(
                f"change {change} expired at {request.expires():%Y-%m-%d %H:%M} UTC"
            )
        if not name.strip():
            raise ApprovalError("an approval needs a name")
        if Identity(tuple(request.asked_by)).is_called(name):
            raise ApprovalError(f"{name} is who applies it: somebody else has to approve")
        given = Given(name, typed_by.names, now.isoformat())
        approved = Request(
            request.id,
            request.stack,
            tuple(request.asked_by),
            request.asked_at,
            request.losses,
            (*request.approvals, given),
        )
        self._write(approved)
        return approved

    def waiting(self, now: datetime) -> list[Request]:
        """All requests that can still be approved, the latest first."""
        found = [self.find(path.stem) for path in self._folder.glob("*.json")]
        open_ones = [
            request for request in found if request is not None and now < request.expires()
        ]
        return sorted(open_ones, key=lambda request: request.asked_at, reverse=True)

    def _path(self, change: str) -> Path:
        return self._folder / f"{Path(change).name}.json"

    def _write(self, request: Request) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        content = json.dumps(asdict(request), indent=1).encode()
        private_file.write(self._path(request.id), content)


def _forms(name: str) -> set[str]:
    plain = " ".join(name.lower().split())
    return {plain, plain.partition("@")[0]} - {""}
