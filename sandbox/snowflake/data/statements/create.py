"""CREATE TABLE in all its forms, and CREATE VIEW.

https://docs.snowflake.com/en/sql-reference/sql/create-table
https://docs.snowflake.com/en/sql-reference/sql/create-view
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace

import duckdb
from sqlglot import exp

from sandbox.snowflake.data.failure import translated
from sandbox.snowflake.data.metadata import encoded
from sandbox.snowflake.data.model import Analysis, Effect, ObjectName, Outcome, QueryContext
from sandbox.snowflake.data.past.images import Columns, Images
from sandbox.snowflake.data.past.moment import read_moment, serial_then
from sandbox.snowflake.data.prepare import Prepared, analyse_query, prepare
from sandbox.snowflake.data.protect.views import at_home
from sandbox.snowflake.data.scope import resolve
from sandbox.snowflake.data.statements.base import Execution
from sandbox.snowflake.data.statements.columns import column_facts, definition_sql, sequence_sql
from sandbox.snowflake.data.statements.definition import ColumnDefinition, Options
from sandbox.snowflake.data.statements.drop import put_aside
from sandbox.snowflake.data.store import new_place
from sandbox.snowflake.data.types import from_duckdb
from sandbox.snowflake.errors import (
    AlreadyExistsError,
    CompilationError,
    SnowflakeError,
    UnsupportedError,
)
from sandbox.snowflake.result import status
from sandbox.snowflake.sql.names import quoted


@dataclass(frozen=True)
class Header:
    """What every CREATE begins with."""

    path: tuple[str, ...]
    replace: bool = False
    if_not_exists: bool = False
    temporary: bool = False
    transient: bool = False
    secure: bool = False


@dataclass(frozen=True)
class Create:
    """A table or a view. At most one of `query`, `like` and `clone` is set."""

    kind: str
    header: Header
    text: str
    columns: Sequence[ColumnDefinition] = ()
    options: Options = field(default_factory=Options)
    query: exp.Expr | None = None
    like: tuple[str, ...] | None = None
    clone: tuple[str, ...] | None = None
    when: exp.HistoricalData | None = None
    """The point in the past that is cloned."""

    def analyse(self, context: QueryContext) -> Analysis:
        """What the query reads, and the object that comes to be."""
        name = resolve(self.header.path, context, "CREATE")
        kind = f"CREATE_{self.kind}" if self.query is None else f"CREATE_{self.kind}_AS_SELECT"
        if self.kind == "VIEW":
            kind = "CREATE_VIEW"
        home = at_home(name, context) if self.kind == "VIEW" else context
        read = analyse_query(self.query, home, kind) if self.query is not None else Analysis(kind)
        source = self.like or self.clone
        reads = read.reads | ({resolve(source, context)} if source else frozenset())
        return Analysis(
            kind=kind,
            reads=frozenset(reads),
            effects=(self._effect(name, context, exists=self.header.replace),),
            stages=read.stages,
            virtual=read.virtual,
            file_formats=read.file_formats,
            needs_warehouse=self.kind == "TABLE" and self.query is not None,
        )

    def execute(self, run: Execution) -> Outcome:
        """Creates the object."""
        name = resolve(self.header.path, run.context, "CREATE")
        if not self.header.replace and self._exists(run, name):
            if self.header.if_not_exists:
                return Outcome(status(f"{name.name} already exists, statement succeeded."))
            raise AlreadyExistsError(str(name))
        kept = self._kept(run, name)
        try:
            reads = self._made(run, name, kept)
        except AlreadyExistsError:
            raise AlreadyExistsError(str(name)) from None
        except SnowflakeError:
            run.require_schema(name)
            raise
        return Outcome(
            status(f"{self.kind.capitalize()} {name.name} successfully created."),
            effects=(self._done(run, name, kept),),
            reads=reads,
            writes=frozenset({name}),
        )

    def _done(self, run: Execution, name: ObjectName, kept: str) -> Effect:
        return replace(self._effect(name, run.context, exists=self.header.replace), kept=kept)

    def _exists(self, run: Execution, name: ObjectName) -> bool:
        """Asked only where DuckDB would not say so itself: its catalogue is slow to read."""
        if self.header.temporary:
            return name in run.session.temporary
        itself = self.query is not None and name in self.analyse(run.context).reads
        if not (self.header.if_not_exists or self.like or self.clone or itself):
            return False
        return run.metadata.kind_of(run.session.cursor, name) is not None

    def _kept(self, run: Execution, name: ObjectName) -> str:
        """Where a table that is replaced goes; empty where nothing of it is kept."""
        permanent = self.header.replace and self.kind == "TABLE" and not self.header.temporary
        keep = permanent and run.keeps(name) and run.kind_of(name) == "TABLE"
        return new_place(name.name) if keep else ""

    def _made(self, run: Execution, name: ObjectName, kept: str) -> frozenset[ObjectName]:
        """What reads streams moves them on in the transaction in which it makes the table."""
        looks = self.query is not None and run.has_streams
        reads = self.analyse(run.context).reads if looks else ()
        if not any(run.stream(read) for read in reads):
            return self._create(run, name, kept)
        run.guarded(run.session.commit)
        with ExitStack() as alone:
            for stream in sorted(read for read in reads if run.stream(read)):
                alone.enter_context(run.store.loading(stream))
            return run.changing(lambda: self._create(run, name, kept))

    def _create(self, run: Execution, name: ObjectName, kept: str) -> frozenset[ObjectName]:
        if self.query is None:
            run.guarded(run.session.commit)
            reads = self._sources(run.context)
            built = self._built(name, reads)
            self._carry_out(run, name, built, kept, self._from_columns(run, built))
            return reads
        home = run
        if self.kind == "VIEW":
            home = replace(run, context=at_home(name, run.context))
        prepared = prepare(self.query, home, protected=self.kind == "TABLE")
        built = self._built(name, prepared.reads)
        try:
            self._carry_out(run, name, built, kept, self._from_query(run, built, prepared))
            if prepared.streams:
                run.session.consume(prepared.streams, name.database)
        finally:
            prepared.release(run.session)
        return prepared.reads

    def _built(self, name: ObjectName, reads: frozenset[ObjectName]) -> ObjectName:
        """The name to build under: another one while the replaced table is still read."""
        replaces = self.header.replace and self.kind == "TABLE" and not self.header.temporary
        return name._replace(name=f"{name.name} (new)") if replaces and name in reads else name

    def _carry_out(
        self,
        run: Execution,
        name: ObjectName,
        built: ObjectName,
        kept: str,
        statements: Sequence[str],
    ) -> None:
        aside = self._aside(run, name, kept)
        if self.kind == "TABLE" and not self.header.temporary:
            statements = [*statements, run.created(built)]
        if built != name and not kept:
            aside.append(f"DROP TABLE {run.place(name)}")
        if built != name:
            renamed = f"ALTER TABLE {self._place(built)} RENAME TO {quoted(name.name)}"
            statements = [*statements, *aside, renamed, run.store.move_table(built, name)]
        else:
            statements = [*aside, *statements]
        effect = self._done(run, name, kept)
        run.run_ddl([*statements, *self._comments(run, self._place(name))], [effect])
        if self.header.temporary:
            run.session.temporary[name] = str(name)
            run.session.temporary_kinds[name] = self.kind

    def _aside(self, run: Execution, name: ObjectName, kept: str) -> list[str]:
        """The statements that take away what is replaced, or what is left of an earlier one."""
        if self.header.temporary or self.kind == "VIEW":
            return []
        return put_aside(run, name, kept) if kept else run.forget(name)

    def _sources(self, context: QueryContext) -> frozenset[ObjectName]:
        source = self.like or self.clone
        return frozenset({resolve(source, context)} if source else ())

    def _from_columns(self, run: Execution, name: ObjectName) -> list[str]:
        """An empty table, or the copy of another."""
        place = self._place(name)
        if source := self.like or self.clone:
            origin = resolve(source, run.context)
            run.require(origin, "Table")
            stored, rows = run.stored(origin), self.clone is not None
            cursor, then = run.session.cursor, self._then(run, origin)
            return run.metadata.copy_sql(cursor, stored, name, rows=rows, place=place, then=then)
        before, identities = sequence_sql(name, self.columns)
        body = definition_sql(self.columns, identities, run)
        return [*before, f"{self._what()} {place} {body}"]

    def _then(self, run: Execution, origin: ObjectName) -> tuple[Columns, str] | None:
        """The columns and rows of the source, as they were."""
        if self.when is None:
            return None
        if origin in run.session.temporary:
            raise UnsupportedError(f"CLONE … AT | BEFORE of the temporary table {origin.name}")
        images = Images(run.session.cursor, origin)
        return images.then(serial_then(images, read_moment(self.when, run), run, origin))

    def _from_query(self, run: Execution, name: ObjectName, prepared: Prepared) -> list[str]:
        place, table = self._place(name), self.kind == "TABLE"
        if prepared.past and not table:
            raise UnsupportedError("a view with AT | BEFORE, CHANGES or a stream")
        if prepared.lent and not table:
            raise UnsupportedError("a view over INFORMATION_SCHEMA, a stage or a table function")
        try:
            body = self._table_body(run, prepared.sql) if table else self._view_body(prepared.sql)
        except duckdb.Error as error:
            prepared.check_objects(run)
            raise translated(error) from None
        required = [column for column in self.columns if table and not column.nullable]
        return [
            f"{self._what()} {place} {body}",
            *(
                f"ALTER TABLE {place} ALTER COLUMN {quoted(column.name)} SET NOT NULL"
                for column in required
            ),
        ]

    def _what(self) -> str:
        create = "CREATE OR REPLACE" if self.header.replace else "CREATE"
        return (
            f"{create} TEMPORARY {self.kind}" if self.header.temporary else f"{create} {self.kind}"
        )

    def _place(self, name: ObjectName) -> str:
        if self.header.temporary:
            return f"temp.main.{quoted(str(name))}"
        return ".".join(quoted(part) for part in name)

    def _view_body(self, sql: str) -> str:
        names = ", ".join(quoted(column.name) for column in self.columns)
        return f"({names}) AS {sql}" if names else f"AS {sql}"

    def _table_body(self, run: Execution, sql: str) -> str:
        """The query with each column in the type in which it is kept."""
        relation = run.session.cursor.sql(sql)
        found = [
            (str(name), str(kind))
            for name, kind in zip(relation.columns, relation.types, strict=True)
        ]
        if self.columns and len(self.columns) != len(found):
            raise CompilationError("Invalid column definition list")
        names = [column.name for column in self.columns] or [name for name, _ in found]
        if len(set(names)) < len(names):
            twice = next(name for name in names if names.count(name) > 1)
            raise CompilationError(f"duplicate column name '{twice}'")
        declared = [column.type for column in self.columns] or [None] * len(found)
        casts = ", ".join(
            f"{_kept(position, kind, wanted.duckdb if wanted else None)} AS {quoted(name)}"
            for position, (name, (_, kind), wanted) in enumerate(
                zip(names, found, declared, strict=True)
            )
        )
        inner = ", ".join(f"c{position}" for position in range(len(found)))
        return f"AS SELECT {casts} FROM ({sql}) AS q({inner})"

    def _comments(self, run: Execution, place: str) -> list[str]:
        facts = {
            "comment": self.options.comment,
            "transient": self.header.transient,
            "secure": self.header.secure,
            "owner": run.context.role,
            "created": run.context.now.isoformat(),
            "cluster_by": self.options.cluster_by,
            "text": self.text if self.kind == "VIEW" else None,
        }
        return [
            f"COMMENT ON {self.kind} {place} IS {encoded(facts)}",
            *(
                f"COMMENT ON COLUMN {place}.{quoted(column)} IS {encoded(values)}"
                for column, values in column_facts(self.columns).items()
                if any(values.values())
            ),
        ]

    def _effect(self, name: ObjectName, context: QueryContext, *, exists: bool) -> Effect:
        source = self.clone or self.like
        return Effect(
            action="replace" if exists else "create",
            kind="VIEW" if self.kind == "VIEW" else "TABLE",
            name=name,
            temporary=self.header.temporary,
            transient=self.header.transient,
            secure=self.header.secure,
            comment=self.options.comment,
            copy_grants=self.options.copy_grants,
            if_not_exists=self.header.if_not_exists,
            text=self.text,
            cluster_by=self.options.cluster_by,
            source=resolve(source, context) if source else None,
            cloned=self.clone is not None,
            past=self.when is not None,
            properties=self.options.properties,
            governed=(
                *(governed for column in self.columns for governed in column.governed),
                *self.options.governed,
            ),
        )


def _kept(position: int, found: str, declared: str | None) -> str:
    """A query's column as it is kept: whole numbers wide, nested values as JSON, NULLs as text."""
    column = f"c{position}"
    if declared is not None:
        return f"CAST({column} AS {declared})"
    if found.endswith("]") or found.startswith(("STRUCT", "MAP")):
        return f"to_json({column})"
    kept = "HUGEINT" if found == "HUGEINT" else from_duckdb(found).duckdb
    return column if kept == found else f"CAST({column} AS {kept})"
