"""EXECUTE TASK, and what a running task may ask and tell by system functions.

The statement answers when the graph has run; Snowflake's answers at once.
https://docs.snowflake.com/en/sql-reference/sql/execute-task
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from sandbox.snowflake.catalog.record import Record
from sandbox.snowflake.context import Context
from sandbox.snowflake.data.model import VirtualTable
from sandbox.snowflake.errors import CompilationError, SnowflakeError
from sandbox.snowflake.kinds import task_graph
from sandbox.snowflake.kinds.task_graph import STARTED, STATE
from sandbox.snowflake.result import Column, Result, status
from sandbox.snowflake.sql.names import dotted
from sandbox.snowflake.sql.reader import Reader
from sandbox.snowflake.tasking.runner import RETURN_VALUE
from sandbox.snowflake.tasking.tasks import BY_STATEMENT
from sandbox.snowflake.verbs.functions import SystemFunction
from sandbox.snowflake.verbs.procedure import BuiltIn

if TYPE_CHECKING:
    from sandbox.snowflake.account import Account

_DEPENDENTS: Final = (
    *(("CREATED_ON", "TIMESTAMP_LTZ"), ("NAME", "TEXT"), ("DATABASE_NAME", "TEXT")),
    *(("SCHEMA_NAME", "TEXT"), ("OWNER", "TEXT"), ("COMMENT", "TEXT"), ("WAREHOUSE", "TEXT")),
    *(("SCHEDULE", "TEXT"), ("PREDECESSORS", "TEXT"), ("STATE", "TEXT"), ("DEFINITION", "TEXT")),
    ("CONDITION", "TEXT"),
)


class NotInTaskError(SnowflakeError):
    """A function that only a running task may call."""

    code = "091094"
    sqlstate = "22023"

    def __init__(self, name: str) -> None:
        super().__init__(f"Function {name} must be called from within a task.")


def execute_task(context: Context, reader: Reader) -> Result:
    """EXECUTE TASK name [USING CONFIG = '…' | RETRY LAST]."""
    reader.expect("TASK")
    task = context.get(context.registry["TASK"], reader.path())
    config, again = None, False
    if reader.accept("USING", "CONFIG"):
        reader.expect_symbol("=")
        config = reader.string()
    else:
        again = reader.accept("RETRY", "LAST")
    reader.expect_end()
    context.demand("OPERATE", task)
    if task_graph.roots(context.store, task) != [task]:
        raise CompilationError(f"Task {dotted(task.path)} is not a root task.")
    tasks = context.account.tasks
    if again:
        tasks.retry(task)
    else:
        tasks.start(task, context.now, BY_STATEMENT, config)
    return status(f"Task {task.name} is scheduled to run immediately.")


def _enable_dependents(context: Context, arguments: list[str]) -> str:
    """https://docs.snowflake.com/en/sql-reference/functions/system_task_dependents_enable"""
    root = _named(context, arguments)
    with context.store.transaction():
        for task in [*dependents(context.account, root, recursive=True)[::-1], root]:
            task.properties |= {STATE: STARTED, "COMMITTED_ON": context.now.isoformat()}
            context.store.save(task)
    return "null"


def _runtime_info(context: Context, arguments: list[str]) -> str:
    """https://docs.snowflake.com/en/sql-reference/functions/system_task_runtime_info"""
    known = context.session.task
    if not known:
        raise NotInTaskError("SYSTEM$TASK_RUNTIME_INFO")
    name = arguments[0].lower() if arguments else ""
    if name not in known or not name.startswith("current_"):
        raise CompilationError(f"Invalid argument '{name}' for function SYSTEM$TASK_RUNTIME_INFO")
    return known[name]


def _predecessors_value(context: Context, arguments: list[str]) -> str | None:
    known = context.session.task
    if not known:
        raise NotInTaskError("SYSTEM$GET_PREDECESSOR_RETURN_VALUE")
    values: dict[str, str] = json.loads(known["values"])
    name = arguments[0].rpartition(".")[2].upper() if arguments else ""
    return values.get(name) if name else next(reversed(values.values()), None)


def _graph_config(context: Context, arguments: list[str]) -> str | None:
    known = context.session.task
    if not known:
        raise NotInTaskError("SYSTEM$GET_TASK_GRAPH_CONFIG")
    if not arguments:
        return known["config"]
    value = json.loads(known["config"]).get(arguments[0])
    return value if value is None or isinstance(value, str) else json.dumps(value)


def _set_return_value(context: Context, values: Sequence[Any]) -> Result:
    """https://docs.snowflake.com/en/sql-reference/stored-procedures/system_set_return_value"""
    if not context.session.task:
        raise NotInTaskError("SYSTEM$SET_RETURN_VALUE")
    context.session.task[RETURN_VALUE] = str(values[0])
    return Result([Column("SYSTEM$SET_RETURN_VALUE")], [["Return value set successfully."]])


def _named(context: Context, arguments: list[str]) -> Record:
    if not arguments:
        raise CompilationError("not enough arguments for function, expected a task's name")
    return context.get(context.registry["TASK"], Reader(arguments[0]).path())


def dependents(account: Account, root: Record, *, recursive: bool) -> list[Record]:
    """The tasks that come after one; with `recursive` also those after them, and its finalizer."""
    tasks = account.store.all("TASK")
    found: dict[int, Record] = {}
    waiting = [root.id]
    while waiting:
        number = waiting.pop(0)
        for task in tasks:
            after = number in (task.properties.get(task_graph.AFTER) or [])
            if (after or task.properties.get(task_graph.FINALIZES) == number) and (
                task.id not in found
            ):
                found[task.id] = task
                waiting += [task.id] if recursive else []
    return list(found.values())


def task_dependents(account: Account, arguments: Mapping[str, Any]) -> VirtualTable:
    """INFORMATION_SCHEMA.TASK_DEPENDENTS: the task itself, and what comes after it.

    https://docs.snowflake.com/en/sql-reference/functions/task_dependents
    """
    name = str(arguments.get("TASK_NAME") or arguments.get("0") or "")
    path = Reader(name).path()
    tasks = [task for task in account.store.all("TASK") if task.path[-len(path) :] == path]
    if not tasks:
        raise CompilationError(f"Task '{name}' does not exist or not authorized.")
    recursive = arguments.get("RECURSIVE", True) is not False
    found = [tasks[0], *dependents(account, tasks[0], recursive=recursive)]
    return VirtualTable(_DEPENDENTS, [_row(account, task) for task in found])


def _row(account: Account, task: Record) -> list[Any]:
    owner = account.store.get(task.owner)
    properties = task.properties
    before = task_graph.predecessors(account.store, task)
    return [
        task.created_on,
        task.name,
        *task.path[:2],
        owner.name if owner is not None else "",
        task.comment,
        properties.get("WAREHOUSE"),
        properties.get("SCHEDULE"),
        json.dumps([dotted(one.path) for one in before]),
        properties.get(STATE),
        properties.get("DEFINITION"),
        properties.get("CONDITION"),
    ]


SYSTEM_FUNCTIONS: Final[dict[str, SystemFunction]] = {
    "SYSTEM$TASK_DEPENDENTS_ENABLE": _enable_dependents,
    "SYSTEM$TASK_RUNTIME_INFO": _runtime_info,
    "SYSTEM$GET_PREDECESSOR_RETURN_VALUE": _predecessors_value,
    "SYSTEM$GET_TASK_GRAPH_CONFIG": _graph_config,
}
PROCEDURES: Final = {"SYSTEM$SET_RETURN_VALUE": BuiltIn(_set_return_value, 1, 1)}
