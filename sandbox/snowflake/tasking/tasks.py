"""Finds the tasks that are due, and runs their graphs.

A graph runs from its root: a task runs when all started tasks before it succeeded, is skipped when
one of them was, and does not run when one failed; the finalizer runs last in any case. Tasks of a
graph run one after the other.
https://docs.snowflake.com/en/user-guide/tasks-graphs
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from sandbox.snowflake import cron
from sandbox.snowflake.catalog.record import Record
from sandbox.snowflake.errors import CompilationError, SnowflakeError
from sandbox.snowflake.kinds import task_graph
from sandbox.snowflake.kinds.task_graph import AFTER, FINALIZES, STARTED, STATE, SUSPENDED
from sandbox.snowflake.replication import read_only
from sandbox.snowflake.scheduler import Due, Ran
from sandbox.snowflake.sql.names import dotted
from sandbox.snowflake.tasking.history import FAILED, SCHEDULED, SKIPPED, SUCCEEDED, TaskRun
from sandbox.snowflake.tasking.runner import GraphRun, run_task, task_id, tell_of_failure, told

if TYPE_CHECKING:
    from sandbox.snowflake.account import Account

log = logging.getLogger("sandbox.tasks")

KIND: Final = "task"
_FAILURES: Final = "FAILURES"
"""How often a root's graph has failed in a row."""
_GROUP: Final = "last_task_run"
_BY_SCHEDULE: Final = "SCHEDULE"
_BY_TRIGGER: Final = "TRIGGER"
BY_STATEMENT: Final = "EXECUTE TASK"


