"""CREATE … CLONE of databases, schemas and what schemas hold; tables are the data plane's.

A clone has its source's properties, but of a container's grants only those on what it holds; what
runs by itself (pipes, tasks, alerts) stands still in it.
https://docs.snowflake.com/en/user-guide/object-clone
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from sandbox.snowflake import streams
from sandbox.snowflake.access import keepsake
from sandbox.snowflake.catalog.kind import Kind
from sandbox.snowflake.catalog.record import Record
from sandbox.snowflake.context import Context
from sandbox.snowflake.data.past.moment import Moment
from sandbox.snowflake.data.reading import read_when
from sandbox.snowflake.errors import CompilationError, UnsupportedError
from sandbox.snowflake.governance.columns import mask_again
from sandbox.snowflake.governance.pointing import point
from sandbox.snowflake.kinds import pipe
from sandbox.snowflake.result import Result, status
from sandbox.snowflake.sql.names import Path, dotted
from sandbox.snowflake.sql.reader import Reader
from sandbox.snowflake.verbs.drop import OF_SESSION, remove
from sandbox.snowflake.verbs.target import Target
from sandbox.snowflake.verbs.then import Then, stored

_CONTAINERS: Final = ("DATABASE", "SCHEMA")
_ALONE: Final = ("STAGE", "FILE FORMAT", "SEQUENCE", "STREAM", "TASK", "ALERT", "DATABASE ROLE")
_ORDER: Final = ("DATABASE ROLE", "SCHEMA", "TAG", "FILE FORMAT", "TABLE", "VIEW", "STAGE")
"""Kinds that others name, in the order in which they must stand; all others come after."""


def clone(
    context: Context, target: Target, path: Path, reader: Reader, existing: Record | None
) -> Result:
    """CLONE <source> [AT | BEFORE (…)] [INCLUDE INTERNAL STAGES], after CREATE <kind> <name>."""
    kind = target.kind
    if kind.name not in (*_CONTAINERS, *_ALONE):
        raise UnsupportedError(f"CREATE {kind.name} … CLONE")
    source = context.get(kind, reader.path())
    moment = _moment(context, kind, reader)
    ignore = reader.accept("IGNORE", "TABLES", "WITH", "INSUFFICIENT", "DATA", "RETENTION")
    reader.accept("IGNORE", "HYBRID", "TABLES")
    stages = reader.accept("INCLUDE", "INTERNAL", "STAGES")
    reader.expect_end()
    if kind.name == "STAGE" and not source.properties.get("URL"):
        raise CompilationError("Cloning an internal named stage is not supported.")
    needed = "USAGE" if "USAGE" in kind.privileges else "OWNERSHIP"
    context.demand(needed, source, primary=True)
    itself = existing is not None and existing.id == source.id
    if existing is not None and not itself:
        remove(context, existing)
    made = _Clone(context, stages=stages, then=Then(context, moment, ignore) if moment else None)
    modifiers = dict.fromkeys(target.modifiers, True)
    if itself:
        record = made.root(source, (*path[:-1], f"{path[-1]} (new)"), modifiers)
        _take_place(context, record, source)
    else:
        record = made.root(source, path, modifiers)
    context.account.access.object_created(context, record)
    context.store.save(record)
    return status(f"{kind.name.capitalize()} {dotted(path[-1:])} successfully created.")


def _take_place(context: Context, record: Record, source: Record) -> None:
    """A clone that replaces its source gets its name when the source is out of the way."""
    kind, path = context.registry[record.kind], source.path
    remove(context, source)
    if kind.renamed is not None:
        kind.renamed(context, record, path)
    context.store.move(record, path)


def _moment(context: Context, kind: Kind, reader: Reader) -> Moment | None:
    when = read_when(reader)
    if when is None:
        return None
    if kind.name not in _CONTAINERS:
        raise UnsupportedError(f"CREATE {kind.name} … CLONE … AT | BEFORE")
    account = context.account
    return account.data.moment(context.session.data, when, account.query_context(context))


class _Clone:
    """One CLONE at work; `ids` maps what was cloned to its clone."""

    def __init__(self, context: Context, *, stages: bool, then: Then | None) -> None:
        self._context = context
        self._then = then
        self._stages = stages
        self._ids: dict[int, int] = {}

    def root(self, source: Record, path: Path, modifiers: Mapping[str, bool]) -> Record:
        """The object that the statement names, owned by the role, and all that is in it."""
        context = self._context
        if self._then is not None:
            self._then.check(source)
        record = self._copy(source, path, context.session.role_id)
        record.properties |= modifiers
        kind = context.registry[record.kind]
        kind.validate(context, record)
        if record.kind not in _CONTAINERS:
            self._settle(source, record)
            return record
        kind.created(context, record)
        try:
            self._fill(source, record)
        except Exception:
            # the catalogue goes back by itself, DuckDB's part of the new container does not
            kind.purged(context, record, "")
            raise
        return record

    def _fill(self, source: Record, record: Record) -> None:
        context = self._context
        below = sorted(context.store.descendants(source.path), key=_order)
        pairs = [self._member(item, source, record) for item in below if self._goes_along(item)]
        for old, new in pairs:
            self._settle(old, new)
        self._rows([pair for pair in pairs if pair[0].kind in ("TABLE", "VIEW")])
        public = record.kind == "DATABASE"
        context.session.database = record.path[0]
        context.session.schema = "PUBLIC" if public else record.name

    def _goes_along(self, item: Record) -> bool:
        context = self._context
        authority = context.account.access.authority
        if OF_SESSION in item.properties:
            return False
        if not authority.lists(authority.primary(context.session), item):
            return False
        if self._then is not None and not self._then.had(item):
            return False
        if item.kind == "STAGE":
            return bool(item.properties.get("URL")) or self._stages
        if item.kind == "PIPE":
            stage = context.store.find("STAGE", tuple(item.properties["STAGE"]))
            return stage is not None and bool(stage.properties.get("URL"))
        return True

    def _member(self, item: Record, source: Record, record: Record) -> tuple[Record, Record]:
        path = record.path + item.path[len(source.path) :]
        standing = self._context.store.find(self._context.registry[item.kind].space(), path)
        owner = self._context.session.role_id if item.kind == "PIPE" else item.owner
        if standing is None:
            return item, self._copy(item, path, owner)
        # PUBLIC comes with every new database
        self._ids[item.id] = standing.id
        standing.owner = owner
        standing.properties = copy.deepcopy(item.properties)
        standing.parameters = dict(item.parameters)
        return item, standing

    def _copy(self, source: Record, path: Path, owner: int | None) -> Record:
        context = self._context
        properties = copy.deepcopy(source.properties)
        if source.kind == "STREAM":
            properties |= streams.copied(context.account, source)
        record = context.store.add(source.kind, path, owner, context.now, properties)
        record.parameters = dict(source.parameters)
        self._ids[source.id] = record.id
        if source.kind == "SCHEMA" and len(self._ids) > 1:
            context.registry["SCHEMA"].created(context, record)
        return record

    def _settle(self, old: Record, new: Record) -> None:
        """What a clone says of others it says of their clones; what ran stands still."""
        context, access = self._context, self._context.account.access
        source = new.properties.get("SOURCE_ID")
        point(new.properties, self._ids)
        if new.properties.get("SOURCE_ID") != source:
            new.properties |= streams.beginning(context.account, new)
        still = _STILL.get(new.kind)
        if still is not None:
            still(context, new)
        if len(self._ids) > 1:
            keepsake.copied(access, old, new, self._ids)
            if new.kind == "SCHEMA":
                keepsake.copied_future(access, old, new, self._ids)
        context.store.save(new)

    def _rows(self, pairs: Sequence[tuple[Record, Record]]) -> None:
        cloner = self._context.account.data.cloner
        tables = [(stored(old), stored(new)) for old, new in pairs if old.kind == "TABLE"]
        views = [
            (stored(old), stored(new), str(old.properties.get("TEXT") or ""))
            for old, new in pairs
            if old.kind == "VIEW"
        ]
        serials = self._then.serials if self._then is not None else {}
        cloner.tables(tables, self._context.now, self._context.statement.id, serials)
        for old, new in pairs:
            if stored(old) in serials:
                columns = self._context.account.data.columns(stored(new))
                mask_again(new, [column.name for column in columns], self._context.store)
        cloner.views(views)


def _order(record: Record) -> tuple[int, Path]:
    place = _ORDER.index(record.kind) if record.kind in _ORDER else len(_ORDER)
    return place, record.path


def _suspended(context: Context, record: Record) -> None:
    record.properties["STATE"] = "suspended"


def _paused(context: Context, record: Record) -> None:
    """Short names in its COPY mean the clone's schema."""
    pipe.settle(context, record)
    record.parameters["PIPE_EXECUTION_PAUSED"] = "true"


_STILL: Final[Mapping[str, Callable[[Context, Record], None]]] = {
    "TASK": _suspended,
    "ALERT": _suspended,
    "PIPE": _paused,
}
