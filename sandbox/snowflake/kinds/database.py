"""Databases. https://docs.snowflake.com/en/sql-reference/sql/create-database"""

from __future__ import annotations

from typing import Any

from sandbox.snowflake.catalog import columns as column
from sandbox.snowflake.catalog import values as value
from sandbox.snowflake.catalog.kind import Kind, Scope, ShowColumn
from sandbox.snowflake.catalog.record import Record
from sandbox.snowflake.context import Context
from sandbox.snowflake.errors import AlreadyExistsError, CompilationError, DoesNotExistError
from sandbox.snowflake.replication import database as replication
from sandbox.snowflake.result import Column, Result
from sandbox.snowflake.retention import check, days
from sandbox.snowflake.sharing.imports import FROM_SHARE
from sandbox.snowflake.sharing.organization import PRIMARY
from sandbox.snowflake.sharing.shares import find_inbound
from sandbox.snowflake.sql.names import Path, dotted
from sandbox.snowflake.sql.reader import Reader

PARAMETERS = (
    "DATA_RETENTION_TIME_IN_DAYS",
    "MAX_DATA_EXTENSION_TIME_IN_DAYS",
    "EXTERNAL_VOLUME",
    "CATALOG",
    "REPLACE_INVALID_CHARACTERS",
    "DEFAULT_DDL_COLLATION",
    "STORAGE_SERIALIZATION_POLICY",
    "LOG_LEVEL",
    "TRACE_LEVEL",
    "SUSPEND_TASK_AFTER_NUM_FAILURES",
    "TASK_AUTO_RETRY_ATTEMPTS",
    "USER_TASK_MANAGED_INITIAL_WAREHOUSE_SIZE",
    "USER_TASK_TIMEOUT_MS",
    "USER_TASK_MINIMUM_TRIGGER_INTERVAL_IN_SECONDS",
    "QUOTED_IDENTIFIERS_IGNORE_CASE",
    "ENABLE_CONSOLE_OUTPUT",
)


def refuse_case_twin(context: Context, record: Record, path: Path) -> None:
    """DuckDB ignores case in names of databases, schemas, tables and views: so must we."""
    for sibling in context.store.inside(path[:-1]):
        same_space = context.registry[sibling.kind].space() == context.registry[record.kind].space()
        twin = sibling.name != path[-1] and sibling.name.upper() == path[-1].upper()
        if same_space and twin and sibling.id != record.id:
            raise AlreadyExistsError(f"{sibling.name} (the sandbox does not tell case apart)")


def _validate(context: Context, record: Record) -> None:
    refuse_case_twin(context, record, record.path)
    check(context.store, record)
    if record.properties.get(replication.REPLICA_OF):
        replication.follow(context, record)
    if record.properties.get(FROM_SHARE) and not record.id:
        context.demand("IMPORT SHARE")
        _find_share(context, record)


def _from_share(reader: Reader, properties: dict[str, Any]) -> None:
    reader.expect("SHARE")
    properties[FROM_SHARE] = list(reader.path())


def _find_share(context: Context, record: Record) -> None:
    """The share must be shared with this account, and be imported once only."""
    given = tuple(record.properties[FROM_SHARE])
    found = find_inbound(context.account, given)
    if found is None:
        raise DoesNotExistError("share", dotted(given))
    owner, share = found
    whole = [owner.identity.organization, owner.identity.name, share.name]
    record.properties[FROM_SHARE] = whole
    for other in context.store.each("DATABASE"):
        if other.properties.get(FROM_SHARE) == whole and other.path != record.path:
            raise CompilationError(
                f"Share '{share.name}' is already imported as database '{other.name}'."
            )


def _created(context: Context, record: Record) -> None:
    context.account.data.create_database(record.name)
    if record.properties.get(FROM_SHARE):
        context.account.imports.renew(record)
        context.session.database, context.session.schema = record.name, None
        return
    if record.properties.get(PRIMARY):
        replication.created(context, record)
        context.session.database, context.session.schema = record.name, None
        return
    public = context.store.add(
        "SCHEMA", (record.name, "PUBLIC"), record.owner, context.now, {"COMMENT": ""}
    )
    context.registry["SCHEMA"].created(context, public)
    context.session.database, context.session.schema = record.name, "PUBLIC"


def _dropped(context: Context, record: Record) -> None:
    replication.dropped(context, record)
    for session in context.account.sessions.all():
        if session.database == record.name:
            session.database = session.schema = None


def _kept(context: Context, record: Record) -> str:
    return context.account.data.shelf.keep_database(record.name)


def _restored(context: Context, record: Record, place: str) -> None:
    context.account.data.shelf.restore_database(record.name, place)


def _purged(context: Context, record: Record, place: str) -> None:
    if place:
        context.account.data.shelf.purge_database(place)
    else:
        context.account.data.drop_database(record.name)


def _renamed(context: Context, record: Record, path: Path) -> None:
    refuse_case_twin(context, record, path)
    context.account.data.rename_database(record.name, path[-1])
    context.account.imports.doubt()
    for session in context.account.sessions.all():
        if session.database == record.name:
            session.database = path[-1]


def _describe(context: Context, record: Record) -> Result:
    names = (Column("created_on", "timestamp_ltz"), Column("name"), Column("kind"))
    schemas = [item for item in context.store.inside(record.path) if item.kind == "SCHEMA"]
    return Result(names, [[item.created_on, item.name, "SCHEMA"] for item in schemas])


def options(record: Record) -> str:
    """The `options` cell: what SHOW tells of TRANSIENT and managed access."""
    words = [word for word in ("TRANSIENT", "MANAGED ACCESS") if record.properties.get(word)]
    return ", ".join(words)


def retention(context: Context, record: Record) -> str:
    """The retention in force, in days, as text."""
    return str(days(context.store, context.account.parameters, record))


def _origin(record: Record) -> str:
    return ".".join(record.properties.get(FROM_SHARE) or [])


def _shown_kind(record: Record) -> str:
    if record.properties.get(FROM_SHARE):
        return "IMPORTED DATABASE"
    return "APPLICATION" if record.name == "SNOWFLAKE" else "STANDARD"


def _is_current(context: Context, record: Record) -> Any:
    return "Y" if context.session.database == record.name else "N"


KIND = Kind(
    name="DATABASE",
    plural="DATABASES",
    scope=Scope.ACCOUNT,
    properties=(value.COMMENT,),
    parameters=PARAMETERS,
    modifiers=("TRANSIENT",),
    clauses={"FROM": _from_share, "AS": replication.as_replica},
    actions={"ENABLE": replication.enable, "DISABLE": replication.disable},
    privileges=(
        "APPLYBUDGET",
        "CREATE DATABASE ROLE",
        "CREATE SCHEMA",
        "IMPORTED PRIVILEGES",
        "MODIFY",
        "MONITOR",
        "REFERENCE_USAGE",
        "USAGE",
    ),
    show=(
        column.CREATED_ON,
        column.NAME,
        column.fixed("is_default", "N"),
        ShowColumn("is_current", _is_current),
        ShowColumn("origin", lambda context, record: _origin(record)),
        column.OWNER,
        column.COMMENT,
        ShowColumn("options", lambda context, record: options(record)),
        ShowColumn("retention_time", retention),
        ShowColumn("kind", lambda context, record: _shown_kind(record)),
        column.fixed("budget", None),
        column.OWNER_ROLE_TYPE,
    ),
    describe=_describe,
    validate=_validate,
    created=_created,
    dropped=_dropped,
    kept=_kept,
    restored=_restored,
    purged=_purged,
    renamed=_renamed,
)
