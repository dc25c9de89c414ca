"""Every run of a task, on disk with the catalogue, and the rows that TASK_HISTORY tells.

A run is kept when it begins and again when it ends; one that the process did not survive reads as
failed.
https://docs.snowflake.com/en/sql-reference/functions/task_history
https://docs.snowflake.com/en/sql-reference/account-usage/task_history
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any, Final

from sandbox.snowflake.catalog.store import Store
from sandbox.snowflake.data.model import VirtualTable
from sandbox.snowflake.view_arguments import limit, moment

SCHEDULED: Final = "SCHEDULED"
EXECUTING: Final = "EXECUTING"
SUCCEEDED: Final = "SUCCEEDED"
FAILED: Final = "FAILED"
SKIPPED: Final = "SKIPPED"

_SCHEMA: Final = "CREATE TABLE IF NOT EXISTS task_runs (position INTEGER PRIMARY KEY, run TEXT)"
_RANGE: Final = timedelta(days=7)
_KEPT: Final = 50_000
_TIMES: Final = ("SCHEDULED_TIME", "QUERY_START_TIME", "NEXT_SCHEDULED_TIME", "COMPLETED_TIME")
_NUMBERS: Final = ("GRAPH_VERSION", "RUN_ID", "ATTEMPT_NUMBER", "GRAPH_RUN_GROUP_ID")


@dataclass
class TaskRun:
    """A run, field by field a column of TASK_HISTORY; times are None until they come."""

    query_id: str | None
    name: str
    database_name: str
    schema_name: str
    query_text: str
    condition_text: str | None
    state: str
    error_code: str | None
    error_message: str | None
    scheduled_time: datetime
    query_start_time: datetime | None
    next_scheduled_time: datetime | None
    completed_time: datetime | None
    root_task_id: str
    graph_version: int
    run_id: int
    return_value: str | None
    scheduled_from: str
    attempt_number: int
    config: str | None
    graph_run_group_id: int

    @property
    def failed(self) -> bool:
        """Whether it ended with an error."""
        return self.state == FAILED


_NAMES: Final = tuple(item.name for item in fields(TaskRun))
_MOMENTS: Final = tuple(name.lower() for name in _TIMES)


class TaskHistory:
    """Keeps runs by their place, and tells the newest first."""

    def __init__(self, store: Store) -> None:
        self._store = store
        with store.transaction():
            store.database.execute(_SCHEMA)
            for place, run in self._kept():
                if run.state == EXECUTING:
                    run.state = FAILED
                    run.error_message = "The sandbox was stopped while the task ran."
                    self.end(place, run)

    def begin(self, run: TaskRun) -> int:
        """Keep a run; answers its place."""
        with self._store.transaction():
            cursor = self._store.database.execute(
                "INSERT INTO task_runs VALUES (NULL, ?)", (_text(run),)
            )
            place = int(cursor.lastrowid or 0)
            self._store.database.execute(
                "DELETE FROM task_runs WHERE position <= ?", (place - _KEPT,)
            )
        return place

    def end(self, place: int, run: TaskRun) -> None:
        """Keep how a run ended."""
        with self._store.transaction():
            self._store.database.execute(
                "UPDATE task_runs SET run = ? WHERE position = ?", (_text(run), place)
            )

    def _kept(self) -> list[tuple[int, TaskRun]]:
        with self._store.lock:
            rows = self._store.database.execute(
                "SELECT position, run FROM task_runs ORDER BY position DESC"
            ).fetchall()
        return [(place, _run(text)) for place, text in rows]

    def runs(self) -> list[TaskRun]:
        """All runs, newest first."""
        return [run for _, run in self._kept()]

    def view(self) -> VirtualTable:
        """ACCOUNT_USAGE.TASK_HISTORY: what has ended."""
        ended = [run for run in self.runs() if run.state not in (EXECUTING, SCHEDULED)]
        names = [name for name in _NAMES if name != "next_scheduled_time"]
        rows = [[getattr(run, name) for name in names] for run in ended]
        return VirtualTable([_column(name) for name in names], rows)

    def function(
        self, arguments: Mapping[str, Any], ahead: Iterable[TaskRun], now: datetime
    ) -> VirtualTable:
        """INFORMATION_SCHEMA.TASK_HISTORY: runs, and the next one of each started task."""
        end = moment(arguments.get("SCHEDULED_TIME_RANGE_END"))
        start = moment(arguments.get("SCHEDULED_TIME_RANGE_START")) or (end or now) - _RANGE
        name = str(arguments.get("TASK_NAME") or "").rpartition(".")[2].strip('"').upper()
        root = arguments.get("ROOT_TASK_ID")
        rows = [
            [getattr(run, item) for item in _NAMES]
            for run in (*ahead, *self.runs())
            if start <= run.scheduled_time
            and (end is None or run.scheduled_time <= end)
            and name in ("", run.name.upper())
            and root in (None, run.root_task_id)
            and (run.failed or not arguments.get("ERROR_ONLY"))
        ]
        rows.sort(key=lambda row: row[_NAMES.index("scheduled_time")], reverse=True)
        return VirtualTable([_column(name) for name in _NAMES], rows[: limit(arguments)])


def _column(name: str) -> tuple[str, str]:
    upper = name.upper()
    kind = "NUMBER" if upper in _NUMBERS else "TEXT"
    return upper, "TIMESTAMP_LTZ" if upper in _TIMES else kind


def _text(run: TaskRun) -> str:
    return json.dumps({name: getattr(run, name) for name in _NAMES}, default=datetime.isoformat)


def _run(text: str) -> TaskRun:
    values = json.loads(text)
    for name in _MOMENTS:
        values[name] = datetime.fromisoformat(values[name]) if values[name] else None
    return TaskRun(**values)
