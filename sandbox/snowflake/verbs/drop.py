"""DROP of the kinds that the catalogue keeps."""

from __future__ import annotations

from sandbox.snowflake.catalog.kind import Kind
from sandbox.snowflake.catalog.record import Record
from sandbox.snowflake.context import Context
from sandbox.snowflake.result import Result, status
from sandbox.snowflake.sql.names import Path, dotted
from sandbox.snowflake.sql.reader import Reader

OF_SESSION = "SESSION"
"""The property of a temporary object that tells the session it ends with."""
_GONE_WITH_THE_PARENT = ("SCHEMA", "TABLE", "VIEW")


def drop(context: Context, kind: Kind, reader: Reader) -> Result:
    """DROP <kind> [IF EXISTS] <name> [CASCADE | RESTRICT]."""
    if_exists = reader.accept("IF", "EXISTS")
    path = context.resolve(kind, kind.read_path(reader))
    reader.accept_any("CASCADE", "RESTRICT")
    reader.expect_end()
    if if_exists and not _stands(context, kind, path):
        return status("Drop statement executed successfully (object does not exist).")
    record = context.get(kind, path)
    context.demand("OWNERSHIP", record)
    remove(context, record)
    return status(f"{dotted(path[-1:])} successfully dropped.")


def _stands(context: Context, kind: Kind, path: Path) -> bool:
    context.check_parent(path)
    return context.find(kind, path) is not None


def remove(context: Context, record: Record) -> None:
    """Take an object, all below it and all grants on them out of the account."""
    gone = context.store.remove(record)
    for item in gone:
        context.account.access.object_dropped(item)
    for item in gone[1:]:
        if item.kind not in _GONE_WITH_THE_PARENT:
            context.registry[item.kind].dropped(context, item)
    context.registry[record.kind].dropped(context, record)


def remove_temporary(context: Context, *, of_session: int | None = None) -> None:
    """Drop the temporary objects of a session that ends, or those of all earlier sessions."""
    for kind in context.registry.kinds.values():
        for record in context.store.all(kind.name) if "TEMP" in kind.modifiers else ():
            owner = record.properties.get(OF_SESSION)
            if owner is not None and of_session in (None, owner):
                remove(context, record)
