"""Makes catalogue and rows agree when a process was killed between their two commits.

A statement on tables and views commits its rows first, with a note of what the catalogue has to
follow (`data/pending.py`): such a statement is completed. One on databases and schemas, and every
UNDROP, moves the rows inside the catalogue's own transaction: such a statement is undone. These
hold the catalogue's lock, so that at most one of them was under way.
"""

from __future__ import annotations

import logging
from collections.abc import Collection
from typing import TYPE_CHECKING

from sandbox.snowflake.catalog import graveyard
from sandbox.snowflake.catalog.graveyard import Tomb
from sandbox.snowflake.catalog.record import Record
from sandbox.snowflake.catalog.store import Store
from sandbox.snowflake.context import Context, Statement
from sandbox.snowflake.data.model import ObjectName
from sandbox.snowflake.data.pending import Note
from sandbox.snowflake.data.store import name_of
from sandbox.snowflake.errors import SnowflakeError
from sandbox.snowflake.sharing.imports import FROM_SHARE
from sandbox.snowflake.sharing.organization import PRIMARY
from sandbox.snowflake.sql.names import Path, dotted
from sandbox.snowflake.verbs import data

if TYPE_CHECKING:
    from sandbox.snowflake.account import Account

log = logging.getLogger("sandbox.recovery")

_SCHEMA = "CREATE TABLE IF NOT EXISTS followed (id TEXT PRIMARY KEY)"


class Recovery:
    """Knows which notes the catalogue has followed, and follows the others."""

    def __init__(self, store: Store) -> None:
        self._store = store
        with store.lock:
            store.database.execute(_SCHEMA)

    def follow(self, number: str) -> None:
        """Note, inside the transaction that follows it, that a note is followed."""
        if number:
            self._store.database.execute("INSERT OR IGNORE INTO followed VALUES (?)", (number,))

    def run(self, account: Account) -> None:
        """Make the two agree; for an account that serves nobody yet."""
        _Containers(account).agree()
        _agree_on_tombs(account)
        self._follow_left(account)

    def _follow_left(self, account: Account) -> None:
        for note in account.data.pending.left():
            known = "SELECT 1 FROM followed WHERE id = ?"
            if not self._store.database.execute(known, (note.id,)).fetchone():
                self._follow_note(account, note)
            account.data.pending.followed(note.id, note.effects[0].name.database)
            account.data.pending.clear()
            with self._store.transaction():
                self._store.database.execute("DELETE FROM followed WHERE id = ?", (note.id,))

    def _follow_note(self, account: Account, note: Note) -> None:
        session = account.system_session()
        session.role_id = account.access.role_id(note.role) or session.role_id
        session.database, session.schema = note.database, note.schema
        context = Context(account, session, Statement("", "", "", account.now()))
        done = ", ".join(f"{e.action} {e.kind} {e.name}" for e in note.effects)
        try:
            with account.store.transaction():
                for effect in note.effects:
                    data.apply(context, effect)
                self.follow(note.id)
            log.warning("completed what was under way when the sandbox was killed: %s", done)
        except SnowflakeError as error:
            log.warning("undid what was under way, %s: %s", done, error.message)
            data.undo(context, note.effects, note.id)
        finally:
            session.data.close()


