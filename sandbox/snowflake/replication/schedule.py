"""When secondary groups are refreshed by themselves, on the sandbox's clock.

A secondary whose primary has a schedule is refreshed once at its creation. One that is suspended
waits for RESUME. A refresh that is due while one runs is passed over.
https://docs.snowflake.com/en/user-guide/account-replication-config#replication-schedule
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Final

from sandbox.snowflake import cron
from sandbox.snowflake.catalog.record import Record
from sandbox.snowflake.replication import facts, links
from sandbox.snowflake.replication.errors import RefreshRunsError
from sandbox.snowflake.scheduler import Due, Ran
from sandbox.snowflake.sharing.organization import PRIMARY

if TYPE_CHECKING:
    from sandbox.snowflake.account import Account

KIND: Final = "replication"
_PAIRED: Final = (*facts.GROUPS, "CONNECTION")


def soon(account: Account, record: Record) -> None:
    """Refresh a new secondary as soon as it stands."""
    account.scheduler.soon(Due(KIND, account.now(), record.name, record.id))


def next_run(account: Account, record: Record, after: datetime) -> datetime | None:
    """The first moment after `after` at which a secondary is refreshed; None where it never is."""
    if links.is_primary(record) or record.properties.get(facts.STATE) != facts.STARTED:
        return None
    pair = links.primary_of(account, record)
    text = pair[1].properties.get(facts.SCHEDULE) if pair is not None else None
    if not text or pair is None or not links.is_primary(pair[1]):
        return None
    since = datetime.fromisoformat(record.properties[facts.SINCE])
    return cron.following(text, max(after, since), since)


def next_text(account: Account, record: Record) -> str | None:
    """The same as SHOW writes it."""
    at = next_run(account, record, account.now())
    return at.strftime("%Y-%m-%d %H:%M:%S.000 %z") if at is not None else None


def due(account: Account, after: datetime, until: datetime) -> Iterator[Due]:
    """The next refresh of each secondary group of the account, where it lies in the span."""
    _open_others(account)
    for kind in facts.GROUPS:
        for record in account.store.all(kind):
            at = next_run(account, record, after)
            if at is not None and at <= until:
                yield Due(KIND, at, record.name, record.id)


def run(account: Account, due: Due) -> Ran | None:
    """Refresh a secondary; one that is gone, promoted or being refreshed is passed over."""
    record = account.store.get(due.what)
    if record is None or links.is_primary(record):
        return Ran(due, "SKIPPED", "There is no such secondary any more.")
    try:
        done = account.refreshes.refresh(record)
    except RefreshRunsError as error:
        return Ran(due, "SKIPPED", error.message)
    return Ran(due, "SUCCEEDED", done.told())


def _open_others(account: Account) -> None:
    """Whatever goes together with another account has that one opened, to do its part."""
    organization = account.organization
    if organization is None or organization.home is not account or organization.standby is None:
        return
    standby = organization.standby
    if not standby.stands:
        return
    store = account.store
    linked = any(store.each(kind) for kind in _PAIRED) or any(
        one.properties.get(PRIMARY) or one.properties.get(facts.REPLICATION)
        for one in store.each("DATABASE")
    )
    if linked:
        organization.account(standby.identity.name)
