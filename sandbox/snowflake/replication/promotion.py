"""PRIMARY: a secondary takes its primary's place, and the primary becomes its secondary.

The old primary is told first: a process that is killed in between leaves no primary, which is
mended when both accounts are open again (`links.settle`), and never two. What the old primary
committed after the last refresh stays there, unseen by the new one, until it is refreshed.
https://docs.snowflake.com/en/user-guide/account-replication-failover-failback
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.snowflake.catalog.record import Record
from sandbox.snowflake.replication import facts, links, refresh, scope
from sandbox.snowflake.replication.errors import (
    PrimaryGoneError,
    RefreshRunsError,
    ReplicationError,
)
from sandbox.snowflake.sharing.organization import PRIMARY

if TYPE_CHECKING:
    from sandbox.snowflake.account import Account


def promote(account: Account, record: Record) -> None:
    """Make a secondary group or database the primary; one that is stays so.

    Raises:
        ReplicationError: it cannot be promoted, or a refresh of it runs.
        PrimaryGoneError: the primary is gone, or does not allow this account.
    """
    if links.is_primary(record):
        return
    pair = links.primary_of(account, record)
    if pair is None or not _allowed(account, pair[1]):
        raise PrimaryGoneError(record, links.primary_name(account, record))
    if account.refreshes.runs(record) or pair[0].refreshes.runs(pair[1]):
        raise RefreshRunsError(record, "promote")
    if refresh.never_refreshed(record):
        raise ReplicationError(
            f"Cannot promote {record.kind.lower()} '{record.name}': it was never refreshed."
        )
    _switch(account, record, *pair)


def _allowed(account: Account, primary: Record) -> bool:
    listed = links.ACCOUNTS if primary.kind != "DATABASE" else facts.FAILOVER
    return links.full_name(account.identity) in (primary.properties.get(listed) or [])


def _switch(account: Account, record: Record, other: Account, primary: Record) -> None:
    turn = max(links.term(primary), links.term(record)) + 1
    own = links.full_name(account.identity)
    given = dict(primary.properties)
    with account.gate.outside(), other.gate.alone(), other.store.transaction():
        _abandon(other, primary)
        covered = scope.of(primary)
        for one in covered.members(other.store):
            other.replicas.put(one, other.replicas.origin(one), primary.id)
        primary.properties |= {
            PRIMARY: [*own.split("."), record.name],
            links.TERM: turn,
            facts.STATE: facts.SUSPENDED,
            facts.SINCE: other.now().isoformat(),
            refresh.REFRESHED: record.properties.get(refresh.REFRESHED),
        }
        other.store.save(primary)
    with account.store.transaction():
        for name in (facts.TYPES, facts.INTEGRATIONS, facts.SCHEDULE):
            if name in given:
                record.properties[name] = given[name]
        links.take_over(account, record, other, given, turn)
        account.store.save(record)


def _abandon(account: Account, primary: Record) -> None:
    """Transactions that are open in what becomes read-only end here."""
    databases = {
        database.name
        for number in scope.of(primary).databases
        if (database := account.store.get(number)) is not None
    }
    for session in account.sessions.all():
        if any(name.database in databases for name in session.data.changes):
            session.data.rollback()
