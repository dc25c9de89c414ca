"""One client's side of the data plane: its connection, variables, temporary objects and results.

Calls on one session come one after the other; sessions run in parallel, each on a DuckDB cursor.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Final

import duckdb
import pyarrow as pa

from sandbox.snowflake.data.model import ObjectName, QueryContext
from sandbox.snowflake.data.rewrite.context import (
    CALL,
    NOW,
    VARIABLE,
    call_fields,
    session_fields,
)
from sandbox.snowflake.data.store import run

_KEPT_RESULTS: Final = 16
_KEPT_ROWS: Final = 100_000


@dataclass(eq=False)
class DataSession:
    """What lasts from one statement of a session to the next."""

    cursor: duckdb.DuckDBPyConnection
    variables: dict[str, Any] = field(default_factory=dict)
    temporary: dict[ObjectName, str] = field(default_factory=dict)
    temporary_kinds: dict[ObjectName, str] = field(default_factory=dict)
    in_transaction: bool = False
    autocommit: bool = True
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
            self.run("BEGIN")
            self.in_transaction = True

    def commit(self) -> None:
        """Commits what is open, if anything is."""
        if self.in_transaction:
            self.in_transaction = False
            self.run("COMMIT")

    def rollback(self) -> None:
        """Undoes what is open, if anything is."""
        if self.in_transaction:
            self.in_transaction = False
            self.run("ROLLBACK")

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
