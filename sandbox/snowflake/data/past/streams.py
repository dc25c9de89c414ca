"""Which changes a stream holds for the statement that reads it.

Inside a transaction a stream holds what it held when the transaction began, however often it is
read; its own changes are not in it. It moves on when the transaction is committed.
https://docs.snowflake.com/en/user-guide/streams-intro#repeatable-read-isolation
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sandbox.snowflake.data.model import ObjectName, StreamFacts
from sandbox.snowflake.data.past import delta
from sandbox.snowflake.data.past.images import Images
from sandbox.snowflake.data.past.offsets import Offset
from sandbox.snowflake.data.session import DataSession
from sandbox.snowflake.errors import CompilationError, SnowflakeError


class StaleStreamError(CompilationError):
    """The changes are not kept for so long."""

    code = "091901"

    def __init__(self, name: str) -> None:
        super().__init__(
            f"Stream {name} is stale: its offset is out of the retention period of its source."
        )


class NotTrackedError(SnowflakeError):
    """CHANGES of a table whose change tracking is off."""

    code = "000707"
    sqlstate = "02000"

    def __init__(self, name: str) -> None:
        super().__init__(
            "Change tracking is not enabled or has been missing for the time range requested on "
            f"table '{name}'."
        )


class SourceGoneError(CompilationError):
    """What the stream watches was dropped or replaced."""

    code = "091904"

    def __init__(self, source: str, name: str) -> None:
        super().__init__(f"Base table '{source}' dropped, cannot read from the stream '{name}'.")


@dataclass(frozen=True, slots=True)
class Reading:
    """The stream's changes after one version of its table, or one serial, and up to another."""

    facts: StreamFacts
    before: Offset | None
    after: int
    until: int

    @property
    def first(self) -> bool:
        """Whether the stream shows the rows that stood when it was made."""
        return self.facts.initial and self.before is None

    def rows(self, images: Images) -> str:
        """The query of the changes."""
        table = self.facts.source_id
        if self.first:
            return delta.standing(images, table, self.after)
        told = delta.appended if self.facts.append_only else delta.delta
        return told(images, table, self.after, self.until)


def reading(session: DataSession, name: ObjectName, facts: StreamFacts, now: datetime) -> Reading:
    """What the stream holds for the session.

    Raises:
        SourceGoneError: its table was dropped or replaced.
        StaleStreamError: it was not read for too long.
    """
    if facts.source is None:
        raise SourceGoneError(facts.source_name, str(name))
    known = session.readings.get(facts.id)
    if known is not None:
        return known
    before = session.ledger.offsets.of(facts.id)
    # in a replica the catalogue may be ahead: the stream was read in the other account meanwhile
    at = max(before.at, facts.since) if before is not None else facts.since
    if now >= at + timedelta(days=facts.days):
        raise StaleStreamError(str(name))
    after, latest = _versions(session, facts)
    if before is not None:
        after = max(before.serial, facts.offset or 0)
    until = after if facts.initial and before is None else max(after, latest or 0)
    found = Reading(facts, before, after, until)
    if session.in_transaction:
        session.readings[facts.id] = found
    return found


def _versions(session: DataSession, facts: StreamFacts) -> tuple[int, int | None]:
    """Where the stream began, and where its source stands; for a view these are serials of the
    account, for it reads several tables.
    """
    assert facts.source is not None
    if facts.on_view:
        latest = session.since if session.in_transaction else session.ledger.last
        return facts.offset or 0, latest
    images = Images(session.cursor, facts.source)
    now = images.at_serial(session.since) if session.in_transaction else images.last()
    return position(images, facts.offset), now


def position(images: Images, offset: int | None) -> int:
    """Where a stream begins; without an offset, behind the rows that its table began with."""
    return offset if offset is not None else images.first() or 0
