"""Transactions, session variables and session parameters."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from sqlglot import exp

from sandbox.snowflake.data.model import Analysis, Outcome, QueryContext
from sandbox.snowflake.data.prepare import analyse_query, prepare
from sandbox.snowflake.data.statements.base import Execution
from sandbox.snowflake.result import Column, Result

_SUCCESS = "Statement executed successfully."


def _success(statement_type: int) -> Outcome:
    return Outcome(Result((Column("status"),), ((_SUCCESS,),), statement_type))


@dataclass(frozen=True)
class Transaction:
    """BEGIN, COMMIT and ROLLBACK; ending what was not begun is no error, as on Snowflake."""

    action: str

    def analyse(self, context: QueryContext) -> Analysis:
        """Touches nothing by itself."""
        return Analysis(self.action)

    def execute(self, run: Execution) -> Outcome:
        """Begins or ends the session's transaction."""
        ends: dict[str, Callable[[], None]] = {
            "BEGIN_TRANSACTION": run.session.begin,
            "COMMIT": partial(run.session.commit, run.context.statement_id),
            "ROLLBACK": run.session.rollback,
        }
        run.guarded(ends[self.action])
        return _success(0x5000)


@dataclass(frozen=True)
class SetVariables:
    """`SET name = expression`, or several at once."""

    names: Sequence[str]
    values: exp.Select

    def analyse(self, context: QueryContext) -> Analysis:
        """What the expressions read."""
        return analyse_query(self.values, context, "SET")

    def execute(self, run: Execution) -> Outcome:
        """Evaluates the expressions and keeps them as literals."""
        prepared = prepare(self.values, run)
        try:
            row = run.run(prepared.sql)[0]
        finally:
            prepared.release(run.session)
        for name, value in zip(self.names, row, strict=True):
            run.session.variables[name] = _literal(value)
        return _success(0x4000)


@dataclass(frozen=True)
class UnsetVariables:
    """`UNSET name`; a name that is not set is no error."""

    names: Sequence[str]

    def analyse(self, context: QueryContext) -> Analysis:
        """Touches nothing by itself."""
        return Analysis("UNSET")

    def execute(self, run: Execution) -> Outcome:
        """Forgets the variables."""
        for name in self.names:
            run.session.variables.pop(name, None)
        return _success(0x4000)


@dataclass(frozen=True)
class AlterSession:
    """`ALTER SESSION SET | UNSET`: AUTOCOMMIT acts here, the rest is handed to the caller."""

    parameters: Mapping[str, str | None]

    def analyse(self, context: QueryContext) -> Analysis:
        """Touches nothing by itself."""
        return Analysis("ALTER_SESSION")

    def execute(self, run: Execution) -> Outcome:
        """Applies AUTOCOMMIT and answers what was set."""
        if "AUTOCOMMIT" in self.parameters:
            run.session.autocommit = self.parameters["AUTOCOMMIT"] in (None, "TRUE", "true")
            if run.session.autocommit:
                run.guarded(run.session.commit)
        done = _success(0x4000)
        return Outcome(done.result, session_parameters=self.parameters)


def _literal(value: object) -> exp.Expr:
    if value is None:
        return exp.null()
    if isinstance(value, bool):
        return exp.Boolean(this=value)
    if isinstance(value, int | float):
        return exp.Literal.number(value)
    return exp.Literal.string(str(value))
