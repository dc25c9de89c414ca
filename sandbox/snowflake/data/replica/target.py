"""The secondary's side: what changed waits beside the tables, and comes in by one script.

Staging takes the time and may be cut off anywhere: nobody sees what is staged, and it is cleared
away. A table that comes whole is made under another name; what changed in others waits in files.
The script is one transaction on the database; it may be run again after a crash, and then does
nothing where it has come in already.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

import duckdb
import pyarrow as pa

from sandbox.snowflake.data.metadata import Metadata
from sandbox.snowflake.data.model import ObjectName
from sandbox.snowflake.data.past.lending import lent
from sandbox.snowflake.data.past.tables import CONSUMED, ROWS, hidden, text
from sandbox.snowflake.data.replica import script
from sandbox.snowflake.data.replica.arriving import Arriving, Counted
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

_WHOLE = "leap_whole"
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
        arriving: Arriving,
        source: Source,
        names: tuple[str, str],
        origins: tuple[str, str],
        now: datetime,
    ) -> None:
        self._cursor = cursor
        self._arriving = arriving
        self._source = source
        self._from, self._to = names
        self._origin, self._own = origins
        """The locators of the primary's account, and of this one."""
        self._now = now
        self._metadata = Metadata()
        self._staged = Staged()
        self._token = secrets.token_hex(4)

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
        self._staged.copied += 1
        place = name._replace(name=f"{KEPT}{STAGED}{self._token}_{self._staged.copied}")
        full = script.place_of(place)
        schema = f"{quoted(name.database)}.{quoted(name.schema)}"
        run(self._cursor, f"CREATE SCHEMA IF NOT EXISTS {schema}")
        run(self._cursor, ";\n".join(script.made(place, state)))
        with self._counted(source.rows()) as rows, lent(self._cursor, _WHOLE, rows):
            run(self._cursor, f"INSERT INTO {full} SELECT * FROM {_WHOLE}")
        statements = self._staged.statements
        statements += script.dropped(self._cursor, name)
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
        followed = script.Followed(
            name,
            (base + 1) * ROWS,
            bool(gone),
            tuple(changed.column_names[1:]) if changed.num_rows else (),
            self._arriving.keep(changed) if changed.num_rows else "",
            self._arriving.keep(past) if past.num_rows else "",
        )
        statements = self._staged.statements
        self._staged.rows += gone + changed.num_rows
        self._staged.bytes += gone * _NUMBER + (changed.nbytes if changed.num_rows else 0)
        statements += script.replaced(self._cursor, followed)
        if past.num_rows:
            statements += script.remembered(self._cursor, followed)
        if count:
            with self._counted(source.added(base)) as added:
                place = self._arriving.keep(added)
            statements.append(f"INSERT INTO {script.place_of(name)} SELECT * FROM {place}")
        statements += script.versions(name, source.lines_after(base), self._now)

    @contextmanager
    def _counted(self, reader: pa.RecordBatchReader) -> Iterator[pa.RecordBatchReader]:
        """Rows that stream from one account's DuckDB, as what this refresh brings."""
        counted = Counted(reader)
        yield counted.reader()
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
        history = hidden(self._to, "load_history")
        place = self._arriving.keep(self._source.loads(self._from))
        self._staged.statements += [
            f"DELETE FROM {history}",
            f"INSERT INTO {history} SELECT * FROM {place}",
        ]

    def _clear(self) -> None:
        """Take away the tables that an earlier refresh made and did not bring in."""
        rows = run(
            self._cursor,
            "SELECT schema_name, table_name FROM duckdb_tables() "
            "WHERE database_name = ? AND starts_with(table_name, ?)",
            [self._to, f"{KEPT}{STAGED}"],
        )
        for schema, table in rows:
            run(self._cursor, f"DROP TABLE {script.place_of(ObjectName(self._to, schema, table))}")


def is_applied(cursor: duckdb.DuckDBPyConnection, database: str, refresh: str) -> bool:
    """Whether a refresh has come into a database."""
    rows = run(
        cursor,
        f"SELECT 1 FROM {hidden(database, APPLIED)} WHERE refresh = ?",
        [refresh],
    )
    return bool(rows)
