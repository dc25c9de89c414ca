"""What a statement on rows needs, from its parse: demands on tables, views, stages and schemas.

A name that nobody knows is refused here, in the words for what one may not see. Views are read with
their owners' rights, and what makes a table or view reads with the primary role alone.
https://docs.snowflake.com/en/user-guide/security-access-control-privileges#table-privileges
"""

from __future__ import annotations

from typing import Final

from sandbox.snowflake import streams
from sandbox.snowflake.access.rules import DESCRIBE
from sandbox.snowflake.catalog.record import Record
from sandbox.snowflake.context import Context
from sandbox.snowflake.data.failure import ObjectMissingError
from sandbox.snowflake.data.model import Analysis, Effect, ObjectName
from sandbox.snowflake.errors import DoesNotExistError, SnowflakeError
from sandbox.snowflake.metering.warehouses import NoWarehouseError
from sandbox.snowflake.sql.reader import Reader
from sandbox.snowflake.verbs.governed import check_created

_MAKING: Final = ("create", "replace")
_SHOWN: Final = frozenset(("DESCRIBE", "SHOW"))
"""Statements for which seeing a table is enough."""


class ViewExpansionError(SnowflakeError):
    """A view whose owner may not read, or which lacks, what it is made of."""

    code = "002037"
    sqlstate = "42601"

    def __init__(self, view: Record, reason: SnowflakeError) -> None:
        super().__init__(
            "SQL compilation error:\n"
            f"Failure during expansion of view '{view.name}': {reason.message}"
        )


def demand(context: Context, analysis: Analysis) -> None:
    """Fail on the first thing that the statement needs and the session does not have."""
    makes = any(effect.action in _MAKING for effect in analysis.effects)
    for name in sorted(analysis.reads):
        _demand_read(context, name, analysis.kind, primary=makes)
    for name in sorted(analysis.virtual):
        _demand_virtual(context, name)
    for name, privileges in analysis.writes.items():
        record = _stored(context, name)
        for privilege in sorted(privileges) if record is not None else ():
            context.demand(privilege, record)
    for effect in analysis.effects:
        _demand_effect(context, effect)
    for name in sorted(analysis.stages):
        demand_stage(context, context.get(context.registry["STAGE"], tuple(name)), "READ")
    for name in sorted(analysis.file_formats):
        context.demand("USAGE", context.get(context.registry["FILE FORMAT"], tuple(name)))


def warehouse(context: Context) -> str | None:
    """The session's warehouse, for a statement that computes; what is serverless needs none.

    Raises:
        NoWarehouseError: there is none, or the session may not use it.
    """
    session = context.session
    if session.warehouse is None and session.serverless:
        return None
    record = context.store.find("WAREHOUSE", (session.warehouse,)) if session.warehouse else None
    if record is None:
        raise NoWarehouseError
    try:
        context.demand("USAGE", record)
    except SnowflakeError:
        raise NoWarehouseError from None
    return record.name


def demand_stage(context: Context, stage: Record, privilege: str) -> None:
    """READ or WRITE on an internal stage; USAGE on an external one, and on its integration.

    The integration's USAGE may be the session's or that of the stage's owner.
    https://docs.snowflake.com/en/user-guide/security-access-control-privileges#stage-privileges
    """
    if not stage.properties.get("URL"):
        context.demand(privilege, stage)
        return
    context.demand("USAGE", stage)
    name = stage.properties.get("STORAGE_INTEGRATION")
    record = context.store.find("INTEGRATION", Reader(name).path()) if name else None
    authority = context.account.access.authority
    if record is not None and not authority.allows(authority.closure(stage.owner), "USAGE", record):
        context.demand("USAGE", record)


