"""SELECT, WITH, VALUES and EXPLAIN."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb
from sqlglot import exp

from sandbox.snowflake.data.failure import translated
from sandbox.snowflake.data.model import Analysis, Outcome, QueryContext
from sandbox.snowflake.data.prepare import Prepared, analyse_query, prepare
from sandbox.snowflake.data.result import describe, fetch, fetch_constants
from sandbox.snowflake.data.statements.base import Execution
from sandbox.snowflake.result import SELECT, AnyResult, Column, Result


@dataclass(frozen=True)
class Query:
    """A statement that answers rows and changes nothing."""

    tree: exp.Expr
    kind: str = "SELECT"

    def analyse(self, context: QueryContext) -> Analysis:
        """The tables, views and stages that are read."""
        return analyse_query(self.tree, context, self.kind)

    def execute(self, run: Execution) -> Outcome:
        """The rows as an Arrow stream, or only their description."""
        prepared = prepare(self.tree, run)
        try:
            if not prepared.past or run.session.in_transaction:
                return Outcome(self._answer(prepared, run), reads=prepared.reads)
        finally:
            prepared.release(run.session)
        # the past is told by what was kept since, so that all of it is read at one moment
        run.guarded(run.session.begin)
        try:
            return self.execute(run)
        finally:
            run.session.rollback()

    def _answer(self, prepared: Prepared, run: Execution) -> AnyResult:
        try:
            if run.describe_only:
                return describe(run.session.cursor, prepared.sql)
            if prepared.constant:
                return fetch_constants(run.session, prepared.sql, run.context.statement_id)
            return fetch(run.session, prepared.sql, run.context.statement_id)
        except duckdb.Error as error:
            prepared.check_objects(run)
            raise translated(error) from None


@dataclass(frozen=True)
class Explain:
    """EXPLAIN: the plan as text rows; Snowflake's own operators are not imitated."""

    query: Query

    def analyse(self, context: QueryContext) -> Analysis:
        """What the explained query reads."""
        return analyse_query(self.query.tree, context, "EXPLAIN")

    def execute(self, run: Execution) -> Outcome:
        """DuckDB's plan, one line a row."""
        prepared = prepare(self.query.tree, run)
        try:
            plan = run.run(f"EXPLAIN {prepared.sql}")[0][1]
        finally:
            prepared.release(run.session)
        rows = [(line,) for line in plan.splitlines()]
        return Outcome(Result((Column("content"),), rows, SELECT), reads=prepared.reads)
