"""Resource monitors. https://docs.snowflake.com/en/sql-reference/sql/create-resource-monitor"""

from __future__ import annotations

from typing import Any

from sandbox.snowflake.catalog import columns as column
from sandbox.snowflake.catalog import values as value
from sandbox.snowflake.catalog.kind import Kind, Scope, ShowColumn
from sandbox.snowflake.catalog.record import Record
from sandbox.snowflake.context import Context
from sandbox.snowflake.errors import DoesNotExistError, InvalidValueError
from sandbox.snowflake.sql.names import dotted
from sandbox.snowflake.sql.reader import Reader


def _triggers(reader: Reader, properties: dict[str, Any]) -> None:
    """ON n PERCENT DO {SUSPEND | SUSPEND_IMMEDIATE | NOTIFY}, any number of them."""
    triggers: list[list[Any]] = []
    while reader.accept("ON"):
        percent = reader.integer()
        reader.expect("PERCENT", "DO")
        action = reader.accept_any("SUSPEND", "SUSPEND_IMMEDIATE", "NOTIFY")
        if action is None:
            raise reader.error()
        triggers.append([percent, action])
    properties["TRIGGERS"] = triggers


def _validate(context: Context, record: Record) -> None:
    quota = record.properties.get("CREDIT_QUOTA")
    if quota is not None and quota < 0:
        raise InvalidValueError(str(quota), "CREDIT_QUOTA")
    for name in record.properties.get("NOTIFY_USERS") or []:
        if context.store.find("USER", Reader(name).path()) is None:
            raise DoesNotExistError("user", name)


def _threshold(action: str) -> Any:
    def cell(context: Context, record: Record) -> str | None:
        triggers = record.properties.get("TRIGGERS") or []
        found = [f"{percent}%" for percent, name in triggers if name == action]
        return ",".join(found) or None

    return cell


def _level(context: Context, record: Record) -> str | None:
    if context.store.setting("account_monitor") == record.name:
        return "ACCOUNT"
    used = any(
        warehouse.properties.get("RESOURCE_MONITOR") == dotted(record.path)
        for warehouse in context.store.all("WAREHOUSE")
    )
    return "WAREHOUSE" if used else None


def _quota(context: Context, record: Record) -> str | None:
    quota = record.properties.get("CREDIT_QUOTA")
    return f"{quota:.2f}" if quota is not None else None


def _used(context: Context, record: Record) -> str:
    context.account.warehouses.settle_all()
    return f"{context.account.monitors.used(record):.2f}"


def _remaining(context: Context, record: Record) -> str | None:
    quota = record.properties.get("CREDIT_QUOTA")
    return f"{quota - context.account.monitors.used(record):.2f}" if quota is not None else None


def _start(context: Context, record: Record) -> str:
    given = str(record.properties.get("START_TIMESTAMP") or "IMMEDIATELY")
    if given.upper() != "IMMEDIATELY":
        return given
    return record.created_on.strftime("%Y-%m-%d %H:%M:%S.000 +0000")


def _dropped(context: Context, record: Record) -> None:
    if context.store.setting("account_monitor") == record.name:
        context.store.keep_setting("account_monitor", "")
    for warehouse in context.store.all("WAREHOUSE"):
        if warehouse.properties.get("RESOURCE_MONITOR") == dotted(record.path):
            warehouse.properties["RESOURCE_MONITOR"] = None
            context.store.save(warehouse)


KIND = Kind(
    name="RESOURCE MONITOR",
    plural="RESOURCE MONITORS",
    scope=Scope.ACCOUNT,
    properties=(
        value.integer("CREDIT_QUOTA"),
        value.word("FREQUENCY", "MONTHLY", "DAILY", "WEEKLY", "YEARLY", "NEVER", default="MONTHLY"),
        value.text("START_TIMESTAMP"),
        value.text("END_TIMESTAMP"),
        value.of("NOTIFY_USERS", value.read_names, []),
    ),
    clauses={"TRIGGERS": _triggers},
    privileges=("MODIFY", "MONITOR"),
    show=(
        column.NAME,
        ShowColumn("credit_quota", _quota),
        ShowColumn("used_credits", _used),
        ShowColumn("remaining_credits", _remaining),
        ShowColumn("level", _level),
        column.shown("frequency", "FREQUENCY"),
        ShowColumn("start_time", _start),
        column.shown("end_time", "END_TIMESTAMP", missing=None),
        ShowColumn("notify_at", _threshold("NOTIFY")),
        ShowColumn("suspend_at", _threshold("SUSPEND")),
        ShowColumn("suspend_immediately_at", _threshold("SUSPEND_IMMEDIATE")),
        column.CREATED_ON,
        column.OWNER,
        column.shown("comment", "COMMENT", missing=None),
        ShowColumn(
            "notify_users",
            lambda context, record: ", ".join(record.properties.get("NOTIFY_USERS") or []),
        ),
    ),
    validate=_validate,
    dropped=_dropped,
)
