"""Makes the catalogue of a secondary what the snapshot says, in one transaction.

What the group brought and the snapshot has no more is dropped; so is every account object of a
replicated kind that was made here, unless SYSTEM$LINK_ACCOUNT_OBJECTS_BY_NAME linked it.
https://docs.snowflake.com/en/user-guide/account-replication-config#apply-global-ids-to-objects-created-by-scripts-in-target-accounts
"""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

from sandbox.snowflake.catalog.record import Record
from sandbox.snowflake.errors import AlreadyExistsError, SnowflakeError
from sandbox.snowflake.governance import policies, tags
from sandbox.snowflake.governance.pointing import point
from sandbox.snowflake.replication import facts, local
from sandbox.snowflake.replication.access import Access
from sandbox.snowflake.replication.snapshot import MONITOR, Snapshot
from sandbox.snowflake.sharing.organization import PRIMARY
from sandbox.snowflake.sql.names import Path, dotted

if TYPE_CHECKING:
    from sandbox.snowflake.account import Account


class Arrival:
    """One snapshot that comes into an account for a link: a group, or a secondary database."""

    def __init__(self, account: Account, link: Record, taken: Snapshot) -> None:
        self._account = account
        self._store = account.store
        self._link = link
        self._taken = taken
        self._ids: dict[int, int] = {}
        """Ids of the primary's account → this account's."""
        self._renamed: dict[str, str] = {}
        if link.kind == "DATABASE":
            source = next(one for one in taken.records if one.kind == "DATABASE")
            self._renamed[source.name] = link.name

    def path(self, record: Record) -> Path:
        """Where an object goes: a secondary database may have another name."""
        database = record.kind == "DATABASE" or len(record.path) > 1
        first = self._renamed.get(record.path[0], record.path[0]) if database else record.path[0]
        return (first, *record.path[1:])

    def standing(self, record: Record) -> Record | None:
        """This account's copy of an object of the snapshot."""
        if record.kind == "DATABASE" and self._link.kind == "DATABASE":
            return self._link
        found = self._account.replicas.find(self._taken.origins[record.id])
        return found if found is not None and found.kind == record.kind else None

    def check(self) -> None:
        """AlreadyExistsError where a database of this account stands in the way."""
        for record in self._taken.records:
            if record.kind not in ("DATABASE", "SHARE"):
                continue
            blocker = self._store.find(record.kind, self.path(record))
            if blocker is not None and blocker is not self.standing(record):
                raise AlreadyExistsError(dotted(blocker.path))

    def bring_in(self) -> None:
        """Do it; the caller has opened the transaction."""
        self._remove()
        pairs = [(record, self._place(record)) for record in self._taken.records]
        self._ids |= {
            number: own.id
            for number, origin in self._taken.origins.items()
            if (own := self._account.replicas.find(origin)) is not None
        }
        for record, own in pairs:
            self._fill(record, own)
        self._settle_access()
        self._settings()
        self._member_ids()
        self._account.protections.touch()

    def _remove(self) -> None:
        """Drop what the snapshot has no more, and what stands where it was not replicated to."""
        replicas, taken = self._account.replicas, self._taken
        wanted = {taken.origins[one.id] for one in taken.records}
        for record in replicas.linked(self._link.id):
            if self._store.get(record.id) is not record or record is self._link:
                continue
            if replicas.origin(record) not in wanted:
                self._drop(record)
        for kind in self._store.registry.kinds:
            for record in self._store.all(kind):
                foreign = taken.scope.whole(record) and not replicas.is_same(record)
                if foreign and replicas.origin(record) not in wanted:
                    self._drop(record)
        self._remove_strangers(wanted)

    def _remove_strangers(self, wanted: set[str]) -> None:
        """What lies in a replicated database and is of no snapshot."""
        for record in self._taken.records:
            own = self.standing(record) if record.kind == "DATABASE" else None
            for inside in self._store.descendants(own.path) if own is not None else ():
                stands = self._store.get(inside.id) is inside
                if stands and self._account.replicas.origin(inside) not in wanted:
                    self._drop(inside)

    def _drop(self, record: Record) -> None:
        local.leave(self._account, record)
        for item in self._store.remove(record):
            self._account.access.object_dropped(item)
            self._account.replicas.forget(item.id)

    def _place(self, record: Record) -> Record:
        """The copy of an object, made or moved to where it belongs."""
        path, own = self.path(record), self.standing(record)
        blocker = self._store.find(self._store.registry[record.kind].space(), path)
        if blocker is not None and blocker is not own:
            if self._account.replicas.link(blocker) == self._link.id:
                # it moves too, when its turn comes
                self._store.move(blocker, (*path[:-1], f"{path[-1]}\0{blocker.id}"))
            else:
                self._drop(blocker)
        if own is None:
            own = self._store.add(record.kind, path, None, record.created_on, {})
            local.arrive(self._account, own)
        elif own.path != path:
            self._store.move(own, path)
        self._account.replicas.put(own, self._taken.origins[record.id], self._link.id)
        return own

    def _fill(self, record: Record, own: Record) -> None:
        before = own.properties
        given = copy.deepcopy(record.properties)
        point(given, self._ids)
        owner = self._ids.get(record.owner) if record.owner is not None else None
        own.owner = owner if owner is not None or record.owner is None else self._link.owner
        own.created_on = record.created_on
        own.parameters = dict(record.parameters)
        own.properties = local.kept(self._account, own, before, given)
        if own is self._link:
            names = (PRIMARY, "TERM", facts.REPLICATION, facts.FAILOVER, "COMMENT")
            own.properties |= {name: before.get(name) for name in names}
        self._renew_paths(own)
        self._store.save(own)

    def _renew_paths(self, own: Record) -> None:
        """Paths in properties (a pipe's table and stage) follow a database of another name."""
        for name in ("TABLE", "STAGE"):
            path = own.properties.get(name)
            if own.kind == "PIPE" and path:
                own.properties[name] = [self._renamed.get(path[0], path[0]), *path[1:]]

    def _settle_access(self) -> None:
        records = (self._ids[one.id] for one in self._taken.records if one.id in self._ids)
        Access(self._account, self._taken, frozenset(records)).settle()

    def _settings(self) -> None:
        taken = self._taken
        if taken.parameters is not None:
            self._account.parameters.replace_on_account(taken.parameters)
            attached = taken.policies.items()
            known = {kind: self._ids[one] for kind, one in attached if one in self._ids}
            policies.keep_of_account(self._store, known)
            kept = {
                str(self._ids[int(tag)]): value
                for tag, value in taken.tags.items()
                if int(tag) in self._ids
            }
            tags.keep_of_account(self._store, kept)
        if "RESOURCE MONITOR" in taken.scope.kinds:
            self._store.keep_setting(MONITOR, taken.monitor)

    def _member_ids(self) -> None:
        """The group knows its databases and shares by this account's ids."""
        if self._link.kind not in facts.GROUPS:
            return
        scope = self._taken.scope
        for name, numbers in ((facts.DATABASES, scope.databases), (facts.SHARES, scope.shares)):
            self._link.properties[name] = [self._ids[one] for one in numbers if one in self._ids]
        self._store.save(self._link)


def refused(account: Account, link: Record, taken: Snapshot) -> SnowflakeError | None:
    """What keeps a snapshot from coming in."""
    try:
        Arrival(account, link, taken).check()
    except SnowflakeError as error:
        return error
    return None
