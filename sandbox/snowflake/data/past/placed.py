"""Puts the past of tables into a query, and what changed since.

Each `t AT(…)`, `t CHANGES(…)` and stream becomes a name, the name a subquery.

The name stands in the tree while policies and rewrites are applied, so that they hold for the past
as for the present; in the finished text the rows take its place. Rows of the past have today's
columns. Where the session has changed the table in its open transaction, they come from outside it.
https://docs.snowflake.com/en/user-guide/data-time-travel#querying-historical-data
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, TypeVar

import pyarrow as pa
from sqlglot import exp

from sandbox.snowflake.data.model import ObjectName, StreamFacts
from sandbox.snowflake.data.past import delta
from sandbox.snowflake.data.past.images import Images
from sandbox.snowflake.data.past.moment import Moment, read_moment, serial_then
from sandbox.snowflake.data.past.offsets import Offset
from sandbox.snowflake.data.past.streams import NotTrackedError, Reading, reading
from sandbox.snowflake.data.past.tables import ROW
from sandbox.snowflake.data.statements.base import Execution
from sandbox.snowflake.errors import CompilationError, UnsupportedError

_NAME: Final = "leap past of "
MORE: Final = "leap_more"
"""The mark of a table that has the columns of a stream behind its own."""
_Found = TypeVar("_Found")


class Placed:
    """What one statement reads of the past."""

    def __init__(self, run: Execution) -> None:
        self._run = run
        self._bodies: dict[str, str] = {}
        self._sources: dict[int, ObjectName] = {}
        self.lent: list[str] = []
        self.streams: dict[int, Reading] = {}
        """What was read of streams, by their ids."""

    def __bool__(self) -> bool:
        return bool(self._bodies)

    def tables(self, tables: Sequence[tuple[exp.Table, ObjectName]]) -> list[str]:
        """Places each stream, and each table that is read in the past; the short names of those.

        A view keeps its clause: whoever opens it hands it on to what the view reads.
        """
        changed = []
        for table, name in tables:
            body = self._body(table, name)
            if body is not None:
                changed.append(table.alias or name.name)
                self.put(table, name, body)
        return changed

    def source(self, table: exp.Table, name: ObjectName) -> ObjectName:
        """The table whose rows are read where this one stands: a stream's, or itself."""
        return self._sources.get(id(table), name)

    def _body(self, table: exp.Table, name: ObjectName) -> str | None:
        if table.args.get("changes") is not None:
            return self._changes(table, name)
        facts = self._run.stream(name)
        if facts is not None:
            return self._stream(table, name, facts)
        if table.args.get("when") is None or self._is_view(name):
            return None
        return self._rows(name, self.moment(table))

    def moment(self, table: exp.Table) -> Moment:
        """The point in the past at which a table is read."""
        when = table.args["when"]
        assert isinstance(when, exp.HistoricalData)
        return read_moment(when, self._run)

    def put(self, table: exp.Table, name: ObjectName, body: str) -> None:
        """Has a query's text stand for the table."""
        placeholder = f"{_NAME}{name.name} {len(self._bodies)}"
        self._bodies[placeholder] = body
        if not table.alias:
            alias = exp.TableAlias(this=exp.to_identifier(name.name, quoted=True))
            table.set("alias", alias)
        for key in ("catalog", "db", "when", "changes"):
            table.set(key, None)
        table.set("this", exp.to_identifier(placeholder, quoted=True))

    def release(self) -> None:
        """Takes the lent rows back, where no statement does."""
        for name in self.lent:
            self._run.session.cursor.unregister(name)

    def lend(self, rows: pa.Table) -> str:
        """Registers rows with the session's connection; the query of them."""
        name = f"leap_past_{len(self.lent)}"
        self._run.session.cursor.register(name, rows)
        self.lent.append(name)
        return f"SELECT * FROM {name}"

    def finished(self, sql: str) -> str:
        """The statement's text with all rows in their places."""
        for placeholder, body in self._bodies.items():
            quoted = '"' + placeholder.replace('"', '""') + '"'
            sql = sql.replace(quoted, f"({body})")
        return sql

    def _rows(self, name: ObjectName, moment: Moment) -> str:
        run = self._run
        if name in run.session.temporary:
            raise UnsupportedError(f"AT | BEFORE on the temporary table {name.name}")
        run.require(name)

        def rows(images: Images) -> str:
            then = images.rows(serial_then(images, moment, run, name))
            return f"SELECT * EXCLUDE ({ROW}) FROM ({then})"

        return self.rows(name, rows)

    def _stream(self, table: exp.Table, name: ObjectName, facts: StreamFacts) -> str:
        if table.args.get("when") is not None:
            raise UnsupportedError(f"AT | BEFORE on the stream {name.name}")
        read = reading(self._run.session, name, facts, self._run.context.now)
        assert facts.source is not None
        self.streams[facts.id] = read
        self._sources[id(table)] = facts.source
        table.meta[MORE] = delta.METADATA
        return self._changed(name, read)

    def has_data(self, name: ObjectName, facts: StreamFacts) -> bool:
        """Whether a stream has changes to tell."""
        read = reading(self._run.session, name, facts, self._run.context.now)
        assert facts.source is not None
        found: bool = self._run.run(f"SELECT EXISTS (SELECT 1 FROM ({self._changed(name, read)}))")[
            0
        ][0]
        if not found and not self._run.session.in_transaction:
            self._run.session.ledger.looked(
                facts.id, facts.source.database, Offset(read.until, self._run.context.now)
            )
        return found

    def _changed(self, stream: ObjectName, read: Reading) -> str:
        """What a stream holds."""
        source = read.facts.source
        assert source is not None
        if not read.facts.on_view:
            return self.rows(source, read.rows)
        from sandbox.snowflake.data.past import viewed  # places tables as this module does

        return viewed.of_stream(self._run, self, stream, read)

    def _changes(self, table: exp.Table, name: ObjectName) -> str:
        """https://docs.snowflake.com/en/sql-reference/constructs/changes"""
        run, clause = self._run, table.args["changes"]
        mode = clause.args["information"].name.upper()
        if mode not in ("DEFAULT", "APPEND_ONLY"):
            raise CompilationError(f"invalid value [{mode}] for parameter 'INFORMATION'")
        if name in run.session.temporary:
            raise UnsupportedError(f"CHANGES of {name.name}, which is no permanent table")
        run.require(name)
        first = read_moment(clause.args["at_before"], run)
        end = clause.args.get("end")
        last = read_moment(end, run) if end is not None else None
        table.meta[MORE] = delta.METADATA

        def span(source: ObjectName, images: Images) -> tuple[int, int]:
            after = serial_then(images, first, run, source)
            until = images.last() if last is None else serial_then(images, last, run, source)
            return after, max(after, until or 0)

        number = self.tracked(name)
        if self._is_view(name):
            from sandbox.snowflake.data.past import viewed  # places tables as this module does

            return viewed.between(run, self, name, number, span, appended=mode == "APPEND_ONLY")
        told = delta.appended if mode == "APPEND_ONLY" else delta.delta
        return self.rows(name, lambda images: told(images, number, *span(name, images)))

    def tracked(self, name: ObjectName) -> int:
        """The id of a table or view; NotTrackedError where its change tracking is off."""
        system = self._run.system
        number, is_tracked = system.tracks_changes(name) if system is not None else (0, True)
        if not is_tracked:
            raise NotTrackedError(name.name)
        return number

    def rows(self, name: ObjectName, build: Callable[[Images], str]) -> str:
        """Of a table that the session has changed in its open transaction, others see the past."""
        run = self._run
        if name not in run.session.changes:
            return build(Images(run.session.cursor, name))
        with run.store.connection() as cursor:
            return self.lend(cursor.sql(build(Images(cursor, name))).to_arrow_table())

    def look(self, name: ObjectName, tell: Callable[[Images], _Found]) -> _Found:
        """Asks something of a table's past, as it is without the session's open transaction."""
        run = self._run
        if name not in run.session.changes:
            return tell(Images(run.session.cursor, name))
        with run.store.connection() as cursor:
            return tell(Images(cursor, name))

    def _is_view(self, name: ObjectName) -> bool:
        system = self._run.system
        return system is not None and system.view_definition(name) is not None
