"""Tasks: statements on a schedule or after other tasks.

They are kept, ordered, started and suspended here; `tasking` runs them.
https://docs.snowflake.com/en/sql-reference/sql/create-task
https://docs.snowflake.com/en/sql-reference/sql/alter-task
"""

from __future__ import annotations

from typing import Any, Final

from sandbox.snowflake.catalog import columns as column
from sandbox.snowflake.catalog import values as value
from sandbox.snowflake.catalog.kind import Kind, Scope, ShowColumn
from sandbox.snowflake.catalog.record import Record
from sandbox.snowflake.context import Context
from sandbox.snowflake.errors import CompilationError, DoesNotExistError
from sandbox.snowflake.kinds import integration, schedule, task_graph
from sandbox.snowflake.kinds.task_graph import AFTER, FINALIZES, STARTED, STATE, SUSPENDED
from sandbox.snowflake.parameters import at_level
from sandbox.snowflake.result import Result
from sandbox.snowflake.sql.names import dotted
from sandbox.snowflake.sql.reader import Reader
from sandbox.snowflake.sql.tokens import TokenKind
from sandbox.snowflake.verbs.show import table

_GIVEN: Final = "GIVEN_PREDECESSORS"


def _names(reader: Reader) -> list[str]:
    """a, b; also in parentheses."""
    closed = reader.accept_symbol("(")
    names = [dotted(reader.path())]
    while reader.accept_symbol(","):
        names.append(dotted(reader.path()))
    if closed:
        reader.expect_symbol(")")
    return names


def _after(reader: Reader, properties: dict[str, Any]) -> None:
    properties[_GIVEN] = _names(reader)


def _as(reader: Reader, properties: dict[str, Any]) -> None:
    properties["DEFINITION"] = reader.raw_until_end()


def _when(reader: Reader, properties: dict[str, Any]) -> None:
    """WHEN condition, up to the AS of CREATE."""
    start, depth = reader.token.start, 0
    while not reader.at_end and not (depth == 0 and reader.token.word == "AS"):
        token = reader.advance()
        if token.kind is TokenKind.SYMBOL:
            depth += {"(": 1, ")": -1}.get(token.value, 0)
    properties["CONDITION"] = reader.text[start : reader.token.start].strip().rstrip(";")


def _validate(context: Context, record: Record) -> None:
    properties = record.properties
    if not properties.get("DEFINITION"):
        raise CompilationError("Missing option(s): [AS]")
    schedule.check(properties.get("SCHEDULE"))
    if record.id:
        task_graph.require_suspended(context.store, record)
    after = properties.get(AFTER) or properties.get(_GIVEN)
    if after and (properties.get("SCHEDULE") or properties.get("FINALIZE")):
        raise CompilationError(
            f"Task {record.name} cannot have both a predecessor and a schedule or FINALIZE."
        )
    warehouse = properties.get("WAREHOUSE")
    if warehouse:
        context.get(context.registry["WAREHOUSE"], Reader(warehouse).path())
    given = properties.get("ERROR_INTEGRATION")
    if given and context.store.find(integration.NAMESPACE, Reader(given).path()) is None:
        raise DoesNotExistError("integration", given)
    _validate_finalizer(context, record)


def _validate_finalizer(context: Context, record: Record) -> None:
    name = record.properties.get("FINALIZE")
    if not name:
        record.properties[FINALIZES] = None
        return
    root = context.store.get(task_graph.named(context, record, [name])[0])
    if root is None or root.properties.get(AFTER):
        raise CompilationError(f"Task {name} is no root task and cannot be finalized.")
    task_graph.require_suspended(context.store, root)
    other = task_graph.finalizer(context.store, root)
    if other is not None and other.id != record.id:
        raise CompilationError(f"Task {name} already has a finalizer, {dotted(other.path)}.")
    record.properties[FINALIZES] = root.id


def _created(context: Context, record: Record) -> None:
    record.properties[STATE] = SUSPENDED
    task_graph.join(context, record, record.properties.pop(_GIVEN, []))


def _resume(context: Context, record: Record, reader: Reader) -> None:
    if task_graph.roots(context.store, record) != [record]:
        task_graph.require_suspended(context.store, record)
    elif not record.properties.get("SCHEDULE") and not _triggered(record):
        raise CompilationError(f"Task {record.name} needs a schedule, a predecessor or a stream.")
    version = int(record.properties.get("VERSION") or 0) + 1
    record.properties |= {
        STATE: STARTED,
        "COMMITTED_ON": context.now.isoformat(),
        "VERSION": version,
        "FAILURES": 0,
    }