def _demand_read(context: Context, name: ObjectName, kind: str, *, primary: bool) -> None:
    context.account.imports.check_readable(name.database)
    stream = streams.find(context.account, name)
    if stream is not None and kind not in _SHOWN and name not in context.session.data.temporary:
        demand_stream(context, stream, primary=primary)
        return
    record = _stored(context, name)
    if record is None:
        return
    if kind in _SHOWN:
        context.demand(DESCRIBE, record)
        return
    context.demand("SELECT", record, primary=primary)
    if record.kind == "VIEW":
        _expand(context, record)


def demand_stream(context: Context, stream: Record, *, primary: bool = False) -> None:
    """SELECT on the stream, and on what it watches."""
    context.demand("SELECT", stream, primary=primary)
    source = streams.source_of(context.account, stream)
    if source is not None:
        context.demand("SELECT", source, primary=primary)
        if source.kind == "VIEW":
            _expand(context, source)


def _expand(context: Context, view: Record) -> None:
    """Whether the view's owner may read what the view reads, down to the tables."""
    text = view.properties.get("TEXT")
    if not text or view.owner is None:
        return
    account = context.account
    home = account.query_context(context)
    sources = account.data.view_sources(text, ObjectName(*view.path), home)
    roles = account.access.authority.closure(view.owner)
    for name in sorted(sources):
        record = _find(context, name)
        if record is None or not account.access.authority.allows(roles, "SELECT", record):
            raise ViewExpansionError(view, ObjectMissingError(str(name)))
        if record.kind == "VIEW":
            _expand(context, record)


def _demand_virtual(context: Context, name: ObjectName) -> None:
    """INFORMATION_SCHEMA of a database that is seen; ACCOUNT_USAGE for whom it was imported."""
    database = context.store.find("DATABASE", (name.database,))
    if database is None or not context.sees(database):
        raise DoesNotExistError("Database", name.database)
    schema = context.store.find("SCHEMA", (name.database, name.schema))
    if schema is not None and not context.sees(schema):
        raise DoesNotExistError("Schema", f"{name.database}.{name.schema}")


def _demand_effect(context: Context, effect: Effect) -> None:
    check_created(context, effect.governed)
    if effect.action in _MAKING:
        _demand_making(context, effect)
        return
    record = _stored(context, effect.name, may_be_absent=effect.if_exists)
    if record is None:
        return
    context.demand("OWNERSHIP", record)
    if effect.new_name is None:
        return
    if effect.action == "swap":
        other = _stored(context, effect.new_name)
        if other is not None:
            context.demand("OWNERSHIP", other)
        return
    _demand_place(context, effect.kind, effect.new_name)


def _demand_making(context: Context, effect: Effect) -> None:
    """CREATE on the schema; the owner's right to what is replaced, or hidden by a temporary one."""
    existing = _find(context, effect.name)
    if not effect.temporary:
        _demand_place(context, effect.kind, effect.name)
    elif effect.name in context.session.data.temporary:
        return
    else:
        context.check_parent(tuple(effect.name))
    hides = effect.temporary or effect.action == "replace"
    if existing is not None and hides and not effect.if_not_exists:
        context.demand("OWNERSHIP", existing)


def _demand_place(context: Context, kind: str, name: ObjectName) -> None:
    context.check_parent(tuple(name))
    context.demand(f"CREATE {kind}", context.store.find("SCHEMA", tuple(name[:2])))


def _stored(context: Context, name: ObjectName, *, may_be_absent: bool = False) -> Record | None:
    """The table or view of that name; None for the session's own temporary one."""
    if name in context.session.data.temporary:
        return None
    context.check_parent(tuple(name))
    record = _find(context, name)
    if record is None and not may_be_absent:
        raise ObjectMissingError(str(name))
    return record


def _find(context: Context, name: ObjectName) -> Record | None:
    """By name; the data plane does not tell case apart, and so neither may its guard."""
    found = context.store.find("TABLE", tuple(name))
    if found is not None:
        return found
    wanted = str(name).upper()
    for record in context.store.inside(tuple(name[:2])):
        if record.kind in ("TABLE", "VIEW") and ".".join(record.path).upper() == wanted:
            return record
    return None
