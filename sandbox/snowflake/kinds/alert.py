"""Alerts: a condition on a schedule, and what is done when it holds.

Kept, started and suspended here; `sandbox.snowflake.alerting` evaluates those that are started.
https://docs.snowflake.com/en/sql-reference/sql/create-alert
https://docs.snowflake.com/en/sql-reference/sql/alter-alert
"""

from __future__ import annotations

from typing import Any, Final

from sandbox.snowflake.alerting.alerts import STARTED, STARTED_ON
from sandbox.snowflake.catalog import columns as column
from sandbox.snowflake.catalog import values as value
from sandbox.snowflake.catalog.kind import Kind, Scope, ShowColumn
from sandbox.snowflake.catalog.record import Record
from sandbox.snowflake.context import Context
from sandbox.snowflake.errors import CompilationError
from sandbox.snowflake.kinds import schedule
from sandbox.snowflake.result import Result
from sandbox.snowflake.sql.reader import Reader
from sandbox.snowflake.verbs.show import table

MANAGED: Final = "EXECUTE MANAGED ALERT"
_SUSPENDED: Final = "suspended"


def _if(reader: Reader, properties: dict[str, Any]) -> None:
    """IF (EXISTS (statement))."""
    inner = Reader(reader.parenthesised())
    _exists(inner, properties)
    inner.expect_end()


def _exists(reader: Reader, properties: dict[str, Any]) -> None:
    reader.expect("EXISTS")
    properties["CONDITION"] = reader.parenthesised()


def _then(reader: Reader, properties: dict[str, Any]) -> None:
    properties["ACTION"] = reader.raw_until_end()


def _validate(context: Context, record: Record) -> None:
    properties = record.properties
    missing = [name for name in ("CONDITION", "ACTION") if not properties.get(name)]
    if missing:
        raise CompilationError(f"Missing option(s): [{', '.join(missing)}]")
    schedule.check(properties.get("SCHEDULE"))
    warehouse = properties.get("WAREHOUSE")
    if warehouse:
        context.get(context.registry["WAREHOUSE"], Reader(warehouse).path())


def _created(context: Context, record: Record) -> None:
    record.properties["STATE"] = _SUSPENDED


def _resume(context: Context, record: Record, reader: Reader) -> None:
    context.demand("EXECUTE ALERT" if record.properties.get("WAREHOUSE") else MANAGED)
    record.properties["STATE"] = STARTED
    record.properties[STARTED_ON] = context.now.isoformat()


def _suspend(context: Context, record: Record, reader: Reader) -> None:
    record.properties["STATE"] = _SUSPENDED


def _modify(context: Context, record: Record, reader: Reader) -> None:
    """MODIFY {CONDITION EXISTS (…) | ACTION …}."""
    if reader.accept("CONDITION"):
        _exists(reader, record.properties)
        return
    reader.expect("ACTION")
    _then(reader, record.properties)


def _warehouse(context: Context, record: Record) -> str:
    name = record.properties.get("WAREHOUSE")
    return Reader(name).identifier() if name else ""


def _describe(context: Context, record: Record) -> Result:
    return table(context, KIND, [record])


KIND: Final = Kind(
    name="ALERT",
    plural="ALERTS",
    scope=Scope.SCHEMA,
    properties=(value.reference("WAREHOUSE"), value.text("SCHEDULE"), value.COMMENT),
    clauses={"IF": _if, "THEN": _then},
    alter_privileges=dict.fromkeys(("RESUME", "SUSPEND"), "OPERATE"),
    actions={"RESUME": _resume, "SUSPEND": _suspend, "MODIFY": _modify},
    show=(
        column.CREATED_ON,
        column.NAME,
        column.DATABASE_NAME,
        column.SCHEMA_NAME,
        column.OWNER,
        column.COMMENT,
        ShowColumn("warehouse", _warehouse),
        column.shown("schedule", "SCHEDULE"),
        column.shown("state", "STATE"),
        column.shown("condition", "CONDITION"),
        column.shown("action", "ACTION"),
        column.OWNER_ROLE_TYPE,
    ),
    describe=_describe,
    validate=_validate,
    created=_created,
)
