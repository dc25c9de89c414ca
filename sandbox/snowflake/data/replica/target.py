"""The secondary's side: what changed is staged beside the tables, and comes in by one script.

Staging takes the time and may be cut off anywhere: nobody sees what is staged, and the next refresh
clears it away. The script is one transaction on the database; it may be run again after a crash,
and then does nothing where it has come in already.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

import duckdb

from sandbox.snowflake.data.metadata import Metadata
from sandbox.snowflake.data.model import ObjectName
from sandbox.snowflake.data.past.tables import CONSUMED, HIDDEN_SCHEMA, ROWS, hidden, text
from sandbox.snowflake.data.replica import script
from sandbox.snowflake.data.replica.source import Source, TableSource
from sandbox.snowflake.data.replica.tables import (
    APPLIED,
    STAGED,
    Key,
    TableState,
    prepare,
    states,
)
from sandbox.snowflake.data.store import KEPT, run
from sandbox.snowflake.sql.names import quoted

_ARRIVING = "leap_arriving"
_NUMBER = 8
"""Bytes of a row's number."""


@dataclass
class Staged:
    """What is ready to come in: the script, and what was copied for it."""

    statements: list[str] = field(default_factory=list)
    rows: int = 0
    bytes: int = 0
    copied: int = 0
    """How many tables were copied whole."""
    followed: int = 0
    """How many tables only got what changed."""


