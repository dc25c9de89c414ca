"""What INFORMATION_SCHEMA and ACCOUNT_USAGE tell of replication.

Credits are not imitated: replication is billed by bytes, and a sandbox's bytes are not Snowflake's.
https://docs.snowflake.com/en/sql-reference/functions/replication_group_refresh_history
https://docs.snowflake.com/en/sql-reference/functions/replication_group_dangling_references
https://docs.snowflake.com/en/sql-reference/account-usage/replication_usage_history
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from sandbox.snowflake.catalog.record import Record
from sandbox.snowflake.data.model import VirtualTable
from sandbox.snowflake.errors import DoesNotExistError
from sandbox.snowflake.replication import facts, group_kind, links, scope, shown, snapshot
from sandbox.snowflake.replication.history import Refresh
from sandbox.snowflake.sql.names import dotted
from sandbox.snowflake.sql.reader import Reader
from sandbox.snowflake.view_arguments import moment, named

if TYPE_CHECKING:
    from sandbox.snowflake.account import Account

_TIME: Final = "TIMESTAMP_LTZ"
_KEPT: Final = timedelta(days=14)
_PROGRESS: Final = (
    ("PHASE_NAME", "TEXT"),
    ("START_TIME", _TIME),
    ("END_TIME", _TIME),
    ("PROGRESS", "TEXT"),
    ("DETAILS", "VARIANT"),
)
_HISTORY: Final = (
    ("PHASE_NAME", "TEXT"),
    ("START_TIME", _TIME),
    ("END_TIME", _TIME),
    ("JOB_UUID", "TEXT"),
    ("TOTAL_BYTES", "VARIANT"),
    ("OBJECT_COUNT", "VARIANT"),
    ("PRIMARY_SNAPSHOT_TIMESTAMP", _TIME),
    ("ERROR", "VARIANT"),
)
_OF_GROUP: Final = (("REPLICATION_GROUP_NAME", "TEXT"), ("REPLICATION_GROUP_ID", "NUMBER"))
_USAGE: Final = (
    ("START_TIME", _TIME),
    ("END_TIME", _TIME),
    ("DATABASE_NAME", "TEXT"),
    ("CREDITS_USED", "NUMBER"),
    ("BYTES_TRANSFERRED", "NUMBER"),
)
_GROUP_USAGE: Final = (
    ("START_TIME", _TIME),
    ("END_TIME", _TIME),
    ("REPLICATION_GROUP_NAME", "TEXT"),
    ("CREDITS_USED", "NUMBER"),
    ("BYTES_TRANSFERRED", "NUMBER"),
)
_DANGLING: Final = tuple(
    (name, "TEXT")
    for name in (
        *("REFERENCED_ENTITY_DOMAIN", "REFERENCED_ENTITY_NAME", "REFERRING_ENTITY_DOMAIN"),
        *("REFERRING_ENTITY_NAME", "IS_BLOCKING_REFRESH"),
    )
)


def function(
    account: Account, name: str, arguments: Mapping[str, Any], now: datetime
) -> VirtualTable | None:
    """A table function of INFORMATION_SCHEMA; None for any other."""
    tell = _FUNCTIONS.get(name)
    return tell(account, arguments, now) if tell is not None else None


def _group(account: Account, arguments: Mapping[str, Any], name: str) -> Record:
    given = str(named(arguments, name, 0) or "")
    path = Reader(given).path() if given else ("",)
    for kind in facts.GROUPS:
        record = account.store.find(kind, path)
        if record is not None:
            return record
    raise DoesNotExistError("failover group", dotted(path))


def _progress(account: Account, arguments: Mapping[str, Any], now: datetime) -> VirtualTable:
    """The phases of the latest refresh of a secondary."""
    record = _group(account, arguments, "GROUP_NAME")
    running = [one for one in account.refreshes.running() if one.link == record.id]
    last = next(iter(running), None) or next(account.refreshes.history.of(record.id), None)
    rows = []
    for phase, begun, ended in last.phases if last is not None else ():
        details = (
            json.dumps({"totalBytesReplicated": last.bytes, "rows": last.rows}) if last else ""
        )
        done = "100%" if ended is not None else "0%"
        rows.append([phase, begun, ended, done, details])
    return VirtualTable(_PROGRESS, rows)


def _history(account: Account, arguments: Mapping[str, Any], now: datetime) -> VirtualTable:
    """The refreshes of the last 14 days, the latest first."""
    record = _group(account, arguments, "SECONDARY_GROUP_NAME")
    found = account.refreshes.history.of(record.id)
    return VirtualTable(_HISTORY, [_told(one) for one in found if one.begun >= now - _KEPT])


def _told(refresh: Refresh) -> list[Any]:
    code, message = refresh.error or ("", "")
    error = {"errorCode": code, "errorMessage": message} if refresh.error else None
    return [
        refresh.phase,
        refresh.begun,
        refresh.ended,
        refresh.id,
        json.dumps({"totalBytesToReplicate": refresh.bytes, "rows": refresh.rows}),
        json.dumps({"totalObjects": sum(refresh.objects.values()), **refresh.objects}),
        refresh.snapshot,
        json.dumps(error) if error is not None else None,
    ]


def _all(account: Account, arguments: Mapping[str, Any], now: datetime) -> Iterator[Refresh]:
    """The refreshes in a range of time: by default the last 12 hours."""
    until = moment(named(arguments, "DATE_RANGE_END")) or now
    since = moment(named(arguments, "DATE_RANGE_START")) or until - timedelta(hours=12)
    for one in account.refreshes.history.all():
        if one.begun >= since and one.begun <= until:
            yield one


def _usage(account: Account, arguments: Mapping[str, Any], now: datetime) -> VirtualTable:
    wanted = named(arguments, "DATABASE_NAME")
    return VirtualTable(
        _USAGE,
        [
            [one.begun, one.ended, database, 0, size]
            for one in _all(account, arguments, now)
            for database, size in one.by_database.items()
            if wanted is None or database == str(wanted).upper()
        ],
    )


def _group_usage(account: Account, arguments: Mapping[str, Any], now: datetime) -> VirtualTable:
    wanted = named(arguments, "REPLICATION_GROUP_NAME")
    return VirtualTable(
        _GROUP_USAGE,
        [
            [one.begun, one.ended, one.name, 0, one.bytes]
            for one in _all(account, arguments, now)
            if one.kind in facts.GROUPS and (wanted is None or one.name == str(wanted).upper())
        ],
    )


def _dangling(account: Account, arguments: Mapping[str, Any], now: datetime) -> VirtualTable:
    record = _group(account, arguments, "GROUP_NAME")
    side = account
    if not links.is_primary(record):
        pair = links.primary_of(account, record)
        side, record = pair if pair is not None else (account, record)
    return VirtualTable(
        _DANGLING,
        [
            [
                one.referred.kind,
                dotted(one.referred.path),
                one.referring.kind,
                dotted(one.referring.path),
                "TRUE" if one.blocking else "FALSE",
            ]
            for one in snapshot.missing(side, scope.of(record))
        ],
    )


def refresh_history(account: Account) -> VirtualTable:
    """ACCOUNT_USAGE.REPLICATION_GROUP_REFRESH_HISTORY."""
    return VirtualTable(
        (*_OF_GROUP, *_HISTORY),
        [[one.name, one.link, *_told(one)] for one in account.refreshes.history.all()],
    )


def usage(account: Account) -> VirtualTable:
    """ACCOUNT_USAGE.REPLICATION_USAGE_HISTORY."""
    rows = [
        [one.begun, one.ended, database, 0, size]
        for one in account.refreshes.history.all()
        for database, size in one.by_database.items()
    ]
    return VirtualTable(_USAGE, rows)


def group_usage(account: Account) -> VirtualTable:
    """ACCOUNT_USAGE.REPLICATION_GROUP_USAGE_HISTORY."""
    rows = [
        [one.begun, one.ended, one.name, 0, one.bytes]
        for one in account.refreshes.history.all()
        if one.kind in facts.GROUPS
    ]
    return VirtualTable(_GROUP_USAGE, rows)


def groups(account: Account) -> VirtualTable:
    """The groups of the account, and those that go together with them."""
    columns = [(column.name.upper(), "TEXT") for column in group_kind.COLUMNS]
    rows = [
        [str(cell) if isinstance(cell, datetime) else cell for cell in group_kind.row(*pair)]
        for kind in facts.GROUPS
        for pair in group_kind.associated(account, account.store.each(kind), kind)
    ]
    return VirtualTable(columns, rows)


def databases(account: Account) -> VirtualTable:
    """The databases that are replicated by themselves."""
    columns = [(column.name.upper(), "TEXT") for column in shown.DATABASES]
    return VirtualTable(columns, [shown.database_row(*pair) for pair in shown.replicated(account)])


_FUNCTIONS: Final[Mapping[str, Callable[[Account, Mapping[str, Any], datetime], VirtualTable]]] = {
    "REPLICATION_GROUP_REFRESH_PROGRESS": _progress,
    "REPLICATION_GROUP_REFRESH_HISTORY": _history,
    "REPLICATION_GROUP_USAGE_HISTORY": _group_usage,
    "REPLICATION_GROUP_DANGLING_REFERENCES": _dangling,
    "REPLICATION_USAGE_HISTORY": _usage,
}
VIEWS: Final[Mapping[str, Callable[[Account], VirtualTable]]] = {
    "REPLICATION_GROUP_REFRESH_HISTORY": refresh_history,
    "REPLICATION_GROUP_USAGE_HISTORY": group_usage,
    "REPLICATION_USAGE_HISTORY": usage,
    "REPLICATION_GROUPS": groups,
}
"""Of ACCOUNT_USAGE."""
IN_DATABASES: Final = {"REPLICATION_GROUPS": groups, "REPLICATION_DATABASES": databases}
"""Of every INFORMATION_SCHEMA."""