class Tasks:
    """What the scheduler asks and has done, and what EXECUTE TASK starts."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._lock = threading.RLock()
        self._running: set[int] = set()
        self._ended: dict[int, datetime] = {}
        """When the last run of each root ended, in this process."""

    def due(self, after: datetime, until: datetime) -> Iterator[Due]:
        """The next run of each started root, where it lies in the span."""
        for root in self._account.store.all("TASK"):
            at = self.next_run(root, after)
            if at is not None and at <= until:
                yield Due(KIND, at, dotted(root.path), root.id)

    def next_run(self, root: Record, after: datetime) -> datetime | None:
        """The first moment after `after` at which a root is due; None where it never is."""
        properties = root.properties
        if not read_only.runs(self._account, root):
            return None
        if properties.get(STATE) != STARTED or properties.get(AFTER) or properties.get(FINALIZES):
            return None
        since = datetime.fromisoformat(properties["COMMITTED_ON"])
        return cron.following(self._schedule(root), max(after, since), since)

    def _schedule(self, root: Record) -> str:
        """A task without a schedule looks at its streams every so often."""
        if root.properties.get("SCHEDULE"):
            return str(root.properties["SCHEDULE"])
        name = "USER_TASK_MINIMUM_TRIGGER_INTERVAL_IN_SECONDS"
        return f"{self._account.parameters.effective(name, root).value} SECONDS"

    def ahead(self) -> Iterator[TaskRun]:
        """The run that each started root has before it."""
        now = self._account.now()
        for root in self._account.store.all("TASK"):
            at = self.next_run(root, now)
            if at is not None:
                config = root.properties.get("CONFIG")
                yield told(GraphRun(root, at, _BY_SCHEDULE, 0, config), root, SCHEDULED)

    def run(self, due: Due) -> Ran | None:
        """Run a root's graph, unless it is gone or its run before had not ended."""
        root = self._account.store.get(due.what)
        if root is None or root.kind != "TASK":
            return Ran(due, SKIPPED, "The task is gone.")
        overlap = root.properties.get("ALLOW_OVERLAPPING_EXECUTION")
        if not overlap and self._ended.get(root.id, due.at) > due.at:
            return Ran(due, SKIPPED, "The run before it had not ended.")
        cause = _BY_SCHEDULE if root.properties.get("SCHEDULE") else _BY_TRIGGER
        graph = self.start(root, due.at, cause)
        following = self.next_run(root, due.at)
        state = graph.states.get(root.id, SKIPPED)
        if FAILED in graph.states.values():
            state = FAILED
        return Ran(due, state, f"next at {following:%Y-%m-%d %H:%M:%S}" if following else "")

    def start(self, root: Record, at: datetime, cause: str, config: str | None = None) -> GraphRun:
        """Run a root's graph from the start, as of a moment."""
        config = config or root.properties.get("CONFIG")
        return self._run(GraphRun(root, at, cause, self._next_group(), config))

    def retry(self, root: Record) -> GraphRun:
        """Run what failed in the last run of a graph, and what comes after it.

        https://docs.snowflake.com/en/sql-reference/sql/execute-task
        """
        runs = [r for r in self._account.task_history.runs() if r.root_task_id == task_id(root)]
        last = [run for run in runs if run.graph_run_group_id == runs[0].graph_run_group_id]
        newest = {run.name: run for run in reversed(last)}
        if not any(run.failed for run in newest.values()):
            raise CompilationError(f"Task {root.name} has no failed run to retry.")
        attempt = max(run.attempt_number for run in last) + 1
        first = last[0]
        group = first.graph_run_group_id
        graph = GraphRun(root, first.scheduled_time, BY_STATEMENT, group, first.config, attempt)
        done = {run.name for run in newest.values() if run.state == SUCCEEDED}
        for task in self._graph(root):
            if task.name in done:
                graph.states[task.id] = SUCCEEDED
        return self._run(graph)

    def _run(self, graph: GraphRun) -> GraphRun:
        root = graph.root
        with self._lock:
            if root.id in self._running:
                raise CompilationError(f"Task {dotted(root.path)} is running already.")
            self._running.add(root.id)
            try:
                self._attempts(graph)
            finally:
                self._running.discard(root.id)
                self._ended[root.id] = self._account.now()
        return graph

    def _attempts(self, graph: GraphRun) -> None:
        again = self._number("TASK_AUTO_RETRY_ATTEMPTS", graph.root)
        self._attempt(graph)
        while FAILED in graph.states.values() and again > 0:
            again -= 1
            graph.attempt += 1
            graph.states = {n: s for n, s in graph.states.items() if s == SUCCEEDED}
            self._attempt(graph)
        if graph.states.get(graph.root.id) != SKIPPED:
            self._finalize(graph)
            self._count(graph.root, failed=FAILED in graph.states.values())

    def _attempt(self, graph: GraphRun) -> None:
        """Every task of the graph that has not run yet, each when all before it have."""
        waiting = [task for task in self._graph(graph.root) if task.id not in graph.states]
        while waiting:
            ready = [task for task in waiting if not self._waits(task, waiting)]
            if not ready:
                return
            for task in ready:
                waiting.remove(task)
                self._visit(graph, task)

    def _waits(self, task: Record, waiting: list[Record]) -> bool:
        numbers = {one.id for one in waiting}
        return any(number in numbers for number in task.properties.get(AFTER) or [])

    def _visit(self, graph: GraphRun, task: Record) -> None:
        before = [
            graph.states.get(one.id)
            for one in task_graph.predecessors(self._account.store, task)
            if one.id == graph.root.id or one.properties.get(STATE) == STARTED
        ]
        if SKIPPED in before:
            run = told(graph, task, SKIPPED)
            run.completed_time = self._account.now()
            self._account.task_history.begin(run)
            graph.states[task.id] = SKIPPED
        elif all(state == SUCCEEDED for state in before):
            self._one(graph, task)

    def _one(self, graph: GraphRun, task: Record) -> None:
        run = run_task(self._account, graph, task)
        graph.states[task.id] = run.state
        if run.failed:
            try:
                tell_of_failure(self._account, graph, task, run)
            except SnowflakeError as error:
                log.warning("the failure of task %s is not told: %s", task.name, error.message)

    def _finalize(self, graph: GraphRun) -> None:
        last = task_graph.finalizer(self._account.store, graph.root)
        if last is not None and last.properties.get(STATE) == STARTED:
            self._one(graph, last)

    def _graph(self, root: Record) -> list[Record]:
        """The root, and the started tasks after it."""
        store = self._account.store
        found = {root.id: root}
        tasks = [task for task in store.all("TASK") if task.properties.get(STATE) == STARTED]
        grown = True
        while grown:
            after = [
                task
                for task in tasks
                if task.id not in found and not found.keys().isdisjoint(_before(task))
            ]
            found |= {task.id: task for task in after}
            grown = bool(after)
        return list(found.values())

    def _count(self, root: Record, *, failed: bool) -> None:
        """Suspend a root whose graph failed too often in a row."""
        most = self._number("SUSPEND_TASK_AFTER_NUM_FAILURES", root)
        with self._account.store.transaction():
            if self._account.store.get(root.id) is None:
                return
            failures = int(root.properties.get(_FAILURES) or 0) + 1 if failed else 0
            root.properties[_FAILURES] = failures
            if most and failures >= most and root.properties.get(STATE) == STARTED:
                root.properties |= {
                    STATE: SUSPENDED,
                    _FAILURES: 0,
                    "SUSPENDED_ON": self._account.now().isoformat(),
                    "SUSPENDED_REASON": "SUSPENDED_DUE_TO_ERRORS",
                }
            self._account.store.save(root)

    def _number(self, name: str, root: Record) -> int:
        return int(self._account.parameters.effective(name, root).value)

    def _next_group(self) -> int:
        store = self._account.store
        with store.transaction():
            number = int(store.setting(_GROUP) or 0) + 1
            store.keep_setting(_GROUP, str(number))
        return number


def _before(task: Record) -> list[Any]:
    return list(task.properties.get(AFTER) or [])
