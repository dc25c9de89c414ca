"""What became of each message: the rows of NOTIFICATION_HISTORY, with those that failed.

https://docs.snowflake.com/en/sql-reference/functions/notification_history
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sandbox.snowflake.catalog.store import Store
from sandbox.snowflake.data.model import VirtualTable
from sandbox.snowflake.view_arguments import limit, moment

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS notifications (
  position INTEGER PRIMARY KEY, created TEXT, source TEXT, integration TEXT, status TEXT, error TEXT
)
"""
_COLUMNS: Final = (
    ("CREATED", "TIMESTAMP_LTZ"),
    ("PROCESSED", "TIMESTAMP_LTZ"),
    ("MESSAGE_SOURCE", "TEXT"),
    ("INTEGRATION_NAME", "TEXT"),
    ("STATUS", "TEXT"),
    ("ERROR_MESSAGE", "TEXT"),
)
_RANGE: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt at a message; `error` is None where it was delivered."""

    at: datetime
    source: str
    integration: str
    error: str | None = None


class NotificationLog:
    """Kept with the catalogue."""

    def __init__(self, store: Store) -> None:
        self._store = store
        with store.lock:
            store.database.execute(_SCHEMA)

    def add(self, attempt: Attempt) -> None:
        """Keep one attempt."""
        status = "SUCCESS" if attempt.error is None else "FAILURE"
        at = attempt.at.isoformat()
        with self._store.transaction():
            self._store.database.execute(
                "INSERT INTO notifications VALUES (NULL, ?, ?, ?, ?, ?)",
                (at, attempt.source, attempt.integration, status, attempt.error),
            )

    def table(self, arguments: Mapping[str, Any], now: datetime) -> VirtualTable:
        """NOTIFICATION_HISTORY(START_TIME, END_TIME, INTEGRATION_NAME, RESULT_LIMIT), newest
        first.
        """
        end = moment(arguments.get("END_TIME")) or now
        start = moment(arguments.get("START_TIME")) or end - _RANGE
        wanted = str(arguments.get("INTEGRATION_NAME") or "").upper()
        with self._store.lock:
            found = self._store.database.execute(
                "SELECT created, source, integration, status, error FROM notifications "
                "ORDER BY position DESC"
            ).fetchall()
        rows = []
        for created, source, integration, status, error in found:
            at = datetime.fromisoformat(created)
            if start <= at <= end and wanted in ("", integration):
                rows.append((at, at, source, integration, status, error))
        return VirtualTable(_COLUMNS, rows[: limit(arguments)])
