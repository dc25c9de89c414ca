"""Refreshes of secondary groups and databases: take the primary at one moment, stage what changed,
and come in at once.

The catalogue's transaction is the point of no return: it keeps what has yet to come into the
databases, and a process that is killed there does the rest when the account is opened again, before
anybody can look. Killed before, it leaves the old snapshot.
https://docs.snowflake.com/en/user-guide/account-replication-config#refresh
"""

from __future__ import annotations

import json
import threading
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any, Final

from sandbox.snowflake.catalog.record import Record
from sandbox.snowflake.errors import SnowflakeError
from sandbox.snowflake.faults import Faults
from sandbox.snowflake.replication import facts, links, scope, snapshot
from sandbox.snowflake.replication.arrival import Arrival
from sandbox.snowflake.replication.errors import (
    DanglingError,
    NotSecondaryError,
    PrimaryGoneError,
    RefreshRunsError,
    ReplicationError,
)
from sandbox.snowflake.replication.history import Phase, Refresh, RefreshHistory
from sandbox.snowflake.sharing.organization import PRIMARY

if TYPE_CHECKING:
    from sandbox.snowflake.account import Account

_PENDING: Final = "replication_pending"
REFRESHED: Final = "LAST_REFRESH"
"""On secondaries: the moment of the primary that they show, as ISO text."""


class CanceledError(ReplicationError):
    """A refresh that SUSPEND IMMEDIATE ended."""

    def __init__(self, record: Record) -> None:
        super().__init__(f"The refresh of '{record.name}' was canceled.")


