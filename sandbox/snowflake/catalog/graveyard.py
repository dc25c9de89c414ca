"""Dropped databases, schemas and tables, as long as Time Travel keeps them.

A tomb holds the object's record, those of all that was in it, and the grants that went with them;
its rows wait on the data plane under `place`. A tomb knows its parent by id, so that it follows the
parent's renames and drops. Of several with one name the latest drop comes back first.
https://docs.snowflake.com/en/user-guide/data-time-travel#listing-dropped-objects
"""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sandbox.snowflake.catalog.record import Record
from sandbox.snowflake.catalog.store import Store

_SCHEMA = """
CREATE TABLE IF NOT EXISTS dropped (
  serial INTEGER PRIMARY KEY, parent INTEGER NOT NULL, place TEXT NOT NULL,
  dropped_on TEXT NOT NULL, days INTEGER NOT NULL, records TEXT NOT NULL, access TEXT NOT NULL
)
"""
ACCOUNT = 0
"""The parent of a database."""


@dataclass(frozen=True, slots=True)
class Tomb:
    """One dropped object; `members` are what was in it, parents first."""

    record: Record
    members: tuple[Record, ...]
    parent: int
    place: str
    dropped_on: datetime
    days: int
    access: dict[str, Any]
    serial: int = 0

    def is_kept(self, now: datetime) -> bool:
        """Whether Time Travel still has it."""
        return now < self.dropped_on + timedelta(days=self.days)

    @property
    def ids(self) -> frozenset[int]:
        """The object and all that was in it."""
        return frozenset((self.record.id, *(item.id for item in self.members)))


class Graveyard:
    """Keeps tombs in memory and in the store's database."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._tombs: dict[int, Tomb] = {}
        with store.lock:
            store.database.execute(_SCHEMA)
        store.on_reload(self._load)

    def put(self, tomb: Tomb) -> Tomb:
        """Keep a dropped object."""
        row = (
            tomb.parent,
            tomb.place,
            tomb.dropped_on.isoformat(),
            tomb.days,
            json.dumps([_written(item) for item in (tomb.record, *tomb.members)]),
            json.dumps(tomb.access),
        )
        cursor = self._store.database.execute(
            "INSERT INTO dropped (parent, place, dropped_on, days, records, access)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            row,
        )
        kept = replace(tomb, serial=int(cursor.lastrowid or 0))
        self._tombs[kept.serial] = kept
        return kept

    def remove(self, tomb: Tomb) -> None:
        """Forget a tomb: its object is back, or gone for good."""
        self._tombs.pop(tomb.serial, None)
        self._store.database.execute("DELETE FROM dropped WHERE serial = ?", (tomb.serial,))

    def of(self, kind: str, parents: Collection[int] | None = None) -> list[Tomb]:
        """The dropped objects of a kind, the latest drop last; `parents` None is everywhere."""
        return [
            tomb
            for tomb in self._tombs.values()
            if tomb.record.kind == kind and (parents is None or tomb.parent in parents)
        ]

    def below(self, ids: Collection[int]) -> list[Tomb]:
        """What had been dropped inside these containers."""
        return [tomb for tomb in self._tombs.values() if tomb.parent in ids]

    def expired(self, now: datetime) -> list[Tomb]:
        """What Time Travel has no longer."""
        return [tomb for tomb in self._tombs.values() if not tomb.is_kept(now)]

    def _load(self) -> None:
        self._tombs = {}
        for row in self._store.database.execute("SELECT * FROM dropped ORDER BY serial"):
            record, *members = (_read(item) for item in json.loads(row[5]))
            moment = datetime.fromisoformat(row[3])
            self._tombs[row[0]] = Tomb(
                record, tuple(members), row[1], row[2], moment, row[4], json.loads(row[6]), row[0]
            )


def _written(record: Record) -> list[Any]:
    created = record.created_on.isoformat()
    rest = [record.owner, created, record.properties, record.parameters]
    return [record.id, record.kind, list(record.path), *rest]


def _read(row: list[Any]) -> Record:
    id_, kind, path, owner, created, properties, parameters = row
    moment = datetime.fromisoformat(created)
    return Record(id_, kind, tuple(path), owner, moment, properties, parameters)
