"""One client's side of the data plane: its connection, variables, temporary objects and results.

Calls on one session come one after the other; sessions run in parallel, each on a DuckDB cursor.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import duckdb
import pyarrow as pa

from sandbox.snowflake.data.model import ObjectName, QueryContext
from sandbox.snowflake.data.past.ledger import Ledger
from sandbox.snowflake.data.past.offsets import Advance
from sandbox.snowflake.data.past.transaction import TableChange
from sandbox.snowflake.data.rewrite.context import (
    CALL,
    NOW,
    VARIABLE,
    call_fields,
    session_fields,
)
from sandbox.snowflake.data.store import run
from sandbox.snowflake.errors import SnowflakeError

if TYPE_CHECKING:
    from sandbox.snowflake.data.past.streams import Reading

_KEPT_RESULTS: Final = 16
_KEPT_ROWS: Final = 100_000


@dataclass(eq=False)
class DataSession:
    """What lasts from one statement of a session to the next."""

    cursor: duckdb.DuckDBPyConnection
    ledger: Ledger
    variables: dict[str, Any] = field(default_factory=dict)
    temporary: dict[ObjectName, str] = field(default_factory=dict)
    temporary_kinds: dict[ObjectName, str] = field(default_factory=dict)
    in_transaction: bool = False
    autocommit: bool = True
    statement: str = ""
    changes: dict[ObjectName, TableChange] = field(default_factory=dict)
    """What the open transaction did to tables."""
    statements: list[str] = field(default_factory=list)
    """The ids of the statements that did it."""
    ours: bool = False
    """Whether the open transaction is that of the statement under way alone."""
    since: int = 0
    """The serial of the last version before the open transaction."""
    noted: str = ""
    """The id of what the statement under way has written down for the catalogue."""
    readings: dict[int, Reading] = field(default_factory=dict)
    """What streams hold for the open transaction, by their ids."""
    consumed: dict[int, Advance] = field(default_factory=dict)
    """How far the open transaction has read streams."""
    _began: tuple[datetime, float] = field(default_factory=lambda: (datetime.now(UTC), 0.0))
    _results: OrderedDict[str, pa.Table] = field(default_factory=OrderedDict)
    _timezone: str = "UTC"
    _told: str = ""

    def close(self) -> None:
        """Lets go of the connection; an open transaction is rolled back, temporaries are gone."""
        self.in_transaction = False
        self.cursor.close()

    def run(self, sql: str) -> list[tuple[Any, ...]]:
        """Carries a DuckDB statement out and answers its rows."""
        return run(self.cursor, sql)

    def begin(self) -> None:
        """Opens a transaction; a second BEGIN is silently the same one, as on Snowflake."""
        if not self.in_transaction:
            self.since = self.ledger.committed
            self.run("BEGIN")
            self.in_transaction = True

    def commit(self, statement: str = "") -> None:
        """Commits what is open, if anything is, with the versions of the tables it changed."""
        if not self.in_transaction:
            return
        try:
            if not (self.changes or self.consumed):
                self.run("COMMIT")
            else:
                self.statements += [statement] if statement else []
                self.ledger.commit(self)
        except (duckdb.Error, SnowflakeError):
            with suppress(duckdb.Error):
                self.run("ROLLBACK")
            raise
        finally:
            self._ended()

    def rollback(self) -> None:
        """Undoes what is open, if anything is."""
        if self.in_transaction:
            self._ended()
            self.run("ROLLBACK")

    def note(
        self,
        name: ObjectName,
        added: int,
        rows: Sequence[pa.Array] = (),
        assigned: Iterable[str] = (),
    ) -> None:
        """Tells what the open transaction did to a table: how many rows it added, the ids of those
        that it changed or deleted, and the columns that got values in rows that stood before.
        """
        if name not in self.temporary and (added or any(len(part) for part in rows)):
            change = self.changes.setdefault(name, TableChange())
            change.added += added
            change.rows += rows
            change.assigned.update(assigned)
            self.statements.append(self.statement)

    def consume(self, readings: Mapping[int, Reading], database: str) -> None:
        """Tells that the open transaction, which writes this database, has read streams."""
        for stream, read in readings.items():
            self.consumed.setdefault(stream, Advance(read.before, read.until, database))

    def begin_statement(self, context: QueryContext) -> None:
        """Says which statement is under way, and when it began."""
        self.statement, self.noted = context.statement_id, ""
        self._began = (context.now, time.monotonic())

    def moment(self) -> datetime:
        """The account's time."""
        now, since = self._began
        return now + timedelta(seconds=time.monotonic() - since)

    def _ended(self) -> None:
        self.in_transaction = self.ours = False
        self.changes.clear()
        self.readings.clear()
        self.consumed.clear()
        self.statements.clear()

    def abandon(self) -> None:
        """Leaves the half of a failed group of statements; a client's own transaction stays."""
        if not self.in_transaction:
            with suppress(duckdb.Error):
                self.run("ROLLBACK")

    @contextmanager
    def aside(self) -> Iterator[DataSession]:
        """A second connection that sees what is committed, for trying what may fail."""
        probe = DataSession(
            self.cursor.cursor(),
            self.ledger,
            temporary=self.temporary,
            temporary_kinds=self.temporary_kinds,
        )
        try:
            yield probe
        finally:
            probe.close()

    def pause(self, attempt: int) -> None:
        """Waits for another session to finish, longer each time."""
        time.sleep(0.005 * 2**attempt)

    def tell(self, context: QueryContext, statement: str, sql: str = CALL) -> None:
        """Sets the variables that context functions read: those that changed, and those of the
        call only if `sql` asks for them.
        """
        lines = [f"SET VARIABLE {NOW} = TIMESTAMPTZ {_literal(context.now.isoformat())}"]
        stable = _struct(session_fields(context))
        if stable != self._told:
            lines.append(f"SET VARIABLE {VARIABLE} = {stable}")
            self._told = stable
        if CALL in sql:
            lines.append(f"SET VARIABLE {CALL} = {_struct(call_fields(context, statement))}")
        if context.timezone != self._timezone:
            lines.append(f"SET TimeZone = {_literal(context.timezone)}")
            self._timezone = context.timezone
        self.run("; ".join(lines))

    def remember(self, statement_id: str, table: pa.Table) -> None:
        """Keeps a result for RESULT_SCAN; the oldest goes, and so do very large ones."""
        if not statement_id or table.num_rows > _KEPT_ROWS:
            return
        self._results[statement_id] = table
        while len(self._results) > _KEPT_RESULTS:
            self._results.popitem(last=False)

    def recall(self, statement_id: str) -> pa.Table | None:
        """The kept result of an earlier statement."""
        return self._results.get(statement_id)


def _struct(values: Mapping[str, str | None]) -> str:
    return "{" + ", ".join(f"'{name}': {_literal(value)}" for name, value in values.items()) + "}"


def _literal(value: str | None) -> str:
    return "NULL::VARCHAR" if value is None else "'" + value.replace("'", "''") + "'"
