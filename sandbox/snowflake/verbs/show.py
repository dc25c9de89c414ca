"""SHOW <kinds> [LIKE] [IN] [STARTS WITH] [LIMIT], from the columns that each kind declares.

https://docs.snowflake.com/en/sql-reference/sql/show
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache

from sandbox.snowflake.catalog.graveyard import Tomb
from sandbox.snowflake.catalog.kind import Kind, Scope
from sandbox.snowflake.catalog.record import Record
from sandbox.snowflake.context import Context
from sandbox.snowflake.errors import DoesNotExistError
from sandbox.snowflake.result import Column, Result
from sandbox.snowflake.sql.names import Path, dotted
from sandbox.snowflake.sql.reader import Reader
from sandbox.snowflake.sql.tokens import TokenKind
from sandbox.snowflake.verbs.undrop import dropped


@dataclass
class Filter:
    """The clauses behind SHOW <kinds>; `scope` is None for the whole account."""

    like: str | None = None
    scope: Path | None = None
    scope_given: bool = False
    starts_with: str | None = None
    limit: int | None = None
    after: str | None = None
    only: tuple[str, ...] = ()

    def passes(self, record: Record) -> bool:
        """Whether a record is wanted (the limit apart)."""
        if self.scope is not None and record.path[: len(self.scope)] != self.scope:
            return False
        if self.like is not None and not like(self.like, record.name):
            return False
        if self.starts_with is not None and not record.name.startswith(self.starts_with):
            return False
        return self.after is None or record.name > self.after


def like(pattern: str, value: str) -> bool:
    """SQL LIKE without regard to case, as SHOW compares."""
    return _compiled(pattern).fullmatch(value) is not None


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> re.Pattern[str]:
    parts = (
        ".*" if char == "%" else "." if char == "_" else re.escape(char)
        for char in pattern.replace("\\_", "_")
    )
    return re.compile("".join(parts), re.IGNORECASE | re.DOTALL)


def read_filter(context: Context, kind: Kind, reader: Reader) -> Filter:
    """Read the clauses in any order, and complete the scope from the session."""
    wanted = Filter()
    while not reader.at_end:
        if reader.accept("LIKE"):
            wanted.like = reader.string()
        elif reader.token.word == "FROM" and reader.ahead(1).kind is TokenKind.STRING:
            reader.advance()
            wanted.after = reader.string()
        elif reader.accept("IN") or reader.accept("FROM"):
            wanted.scope = _read_scope(context, kind, reader)
            wanted.scope_given = True
        elif reader.accept("STARTS", "WITH"):
            wanted.starts_with = reader.string()
        elif reader.accept("LIMIT"):
            wanted.limit = reader.integer()
            wanted.after = reader.string() if reader.accept("FROM") else None
        else:
            wanted.only = _read_only(kind, reader)
    if not wanted.scope_given:
        wanted.scope = _session_scope(context, kind)
    return wanted


def _read_only(kind: Kind, reader: Reader) -> tuple[str, ...]:
    for words in kind.show_only:
        if reader.accept(*words):
            return words
    raise reader.error()


def _read_scope(context: Context, kind: Kind, reader: Reader) -> Path | None:
    if reader.accept("ACCOUNT"):
        return None
    word = reader.accept_any("DATABASE", "SCHEMA")
    names_follow = reader.token.kind in (TokenKind.WORD, TokenKind.QUOTED)
    names_follow = names_follow and reader.token.word not in ("LIKE", "STARTS", "LIMIT")
    if not names_follow:
        return _session_scope(context, kind, database_only=word == "DATABASE")
    path = reader.path()
    if word == "DATABASE" or (word is None and len(path) == 1 and kind.scope is Scope.DATABASE):
        return _standing(context, "DATABASE", path)
    return _standing(context, "SCHEMA", context.resolve(context.registry["SCHEMA"], path))


def _standing(context: Context, kind: str, path: Path) -> Path:
    """The scope, if it is seen; the provider tells a missing one by this text."""
    context.check_parent(path)
    record = context.store.find(kind, path)
    if record is None or not context.sees(record):
        raise DoesNotExistError(kind, dotted(path))
    return path


def _session_scope(context: Context, kind: Kind, *, database_only: bool = False) -> Path | None:
    session = context.session
    if kind.scope is Scope.ACCOUNT or session.database is None:
        return None
    if kind.scope is Scope.DATABASE or session.schema is None or database_only:
        return (session.database,)
    return (session.database, session.schema)


def show(context: Context, kind: Kind, reader: Reader, *, terse: bool = False) -> Result:
    """The kind's SHOW: matching objects by name, one row each."""
    history = reader.accept("HISTORY") and kind.restored is not None
    wanted = read_filter(context, kind, reader)
    records = [
        record
        for record in _candidates(context, kind)
        if wanted.passes(record) and context.sees(record)
    ]
    if wanted.only:
        keep = kind.show_only[wanted.only]
        records = [record for record in records if keep(context, record)]
    gone = [
        pair
        for pair in (dropped(context, kind) if history else ())
        if wanted.passes(pair[0]) and context.sees(pair[0])
    ]
    shown = [*((record, None) for record in records), *((r, tomb) for r, tomb in gone)]
    shown.sort(key=lambda pair: (pair[0].name, pair[0].path))
    if not history:
        return table(context, kind, [record for record, _ in shown[: wanted.limit]], terse=terse)
    return _history(context, kind, shown[: wanted.limit], terse=terse)


def _history(
    context: Context, kind: Kind, shown: list[tuple[Record, Tomb | None]], *, terse: bool
) -> Result:
    """SHOW … HISTORY: dropped objects too, and when each was dropped.

    https://docs.snowflake.com/en/user-guide/data-time-travel#listing-dropped-objects
    """
    records = [
        record
        if tomb is None
        else replace(record, properties=record.properties | {"PLACE": tomb.place})
        for record, tomb in shown
    ]
    plain = table(context, kind, records, terse=terse)
    names = [column.name for column in plain.columns]
    place = names.index("retention_time") + 1 if "retention_time" in names else len(names)
    columns = [*plain.columns]
    columns.insert(place, Column("dropped_on", "timestamp_ltz"))
    rows = [list(row) for row in plain.rows]
    for row, (_, tomb) in zip(rows, shown, strict=True):
        row.insert(place, tomb.dropped_on if tomb is not None else None)
    return Result(columns, rows)


def _candidates(context: Context, kind: Kind) -> list[Record]:
    if not kind.family:
        also = kind.show_also(context) if kind.show_also is not None else []
        return [*context.store.each(kind.name), *also]
    kinds = [item for item in context.registry.kinds.values() if item.space() == kind.space()]
    return [record for item in kinds for record in context.store.each(item.name)]


def table(context: Context, kind: Kind, records: list[Record], *, terse: bool = False) -> Result:
    """Records as the kind shows them; TERSE keeps the five columns that Snowflake keeps."""
    columns = [item for item in kind.show if not terse or item.name in _TERSE]
    return Result(
        [Column(item.name, item.type) for item in columns],
        [[item.value(context, record) for item in columns] for record in records],
    )


_TERSE = ("created_on", "name", "kind", "database_name", "schema_name")
