"""How tasks hang together: predecessors, roots, the finalizer, and what may change while it runs.

A task keeps its predecessors, and the root that it finalizes, by their ids.
https://docs.snowflake.com/en/user-guide/tasks-graphs
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Final

from sandbox.snowflake.catalog.record import Record
from sandbox.snowflake.catalog.store import Store
from sandbox.snowflake.context import Context
from sandbox.snowflake.errors import CompilationError, SnowflakeError
from sandbox.snowflake.sql.names import dotted
from sandbox.snowflake.sql.reader import Reader

AFTER: Final = "PREDECESSORS"
FINALIZES: Final = "FINALIZES"
STATE: Final = "STATE"
STARTED: Final = "started"
SUSPENDED: Final = "suspended"
_MOST: Final = 100


class RunningGraphError(SnowflakeError):
    """A change of a graph whose root task is not suspended."""

    code = "091089"
    sqlstate = "22023"

    def __init__(self, root: Record) -> None:
        super().__init__(
            f"Unable to update graph with root task {dotted(root.path)} since that root task is "
            "not suspended."
        )


def named(context: Context, task: Record, names: Iterable[str]) -> list[int]:
    """The ids of tasks of the same schema; short names mean that schema."""
    found: list[int] = []
    for name in names:
        path = Reader(name).path()
        whole = (*task.path[: 3 - len(path)], *path)
        other = context.get(context.registry["TASK"], whole)
        if other.path[:2] != task.path[:2]:
            raise CompilationError(
                f"Task {dotted(other.path)} is not in the schema of {dotted(task.path)}: a graph "
                "lies in one schema."
            )
        found.append(other.id)
    return found


def predecessors(store: Store, task: Record) -> list[Record]:
    """The tasks that this one runs after."""
    records = (store.get(number) for number in task.properties.get(AFTER) or [])
    return [record for record in records if record is not None]


def finalized(store: Store, task: Record) -> Record | None:
    """The root that this task finalizes."""
    return store.get(task.properties.get(FINALIZES))


def finalizer(store: Store, root: Record) -> Record | None:
    """The task that finalizes this root."""
    found = (task for task in store.each("TASK") if task.properties.get(FINALIZES) == root.id)
    return next(found, None)


def roots(store: Store, task: Record) -> list[Record]:
    """The roots of the graph: the task itself where nothing comes before it."""
    root = finalized(store, task)
    waiting, found = [root if root is not None else task], {}
    seen: set[int] = set()
    while waiting:
        one = waiting.pop()
        if one.id in seen:
            continue
        seen.add(one.id)
        before = predecessors(store, one)
        waiting += before
        if not before:
            found[one.id] = one
    return list(found.values())


def require_suspended(store: Store, task: Record) -> None:
    """RunningGraphError while a root of the task is started."""
    for root in roots(store, task):
        if root.properties.get(STATE) == STARTED:
            raise RunningGraphError(root)


def join(context: Context, task: Record, names: Iterable[str]) -> None:
    """Run after more tasks: no cycle, not too many, and no schedule of its own."""
    numbers = named(context, task, names)
    if numbers and task.properties.get("SCHEDULE"):
        raise CompilationError(f"Task {task.name} cannot have both a schedule and a predecessor.")
    for number in numbers:
        before = context.store.get(number)
        if before is not None:
            require_suspended(context.store, before)
            if task.id in _all_before(context.store, before):
                raise CompilationError(
                    f"Task {dotted(before.path)} cannot come before {dotted(task.path)}: the graph "
                    "would contain a cycle."
                )
    known = task.properties.get(AFTER) or []
    task.properties[AFTER] = known + [number for number in numbers if number not in known]
    if len(task.properties[AFTER]) > _MOST:
        raise CompilationError(f"A task has at most {_MOST} predecessors.")


def _all_before(store: Store, task: Record) -> set[int]:
    seen: set[int] = set()
    waiting = [task]
    while waiting:
        one = waiting.pop()
        if one.id not in seen:
            seen.add(one.id)
            waiting += predecessors(store, one)
    return seen


def leave(store: Store, gone: Record) -> None:
    """A task is dropped: those after it lose it, and start again only when told."""
    for task in store.each("TASK"):
        before = task.properties.get(AFTER) or []
        if gone.id in before:
            task.properties[AFTER] = [number for number in before if number != gone.id]
            task.properties[STATE] = SUSPENDED
            store.save(task)
        elif task.properties.get(FINALIZES) == gone.id:
            task.properties |= {FINALIZES: None, STATE: SUSPENDED}
            store.save(task)


def shown_predecessors(context: Context, task: Record) -> str:
    """The JSON list of SHOW TASKS."""
    return json.dumps([dotted(one.path) for one in predecessors(context.store, task)])


def relations(context: Context, task: Record) -> str:
    """The JSON object of SHOW TASKS' column `task_relations`."""
    store = context.store
    told: dict[str, object] = {
        "Predecessors": [dotted(one.path) for one in predecessors(store, task)]
    }
    for name, other in (
        ("FinalizerTask", finalizer(store, task)),
        ("FinalizedRootTask", finalized(store, task)),
    ):
        if other is not None:
            told[name] = dotted(other.path)
    return json.dumps(told)
