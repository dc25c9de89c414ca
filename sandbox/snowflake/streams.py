"""The catalogue's side of streams: what each watches, where it began, and when it gets stale.

How far a stream was read is kept beside the rows, because it moves on with them.
https://docs.snowflake.com/en/user-guide/streams-intro
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from sandbox.snowflake import retention
from sandbox.snowflake.catalog.record import Record
from sandbox.snowflake.data.model import ObjectName, QueryContext, StreamFacts
from sandbox.snowflake.sql.names import dotted

if TYPE_CHECKING:
    from sandbox.snowflake.account import Account

EXTENSION: Final = "MAX_DATA_EXTENSION_TIME_IN_DAYS"
OFFSET: Final = "OFFSET"
"""The version behind which a stream began; None: that with which its table began."""
SINCE: Final = "SINCE"
"""The time of that version, where it is not that of the stream's making."""
BIRTHS: Final = "BIRTHS"
"""Of a stream on a view: with which versions the tables began that the view reads."""
TRACKING: Final = "CHANGE_TRACKING"


def find(account: Account, name: ObjectName) -> Record | None:
    """The stream of that name; a table or view of the same name goes before it."""
    record = account.store.find("STREAM", tuple(name))
    taken = record is not None and account.store.find("TABLE", tuple(name)) is not None
    return None if taken else record


def facts(account: Account, record: Record) -> StreamFacts:
    """What the data plane must know of a stream."""
    source = source_of(account, record)
    since = record.properties.get(SINCE)
    return StreamFacts(
        id=record.id,
        source=ObjectName(*source.path) if source is not None else None,
        source_name=source_name(account, record),
        source_id=record.properties["SOURCE_ID"],
        on_view=record.properties["SOURCE_KIND"] == "VIEW",
        append_only=bool(record.properties.get("APPEND_ONLY")),
        initial=bool(record.properties.get("SHOW_INITIAL_ROWS")),
        offset=record.properties.get(OFFSET),
        since=datetime.fromisoformat(since) if since else record.created_on,
        days=days(account, source) if source is not None else 0,
        births=_births(record),
    )


def _births(record: Record) -> frozenset[int] | None:
    births = record.properties.get(BIRTHS)
    return frozenset(births) if births is not None else None


def beginning(account: Account, record: Record) -> dict[str, Any]:
    """Of a stream whose source is cloned with it: it begins behind the rows of the clone."""
    of_view = record.properties["SOURCE_KIND"] == "VIEW"
    offset = account.data.serial if of_view else None
    return {OFFSET: offset, SINCE: None, BIRTHS: None, "SHOW_INITIAL_ROWS": False}


def source_of(account: Account, record: Record) -> Record | None:
    """What the stream watches; None when it was dropped or replaced."""
    return account.store.get(record.properties["SOURCE_ID"])


def source_name(account: Account, record: Record) -> str:
    """The name of what it watches, today's where it stands."""
    source = source_of(account, record)
    return dotted(source.path) if source is not None else str(record.properties["SOURCE"])


def tables(account: Account, source: Record) -> list[Record]:
    """A table, or those that a view reads."""
    if source.kind != "VIEW":
        return [source]
    context = QueryContext(source.path[0], source.path[1], user="", role="")
    text, name = str(source.properties.get("TEXT") or ""), ObjectName(*source.path)
    named = sorted(account.data.view_sources(text, name, context)) if text else []
    standing = [account.store.find("TABLE", tuple(one)) for one in named]
    found = (table for one in standing if one is not None for table in tables(account, one))
    return list({table.id: table for table in found}.values())


def days(account: Account, source: Record) -> int:
    """How long a stream on this table or view may stay unread."""
    if source.kind == "VIEW":
        return min((days(account, table) for table in tables(account, source)), default=0)
    extended = int(account.parameters.effective(EXTENSION, source).value)
    return max(extended, retention.days(account.store, account.parameters, source))


def stale_after(account: Account, record: Record) -> datetime | None:
    """When the stream gets stale unless it is read; None where its source is gone.

    https://docs.snowflake.com/en/user-guide/streams-intro#data-retention-period-and-staleness
    """
    source = source_of(account, record)
    if source is None:
        return None
    offset, since = account.data.stream_offset(record.id), facts(account, record).since
    read = max(offset.at, since) if offset is not None else since
    return read + timedelta(days=days(account, source))


def tracks_changes(source: Record) -> bool:
    """Whether change tracking is on: set by hand, or by the first stream."""
    return str(source.properties.get(TRACKING) or "FALSE").upper() != "FALSE"


def copied(account: Account, record: Record) -> dict[str, Any]:
    """What a clone of the stream has of its own: the place where the stream stands."""
    offset, since = account.data.stream_offset(record.id), facts(account, record).since
    if offset is None:
        return {SINCE: since.isoformat()}
    serial, at = max((offset.serial, offset.at), (record.properties.get(OFFSET) or 0, since))
    return {OFFSET: serial, SINCE: at.isoformat(), "SHOW_INITIAL_ROWS": False}
