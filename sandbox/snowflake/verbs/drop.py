"""DROP of the kinds that the catalogue keeps; what Time Travel keeps of them goes to a tomb."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import replace

from sandbox.snowflake import retention
from sandbox.snowflake.access import keepsake
from sandbox.snowflake.catalog import graveyard
from sandbox.snowflake.catalog.graveyard import Tomb
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


def remove(context: Context, record: Record, *, place: str = "") -> None:
    """Take an object, all below it and all grants on them out of the account.

    `place` is where the data plane has put a table's rows aside already.
    """
    purge(context, context.account.graves.expired(context.now))
    kind = context.registry[record.kind]
    days = retention.days(context.store, context.account.parameters, record)
    keep = bool(place) or (kind.kept is not None and days > 0)
    tomb = _tomb(context, record, days, place) if keep else None
    gone = context.store.remove(record)
    for item in gone:
        context.account.access.object_dropped(item)
    for item in gone[1:]:
        if item.kind not in _GONE_WITH_THE_PARENT:
            context.registry[item.kind].dropped(context, item)
    kind.dropped(context, record)
    if tomb is None:
        purge(context, context.account.graves.below([item.id for item in gone]), rows=False)
        _release(context, gone)
    elif kind.kept is not None and not place:
        context.account.graves.put(replace(tomb, place=kind.kept(context, record)))
    else:
        context.account.graves.put(tomb)


def _tomb(context: Context, record: Record, days: int, place: str) -> Tomb:
    """The tomb as it is before anything is touched."""
    store = context.store
    below = store.descendants(record.path) if record.kind in ("DATABASE", "SCHEMA") else []
    above = record.path[:-1]
    parent = store.find("SCHEMA" if len(above) == 2 else "DATABASE", above) if above else None
    return Tomb(
        record=copy.deepcopy(record),
        members=tuple(copy.deepcopy(below)),
        parent=parent.id if parent is not None else graveyard.ACCOUNT,
        place=place,
        dropped_on=context.now,
        days=days,
        access=keepsake.taken(context.account.access, [record, *below]),
    )


def purge(context: Context, tombs: Sequence[Tomb], *, rows: bool = True) -> None:
    """Let dropped objects go for good; `rows` is off where their container's rows go anyway."""
    for tomb in tombs:
        context.account.graves.remove(tomb)
        purge(context, context.account.graves.below(tomb.ids), rows=False)
        today = standing(context, tomb)
        _release(context, [today or tomb.record, *tomb.members], tomb.place, rows=rows and today)


def standing(context: Context, tomb: Tomb) -> Record | None:
    """The dropped object with the path that it would have today; None while its parent is gone."""
    if tomb.parent == graveyard.ACCOUNT:
        return tomb.record
    parent = context.store.get(tomb.parent)
    return replace(tomb.record, path=(*parent.path, tomb.record.name)) if parent else None


def _release(
    context: Context, gone: Sequence[Record], place: str = "", *, rows: object = True
) -> None:
    """Free rows and files: the container's rows take those of its tables with them."""
    root, *below = gone
    for item in below:
        if item.kind not in _GONE_WITH_THE_PARENT:
            context.registry[item.kind].purged(context, item, "")
    if rows:
        context.registry[root.kind].purged(context, root, place)


def remove_temporary(context: Context, *, of_session: int | None = None) -> None:
    """Drop the temporary objects of a session that ends, or those of all earlier sessions."""
    for kind in context.registry.kinds.values():
        for record in context.store.all(kind.name) if "TEMP" in kind.modifiers else ():
            owner = record.properties.get(OF_SESSION)
            if owner is not None and of_session in (None, owner):
                remove(context, record)