def _triggered(record: Record) -> bool:
    return "STREAM_HAS_DATA" in str(record.properties.get("CONDITION") or "").upper()


def _suspend(context: Context, record: Record, reader: Reader) -> None:
    if record.properties[STATE] == STARTED:
        record.properties |= {
            STATE: SUSPENDED,
            "SUSPENDED_ON": context.now.isoformat(),
            "SUSPENDED_REASON": "USER_SUSPENDED",
        }


def _add(context: Context, record: Record, reader: Reader) -> None:
    reader.expect("AFTER")
    task_graph.require_suspended(context.store, record)
    task_graph.join(context, record, _names(reader))


def _remove(context: Context, record: Record, reader: Reader) -> None:
    """REMOVE {AFTER a, … | WHEN}."""
    task_graph.require_suspended(context.store, record)
    if reader.accept("WHEN"):
        record.properties["CONDITION"] = None
        return
    reader.expect("AFTER")
    gone = task_graph.named(context, record, _names(reader))
    kept = record.properties.get(AFTER) or []
    record.properties[AFTER] = [number for number in kept if number not in gone]


def _modify(context: Context, record: Record, reader: Reader) -> None:
    """MODIFY {AS … | WHEN …}."""
    task_graph.require_suspended(context.store, record)
    if reader.accept("AS"):
        _as(reader, record.properties)
        return
    reader.expect("WHEN")
    record.properties["CONDITION"] = reader.raw_until_end()


def _warehouse(context: Context, record: Record) -> str | None:
    name = record.properties.get("WAREHOUSE")
    return Reader(name).identifier() if name else None


def _is_root(context: Context, record: Record) -> bool:
    return not record.properties.get(AFTER) and not record.properties.get(FINALIZES)


def _describe(context: Context, record: Record) -> Result:
    return table(context, KIND, [record])


KIND: Final = Kind(
    name="TASK",
    plural="TASKS",
    scope=Scope.SCHEMA,
    properties=(
        value.reference("WAREHOUSE"),
        value.text("SCHEDULE"),
        value.text("CONFIG"),
        value.boolean("ALLOW_OVERLAPPING_EXECUTION", False),
        value.reference("ERROR_INTEGRATION"),
        value.reference("FINALIZE"),
        value.COMMENT,
    ),
    parameters=at_level("TASK"),
    clauses={"AFTER": _after, "WHEN": _when, "AS": _as},
    alter_privileges=dict.fromkeys(("RESUME", "SUSPEND"), "OPERATE"),
    actions={
        "RESUME": _resume,
        "SUSPEND": _suspend,
        "ADD": _add,
        "REMOVE": _remove,
        "MODIFY": _modify,
    },
    show_only={("ROOT", "ONLY"): _is_root},
    show=(
        column.CREATED_ON,
        column.NAME,
        ShowColumn("id", lambda context, record: f"{record.id:08x}-0000-4000-8000-000000000000"),
        column.DATABASE_NAME,
        column.SCHEMA_NAME,
        column.OWNER,
        column.COMMENT,
        ShowColumn("warehouse", _warehouse),
        column.shown("schedule", "SCHEDULE", missing=None),
        ShowColumn("predecessors", task_graph.shown_predecessors),
        column.shown("state", STATE),
        column.shown("definition", "DEFINITION"),
        column.shown("condition", "CONDITION", missing=None),
        column.flag("allow_overlapping_execution", "ALLOW_OVERLAPPING_EXECUTION"),
        column.shown("error_integration", "ERROR_INTEGRATION", missing="null"),
        column.moment("last_committed_on", "COMMITTED_ON"),
        column.moment("last_suspended_on", "SUSPENDED_ON"),
        column.OWNER_ROLE_TYPE,
        column.shown("config", "CONFIG", missing=None),
        column.fixed("budget", None),
        ShowColumn("task_relations", task_graph.relations),
        column.shown("last_suspended_reason", "SUSPENDED_REASON", missing=None),
    ),
    describe=_describe,
    validate=_validate,
    created=_created,
    dropped=lambda context, record: task_graph.leave(context.store, record),
)
