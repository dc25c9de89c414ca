"""Writes the past: each committed change becomes a version, rows that it took away become images.

Only lines are added, so that transactions which do not disturb each other's rows do not disturb
each other here either; the order of commits gives serials and row numbers. All of it is part of
the transaction of the change itself.
"""

from __future__ import annotations

import json
import secrets
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, Protocol

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from sandbox.snowflake.data.model import ObjectName
from sandbox.snowflake.data.past.images import Images
from sandbox.snowflake.data.past.offsets import Advance, Offset, Offsets
from sandbox.snowflake.data.past.tables import (
    AT,
    CAUSE,
    CHANGED,
    COLUMNS,
    GONE,
    REMOVED,
    ROW,
    ROWS,
    UNTIL,
    VERSIONS,
    first_version,
    hidden,
    of_table,
    text,
)
from sandbox.snowflake.data.store import Store, run
from sandbox.snowflake.sql.names import quoted

_TOUCHED: Final = "leap_touched_rows"
_FEW: Final = 100
_OFTEN: Final = timedelta(hours=1)
_OLD: Final = "leap_old_rows"


@dataclass
class TableChange:
    """What an open transaction did to one table."""

    added: int = 0
    rows: list[pa.Array] = field(default_factory=list)
    """DuckDB's ids of rows that were, or may have been, changed or deleted."""


class Transaction(Protocol):
    """A session, as far as its changes are concerned."""

    cursor: duckdb.DuckDBPyConnection
    changes: dict[ObjectName, TableChange]
    consumed: dict[int, Advance]
    statements: list[str]

    def moment(self) -> datetime:
        """The account's time."""


class Ledger:
    """One for all databases of an account."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.RLock()
        self._first_local = _first_local_row(store)
        self.offsets = Offsets(store)

    @property
    def committed(self) -> int:
        """Versions up to this serial are there for whoever begins now."""
        return self._store.committed

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
        place, listed = _new_place(), ", ".join(quoted(column) for column, *_ in images.columns)
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
        self._add_version(session, name, serial, 0)

    def _record(
        self, session: Transaction, name: ObjectName, change: TableChange, serial: int
    ) -> None:
        added = change.added
        if change.rows:
            place = ".".join(quoted(part) for part in name)
            count = f"SELECT count(*) FROM {place} WHERE rowid >= {self._first_local}"
            added = run(session.cursor, count)[0][0]
            self._keep(session, name, change.rows, serial)
        self._add_version(session, name, serial, added)

    def _add_version(self, session: Transaction, name: ObjectName, serial: int, added: int) -> None:
        run(
            session.cursor,
            f"INSERT INTO {hidden(name.database, VERSIONS)} VALUES (?, ?, ?, ?, ?, ?, ?)",
            [
                name.schema,
                name.name,
                serial,
                serial * ROWS,
                added,
                session.moment(),
                list(dict.fromkeys(session.statements)),
            ],
        )

    def _keep(
        self, session: Transaction, name: ObjectName, rows: Sequence[pa.Array], serial: int
    ) -> None:
        """Images of the rows that were changed or deleted, as they are for everybody else."""
        old = self._old(name, rows)
        if not old.num_rows:
            return
        place = self._place(session.cursor, name)
        columns = [column for column in old.column_names if quoted(column) not in (AT, ROW)]
        then = ", ".join(f"old.{quoted(column)}" for column in columns)
        now = ", ".join(f"new.{quoted(column)}" for column in columns)
        standing = ".".join(quoted(part) for part in name)
        session.cursor.register(_OLD, old)
        try:
            run(
                session.cursor,
                f"INSERT INTO {place} SELECT {ROW}, {serial}, "
                f"CASE WHEN new.leap_new IS NULL THEN {GONE} ELSE {CHANGED} END, {then} "
                f"FROM {_OLD} AS old LEFT JOIN (SELECT rowid AS leap_new, * FROM {standing} "
                f"WHERE rowid IN (SELECT {AT} FROM {_OLD})) AS new ON leap_new = {AT} "
                f"WHERE leap_new IS NULL OR ROW({then}) IS DISTINCT FROM ROW({now})",
            )
        finally:
            session.cursor.unregister(_OLD)

    def _old(self, name: ObjectName, rows: Sequence[pa.Array]) -> pa.Table:
        """The touched rows before the transaction; nobody else commits meanwhile."""
        touched = pa.chunked_array([part.cast(pa.int64()) for part in rows])
        mine = touched.filter(pc.less(touched, self._first_local)).unique()
        standing = ".".join(quoted(part) for part in name)
        with self._store.connection() as cursor:
            only = f"IN ({', '.join(map(str, mine.to_pylist())) or 'NULL'})"
            if len(mine) > _FEW:
                cursor.register(_TOUCHED, pa.table({"touched": mine}))
                only = f"IN (SELECT touched FROM {_TOUCHED})"
            numbered = Images(cursor, name).numbered(only)
            return cursor.sql(
                f"SELECT numbered.*, stands.* FROM ({numbered}) AS numbered "
                f"JOIN {standing} AS stands ON stands.rowid = {AT} WHERE stands.rowid {only}"
            ).to_arrow_table()

    def _place(self, cursor: duckdb.DuckDBPyConnection, name: ObjectName) -> str:
        """The table of images of today's columns; made when the first is needed.

        Two transactions that make the first at once make two.
        """
        today = Images(cursor, name).generations[-1]
        if today.places:
            return hidden(name.database, today.places[0])
        made = _new_place()
        standing = ".".join(quoted(part) for part in name)
        run(
            cursor,
            f"CREATE TABLE {hidden(name.database, made)} AS SELECT 0::BIGINT AS {ROW}, "
            f"0::BIGINT AS {UNTIL}, 0::UTINYINT AS {CAUSE}, * FROM {standing} LIMIT 0",
        )
        run(
            cursor,
            f"INSERT INTO {hidden(name.database, REMOVED)} (schema_name, table_name, place) "
            f"VALUES (?, ?, ?)",
            [name.schema, name.name, made],
        )
        return hidden(name.database, made)


def _new_place() -> str:
    return f"images_{secrets.token_hex(6)}"


def _first_local_row(store: Store) -> int:
    """The least id that DuckDB gives to a row of a transaction that is still open."""
    with store.connection() as cursor:
        run(cursor, "CREATE TEMP TABLE leap_local (A INTEGER)")
        run(cursor, "BEGIN; INSERT INTO leap_local VALUES (1)")
        found: int = run(cursor, "SELECT rowid FROM temp.main.leap_local")[0][0]
        run(cursor, "ROLLBACK; DROP TABLE temp.main.leap_local")
    return found


def drop_places_sql(cursor: duckdb.DuckDBPyConnection, database: str, schema: str) -> list[Any]:
    """The statements that let the images of a whole schema go."""
    rows = run(
        cursor,
        f"SELECT place FROM {hidden(database, REMOVED)} WHERE schema_name = {text(schema)}",
    )
    return [f"DROP TABLE IF EXISTS {hidden(database, place)}" for (place,) in rows]