class _Containers:
    """Databases and schemas: what stands in the catalogue is brought to stand, nothing else."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._data, self._shelf = account.data, account.data.shelf
        graves = account.graves
        self._tombs = [*graves.of("DATABASE"), *graves.of("SCHEMA")]
        self._places = {tomb.place for tomb in self._tombs}

    def agree(self) -> None:
        """Databases first, then what is in each."""
        store = self._account.store
        foreign = {r.name for r in store.each("DATABASE") if self._is_foreign(r)}
        wanted = {record.name for record in store.each("DATABASE")} - foreign
        self._restore(wanted, (), self._shelf.kept_databases(), foreign)
        self._remove(wanted | foreign, ())
        for record in store.each("DATABASE"):
            if record.name in foreign or record.name not in self._data.databases():
                continue
            schemas = {item.name for item in store.inside(record.path) if item.kind == "SCHEMA"}
            self._restore(schemas, record.path, self._shelf.kept_schemas(record.name))
            self._remove(schemas, record.path)

    def _is_foreign(self, record: Record) -> bool:
        """Whether the database is shared or replicated: these see to their own."""
        given = record.name == "SNOWFLAKE" or record.properties.get(FROM_SHARE)
        replica = record.properties.get(PRIMARY) or self._account.replicas.secondary(record)
        return bool(given or replica)

    def _standing(self, above: Path) -> set[str]:
        if not above:
            return set(self._data.databases())
        return set(self._data.schemas(above[0])) - set(self._shelf.kept_schemas(above[0]))

    def _restore(
        self, wanted: set[str], above: Path, kept: list[str], foreign: Collection[str] = ()
    ) -> None:
        """Bring back what a DROP or RENAME that is not in the catalogue had taken away."""
        for place in kept:
            name = name_of(place)
            if place in self._places or name not in wanted:
                continue
            if name in self._standing(above):  # it was replaced: the new one was never told of
                self._drop((*above, name))
            self._bring_back((*above, name), place)
        missing = wanted - self._standing(above)
        others = self._standing(above) - wanted - set(foreign) - self._buried(above)
        if len(missing) == 1 and len(others) == 1:
            self._rename(above, others.pop(), missing.pop())
        for name in wanted - self._standing(above):
            self._forget((*above, name))

    def _remove(self, wanted: set[str], above: Path) -> None:
        """Take away what an UNDROP or CREATE that is not in the catalogue had made."""
        for name in self._standing(above) - wanted:
            tomb = self._tomb((*above, name))
            log.warning("undid what was under way when the sandbox was killed: %s", name)
            if tomb is None:
                self._drop((*above, name))
            elif above:
                self._shelf.keep_schema(above[0], name, tomb.place)
            else:
                self._shelf.keep_database(name, tomb.place)

    def _buried(self, above: Path) -> set[str]:
        """The names of dropped ones whose rows are not where they were put aside."""
        return {name for name in self._standing(above) if self._tomb((*above, name)) is not None}

    def _tomb(self, path: Path) -> Tomb | None:
        kept = self._shelf.kept_schemas(path[0]) if path[1:] else self._shelf.kept_databases()
        for tomb in reversed(self._tombs):
            if tomb.place not in kept and _path_today(self._account, tomb) == path:
                return tomb
        return None

    def _bring_back(self, path: Path, place: str) -> None:
        log.warning("brought back what was being dropped as the sandbox was killed: %s", path)
        if path[1:]:
            self._shelf.restore_schema(path[0], path[1], place)
        else:
            self._shelf.restore_database(path[0], place)

    def _drop(self, path: Path) -> None:
        if path[1:]:
            self._data.drop_schema(*path)
        else:
            self._data.drop_database(path[0])

    def _rename(self, above: Path, old: str, new: str) -> None:
        log.warning("undid a rename that was under way as the sandbox was killed: %s", new)
        if above:
            self._data.rename_schema(above[0], old, new)
        else:
            self._data.rename_database(old, new)

    def _forget(self, path: Path) -> None:
        """Its rows are gone, without retention: the DROP is completed."""
        store, access = self._account.store, self._account.access
        record = store.find("SCHEMA" if path[1:] else "DATABASE", path)
        if record is None:
            return
        log.warning("completed the drop of %s", dotted(path))
        with store.transaction():
            for item in store.remove(record):
                access.object_dropped(item)


def _agree_on_tombs(account: Account) -> None:
    """What UNDROP had brought back goes aside again; a tomb without its rows was being purged."""
    shelf = account.data.shelf
    for tomb in account.graves.of("TABLE"):
        path = _path_today(account, tomb)
        if path is None or shelf.has_table(ObjectName(path[0], path[1], tomb.place)):
            continue
        if account.store.find("TABLE", path) is None and shelf.has_table(ObjectName(*path)):
            shelf.keep_table(ObjectName(*path), tomb.place)
            continue
        _forget_tomb(account, tomb)
    for tomb in [*account.graves.of("DATABASE"), *account.graves.of("SCHEMA")]:
        path = _path_today(account, tomb)
        if path is None:
            continue
        kept = shelf.kept_schemas(path[0]) if path[1:] else shelf.kept_databases()
        if tomb.place not in kept:
            _forget_tomb(account, tomb)


def _forget_tomb(account: Account, tomb: Tomb) -> None:
    with account.store.transaction():
        account.graves.remove(tomb)


def _path_today(account: Account, tomb: Tomb) -> Path | None:
    """Where a dropped object would stand; None while its container is gone."""
    if tomb.parent == graveyard.ACCOUNT:
        return tomb.record.path
    parent = account.store.get(tomb.parent)
    return (*parent.path, tomb.record.name) if parent is not None else None
