"""A point in the past as AT | BEFORE names it, and the version of a table that was true then.

https://docs.snowflake.com/en/sql-reference/constructs/at-before
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlglot import exp

from sandbox.snowflake.data.past.images import Images
from sandbox.snowflake.data.statements.base import Execution
from sandbox.snowflake.errors import CompilationError, SnowflakeError, UnsupportedError

_STATEMENTS_KEPT: Final = timedelta(days=14)


class NoDataThenError(SnowflakeError):
    """The table was not there yet, or its past is not kept for so long."""

    code = "000707"
    sqlstate = "02000"

    def __init__(self, kind: str, name: str) -> None:
        super().__init__(
            f"Time travel data is not available for {kind} {name}. The requested time is either "
            f"beyond the allowed time travel period or before the object creation time."
        )


class StatementNotFoundError(SnowflakeError):
    """A statement that nobody ran, or more than 14 days ago."""

    code = "000709"
    sqlstate = "02000"

    def __init__(self, statement: str) -> None:
        super().__init__(f"Statement {statement} not found")


@dataclass(frozen=True)
class Moment:
    """`at` is the time; `before` leaves out what happened exactly then.

    With a `statement`, `at` is when it began (BEFORE) or ended (AT), for tables that it left alone.
    """

    at: datetime
    before: bool
    now: datetime
    statement: str = ""

    def is_kept(self, days: int) -> bool:
        """Whether a retention of so many days reaches back so far."""
        return self.at >= self.now - timedelta(days=days)

    def serial(self, images: Images) -> int | None:
        """The version of the table that was true then; None where there was none yet."""
        changed = images.changed_by(self.statement) if self.statement else None
        if changed is not None:
            return images.at_serial(changed - 1 if self.before else changed)
        return images.at(self.at, inclusive=not self.before)


def read_moment(when: exp.HistoricalData, run: Execution) -> Moment:
    """Evaluates the clause, whose identifiers are in upper case."""
    before = when.this.name.upper() == "BEFORE" if isinstance(when.this, exp.Expr) else (
        str(when.this).upper() == "BEFORE"
    )  # fmt: skip
    kind = str(when.args["kind"]).upper()
    now = run.context.now
    if kind == "STREAM":
        raise UnsupportedError("AT (STREAM => …) outside CREATE STREAM")
    value = _value(when.args["expression"], run)
    if kind == "STATEMENT":
        return _of_statement(str(value), before, run)
    at = _time(value) if kind == "TIMESTAMP" else now + _offset(value)
    if at > now:
        raise CompilationError(f"The time of AT | BEFORE lies in the future: {at.isoformat()}")
    return Moment(at, before, now)


def serial_then(images: Images, moment: Moment, run: Execution, name: Any) -> int:
    """The version of a table; NoDataThenError where Time Travel does not reach it."""
    days = run.system.retention_days(name) if run.system is not None else None
    serial = moment.serial(images) if days is None or moment.is_kept(days) else None
    if serial is None:
        raise NoDataThenError("table", name.name)
    return serial


def _of_statement(statement: str, before: bool, run: Execution) -> Moment:
    now = run.context.now
    times = run.system.statement_times(statement) if run.system is not None else (now, now)
    if times is None or times[1] < now - _STATEMENTS_KEPT:
        raise StatementNotFoundError(statement)
    return Moment(times[0] if before else times[1], before, now, statement)


def _value(expression: exp.Expr, run: Execution) -> Any:
    from sandbox.snowflake.data.prepare import prepare  # the tables of a query are placed there

    prepared = prepare(exp.select(expression.copy()), run)
    try:
        return run.run(prepared.sql)[0][0]
    finally:
        prepared.release(run.session)


def _offset(value: Any) -> timedelta:
    try:
        return timedelta(seconds=float(value))
    except (TypeError, ValueError, OverflowError):
        raise CompilationError(f"OFFSET takes a number of seconds, not '{value}'.") from None


def _time(value: Any) -> datetime:
    """Times without a zone are UTC."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            raise CompilationError(f"Timestamp '{value}' is not recognized") from None
    if not isinstance(value, datetime):
        raise CompilationError(f"TIMESTAMP takes a timestamp, not '{value}'.")
    return value if value.tzinfo is not None else value.replace(tzinfo=UTC)
