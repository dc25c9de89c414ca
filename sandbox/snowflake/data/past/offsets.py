"""How far each stream has been read, by its id.

A change that reads a stream moves it on in its own transaction, in whatever database it writes. Of
two that read the same changes only the first is committed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sandbox.snowflake.data.failure import LockedError
from sandbox.snowflake.data.past.tables import CONSUMED, hidden, text
from sandbox.snowflake.data.store import Store, run

_LATEST: Final = (
    "QUALIFY row_number() OVER (PARTITION BY stream ORDER BY serial DESC, read_at DESC) = 1"
)


@dataclass(frozen=True, slots=True)
class Offset:
    """Changes up to the version `serial` have been read, `at` this time."""

    serial: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Advance:
    """A stream that an open transaction has read up to `serial`, from where it stood `before`."""

    before: Offset | None
    serial: int
    database: str
    """Where it is written down."""


class Offsets:
    """The offsets of all streams that were ever consumed, in memory and beside the rows."""

    def __init__(self, store: Store) -> None:
        self._known: dict[int, Offset] = {}
        with store.connection() as cursor:
            for database in store.databases:
                place = hidden(database, CONSUMED)
                run(cursor, f"DELETE FROM {place} WHERE rowid NOT IN (SELECT rowid FROM {place} "
                            f"{_LATEST})")  # fmt: skip
                for stream, serial, at in run(cursor, f"SELECT * FROM {place}"):
                    self._follow(stream, Offset(serial, at))

    def of(self, stream: int) -> Offset | None:
        """Where a stream stands; None for one that was never consumed."""
        return self._known.get(stream)

    def check(self, consumed: Mapping[int, Advance]) -> None:
        """LockedError where one of the streams has moved since it was read."""
        for stream, advance in consumed.items():
            if self._known.get(stream) != advance.before:
                raise LockedError

    def told(self, consumed: Mapping[int, Advance], at: datetime) -> list[str]:
        """The statements that write it down."""
        return [
            f"INSERT INTO {hidden(advance.database, CONSUMED)} VALUES "
            f"({stream}, {advance.serial}, {text(at.isoformat())}::TIMESTAMPTZ)"
            for stream, advance in consumed.items()
        ]

    def follow(self, consumed: Mapping[int, Advance], at: datetime) -> None:
        """Takes over what is committed."""
        for stream, advance in consumed.items():
            self._known[stream] = Offset(advance.serial, at)

    def forget(self, streams: Iterable[int]) -> None:
        """How far these were read is told by another account now."""
        for stream in streams:
            self._known.pop(stream, None)

    def _follow(self, stream: int, offset: Offset) -> None:
        known = self._known.get(stream)
        if known is None or (known.serial, known.at) < (offset.serial, offset.at):
            self._known[stream] = offset
