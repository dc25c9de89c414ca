"""Where a tag or policy may be set: the account, an object, or a column of a table or view.

Snowflake's functions name such a place by text and domain (`'DB.S.T.C'`, `'COLUMN'`).
https://docs.snowflake.com/en/sql-reference/functions/system_get_tag
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from sandbox.snowflake.catalog.kind import Scope
from sandbox.snowflake.catalog.record import Record
from sandbox.snowflake.catalog.store import Store
from sandbox.snowflake.errors import CompilationError, DoesNotExistError
from sandbox.snowflake.sql.names import Path, dotted
from sandbox.snowflake.sql.reader import Reader

ACCOUNT: Final = "ACCOUNT"
COLUMN: Final = "COLUMN"


@dataclass(frozen=True, slots=True)
class Place:
    """An object (None is the account), and one of its columns where a column is meant."""

    record: Record | None
    column: str | None = None

    @property
    def domain(self) -> str:
        """What kind of thing it is, as the reference functions write it."""
        if self.record is None:
            return ACCOUNT
        return COLUMN if self.column is not None else self.record.kind.replace(" ", "_")


def find(store: Store, name: str, domain: str, home: tuple[str | None, str | None]) -> Place:
    """The place of that name; `home` is the session's database and schema."""
    wanted = domain.upper().replace("_", " ")
    if wanted == ACCOUNT:
        return Place(None)
    path = Reader(name).path()
    if wanted == COLUMN:
        return Place(_object(store, "TABLE", path[:-1], home), path[-1])
    return Place(_object(store, wanted, path, home))


def _object(store: Store, domain: str, path: Path, home: tuple[str | None, str | None]) -> Record:
    reader = Reader(domain)
    kind = store.registry.read_singular(reader)
    if kind is None or not reader.at_end:
        raise CompilationError(f"Invalid domain '{domain}'.")
    whole = completed(path, kind.scope, home)
    record = store.find(kind.space(), whole)
    if record is None:
        raise DoesNotExistError(kind.name, dotted(whole))
    return record


def completed(path: Path, scope: Scope, home: tuple[str | None, str | None]) -> Path:
    """A short name with the session's database and schema in front, as far as it has them."""
    missing = scope.depth - len(path)
    given = [part for part in home[: scope.depth - 1] if part is not None]
    return (*given[:missing], *path) if missing > 0 else path


def lineage(store: Store, place: Place) -> Iterator[Place]:
    """The place itself, then what it lies in: table, schema, database, account."""
    yield place
    record = place.record
    if record is None:
        return
    if place.column is not None:
        yield Place(record)
    for depth in range(len(record.path) - 1, 0, -1):
        parent = store.find("SCHEMA" if depth == 2 else "DATABASE", record.path[:depth])
        if parent is not None:
            yield Place(parent)
    yield Place(None)
