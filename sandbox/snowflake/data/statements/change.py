"""INSERT, UPDATE, DELETE, MERGE and TRUNCATE."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Final

from sqlglot import exp

from sandbox.snowflake.data.bulk import ROWS_NAME
from sandbox.snowflake.data.model import Analysis, ObjectName, Outcome, QueryContext
from sandbox.snowflake.data.prepare import Prepared, normalised, prepare
from sandbox.snowflake.data.rewrite import merge
from sandbox.snowflake.data.scope import find_tables, parts_of, resolve, stage_name
from sandbox.snowflake.data.statements.base import Execution
from sandbox.snowflake.errors import SnowflakeError, UnsupportedError
from sandbox.snowflake.result import DDL, Column, Result, status

_TYPE_IDS: Final = {"INSERT": 0x3100, "UPDATE": 0x3200, "DELETE": 0x3300, "MERGE": 0x3400}
_COLUMNS: Final = {
    "INSERT": ("number of rows inserted",),
    "UPDATE": ("number of rows updated", "number of multi-joined rows updated"),
    "DELETE": ("number of rows deleted",),
}
_ACTIONS: Final = (("INSERT", "inserted"), ("UPDATE", "updated"), ("DELETE", "deleted"))


@dataclass(frozen=True)
class Change:
    """A DML statement on one table."""

    tree: exp.Expr
    kind: str

    def analyse(self, context: QueryContext) -> Analysis:
        """The table that is written with the privileges that takes, and what is read."""
        tree = normalised(self.tree)
        target = self._target(tree, context)
        tables = find_tables(tree, context)
        named = [name for _, name in tables.objects]
        named.remove(target)
        return Analysis(
            kind=self.kind,
            reads=frozenset(named),
            writes={target: frozenset(self._privileges())},
            virtual=frozenset(name for _, name in tables.virtual) - {ROWS_NAME},
            stages=frozenset(stage_name(table, context) for table in tables.stages),
            needs_warehouse=True,
        )

    def execute(self, run: Execution) -> Outcome:
        """Changes the rows and answers how many."""
        target = self._target(normalised(self.tree), run.context)
        if run.describe_only:
            return Outcome(_counts(self.kind, self._names(), [0] * len(self._names())))
        run.require(target)
        if not run.session.autocommit:
            run.session.begin()
        with ExitStack() as alone:
            for name in self._waits_for(run, target):
                alone.enter_context(run.store.loading(name))
            prepared, counts = run.changing(lambda: self._changed(run, target))
        result = _counts(self.kind, self._names(), counts)
        reads = prepared.reads - {target}
        return Outcome(result, reads=reads, writes=frozenset({target}), rows_produced=sum(counts))

    def _waits_for(self, run: Execution, target: ObjectName) -> list[ObjectName]:
        """Statements that change rows of a table wait for each other, as Snowflake's do, and so do
        those that consume a stream.

        https://docs.snowflake.com/en/sql-reference/transactions#resource-locking
        """
        if run.session.in_transaction:
            return []
        found = self.analyse(run.context).reads if run.has_streams else ()
        streams = sorted(name for name in found if run.stream(name) is not None)
        return streams if self.kind == "INSERT" else [*streams, target]

    def _changed(self, run: Execution, target: ObjectName) -> tuple[Prepared, list[int]]:
        prepared = prepare(_dialect_form(self.tree), run)
        try:
            counts = self._run(prepared, run, target)
            run.session.consume(prepared.streams, target.database)
            return prepared, counts
        except SnowflakeError:
            prepared.check_objects(run)
            raise
        finally:
            prepared.release(run.session)

    def _run(self, prepared: Prepared, run: Execution, target: ObjectName) -> list[int]:
        """Carries it out, and notes for Time Travel what it did."""
        session, sql = run.session, prepared.sql
        if self.kind == "INSERT":
            overwrite = self.tree.args.get("overwrite")
            old = run.changed_rows(f"SELECT rowid FROM {run.place(target)}") if overwrite else []
            count: int = run.run(sql)[0][0]
            run.delete_rows(target, old)
            session.note(target, count, old)
            return [count]
        if self.kind == "DELETE":
            rows = run.changed_rows(f"{sql} RETURNING rowid")
            session.note(target, 0, rows)
            return [sum(len(part) for part in rows)]
        rows = run.changed_rows(prepared.picks)
        answer = run.run(sql)
        if self.kind == "UPDATE":
            session.note(target, 0, rows, self._assigned())
            return [answer[0][0], 0]
        actions = Counter(row[0] for row in answer)
        session.note(target, actions["INSERT"], rows, self._assigned())
        return [actions[name] for name, _ in self._merge_actions()]

    def _assigned(self) -> set[str]:
        """The columns that an UPDATE or MERGE gives new values."""
        whens = self.tree.args["whens"].expressions if self.kind == "MERGE" else ()
        updates = [self.tree, *(when.args["then"] for when in whens)]
        columns = (
            assignment.this.this
            for update in updates
            if isinstance(update, exp.Update)
            for assignment in update.expressions
        )
        return {one.name if one.args.get("quoted") else one.name.upper() for one in columns}

    def _target(self, tree: exp.Expr, context: QueryContext) -> ObjectName:
        table = tree.this.this if isinstance(tree.this, exp.Schema) else tree.this
        if not isinstance(table, exp.Table):
            raise UnsupportedError(f"{self.kind} into {table.sql('snowflake')}")
        return resolve(parts_of(table), context, self.kind)

    def _privileges(self) -> Sequence[str]:
        if self.kind == "MERGE":
            return [name for name, _ in self._merge_actions()]
        if self.kind == "INSERT" and self.tree.args.get("overwrite"):
            return ["INSERT", "DELETE"]
        return [self.kind]

    def _names(self) -> Sequence[str]:
        if self.kind == "MERGE":
            return [f"number of rows {verb}" for _, verb in self._merge_actions()]
        return _COLUMNS[self.kind]

    def _merge_actions(self) -> list[tuple[str, str]]:
        used = merge.actions(self.tree)
        return [(name, verb) for name, verb in _ACTIONS if name in used]


@dataclass(frozen=True)
class Truncate:
    """TRUNCATE TABLE: all rows go, and the table's load history with them."""

    path: tuple[str, ...]
    if_exists: bool

    def analyse(self, context: QueryContext) -> Analysis:
        """The table that loses its rows."""
        name = resolve(self.path, context, "TRUNCATE")
        return Analysis("TRUNCATE_TABLE", writes={name: frozenset({"TRUNCATE"})})

    def execute(self, run: Execution) -> Outcome:
        """Empties the table."""
        name = resolve(self.path, run.context, "TRUNCATE")
        if not (self.if_exists and run.kind_of(name) is None):
            run.require(name, "Table")
            run.guarded(run.session.commit)
            run.changing(lambda: self._empty(run, name))
        return Outcome(status("Statement executed successfully."), writes=frozenset({name}))

    def _empty(self, run: Execution, name: ObjectName) -> None:
        if name not in run.session.temporary:
            run.run(run.store.forget_loads(name))
        run.session.note(name, 0, run.changed_rows(_all_gone(run.place(name))))


def _all_gone(place: str) -> str:
    return f"DELETE FROM {place} RETURNING rowid"


def _dialect_form(tree: exp.Expr) -> exp.Expr:
    """The statement without what DuckDB's form of it does not take."""
    tree = tree.copy()
    if isinstance(tree, exp.Insert):
        tree.set("overwrite", None)
    if isinstance(tree, exp.Update):
        for assignment in tree.expressions:
            assignment.set("this", exp.column(assignment.this.this))
    if isinstance(tree, exp.Merge):
        merge.adapt(tree)
    return tree


def _counts(kind: str, names: Sequence[str], counts: Sequence[int]) -> Result:
    columns = [Column(name, "fixed", nullable=False) for name in names]
    return Result(columns, [list(counts)], _TYPE_IDS.get(kind, DDL))
