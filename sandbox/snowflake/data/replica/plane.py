"""What replication asks of an account's rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from sandbox.snowflake.data.past.ledger import Ledger
from sandbox.snowflake.data.replica.arriving import Arriving, forget
from sandbox.snowflake.data.replica.source import Source, opened
from sandbox.snowflake.data.replica.tables import Key, prepare
from sandbox.snowflake.data.replica.target import Staged, Target, is_applied
from sandbox.snowflake.data.shelf import Shelf, change
from sandbox.snowflake.data.store import Store


class ReplicaPlane:
    """Both sides: reads databases for another account, and takes another account's in."""

    def __init__(self, store: Store, ledger: Ledger, shelf: Shelf) -> None:
        self._store = store
        self._ledger = ledger
        self._shelf = shelf

    @contextmanager
    def source(self, databases: Sequence[str]) -> Iterator[Source]:
        """The databases as they are now, for as long as it takes to copy them."""
        with opened(self._store, self._ledger, databases) as source:
            yield source

    def stage(
        self,
        source: Source,
        names: tuple[str, str],
        origins: tuple[str, str],
        refresh: str,
        wanted: frozenset[Key],
        streams: Sequence[int],
        now: datetime,
    ) -> Staged:
        """Copy what differs of a database, unseen; `names` are its names there and here."""
        if names[1] not in self._store.databases:
            self._store.create(names[1])
        with self._store.connection() as cursor:
            arriving = Arriving(self._store.folder, refresh, names[1])
            target = Target(cursor, arriving, source, names, origins, now)
            return target.stage(refresh, wanted, streams)

    def apply(self, database: str, refresh: str, statements: Sequence[str]) -> None:
        """Have what was staged come in, once."""
        with self._store.connection() as cursor:
            prepare(cursor, database)
            if not is_applied(cursor, database, refresh):
                with Arriving(self._store.folder, refresh, database).lent(cursor):
                    change(cursor, statements)

    def forget(self, refresh: str) -> None:
        """Let go of what a refresh staged in files: it came in, or never will."""
        forget(self._store.folder, refresh)

    def forget_all(self) -> None:
        """Let go of what all refreshes staged in files."""
        forget(self._store.folder)

    def settle(self, serial: int, streams: Sequence[int]) -> None:
        """Make the views that came, let all later versions be later than those that came, and
        forget how far the streams that came were read here.
        """
        self._ledger.reach(serial)
        self._ledger.offsets.forget(streams)
        self._shelf.settle()

    def rename(self, old: str, new: str) -> None:
        """Another name for a database, unless it has it already."""
        if old in self._store.databases and new not in self._store.databases:
            self._store.rename(old, new)

    def drop(self, database: str) -> None:
        """Let a database go, unless it is gone."""
        if database in self._store.databases:
            self._store.drop(database)
