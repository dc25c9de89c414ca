"""UNDROP TABLE | SCHEMA | DATABASE: the latest drop of that name comes back as it was.

https://docs.snowflake.com/en/sql-reference/sql/undrop-table
"""

from __future__ import annotations

from dataclasses import replace

from sandbox.snowflake.access import keepsake
from sandbox.snowflake.catalog import graveyard
from sandbox.snowflake.catalog.graveyard import Tomb
from sandbox.snowflake.catalog.kind import Kind, Scope
from sandbox.snowflake.catalog.record import Record
from sandbox.snowflake.context import Context
from sandbox.snowflake.errors import AlreadyExistsError, CompilationError, UnsupportedError
from sandbox.snowflake.result import Result, status
from sandbox.snowflake.sql.names import Path, dotted
from sandbox.snowflake.sql.reader import Reader


class PurgedError(CompilationError):
    """There was none of that name, or Time Travel has it no longer."""

    code = "002003"

    def __init__(self, kind: str, name: str) -> None:
        super().__init__(f"{kind.capitalize()} '{name}' did not exist or was purged.")


def undrop(context: Context, reader: Reader) -> Result:
    """UNDROP <kind> <name>."""
    kind = context.registry.read_singular(reader)
    if kind is None or kind.restored is None:
        raise UnsupportedError(" ".join(context.statement.text.split()[:6]))
    path = context.resolve(kind, reader.path())
    reader.expect_end()
    context.check_parent(path)
    tomb = _latest(context, kind, path)
    if tomb is None:
        raise PurgedError(kind.name, dotted(path))
    parent = _parent(context, path)
    context.demand("OWNERSHIP", tomb.record)
    context.demand(kind.create_privilege or f"CREATE {kind.name}", parent)
    if context.store.find(kind.space(), path) is not None:
        raise AlreadyExistsError(dotted(path))
    _bring_back(context, kind, tomb, path)
    return status(f"{kind.name.capitalize()} {dotted(path[-1:])} successfully restored.")


def _parent(context: Context, path: Path) -> Record | None:
    space = {1: "", 2: "DATABASE", 3: "SCHEMA"}[len(path)]
    return context.store.find(space, path[:-1]) if space else None


def _latest(context: Context, kind: Kind, path: Path) -> Tomb | None:
    parent = _parent(context, path)
    inside = [parent.id if parent is not None else graveyard.ACCOUNT]
    found = [
        tomb
        for tomb in context.account.graves.of(kind.name, inside)
        if tomb.record.name == path[-1] and tomb.is_kept(context.now)
    ]
    return found[-1] if found else None


def _bring_back(context: Context, kind: Kind, tomb: Tomb, path: Path) -> None:
    """Records under their old ids, then the grants, and the rows last: they cannot be undone."""
    depth = len(path)
    for item in (tomb.record, *tomb.members):
        owner = item.owner if context.store.get(item.owner) else context.session.role_id
        path_today = path + item.path[depth:]
        back = replace(item, path=path_today, owner=item.owner and owner)
        context.store.put_back(back)
    keepsake.given_back(context.account.access, context.store, tomb.access)
    context.account.graves.remove(tomb)
    record = context.store.get(tomb.record.id)
    if record is not None and kind.restored is not None:
        kind.restored(context, record, tomb.place)


def dropped(context: Context, kind: Kind) -> list[tuple[Record, Tomb]]:
    """What may be undropped of a kind where its container stands, as it would be called today."""
    found: list[tuple[Record, Tomb]] = []
    for tomb in context.account.graves.of(kind.name):
        parent = context.store.get(tomb.parent)
        if tomb.is_kept(context.now) and (parent is not None or kind.scope is Scope.ACCOUNT):
            above = parent.path if parent is not None else ()
            found.append((replace(tomb.record, path=(*above, tomb.record.name)), tomb))
    return found