class Target:
    """Stages one database."""

    def __init__(
        self,
        cursor: duckdb.DuckDBPyConnection,
        source: Source,
        names: tuple[str, str],
        origins: tuple[str, str],
        now: datetime,
    ) -> None:
        self._cursor = cursor
        self._source = source
        self._from, self._to = names
        self._origin, self._own = origins
        """The locators of the primary's account, and of this one."""
        self._now = now
        self._metadata = Metadata()
        self._staged = Staged()
        self._token = secrets.token_hex(4)
        self._count = 0

    def stage(self, refresh: str, wanted: frozenset[Key], streams: Sequence[int]) -> Staged:
        """Copy what differs; `wanted` are the tables and views that belong to the replica.

        How far its `streams` were read is told by the source alone.
        """
        prepare(self._cursor, self._to)
        self._clear()
        theirs = self._source.tables(self._from)
        own = states(self._cursor, self._to)
        schemas = self._source.schemas(self._from)
        say = self._staged.statements.append
        for schema in schemas:
            say(f"CREATE SCHEMA IF NOT EXISTS {quoted(self._to)}.{quoted(schema)}")
        for key, state in theirs.items():
            if key in wanted:
                self._table(key, state, own.get(key))
        for key in own.keys() - (theirs.keys() & wanted):
            self._drop(key)
        self._views(wanted)
        self._loads()
        for schema in set(self._metadata.schemas(self._cursor, self._to)) - set(schemas):
            if not schema.startswith(KEPT):
                say(f"DROP SCHEMA IF EXISTS {quoted(self._to)}.{quoted(schema)} CASCADE")
        for stream in streams:
            say(f"DELETE FROM {hidden(self._to, CONSUMED)} WHERE stream = {stream}")
        applied = hidden(self._to, APPLIED)
        say(f"DELETE FROM {applied}")
        say(f"INSERT INTO {applied} VALUES ({text(refresh)})")
        return self._staged

    def _table(self, key: Key, theirs: TableState, own: TableState | None) -> None:
        base = self._common(theirs, own)
        source = self._source.table(ObjectName(self._from, *key))
        name = ObjectName(self._to, *key)
        told = base is not None and (theirs.serial == base or source.is_told_since(base))
        if own is None or base is None or not told:
            self._whole(name, source, theirs)
        else:
            if theirs.serial > base:
                self._follow(name, source, base, theirs)
            if (own.columns, own.comment) != (theirs.columns, theirs.comment):
                self._staged.statements += script.comments(name, theirs)
            if theirs.serial > base or own.copied != (self._origin, theirs.serial):
                self._register(name, theirs)

    def _common(self, theirs: TableState, own: TableState | None) -> int | None:
        """The version up to which both tables are the same; None where they are not, or differ."""
        if own is None or own.birth != theirs.birth or own.shape != theirs.shape:
            return None
        known = [
            copied[1]
            for copied, origin in ((own.copied, self._origin), (theirs.copied, self._own))
            if copied is not None and copied[0] == origin
        ]
        common = max(known, default=None)
        return common if common == own.serial else None

    def _whole(self, name: ObjectName, source: TableSource, state: TableState) -> None:
        place = name._replace(name=f"{KEPT}{STAGED}{self._token}_{self._next()}")
        schema = f"{quoted(name.database)}.{quoted(name.schema)}"
        run(self._cursor, f"CREATE SCHEMA IF NOT EXISTS {schema}")
        run(self._cursor, ";\n".join(script.made(place, state)))
        reader = source.rows()
        self._take(reader, ".".join(quoted(part) for part in place))
        self._staged.copied += 1
        statements = self._staged.statements
        statements += script.dropped(self._cursor, name)
        full = ".".join(quoted(part) for part in place)
        statements.append(f"ALTER TABLE {full} RENAME TO {quoted(name.name)}")
        lines = list(source.lines)
        for serial in {state.birth, state.serial} - {one[0] for one in lines}:
            # the first or last version has no row that still stands
            lines.append((serial, serial * ROWS, 0))
        statements += script.versions(name, lines, self._now)
        self._register(name, state)

    def _follow(self, name: ObjectName, source: TableSource, base: int, state: TableState) -> None:
        """Stage only what changed after a version that both have."""
        self._staged.followed += 1
        past, gone, count = source.past(base), source.gone(base), source.count_after(base)
        changed = source.changed(base)
        staging = script.Staging(
            name,
            (base + 1) * ROWS,
            bool(gone),
            tuple(changed.column_names[1:]) if changed.num_rows else (),
            *(f"{STAGED}{self._token}_{self._next()}" for _ in range(4)),
        )
        statements = self._staged.statements
        if past.num_rows:
            self._stage(staging.past, past)
        if staging.columns:
            self._stage(staging.changed, changed)
        self._staged.rows += gone + changed.num_rows
        self._staged.bytes += gone * _NUMBER + (changed.nbytes if changed.num_rows else 0)
        statements += script.replaced(self._cursor, staging)
        if past.num_rows:
            statements += script.remembered(self._cursor, staging)
        if count:
            place = hidden(name.database, staging.added)
            run(self._cursor, ";\n".join(script.columns_of(place, state)))
            self._take(source.added(base), place)
            full = ".".join(quoted(part) for part in name)
            statements.append(f"INSERT INTO {full} SELECT * FROM {place}")
            statements.append(f"DROP TABLE {place}")
        statements += script.versions(name, source.lines_after(base), self._now)

    def _stage(self, place: str, rows: object) -> None:
        self._cursor.register(_ARRIVING, rows)
        try:
            full = hidden(self._to, place)
            run(self._cursor, f"CREATE TABLE {full} AS SELECT * FROM {_ARRIVING}")
        finally:
            self._cursor.unregister(_ARRIVING)

    def _take(self, reader: object, place: str) -> None:
        """Let rows stream from one account's DuckDB into the other's."""
        counted = script.Counted(reader)
        self._cursor.register(_ARRIVING, counted.reader())
        try:
            run(self._cursor, f"INSERT INTO {place} SELECT * FROM {_ARRIVING}")
        finally:
            self._cursor.unregister(_ARRIVING)
        self._staged.rows += counted.rows
        self._staged.bytes += counted.bytes

    def _drop(self, key: Key) -> None:
        name = ObjectName(self._to, *key)
        self._staged.statements += script.dropped(self._cursor, name)

    def _register(self, name: ObjectName, state: TableState) -> None:
        self._staged.statements += script.registered(name, self._origin, state)

    def _views(self, wanted: frozenset[Key]) -> None:
        """Views that differ are made again, when all that they read has come in."""
        theirs = {
            ObjectName(self._to, *name[1:]): text_
            for name, text_ in self._source.views(self._from).items()
            if tuple(name[1:]) in wanted
        }
        own = {
            name: text_
            for schema in self._metadata.schemas(self._cursor, self._to)
            for name, text_ in self._metadata.views(self._cursor, self._to, schema)
        }
        for name in own.keys() | theirs.keys():
            if own.get(name) == theirs.get(name):
                continue
            self._staged.statements += script.view(name, own.get(name), theirs.get(name))

    def _loads(self) -> None:
        place = f"{STAGED}{self._token}_loads"
        self._stage(place, self._source.loads(self._from))
        history, staged = hidden(self._to, "load_history"), hidden(self._to, place)
        self._staged.statements += [
            f"DELETE FROM {history}",
            f"INSERT INTO {history} SELECT * FROM {staged}",
            f"DROP TABLE {staged}",
        ]

    def _clear(self) -> None:
        """Take away what an earlier refresh staged and did not bring in."""
        rows = run(
            self._cursor,
            "SELECT schema_name, table_name FROM duckdb_tables() WHERE database_name = ? AND "
            "(starts_with(table_name, ?) OR (schema_name = ? AND starts_with(table_name, ?)))",
            [self._to, f"{KEPT}{STAGED}", HIDDEN_SCHEMA, STAGED],
        )
        for schema, table in rows:
            place = ".".join(quoted(part) for part in (self._to, schema, table))
            run(self._cursor, f"DROP TABLE {place}")

    def _next(self) -> int:
        self._count += 1
        return self._count


def is_applied(cursor: duckdb.DuckDBPyConnection, database: str, refresh: str) -> bool:
    """Whether a refresh has come into a database."""
    rows = run(
        cursor,
        f"SELECT 1 FROM {hidden(database, APPLIED)} WHERE refresh = ?",
        [refresh],
    )
    return bool(rows)
