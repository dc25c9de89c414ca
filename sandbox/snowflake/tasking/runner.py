"""One run of one task: its session, its condition, its statement, and who hears of a failure.

The session has the task's owner as its only role, the task's schema and session parameters and,
unless it is serverless, its warehouse. The time that a task has is looked at between the statements
of a block; a single statement is not stopped.
https://docs.snowflake.com/en/user-guide/tasks-intro
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from sandbox.snowflake.catalog.record import Record
from sandbox.snowflake.context import Context, Statement
from sandbox.snowflake.errors import SnowflakeError
from sandbox.snowflake.notification.message import Message, Target
from sandbox.snowflake.notification.sending import send
from sandbox.snowflake.parameters import PARAMETERS
from sandbox.snowflake.script.machine import evaluated
from sandbox.snowflake.session import Session
from sandbox.snowflake.sql.names import dotted
from sandbox.snowflake.sql.reader import Reader
from sandbox.snowflake.tasking.history import EXECUTING, FAILED, SKIPPED, SUCCEEDED, TaskRun

if TYPE_CHECKING:
    from sandbox.snowflake.account import Account

_FALSE: Final = "Conditional expression for task evaluated to false."
_FALSE_CODE: Final = "0040003"
RETURN_VALUE: Final = "return_value"


@dataclass
class GraphRun:
    """What the tasks of one run of a graph share."""

    root: Record
    scheduled: datetime
    cause: str
    group: int
    config: str | None
    attempt: int = 1
    states: dict[int, str] = field(default_factory=dict)
    """How each task of the graph ended so far, by its id."""
    values: dict[str, str] = field(default_factory=dict)
    """What tasks returned for those after them, by name."""


def task_id(task: Record) -> str:
    """The id that SHOW TASKS tells."""
    return f"{task.id:08x}-0000-4000-8000-000000000000"


def told(
    graph: GraphRun, task: Record, state: str, *, following: datetime | None = None
) -> TaskRun:
    """A line of the history, as the run begins."""
    return TaskRun(
        query_id=None,
        name=task.name,
        database_name=task.path[0],
        schema_name=task.path[1],
        query_text=str(task.properties["DEFINITION"]),
        condition_text=task.properties.get("CONDITION"),
        state=state,
        error_code=None,
        error_message=None,
        scheduled_time=graph.scheduled,
        query_start_time=None,
        next_scheduled_time=following,
        completed_time=None,
        root_task_id=task_id(graph.root),
        graph_version=int(graph.root.properties.get("VERSION") or 1),
        run_id=graph.group,
        return_value=None,
        scheduled_from=graph.cause,
        attempt_number=graph.attempt,
        config=graph.config,
        graph_run_group_id=graph.group,
    )


def run_task(account: Account, graph: GraphRun, task: Record) -> TaskRun:
    """Run a task now, and keep the run."""
    run = told(graph, task, EXECUTING)
    place = account.task_history.begin(run)
    session = _session(account, graph, task)
    context = Context(account, session, Statement("", "", "", account.now()))
    try:
        _check(context, task)
        if _holds(context, task):
            _carry_out(account, session, task, run)
        else:
            run.state, run.error_code, run.error_message = SKIPPED, _FALSE_CODE, _FALSE
    except SnowflakeError as error:
        run.state, run.error_code, run.error_message = FAILED, error.code, error.message
        session.data.rollback()
    finally:
        session.data.close()
    run.completed_time = account.now()
    run.return_value = session.task.get(RETURN_VALUE)
    if run.return_value is not None:
        graph.values[task.name] = run.return_value
    account.task_history.end(place, run)
    return run


def _carry_out(account: Account, session: Session, task: Record, run: TaskRun) -> None:
    run.query_start_time = account.now()
    limit = int(account.parameters.effective("USER_TASK_TIMEOUT_MS", task).value)
    session.deadline = run.query_start_time + timedelta(milliseconds=limit) if limit else None
    try:
        statement, _ = account.execute(session, str(task.properties["DEFINITION"]))
        run.query_id = statement.id
    except SnowflakeError:
        last = account.history.latest(1)
        run.query_id = last[0].id if last and last[0].session_id == session.id else None
        raise
    run.state = SUCCEEDED


def _session(account: Account, graph: GraphRun, task: Record) -> Session:
    session = account.system_session()
    session.role_id, session.secondary_roles = task.owner, "NONE"
    session.database, session.schema = task.path[:2]
    warehouse = task.properties.get("WAREHOUSE")
    session.warehouse = Reader(warehouse).identifier() if warehouse else None
    session.parameters |= {
        name: value
        for name, value in task.parameters.items()
        if "SESSION" in PARAMETERS[name].levels
    }
    session.task = {
        "current_task_name": dotted(task.path),
        "current_root_task_name": dotted(graph.root.path),
        "current_root_task_uuid": task_id(graph.root),
        "current_task_graph_original_schedule": graph.scheduled.isoformat(),
        "current_task_graph_run_group_id": str(graph.group),
        "config": graph.config or "{}",
        "values": json.dumps(graph.values),
    }
    return session


def _check(context: Context, task: Record) -> None:
    """The owner's right to run tasks, and to use the warehouse."""
    if context.session.warehouse is None:
        context.demand("EXECUTE MANAGED TASK")
        return
    context.demand("EXECUTE TASK")
    warehouse = context.registry["WAREHOUSE"]
    context.demand("USAGE", context.get(warehouse, (context.session.warehouse,)))


def _holds(context: Context, task: Record) -> bool:
    condition = task.properties.get("CONDITION")
    return not condition or evaluated(context, str(condition)).true


def tell_of_failure(account: Account, graph: GraphRun, task: Record, run: TaskRun) -> None:
    """Send what ERROR_INTEGRATION of the root or the task gets; a refusal is only logged.

    https://docs.snowflake.com/en/user-guide/tasks-errors#error-notification-message-payload
    """
    integration = task.properties.get("ERROR_INTEGRATION") or graph.root.properties.get(
        "ERROR_INTEGRATION"
    )
    if not integration:
        return
    message = {
        "version": "1.0",
        "messageId": run.query_id,
        "messageType": "USER_TASK_FAILED",
        "timestamp": account.now().isoformat(),
        "accountName": account.identity.name,
        "taskName": dotted(task.path),
        "taskId": task_id(task),
        "rootTaskName": dotted(graph.root.path),
        "rootTaskId": task_id(graph.root),
        "messages": [
            {
                "runId": run.run_id,
                "scheduledTime": run.scheduled_time,
                "queryStartTime": run.query_start_time,
                "completedTime": run.completed_time,
                "queryId": run.query_id,
                "errorCode": run.error_code,
                "errorMessage": run.error_message,
            }
        ],
    }
    session = account.system_session()
    session.role_id = task.owner
    try:
        context = Context(account, session, Statement(run.query_id or "", "", "", account.now()))
        content = Message("application/json", json.dumps(message, default=datetime.isoformat))
        send(context, content, Target(str(integration)), source="TASK")
    finally:
        session.data.close()
