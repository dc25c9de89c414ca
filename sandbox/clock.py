"""The sandbox's clock: real time plus an offset that tests and drills may move, kept on disk.

Whoever holds the file can move the clock, also from another process: readers notice a changed file.
AWS (moto) keeps its own time and does not follow.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sandbox.connection import write_private
from sandbox.errors import SandboxError


class Clock:
    """Tells the account's time. Always in UTC, with a zone."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stamp: int | None = None
        self._offset = timedelta()

    def now(self) -> datetime:
        """The account's present moment."""
        return datetime.now(UTC) + self.offset

    @property
    def offset(self) -> timedelta:
        """How far the clock is ahead of real time."""
        try:
            stamp = self._path.stat().st_mtime_ns
        except FileNotFoundError:
            self._stamp, self._offset = None, timedelta()
            return self._offset
        if stamp != self._stamp:
            self._offset = self._read()
            self._stamp = stamp
        return self._offset

    def advance(self, by: timedelta) -> datetime:
        """Move forward, and tell the new time.

        Raises:
            SandboxError: `by` is negative: what happened at a later time would lie in the future.
        """
        if by < timedelta():
            raise SandboxError(
                f"The sandbox's clock moves forward only; {by} was asked for.",
                "To return to real time: leap sandbox clock reset",
            )
        return self._keep(self.offset + by)

    def move_to(self, moment: datetime) -> datetime:
        """Move forward to a moment, and tell the new time; one that has passed changes nothing."""
        offset = moment - datetime.now(UTC)
        return self._keep(offset) if offset > self.offset else self.now()

    def reset(self) -> datetime:
        """Return to real time, and tell it."""
        self._path.unlink(missing_ok=True)
        self._stamp = None
        return self.now()

    def _keep(self, offset: timedelta) -> datetime:
        seconds = offset.total_seconds()
        write_private(self._path, json.dumps({"offset_seconds": seconds}) + "\n")
        self._stamp = None
        return self.now()

    def _read(self) -> timedelta:
        try:
            seconds = json.loads(self._path.read_text(encoding="utf-8"))["offset_seconds"]
            return timedelta(seconds=float(seconds))
        except (ValueError, KeyError, TypeError) as error:
            raise SandboxError(
                f'{self._path} does not hold {{"offset_seconds": <number>}}.',
                "Remove the file to return to real time.",
            ) from error
