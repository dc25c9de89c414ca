"""What a drill is about to do and what it did, on disk before anything else happens.

One JSON object a line, each forced to the disk before the next statement is sent; nothing is ever
changed or taken out. A last line that a crash cut off is passed over, and ended before the next.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeAlias

Facts: TypeAlias = Mapping[str, Any]
NAME: Final = "journal.jsonl"
MODE: Final = 0o600


class Event(StrEnum):
    """What a line says."""

    OPENED = "opened"
    GOES_ON = "goes on"
    BEGUN = "begun"
    DONE = "done"
    FAILED = "failed"
    BACK_BEGUN = "back begun"
    BACK_DONE = "back done"
    ENDED = "ended"


class Entry(NamedTuple):
    """One line; `at` is this machine's time in UTC."""

    event: Event
    at: datetime
    step: str
    facts: Facts


class Journal:
    """The lines of one drill."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._path = folder / NAME

    def write(self, event: Event, step: str = "", facts: Facts | None = None) -> Entry:
        """Add a line and have it on the disk."""
        new = not self._path.exists()
        self.folder.mkdir(parents=True, exist_ok=True)
        entry = Entry(event, datetime.now(UTC), step, dict(facts or {}))
        line = {"event": event, "at": entry.at.isoformat(), "step": step, "facts": entry.facts}
        text = json.dumps(line, default=str) + "\n"
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_APPEND, MODE)
        with os.fdopen(descriptor, "r+b") as file:
            if _is_cut_off(file.fileno()):
                text = "\n" + text
            file.write(text.encode())
            file.flush()
            os.fsync(file.fileno())
        if new:
            _settle(self.folder)
            _settle(self.folder.parent)
        return entry

    def entries(self) -> list[Entry]:
        """All lines that can be read, the oldest first."""
        return list(self._read())

    def _read(self) -> Iterator[Entry]:
        if not self._path.is_file():
            return
        for line in self._path.read_text(encoding="utf-8", errors="replace").splitlines():
            try:
                found = json.loads(line)
                at = datetime.fromisoformat(found["at"])
                yield Entry(Event(found["event"]), at, found["step"], found["facts"])
            except (ValueError, KeyError, TypeError):
                continue


def _is_cut_off(descriptor: int) -> bool:
    size = os.fstat(descriptor).st_size
    return size > 0 and os.pread(descriptor, 1, size - 1) != b"\n"


def _settle(folder: Path) -> None:
    """Have a folder's own list of names on the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
