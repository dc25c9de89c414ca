"""Every run of an alert, on disk with the catalogue, and the rows that ALERT_HISTORY tells.

https://docs.snowflake.com/en/sql-reference/functions/alert_history
https://docs.snowflake.com/en/sql-reference/account-usage/alert_history
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import astuple, dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sandbox.snowflake.catalog.store import Store
from sandbox.snowflake.data.model import VirtualTable
from sandbox.snowflake.view_arguments import limit, moment

TRIGGERED: Final = "TRIGGERED"
CONDITION_FALSE: Final = "CONDITION_FALSE"
CONDITION_FAILED: Final = "CONDITION_FAILED"
ACTION_FAILED: Final = "ACTION_FAILED"
SCHEDULED: Final = "SCHEDULED"

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS alert_runs (
  position INTEGER PRIMARY KEY, name TEXT, database TEXT, schema TEXT, condition TEXT,
  condition_query_id TEXT, action TEXT, action_query_id TEXT, state TEXT, error_code TEXT,
  error_message TEXT, scheduled TEXT, completed TEXT
)
"""
_INSERT: Final = "INSERT INTO alert_runs VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_HEAD: Final = (
    ("NAME", "TEXT"),
    ("DATABASE_NAME", "TEXT"),
    ("SCHEMA_NAME", "TEXT"),
    ("CONDITION", "TEXT"),
    ("CONDITION_QUERY_ID", "TEXT"),
    ("ACTION", "TEXT"),
    ("ACTION_QUERY_ID", "TEXT"),
    ("STATE", "TEXT"),
)
_TIMES: Final = (("SCHEDULED_TIME", "TIMESTAMP_LTZ"), ("COMPLETED_TIME", "TIMESTAMP_LTZ"))
_FUNCTION: Final = (*_HEAD, ("SQL_ERROR_CODE", "TEXT"), ("SQL_ERROR_MESSAGE", "TEXT"), *_TIMES)
_VIEW: Final = (*_HEAD, ("ERROR_CODE", "TEXT"), ("ERROR_MESSAGE", "TEXT"), *_TIMES)
_RANGE: Final = timedelta(days=7)
_KEPT: Final = 50_000
_MOST: Final = 10_000
"""As many as the table function may tell."""


@dataclass(frozen=True, slots=True)
class AlertRun:
    """One evaluation; `completed` is None while it lies ahead."""

    name: str
    database: str
    schema: str
    condition: str
    condition_query_id: str | None
    action: str
    action_query_id: str | None
    state: str
    error_code: str | None
    error_message: str | None
    scheduled: datetime
    completed: datetime | None


class AlertHistory:
    """Appends, and tells the newest first."""

    def __init__(self, store: Store) -> None:
        self._store = store
        with store.lock:
            store.database.execute(_SCHEMA)

    def add(self, run: AlertRun) -> None:
        """Keep a run."""
        values = [v.isoformat() if isinstance(v, datetime) else v for v in astuple(run)]
        with self._store.transaction():
            self._store.database.execute(_INSERT, values)
            self._store.database.execute(
                "DELETE FROM alert_runs WHERE position <= "
                "(SELECT max(position) FROM alert_runs) - ?",
                (_KEPT,),
            )

    def runs(self, most: int = _KEPT) -> list[AlertRun]:
        """The newest runs, newest first."""
        with self._store.lock:
            rows = self._store.database.execute(
                "SELECT * FROM alert_runs ORDER BY position DESC LIMIT ?", (most,)
            ).fetchall()
        return [_run(row[1:]) for row in rows]

    def view(self) -> VirtualTable:
        """ACCOUNT_USAGE.ALERT_HISTORY."""
        return VirtualTable(_VIEW, [_row(run) for run in self.runs()])

    def function(
        self, arguments: Mapping[str, Any], ahead: Iterable[AlertRun], now: datetime
    ) -> VirtualTable:
        """INFORMATION_SCHEMA.ALERT_HISTORY: past runs, and the next one of each started alert."""
        end = moment(arguments.get("SCHEDULED_TIME_RANGE_END"))
        start = moment(arguments.get("SCHEDULED_TIME_RANGE_START")) or (end or now) - _RANGE
        name = str(arguments.get("ALERT_NAME") or "").upper()
        rows = [
            _row(run)
            for run in (
                *sorted(ahead, key=lambda run: run.scheduled, reverse=True),
                *self.runs(_MOST),
            )
            if start <= run.scheduled
            and (end is None or run.scheduled <= end)
            and name in ("", run.name)
        ]
        return VirtualTable(_FUNCTION, rows[: limit(arguments)])


def _run(row: tuple[Any, ...]) -> AlertRun:
    values = dict(zip(AlertRun.__slots__, row, strict=True))
    for name in ("scheduled", "completed"):
        values[name] = datetime.fromisoformat(values[name]) if values[name] else None
    return AlertRun(**values)


def _row(run: AlertRun) -> tuple[Any, ...]:
    return astuple(run)
