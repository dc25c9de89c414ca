"""The data plane's front door: what the control plane calls.

Statements come as text with the session's context; what they did goes back as effects, so that the
catalogue can follow. Access is not judged here: `analyse` tells what a statement would touch, and
the control plane decides before it calls `execute`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any, Final
from weakref import WeakSet

import duckdb
from sqlglot import exp
from sqlglot.errors import SqlglotError

from sandbox.snowflake.data.binding import bound
from sandbox.snowflake.data.bulk import literal_rows, shortened
from sandbox.snowflake.data.clone import Cloner
from sandbox.snowflake.data.failure import LockedError, translated
from sandbox.snowflake.data.metadata import Metadata
from sandbox.snowflake.data.model import (
    Analysis,
    ColumnInfo,
    FileSource,
    ObjectName,
    Outcome,
    QueryContext,
    StagedFile,
    StoredObject,
    StreamFacts,
    SystemViews,
)
from sandbox.snowflake.data.past import viewed
from sandbox.snowflake.data.past.images import Images
from sandbox.snowflake.data.past.ledger import Ledger
from sandbox.snowflake.data.past.moment import Moment, read_moment
from sandbox.snowflake.data.past.offsets import Offset
from sandbox.snowflake.data.past.placed import Placed
from sandbox.snowflake.data.pending import Pending
from sandbox.snowflake.data.protect.views import at_home, read_view
from sandbox.snowflake.data.replica.plane import ReplicaPlane
from sandbox.snowflake.data.scope import find_tables
from sandbox.snowflake.data.session import DataSession
from sandbox.snowflake.data.shared import SharedRows, drop_rows, read_rows, write_rows
from sandbox.snowflake.data.shelf import Shelf, change, full
from sandbox.snowflake.data.statements.base import Execution
from sandbox.snowflake.data.statements.dispatch import read_statement, unsupported
from sandbox.snowflake.data.store import Store, run
from sandbox.snowflake.errors import AlreadyExistsError

_BYTES_PER_ROW: Final = 64
_SHORT: Final = 20_000
"""Longer texts are not kept for the next call."""
_NOT_FORESEEN: Final = (
    SqlglotError,
    AttributeError,
    LookupError,
    NotImplementedError,
    TypeError,
    ValueError,
    AssertionError,
)
"""What a rewrite may run into on a statement that nobody thought of."""


class DataPlane:
    """The account's rows. Thread-safe, as long as each session is used by one thread at a time."""

    def __init__(self, folder: Path, files: FileSource, system: SystemViews | None = None) -> None:
        self._store = Store(folder)
        self._files = files
        self._system = system
        self._metadata = Metadata()
        self._ledger = Ledger(self._store)
        self.pending = Pending(self._store)
        self.shelf = Shelf(self._store, self._metadata, self._ledger)
        self.cloner = Cloner(self._store, self._metadata, self.shelf, self._ledger)
        self.replicas = ReplicaPlane(self._store, self._ledger, self.shelf)
        self._sessions: WeakSet[DataSession] = WeakSet()
        self._analyse = lru_cache(maxsize=128)(_analysis)

    def recover(self, agree: Callable[[], None]) -> None:
        """Has the catalogue brought into agreement with what is on disk."""
        agree()

    def close(self) -> None:
        """Writes everything out; sessions are unusable from here on."""
        self._store.close()

    def open_session(self) -> DataSession:
        """A client's connection."""
        session = DataSession(self._store.cursor(), self._ledger)
        self._sessions.add(session)
        return session

    def analyse(self, sql: str, context: QueryContext) -> Analysis:
        """What the statement would read, write and create; SnowflakeError if it is none."""
        analyse = self._analyse if len(sql) < _SHORT else _analysis
        return analyse(sql, context.database, context.schema)

    def view_sources(
        self, text: str, name: ObjectName, context: QueryContext
    ) -> frozenset[ObjectName]:
        """What a view reads, from the text of its CREATE VIEW."""
        home = at_home(name, context)
        return _sources(text, home.database, home.schema)

    def execute(
        self,
        session: DataSession,
        sql: str,
        context: QueryContext,
        bindings: Mapping[str, Any] | None = None,
        *,
        describe_only: bool = False,
        files: Sequence[StagedFile] | None = None,
        pipe: ObjectName | None = None,
    ) -> Outcome:
        """Carries the statement out.

        `files` replaces the list of files of a COPY (a pipe knows which arrived), `pipe` is noted
        in the load history. Every failure is a SnowflakeError.
        """
        session.begin_statement(context)
        try:
            bulk = shortened(sql, bindings)
            text = bulk.text if bulk else bound(sql, bindings, nulls=describe_only)
            execution = replace(
                self._execution(session, sql, context),
                rows=bulk.rows if bulk else None,
                describe_only=describe_only,
                staged=files,
                pipe=str(pipe) if pipe else None,
            )
            outcome = read_statement(text).execute(execution)
            return replace(outcome, noted=session.noted) if outcome.effects else outcome
        except duckdb.Error as error:
            raise translated(error) from None
        except _NOT_FORESEEN as error:
            raise unsupported(f"{sql} ({error})") from error

    def moment(
        self, session: DataSession, when: exp.HistoricalData, context: QueryContext
    ) -> Moment:
        """The point in the past that AT | BEFORE names."""
        return read_moment(when, self._execution(session, "", context))

    def version(
        self, session: DataSession, name: ObjectName, moment: Moment | None, context: QueryContext
    ) -> int | None:
        """The version of a table at a point in the past, or now; what is open is committed."""
        execution = self._execution(session, "", context)
        execution.guarded(session.commit)
        images = Images(session.cursor, name)
        return images.last() if moment is None else moment.serial(images)

    def view_version(
        self, session: DataSession, name: ObjectName, moment: Moment | None, context: QueryContext
    ) -> tuple[int | None, tuple[int, ...]]:
        """Where changes of a view begin that are told from a point in the past on, or from now;
        what is open is committed. With which versions the tables began that the view reads.

        Raises:
            NotTrackableError: nobody can tell the changes of this view.
        """
        execution = self._execution(session, "", context)
        execution.guarded(session.commit)
        return viewed.beginning(execution, name, moment)

    @property
    def serial(self) -> int:
        """The last serial that any change got."""
        return self._ledger.last

    def stream_offset(self, stream: int) -> Offset | None:
        """How far a stream was read; None where it never was."""
        return self._ledger.offsets.of(stream)

    def stream_has_data(
        self, session: DataSession, name: ObjectName, facts: StreamFacts, context: QueryContext
    ) -> bool:
        """Whether a stream has changes to tell; one that has none is as good as read.

        Raises:
            StaleStreamError, SourceGoneError, UnsupportedError: it cannot be read.
        """
        session.begin_statement(context)
        placed = Placed(self._execution(session, "", context))
        try:
            return placed.has_data(name, facts)
        except duckdb.Error as error:
            raise translated(error) from None
        finally:
            placed.release()

    def _execution(self, session: DataSession, sql: str, context: QueryContext) -> Execution:
        return Execution(
            text=sql,
            context=context,
            session=session,
            store=self._store,
            metadata=self._metadata,
            files=self._files,
            system=self._system,
            pending=self.pending,
        )

    def databases(self) -> tuple[str, ...]:
        """The names of all databases that have rows on disk."""
        return self._store.databases

    def schemas(self, database: str) -> list[str]:
        """The schemas of a database."""
        return self._metadata.schemas(self._cursor(), database)

    def objects(self, database: str) -> list[StoredObject]:
        """All tables and views of a database, for reconciling a catalogue after a crash."""
        return self._metadata.objects(self._cursor(), database)

    def columns(self, name: ObjectName) -> list[ColumnInfo]:
        """The columns of a table or view; empty when there is none."""
        return [column.info for column in self._metadata.columns(self._cursor(), name)]

    def row_count(self, name: ObjectName) -> int:
        """How many rows a table has."""
        try:
            rows = run(self._cursor(), f"SELECT count(*) FROM {full(*name)}")
        except duckdb.Error as error:
            raise translated(error) from None
        return int(rows[0][0])

    def row_counts(self, database: str) -> dict[ObjectName, int]:
        """How many rows each table of a database has."""
        return self._metadata.row_counts(self._cursor(), database)

    def table_bytes(self, name: ObjectName) -> int:
        """A plausible size: DuckDB does not tell the bytes of one table."""
        return self.row_count(name) * _BYTES_PER_ROW

    def read_shared(self, name: ObjectName) -> SharedRows:
        """The columns and rows of a table or view, for another account."""
        return read_rows(self._cursor(), name)

    def write_shared(self, name: ObjectName, shared: SharedRows, kind: str) -> None:
        """A table or view with the columns and rows of another account's; replaces what is there.

        The rows of a view are put aside, for the view to show.
        """
        write_rows(self._cursor(), name, shared, kind)

    def drop_shared(self, name: ObjectName) -> None:
        """Takes such a table or view away."""
        drop_rows(self._cursor(), name)

    def create_database(self, name: str) -> None:
        """An empty database, without PUBLIC."""
        self._store.create(name)

    def drop_database(self, name: str) -> None:
        """The database with all its rows."""
        self._store.drop(name)

    def rename_database(self, old: str, new: str) -> None:
        """The same rows under another name; LockedError while a session has a transaction open."""
        if any(session.in_transaction for session in self._sessions):
            raise LockedError
        self._store.rename(old, new)

    def create_schema(self, database: str, name: str) -> None:
        """An empty schema; AlreadyExistsError when the name is taken."""
        if self._metadata.has_schema(self._cursor(), database, name):
            raise AlreadyExistsError(f"{database}.{name}")
        self._change([f"CREATE SCHEMA {full(database, name)}"])

    def drop_schema(self, database: str, name: str) -> None:
        """The schema with all its tables and views, and their load history."""
        self.shelf.drop_schema(database, name)

    def rename_schema(self, database: str, old: str, new: str) -> None:
        """The same tables and views in a schema of another name; DuckDB needs them copied."""
        self.shelf.rename_schema(database, old, new)

    def _cursor(self) -> duckdb.DuckDBPyConnection:
        return self._store.cursor()

    def _change(self, statements: Sequence[str]) -> None:
        with self._store.connection() as cursor:
            change(cursor, statements)


@lru_cache(maxsize=1024)
def _sources(text: str, database: str | None, schema: str | None) -> frozenset[ObjectName]:
    context = QueryContext(database, schema, user="", role="")
    return find_tables(read_view(text, "").query, context).names


def _analysis(sql: str, database: str | None, schema: str | None) -> Analysis:
    """Only the current database and schema decide, so that the answer can be kept."""
    bulk = literal_rows(sql)
    text = bulk.text if bulk else sql
    return read_statement(text).analyse(QueryContext(database, schema, user="", role=""))
