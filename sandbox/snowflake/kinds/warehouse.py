"""Virtual warehouses. https://docs.snowflake.com/en/sql-reference/sql/create-warehouse"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from sandbox.snowflake.catalog import columns as column
from sandbox.snowflake.catalog import values as value
from sandbox.snowflake.catalog.kind import Kind, Property, Scope, ShowColumn
from sandbox.snowflake.catalog.record import Record
from sandbox.snowflake.context import Context
from sandbox.snowflake.errors import (
    CompilationError,
    DoesNotExistError,
    InvalidValueError,
    SnowflakeError,
)
from sandbox.snowflake.metering.monitors import QuotaExceededError
from sandbox.snowflake.result import Column, Result
from sandbox.snowflake.sql.names import Path
from sandbox.snowflake.sql.reader import Reader

SIZES = {
    "XSMALL": "X-Small",
    "SMALL": "Small",
    "MEDIUM": "Medium",
    "LARGE": "Large",
    "XLARGE": "X-Large",
    "XXLARGE": "2X-Large",
    "XXXLARGE": "3X-Large",
    "X4LARGE": "4X-Large",
    "X5LARGE": "5X-Large",
    "X6LARGE": "6X-Large",
}
_SPELLINGS = {"2XLARGE": "XXLARGE", "3XLARGE": "XXXLARGE"} | {
    f"{number}XLARGE": f"X{number}LARGE" for number in (4, 5, 6)
}


def read_size(reader: Reader, item: Property) -> str | None:
    """A size in any of its spellings (`XSMALL`, `'X-Small'`, `2X-LARGE`)."""
    given = str(value.read_text(reader, item))
    while reader.accept_symbol("-"):
        given += str(value.read_text(reader, item))
    name = given.upper().replace("-", "").replace("_", "")
    name = _SPELLINGS.get(name, name)
    if name not in SIZES:
        raise InvalidValueError(given, item.name)
    return name


def _validate(context: Context, record: Record) -> None:
    monitor = record.properties.get("RESOURCE_MONITOR")
    if monitor and context.store.find("RESOURCE MONITOR", Reader(monitor).path()) is None:
        raise DoesNotExistError("resource monitor", monitor)
    low, high = record.properties["MIN_CLUSTER_COUNT"], record.properties["MAX_CLUSTER_COUNT"]
    if not 1 <= low <= high:
        raise CompilationError(
            f"invalid value [{low}] for parameter 'MIN_CLUSTER_COUNT': "
            f"must be between 1 and MAX_CLUSTER_COUNT ({high})."
        )
    if (record.properties["AUTO_SUSPEND"] or 0) < 0:
        raise InvalidValueError(str(record.properties["AUTO_SUSPEND"]), "AUTO_SUSPEND")


def _created(context: Context, record: Record) -> None:
    suspended = record.properties.pop("INITIALLY_SUSPENDED", None)
    record.properties["STATE"] = "SUSPENDED"
    record.properties["RESUMED_ON"] = context.now.isoformat()
    if not suspended:
        # one that its monitor forbids to run is there all the same
        with suppress(QuotaExceededError):
            context.account.warehouses.resume(record)
    context.session.warehouse = record.name


def _suspend(context: Context, record: Record, reader: Reader) -> None:
    context.account.warehouses.settle(record)
    if record.properties["STATE"] == "SUSPENDED":
        raise _InvalidStateError(record.name, "suspended")
    context.account.warehouses.suspend(record)


class _InvalidStateError(SnowflakeError):
    """Suspending what is suspended, resuming what runs."""

    code = "090064"
    sqlstate = "22000"

    def __init__(self, name: str, what: str) -> None:
        super().__init__(f"Invalid state. Warehouse '{name}' cannot be {what}.")


def _resume(context: Context, record: Record, reader: Reader) -> None:
    context.account.warehouses.settle(record)
    if record.properties["STATE"] != "SUSPENDED":
        if reader.accept("IF", "SUSPENDED"):
            return
        raise _InvalidStateError(record.name, "resumed")
    reader.accept("IF", "SUSPENDED")
    context.account.warehouses.resume(record)


def _abort(context: Context, record: Record, reader: Reader) -> None:
    reader.expect("ALL", "QUERIES")


def _altered(context: Context, record: Record) -> None:
    record.properties.pop("WAIT_FOR_COMPLETION", None)
    context.account.warehouses.settle(record)


def _renamed(context: Context, record: Record, path: Path) -> None:
    for session in context.account.sessions.all():
        if session.warehouse == record.name:
            session.warehouse = path[-1]


def _describe(context: Context, record: Record) -> Result:
    names = (Column("created_on", "timestamp_ltz"), Column("name"), Column("kind"))
    return Result(names, [[record.created_on, record.name, "WAREHOUSE"]])


def _is_current(context: Context, record: Record) -> str:
    return "Y" if context.session.warehouse == record.name else "N"


def _monitor(context: Context, record: Record) -> Any:
    monitor = record.properties.get("RESOURCE_MONITOR")
    return Reader(monitor).identifier() if monitor else "null"


def _state(context: Context, record: Record) -> str:
    """As of now: a look suspends a warehouse that was idle for long enough."""
    context.account.warehouses.settle_idle(record)
    return str(record.properties["STATE"])


def _dropped(context: Context, record: Record) -> None:
    context.account.warehouses.forget(record)


def _clusters(context: Context, record: Record) -> int:
    return 0 if record.properties["STATE"] == "SUSPENDED" else 1


_SHOW = (
    column.NAME,
    ShowColumn("state", _state),
    column.shown("type", "WAREHOUSE_TYPE"),
    ShowColumn("size", lambda context, record: SIZES[record.properties["WAREHOUSE_SIZE"]]),
    column.shown("min_cluster_count", "MIN_CLUSTER_COUNT", "fixed"),
    column.shown("max_cluster_count", "MAX_CLUSTER_COUNT", "fixed"),
    ShowColumn("started_clusters", _clusters, "fixed"),
    column.fixed("running", 0, "fixed"),
    column.fixed("queued", 0, "fixed"),
    column.fixed("is_default", "N"),
    ShowColumn("is_current", _is_current),
    column.shown("auto_suspend", "AUTO_SUSPEND", "fixed", missing=None),
    column.flag("auto_resume", "AUTO_RESUME"),
    *(column.fixed(name) for name in ("available", "provisioning", "quiescing", "other")),
    column.CREATED_ON,
    column.moment("resumed_on", "RESUMED_ON"),
    ShowColumn("updated_on", lambda context, record: record.created_on, "timestamp_ltz"),
    column.OWNER,
    column.COMMENT,
    column.flag("enable_query_acceleration", "ENABLE_QUERY_ACCELERATION"),
    column.shown(
        "query_acceleration_max_scale_factor", "QUERY_ACCELERATION_MAX_SCALE_FACTOR", "fixed"
    ),
    ShowColumn("resource_monitor", _monitor),
    *(column.fixed(name, "0") for name in ("actives", "pendings", "failed", "suspended")),
    ShowColumn("uuid", lambda context, record: str(record.id)),
    column.shown("scaling_policy", "SCALING_POLICY"),
    column.fixed("budget", None),
    column.OWNER_ROLE_TYPE,
)

KIND = Kind(
    name="WAREHOUSE",
    plural="WAREHOUSES",
    scope=Scope.ACCOUNT,
    properties=(
        value.word("WAREHOUSE_TYPE", "STANDARD", "SNOWPARK-OPTIMIZED", default="STANDARD"),
        value.of("WAREHOUSE_SIZE", read_size, "XSMALL"),
        value.integer("MAX_CLUSTER_COUNT", 1),
        value.integer("MIN_CLUSTER_COUNT", 1),
        value.word("SCALING_POLICY", "STANDARD", "ECONOMY", default="STANDARD"),
        value.integer("AUTO_SUSPEND", 600),
        value.boolean("AUTO_RESUME", True),
        value.boolean("INITIALLY_SUSPENDED"),
        value.boolean("WAIT_FOR_COMPLETION"),
        value.reference("RESOURCE_MONITOR"),
        value.boolean("ENABLE_QUERY_ACCELERATION", False),
        value.integer("QUERY_ACCELERATION_MAX_SCALE_FACTOR", 8),
        value.COMMENT,
    ),
    parameters=(
        "MAX_CONCURRENCY_LEVEL",
        "STATEMENT_QUEUED_TIMEOUT_IN_SECONDS",
        "STATEMENT_TIMEOUT_IN_SECONDS",
    ),
    privileges=("APPLYBUDGET", "MODIFY", "MONITOR", "OPERATE", "USAGE"),
    show=_SHOW,
    describe=_describe,
    alter_privileges=dict.fromkeys(("SUSPEND", "RESUME", "ABORT"), "OPERATE"),
    actions={"SUSPEND": _suspend, "RESUME": _resume, "ABORT": _abort},
    validate=_validate,
    created=_created,
    altered=_altered,
    dropped=_dropped,
    renamed=_renamed,
)
