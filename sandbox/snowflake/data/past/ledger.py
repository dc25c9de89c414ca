"""Writes the past: each committed change becomes a version, rows that it took away become images.

Only lines are added, so that transactions which do not disturb each other's rows do not disturb
each other here either; the order of commits gives serials and row numbers. All of it is part of
the transaction of the change itself.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, Final

import duckdb

from sandbox.snowflake.data.model import ObjectName
from sandbox.snowflake.data.past.images import Images
from sandbox.snowflake.data.past.keeping import Keeper, new_place
from sandbox.snowflake.data.past.making import first_version
from sandbox.snowflake.data.past.offsets import Advance, Offset, Offsets
from sandbox.snowflake.data.past.tables import (
    CAUSE,
    COLUMNS,
    REMOVED,
    ROW,
    ROWS,
    UNTIL,
    VERSIONS,
    hidden,
    of_table,
    text,
)
from sandbox.snowflake.data.past.transaction import TableChange, Transaction
from sandbox.snowflake.data.store import Store, run
from sandbox.snowflake.sql.names import quoted

_OFTEN: Final = timedelta(hours=1)


class Ledger:
    """One for all databases of an account."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.RLock()
        self._keeper = Keeper(store)
        self.offsets = Offsets(store)

    @property
    def committed(self) -> int:
        """Versions up to this serial are there for whoever begins now."""
        return self._store.committed

    @property
    def last(self) -> int:
        """The last serial that anything got; nothing of it is still to be committed."""
        with self._lock:
            return self._store.serial

    @contextmanager
    def committing(self) -> Iterator[int]:
        """Lets one change be committed at a time; the serial of its version."""
        with self._lock:
            serial = self.next_serial()
            yield serial
            self._store.committed = serial

    @contextmanager
    def standing_still(self) -> Iterator[int]:
        """Lets nothing be committed meanwhile; the last serial."""
        with self._lock:
            yield self._store.serial

    def reach(self, serial: int) -> None:
        """Lets all later serials be greater than one of another account's."""
        with self._lock:
            self._store.serial = max(self._store.serial, serial)
            self._store.committed = max(self._store.committed, serial)

    def next_serial(self) -> int:
        """A new serial."""
        with self._lock:
            self._store.serial += 1
            return self._store.serial

    def commit(self, session: Transaction) -> None:
        """Commits what the session has open, with its versions and how far it read streams.

        Raises:
            LockedError: another session was first to read on in one of the streams.
        """
        with self.committing() as serial:
            self.offsets.check(session.consumed)
            for name, change in session.changes.items():
                self._record(session, name, change, serial)
            moment = session.moment()
            for sql in self.offsets.told(session.consumed, moment):
                run(session.cursor, sql)
            run(session.cursor, "COMMIT")
            self.offsets.follow(session.consumed, moment)

    def looked(self, stream: int, database: str, offset: Offset) -> None:
        """Tells that a stream was found empty at a time, where it was not read for an hour."""
        known = self.offsets.of(stream)
        if known is not None and offset.at - known.at < _OFTEN:
            return
        advance = {stream: Advance(known, offset.serial, database)}
        with self._lock, self._store.connection() as cursor:
            if self.offsets.of(stream) == known:
                for sql in self.offsets.told(advance, offset.at):
                    run(cursor, sql)
                self.offsets.follow(advance, offset.at)

    def created_sql(self, name: ObjectName, at: datetime, statement: str) -> str:
        """The statement that begins the past of a table that its transaction has made."""
        moment = f"{text(at.isoformat())}::TIMESTAMPTZ"
        return first_version(name, self.next_serial(), moment, statement)

    def forget_sql(self, cursor: duckdb.DuckDBPyConnection, name: ObjectName) -> list[str]:
        """The statements that let a table's past go, with the table."""
        places = [
            place for generation in Images(cursor, name).generations for place in generation.places
        ]
        return [
            *(f"DROP TABLE IF EXISTS {hidden(name.database, place)}" for place in places),
            *(
                f"DELETE FROM {hidden(name.database, table)} WHERE {of_table(name)}"
                for table in (VERSIONS, REMOVED)
            ),
        ]

    def end_generation(
        self, session: Transaction, name: ObjectName, serial: int, names: Mapping[str, str | None]
    ) -> None:
        """Keeps all rows as they are, for their columns change; part of the open transaction."""
        cursor = session.cursor
        images = Images(cursor, name)
        place, listed = new_place(), ", ".join(quoted(column) for column, *_ in images.columns)
        last = images.last() or serial
        run(
            cursor,
            f"CREATE TABLE {hidden(name.database, place)} AS SELECT {ROW}, {serial}::BIGINT AS "
            f"{UNTIL}, {COLUMNS}::UTINYINT AS {CAUSE}, {listed} FROM ({images.rows(last)})",
        )
        removed = hidden(name.database, REMOVED)
        run(cursor, f"INSERT INTO {removed} (schema_name, table_name, place) VALUES (?, ?, ?)",
            [name.schema, name.name, place])  # fmt: skip
        run(
            cursor,
            f"UPDATE {removed} SET ended = ?, columns = ?, names = ? "
            f"WHERE {of_table(name)} AND ended IS NULL",
            [serial, json.dumps(images.columns), json.dumps(dict(names))],
        )
        self._add_version(session, name, serial, "0")

    def _record(
        self, session: Transaction, name: ObjectName, change: TableChange, serial: int
    ) -> None:
        added = str(change.added)
        if change.rows:
            place = ".".join(quoted(part) for part in name)
            added = f"(SELECT count(*) FROM {place} WHERE rowid >= {self._keeper.first_local})"
            self._keeper.keep(session, name, change, serial)
        self._add_version(session, name, serial, added, change.assigned)

    def _add_version(
        self,
        session: Transaction,
        name: ObjectName,
        serial: int,
        added: str,
        assigned: Iterable[str] = (),
    ) -> None:
        moment = f"{text(session.moment().isoformat())}::TIMESTAMPTZ"
        run(
            session.cursor,
            f"INSERT INTO {hidden(name.database, VERSIONS)} SELECT {text(name.schema)}, "
            f"{text(name.name)}, {serial}, {serial * ROWS}, {added}, {moment}, "
            f"{_texts(dict.fromkeys(session.statements))}, {_texts(sorted(assigned))}",
        )


def _texts(values: Iterable[str]) -> str:
    """A list of texts."""
    return f"[{', '.join(map(text, values))}]"


def drop_places_sql(cursor: duckdb.DuckDBPyConnection, database: str, schema: str) -> list[Any]:
    """The statements that let the images of a whole schema go."""
    rows = run(
        cursor,
        f"SELECT place FROM {hidden(database, REMOVED)} WHERE schema_name = {text(schema)}",
    )
    return [f"DROP TABLE IF EXISTS {hidden(database, place)}" for (place,) in rows]
