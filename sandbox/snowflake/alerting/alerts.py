"""Finds the alerts that are due, and runs one: the condition, and the action where it holds.

A run has a session of its own: the alert's owner as its only role, the alert's schema and, unless
it is serverless, its warehouse. An error is kept in the history, and the next run tries again.
https://docs.snowflake.com/en/user-guide/alerts
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from sandbox.snowflake import cron
from sandbox.snowflake.alerting import history
from sandbox.snowflake.alerting.history import AlertRun
from sandbox.snowflake.catalog.record import Record
from sandbox.snowflake.context import Context, Statement
from sandbox.snowflake.errors import SnowflakeError
from sandbox.snowflake.metering.ledger import ALERT as SERVICE
from sandbox.snowflake.metering.rates import SERVERLESS
from sandbox.snowflake.replication import read_only
from sandbox.snowflake.scheduler import Due, Ran
from sandbox.snowflake.session import Session
from sandbox.snowflake.sql.names import dotted
from sandbox.snowflake.sql.reader import Reader

if TYPE_CHECKING:
    from sandbox.snowflake.account import Account

KIND: Final = "alert"
STARTED: Final = "started"
STARTED_ON: Final = "STARTED_ON"
LAST_SUCCESS: Final = "LAST_SUCCESS"
"""When the last run was due that ended without error, as ISO text."""


@dataclass
class _Course:
    """How far a run came."""

    state: str = history.CONDITION_FAILED
    condition_query_id: str | None = None
    action_query_id: str | None = None
    error: SnowflakeError | None = field(default=None)


class Alerts:
    """What the scheduler asks and has done."""

    def __init__(self, account: Account) -> None:
        self._account = account

    def due(self, after: datetime, until: datetime) -> Iterator[Due]:
        """The next run of each started alert, where it lies in the span."""
        for record in self._account.store.all("ALERT"):
            at = next_run(record, after) if read_only.runs(self._account, record) else None
            if at is not None and at <= until:
                yield Due(KIND, at, dotted(record.path), record.id)

    def ahead(self) -> Iterator[AlertRun]:
        """The run that each started alert has before it."""
        now = self._account.now()
        for record in self._account.store.all("ALERT"):
            at = next_run(record, now) if read_only.runs(self._account, record) else None
            if at is not None:
                yield _told(record, _Course(history.SCHEDULED), at, None)

    def run(self, due: Due) -> Ran | None:
        """Evaluate the alert; one that was dropped or suspended since is passed over."""
        record = self._account.store.get(due.what)
        if record is None or record.kind != "ALERT":
            return Ran(due, "CANCELLED", "The alert is gone.")
        course = self.evaluate(record, due.at)
        return Ran(due, course.state, course.error.message if course.error is not None else "")

    def evaluate(self, record: Record, at: datetime) -> _Course:
        """Run the alert as of a moment, and keep what came of it."""
        course = _Course()
        session = self._session(record, at)
        began = self._account.now()
        try:
            self._check(record, session)
            self._evaluate(record, session, course)
        except SnowflakeError as error:
            course.error = error
        finally:
            session.data.close()
        if course.error is None:
            self._succeeded(record, at)
        self._book(record, began)
        self._account.alert_history.add(_told(record, course, at, self._account.now()))
        return course

    def _book(self, record: Record, began: datetime) -> None:
        """What a serverless run costs: a second at least."""
        if not record.properties.get("WAREHOUSE"):
            span = (began, max(self._account.now(), began + timedelta(seconds=1)))
            ledger = self._account.ledger
            ledger.add_span(SERVICE, record.id, record.name, span, SERVERLESS)

    def _evaluate(self, record: Record, session: Session, course: _Course) -> None:
        statement, rows = self._account.execute(session, record.properties["CONDITION"])
        course.condition_query_id = statement.id
        session.alert["alert_condition"] = statement.id
        if not rows.row_count:
            course.state = history.CONDITION_FALSE
            return
        course.state = history.ACTION_FAILED
        statement, _ = self._account.execute(session, record.properties["ACTION"])
        course.action_query_id = statement.id
        course.state = history.TRIGGERED

    def _session(self, record: Record, at: datetime) -> Session:
        session = self._account.system_session()
        session.role_id = record.owner
        session.secondary_roles = "NONE"
        session.database, session.schema = record.path[:2]
        warehouse = record.properties.get("WAREHOUSE")
        session.warehouse = Reader(warehouse).identifier() if warehouse else None
        last = record.properties.get(LAST_SUCCESS) or record.created_on.isoformat()
        session.alert = {"alert_scheduled": at.isoformat(), "alert_last": last}
        return session

    def _check(self, record: Record, session: Session) -> None:
        """The owner's right to run alerts, and to use the warehouse."""
        context = Context(self._account, session, Statement("", "", "", self._account.now()))
        if session.warehouse is None:
            context.demand("EXECUTE MANAGED ALERT")
            return
        context.demand("EXECUTE ALERT")
        context.demand("USAGE", context.get(context.registry["WAREHOUSE"], (session.warehouse,)))

    def _succeeded(self, record: Record, at: datetime) -> None:
        with self._account.store.transaction():
            current = self._account.store.get(record.id)
            if current is not None:
                current.properties[LAST_SUCCESS] = at.isoformat()
                self._account.store.save(current)


def next_run(record: Record, after: datetime) -> datetime | None:
    """The first moment after `after` at which the alert is due; None where it never is."""
    properties = record.properties
    if properties.get("STATE") != STARTED or not properties.get("SCHEDULE"):
        return None
    since = datetime.fromisoformat(properties.get(STARTED_ON) or record.created_on.isoformat())
    return cron.following(properties["SCHEDULE"], max(after, since), since)


def _told(
    record: Record, course: _Course, scheduled: datetime, completed: datetime | None
) -> AlertRun:
    return AlertRun(
        name=record.name,
        database=record.path[0],
        schema=record.path[1],
        condition=record.properties["CONDITION"],
        condition_query_id=course.condition_query_id,
        action=record.properties["ACTION"],
        action_query_id=course.action_query_id,
        state=course.state,
        error_code=course.error.code if course.error is not None else None,
        error_message=course.error.message if course.error is not None else None,
        scheduled=scheduled,
        completed=completed,
    )
