"""What every statement offers: to tell what it would touch, and to be carried out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol, TypeVar

import duckdb
import pyarrow as pa

from sandbox.snowflake.data.failure import LockedError, ObjectMissingError, is_conflict, translated
from sandbox.snowflake.data.metadata import Metadata
from sandbox.snowflake.data.model import (
    Analysis,
    Effect,
    FileSource,
    ObjectName,
    Outcome,
    QueryContext,
    StagedFile,
    StreamFacts,
    SystemViews,
)
from sandbox.snowflake.data.pending import Pending
from sandbox.snowflake.data.session import DataSession
from sandbox.snowflake.data.store import Store
from sandbox.snowflake.errors import DoesNotExistError, SnowflakeError
from sandbox.snowflake.sql.names import quoted

_TRIES: Final = 8
_ROWS: Final = "leap_rows_to_delete"
_Done = TypeVar("_Done")


@dataclass(frozen=True)
class Execution:
    """One statement's surroundings: who asks, on which connection, with which files."""

    text: str
    context: QueryContext
    session: DataSession
    store: Store
    metadata: Metadata
    files: FileSource
    system: SystemViews | None = None
    pending: Pending | None = None
    rows: pa.Table | None = None
    describe_only: bool = False
    staged: Sequence[StagedFile] | None = None
    pipe: str | None = None

    def place(self, name: ObjectName) -> str:
        """The DuckDB name of a table or view: the session's temporary one, if it has one."""
        temporary = self.session.temporary.get(name)
        if temporary is not None:
            return f"temp.main.{quoted(temporary)}"
        return ".".join(quoted(part) for part in name)

    def stored(self, name: ObjectName) -> ObjectName:
        """Where DuckDB's catalogue has the object."""
        temporary = self.session.temporary.get(name)
        return name if temporary is None else ObjectName("temp", "main", temporary)

    def kind_of(self, name: ObjectName) -> str | None:
        """`TABLE` or `VIEW`, or None when there is no such object."""
        if name in self.session.temporary:
            return self.session.temporary_kinds[name]
        return self.metadata.kind_of(self.session.cursor, name)

    def stream(self, name: ObjectName) -> StreamFacts | None:
        """The stream of that name; None where it is anything else."""
        if not self.has_streams or name in self.session.temporary:
            return None
        return self.system.stream(name) if self.system is not None else None

    @property
    def has_streams(self) -> bool:
        """Whether there are streams at all."""
        return self.system is not None and self.system.has_streams()

    def require(self, name: ObjectName, kind: str = "Object") -> str:
        """The object's kind; ObjectMissingError in Snowflake's words when there is none."""
        found = self.kind_of(name)
        if found is None:
            self.require_schema(name)
            raise ObjectMissingError(str(name), kind)
        return found

    def require_database(self, name: str) -> None:
        """DoesNotExistError when there is no such database."""
        if name not in self.store.databases:
            raise DoesNotExistError("Database", name)

    def require_schema(self, name: ObjectName) -> None:
        """DoesNotExistError when the object's database or schema is missing."""
        self.require_database(name.database)
        if not self.metadata.has_schema(self.session.cursor, name.database, name.schema):
            raise DoesNotExistError("Schema", f"{name.database}.{name.schema}")

    def lists(self, *path: str) -> bool:
        """Whether the session may know of a database, a schema, or a table or view."""
        return self.system is None or self.system.lists(path, self.context)

    def keeps(self, name: ObjectName) -> bool:
        """Whether Time Travel keeps what a statement takes away from the table."""
        if self.system is None or name in self.session.temporary:
            return False
        return self.system.retention_days(name) > 0

    def run(self, sql: str) -> list[tuple[Any, ...]]:
        """Carries DuckDB statements out, again while another session's change is in the way."""
        for attempt in range(_TRIES):
            try:
                return self.session.run(sql)
            except duckdb.Error as error:
                self.session.abandon()
                again = is_conflict(error) and not self.session.in_transaction
                if again and attempt < _TRIES - 1:
                    self.session.pause(attempt)
                    continue
                raise translated(error) from None
        raise LockedError

    def guarded(self, step: Callable[[], None]) -> None:
        """Runs a step of the session with DuckDB's errors in Snowflake's words."""
        try:
            step()
        except duckdb.Error as error:
            raise translated(error) from None

    def changing(self, step: Callable[[], _Done]) -> _Done:
        """Carries out a change of rows in a transaction of its own, unless one is open; again
        while another session's change is in the way.
        """
        if self.session.in_transaction:
            return step()
        for attempt in range(_TRIES):
            self.guarded(self.session.begin)
            self.session.ours = True
            try:
                done = step()
                self.guarded(self.session.commit)
                return done
            except LockedError:
                self.session.rollback()
                if attempt == _TRIES - 1:
                    raise
                self.session.pause(attempt)
            except BaseException:
                self.session.rollback()
                raise
        raise LockedError

    def changed_rows(self, sql: str) -> list[pa.Array]:
        """DuckDB's ids of the rows that a query of them tells."""
        try:
            found: list[pa.Array] = self.session.cursor.sql(sql).to_arrow_table().column(0).chunks
        except duckdb.Error as error:
            raise translated(error) from None
        return found

    def delete_rows(self, name: ObjectName, rows: Sequence[pa.Array]) -> None:
        """Deletes the rows of these ids."""
        if not rows:
            return
        self.session.cursor.register(_ROWS, pa.table({"at": pa.chunked_array(rows)}))
        try:
            self.run(f'DELETE FROM {self.place(name)} WHERE rowid IN (SELECT "at" FROM {_ROWS})')
        finally:
            self.session.cursor.unregister(_ROWS)

    def run_ddl(self, statements: Sequence[str], effects: Sequence[Effect] = ()) -> None:
        """Carries out statements that succeed or fail as one; what was open is committed first,
        unless the statement itself has opened it (`changing`), to commit more with it. What the
        catalogue will have to follow is written down with them.
        """
        statements = [*statements, *self._noted(effects)]
        if self.session.ours:
            self.run(";\n".join(statements))
            return
        self.guarded(self.session.commit)
        self.run(";\n".join(["BEGIN", *statements, "COMMIT"]))

    def run_steps(
        self,
        steps: Sequence[Callable[[], list[str]]],
        columns_of: ObjectName | None = None,
        names: Mapping[str, str | None] | None = None,
        effects: Sequence[Effect] = (),
    ) -> None:
        """As `run_ddl`, for statements that depend on what the earlier ones did.

        `columns_of` is a table whose columns change, `names` what became of their names.
        """
        self.guarded(self.session.commit)
        with self.session.ledger.committing() as serial:
            self.run("BEGIN")
            try:
                if columns_of is not None:
                    self.session.statements = [self.context.statement_id]
                    ledger = self.session.ledger
                    ledger.end_generation(self.session, columns_of, serial, names or {})
                for step in steps:
                    self.run(";\n".join(step()) or "SELECT 1")
                for sql in self._noted(effects):
                    self.run(sql)
                self.run("COMMIT")
            except duckdb.Error as error:
                self.session.abandon()
                raise translated(error) from None
            except SnowflakeError:
                self.session.abandon()
                raise
            finally:
                self.session.statements.clear()

    def _noted(self, effects: Sequence[Effect]) -> list[str]:
        followed = [effect for effect in effects if not effect.temporary]
        if not followed or self.pending is None:
            return []
        self.session.noted, sql = self.pending.note(self.context, followed)
        return [sql]

    def created(self, name: ObjectName) -> str:
        """The statement that begins the past of a table that this statement makes."""
        session = self.session
        return session.ledger.created_sql(name, session.moment(), self.context.statement_id)

    def forget(self, name: ObjectName) -> list[str]:
        """The statements that let all that is kept of a table go."""
        past = self.session.ledger.forget_sql(self.session.cursor, name)
        return [self.store.forget_loads(name), *past]


class Statement(Protocol):
    """A parsed statement."""

    def analyse(self, context: QueryContext) -> Analysis:
        """What the statement would touch, before it runs."""

    def execute(self, run: Execution) -> Outcome:
        """Carries the statement out."""