class Refreshes:
    """Those of one account, which is the secondary side."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._lock = threading.Lock()
        self._running: dict[int, Refresh] = {}
        self._canceled: set[str] = set()
        self._faults = Faults.asked_for()
        self.history = RefreshHistory(account.store)

    def recover(self) -> None:
        """Do what an earlier process had decided and not finished; its other refreshes failed."""
        account = self._account
        pending = account.store.setting(_PENDING)
        if pending:
            self._carry_out(json.loads(pending))
        done = json.loads(pending)["id"] if pending else None
        for refresh in list(self.history.all()):
            if refresh.ended is None:
                completed = refresh.id == done
                if not completed:
                    refresh.error = ("003138", "The process ended during the refresh.")
                refresh.enter(Phase.COMPLETED if completed else Phase.FAILED, account.now())
                self.history.keep(refresh)
        account.data.replicas.forget_all()

    def runs(self, record: Record) -> bool:
        """Whether a group or database is being refreshed."""
        return record.id in self._running

    def running(self) -> list[Refresh]:
        """The refreshes under way."""
        return list(self._running.values())

    def cancel(self, record: Record) -> None:
        """End a refresh at its next step."""
        refresh = self._running.get(record.id)
        if refresh is not None:
            self._canceled.add(refresh.id)

    def refresh(self, record: Record) -> Refresh:
        """Refresh a secondary from its primary; every failure is a `SnowflakeError`."""
        if links.is_primary(record):
            raise NotSecondaryError(record, "refresh")
        with self._claimed(record) as refresh, self._account.gate.outside():
            try:
                self._run(record, refresh)
            except SnowflakeError as error:
                refresh.error = (error.code, error.message)
                canceled = isinstance(error, CanceledError)
                self._enter(refresh, Phase.CANCELED if canceled else Phase.FAILED)
                raise
            except BaseException as error:
                refresh.error = ("000603", str(error))
                self._enter(refresh, Phase.FAILED)
                raise
            self._enter(refresh, Phase.COMPLETED)
            return refresh

    @contextmanager
    def _claimed(self, record: Record) -> Iterator[Refresh]:
        refresh = Refresh(str(uuid.uuid4()), record.id, record.kind, record.name)
        with self._lock:
            if record.id in self._running:
                raise RefreshRunsError(record, "refresh")
            self._running[record.id] = refresh
        try:
            yield refresh
        finally:
            self._canceled.discard(refresh.id)
            self._running.pop(record.id, None)
            if refresh.id not in (self._account.store.setting(_PENDING) or ""):
                self._account.data.replicas.forget(refresh.id)

    def _enter(self, refresh: Refresh, phase: Phase) -> None:
        refresh.enter(phase, self._account.now())
        self.history.keep(refresh)
        self._faults.strike_now(f"replication phase: {phase.value} of {refresh.name}")

    def _step(self, record: Record, refresh: Refresh, phase: Phase) -> None:
        self._enter(refresh, phase)
        if refresh.id in self._canceled:
            raise CanceledError(record)

    def _run(self, record: Record, refresh: Refresh) -> None:
        account = self._account
        self._step(record, refresh, Phase.MEMBERSHIP)
        other, primary = self._primary(record)
        self._step(record, refresh, Phase.INVENTORY)
        self._step(record, refresh, Phase.METADATA)
        with ExitStack() as stack:
            taken, source = _take(stack, other, primary)
            refresh.snapshot = other.now()
            refresh.objects = dict(Counter(one.kind for one in taken.records))
            blocking = [one for one in taken.missing if one.blocking]
            if blocking:
                raise DanglingError(snapshot.told(blocking))
            arrival = Arrival(account, record, taken)
            with account.store.lock:
                arrival.check()
            self._step(record, refresh, Phase.DATA)
            streams = _copies(arrival, taken)
            actions = self._staged(refresh, (other, taken, source), arrival, record)
        pending = {"id": refresh.id, "actions": actions, "serial": source.serial}
        pending["streams"] = streams
        self._step(record, refresh, Phase.ARRIVING)
        with account.gate.alone():
            with account.store.transaction():
                arrival.bring_in()
                self._mark(record, primary, refresh)
                account.store.keep_setting(_PENDING, json.dumps(pending))
            self._enter(refresh, Phase.DOWNLOADING)
            self._carry_out(pending)
        if account.organization is not None:
            account.organization.changed(account)

    def _primary(self, record: Record) -> tuple[Account, Record]:
        pair = links.primary_of(self._account, record)
        name = links.primary_name(self._account, record)
        if pair is None or not links.is_primary(pair[1]):
            raise PrimaryGoneError(record, name)
        listed = links.ACCOUNTS if record.kind != "DATABASE" else facts.REPLICATION
        if links.full_name(self._account.identity) not in (pair[1].properties.get(listed) or []):
            raise PrimaryGoneError(record, name)
        return pair

    def _staged(
        self, refresh: Refresh, sides: Any, arrival: Arrival, record: Record
    ) -> list[list[Any]]:
        """Stage every database; what has to be done for it to come in, in order."""
        account, (other, taken, source) = self._account, sides
        actions: list[list[Any]] = []
        staying = set()
        streams = _copies(arrival, taken)
        for database in (one for one in taken.records if one.kind == "DATABASE"):
            own = arrival.standing(database)
            name = own.name if own is not None else arrival.path(database)[0]
            wanted = frozenset(
                (one.path[1], one.path[2])
                for one in taken.records
                if one.kind in ("TABLE", "VIEW") and one.path[0] == database.name
            )
            if own is None:
                account.data.replicas.drop(name)  # an earlier refresh was cut off
            staged = account.data.replicas.stage(
                source,
                (database.name, name),
                (other.identity.locator, account.identity.locator),
                refresh.id,
                wanted,
                streams,
                account.now(),
            )
            actions.append(["script", name, staged.statements])
            if name != arrival.path(database)[0]:
                actions.append(["rename", name, arrival.path(database)[0]])
            staying.add(own.id if own is not None else None)
            refresh.rows += staged.rows
            refresh.bytes += staged.bytes
            refresh.copied += staged.copied
            refresh.followed += staged.followed
            refresh.by_database[name] = staged.bytes
            if refresh.id in self._canceled:
                raise CanceledError(record)
        for gone in account.replicas.linked(record.id):
            if gone.kind == "DATABASE" and gone.id not in staying and gone is not record:
                actions.append(["drop", gone.name, None])
        return actions

    def _mark(self, record: Record, primary: Record, refresh: Refresh) -> None:
        """What a secondary knows of its primary, so that it can take its place."""
        assert refresh.snapshot is not None
        record.properties[REFRESHED] = refresh.snapshot.isoformat()
        if record.kind in facts.GROUPS:
            for name in (facts.TYPES, facts.INTEGRATIONS, facts.SCHEDULE, links.ACCOUNTS):
                record.properties[name] = primary.properties.get(name)
        self._account.store.save(record)

    def _carry_out(self, pending: dict[str, Any]) -> None:
        """Have what is staged come in; done again after a crash it does only what is left."""
        data, store = self._account.data.replicas, self._account.store
        for action, name, what in pending["actions"]:
            if action == "script":
                data.apply(name, pending["id"], what)
            elif action == "rename":
                data.rename(name, what)
            else:
                data.drop(name)
        data.settle(pending["serial"], pending["streams"])
        with store.transaction():
            store.keep_setting(_PENDING, "")


def _take(stack: ExitStack, other: Account, primary: Record) -> tuple[snapshot.Snapshot, Any]:
    """The catalogue and the databases of the primary at one moment."""
    with other.store.lock:
        wanted = scope.of(primary)
        taken = snapshot.take(other, wanted)
        databases = [one.name for one in taken.records if one.kind == "DATABASE"]
        source = stack.enter_context(other.data.replicas.source(databases))
    return taken, source


def _copies(arrival: Arrival, taken: snapshot.Snapshot) -> list[int]:
    """This account's streams among those that come."""
    found = (arrival.standing(one) for one in taken.records if one.kind == "STREAM")
    return [one.id for one in found if one is not None]


def never_refreshed(record: Record) -> bool:
    """Whether a secondary has nothing of its primary yet."""
    return bool(record.properties.get(PRIMARY)) and not record.properties.get(REFRESHED)
