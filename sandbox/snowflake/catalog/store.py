"""The objects of one account: in memory for speed, in SQLite to outlive the process.

A statement runs inside `transaction()`: all of it is kept or none. After a failure memory is read
again from disk, so the two can never drift apart.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path as FilePath
from typing import Any

from sandbox.snowflake.catalog.kind import Registry
from sandbox.snowflake.catalog.record import Record
from sandbox.snowflake.sql.names import Path

_SCHEMA = """
CREATE TABLE IF NOT EXISTS objects (
  id INTEGER PRIMARY KEY, kind TEXT NOT NULL, path TEXT NOT NULL, owner INTEGER,
  created_on TEXT NOT NULL, properties TEXT NOT NULL, parameters TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""


class _Memory:
    """The records by all that they are looked for by."""

    def __init__(self) -> None:
        self.by_id: dict[int, Record] = {}
        self.by_kind: dict[str, dict[int, Record]] = {}
        self.children: dict[Path, dict[tuple[str, str], Record]] = {}

    def put(self, record: Record, space: str) -> None:
        self.by_id[record.id] = record
        self.by_kind.setdefault(record.kind, {})[record.id] = record
        siblings = self.children.setdefault(record.path[:-1], {})
        siblings[space, record.path[-1]] = record

    def drop(self, record: Record, space: str) -> None:
        self.by_id.pop(record.id, None)
        self.by_kind.get(record.kind, {}).pop(record.id, None)
        self.children.get(record.path[:-1], {}).pop((space, record.path[-1]), None)


class Store:
    """Finds, keeps, moves and removes records; also lends its database to the other registers."""

    def __init__(self, file: FilePath, registry: Registry) -> None:
        self.registry = registry
        self.lock = threading.RLock()
        self.database = sqlite3.connect(file, check_same_thread=False, isolation_level=None)
        self.database.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;" + _SCHEMA)
        self._depth = 0
        self._reloads: list[Callable[[], None]] = [self._load]
        self._listeners: list[Callable[[Record, bool], None]] = []
        self._load()

    def on_reload(self, load: Callable[[], None]) -> None:
        """Have `load` called now and whenever memory must be read again."""
        self._reloads.append(load)
        load()

    def on_change(self, listen: Callable[[Record, bool], None]) -> None:
        """Have `listen` called with each record that is kept (True) or removed (False)."""
        self._listeners.append(listen)

    def close(self) -> None:
        """Flush and close the file."""
        with self.lock:
            self.database.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Hold the lock; keep everything at the end, or nothing on an error."""
        with self.lock:
            if self._depth == 0:
                self.database.execute("BEGIN")
            self._depth += 1
            try:
                yield
            except BaseException:
                self._depth -= 1
                if self._depth == 0:
                    self.database.execute("ROLLBACK")
                    for load in self._reloads:
                        load()
                raise
            self._depth -= 1
            if self._depth == 0:
                self.database.execute("COMMIT")

    def find(self, space: str, path: Path) -> Record | None:
        """The record of that name in a namespace."""
        return self._memory.children.get(path[:-1], {}).get((space, path[-1]))

    def get(self, record_id: int | None) -> Record | None:
        """The record with that id."""
        return self._memory.by_id.get(record_id) if record_id is not None else None

    def all(self, kind: str) -> list[Record]:
        """All records of a kind, by path."""
        return sorted(self._memory.by_kind.get(kind, {}).values(), key=lambda record: record.path)

    def each(self, kind: str) -> list[Record]:
        """All records of a kind, as they came: for callers that sort what they keep of them."""
        return list(self._memory.by_kind.get(kind, {}).values())

    def has(self, kind: str) -> bool:
        """Whether there is any record of a kind."""
        return bool(self._memory.by_kind.get(kind))

    def owned_by(self, owner: int) -> list[Record]:
        """All records that a role owns."""
        return [record for record in self._memory.by_id.values() if record.owner == owner]

    def inside(self, parent: Path) -> list[Record]:
        """The direct children of a database or schema."""
        return list(self._memory.children.get(parent, {}).values())

    def descendants(self, parent: Path) -> list[Record]:
        """Everything below a database or schema, parents first."""
        found: list[Record] = []
        for child in self.inside(parent):
            found.append(child)
            if child.kind in ("DATABASE", "SCHEMA"):
                found += self.descendants(child.path)
        return found

    def add(
        self, kind: str, path: Path, owner: int | None, now: datetime, properties: dict[str, Any]
    ) -> Record:
        """Keep a new record; the name must be free."""
        self._last_id += 1
        self.keep_setting("last_id", str(self._last_id))
        record = Record(self._last_id, kind, path, owner, now, properties)
        self._index(record)
        self.save(record)
        return record

    def put_back(self, record: Record) -> None:
        """Keep a record that had been removed, under its old id; its name must be free."""
        self._index(record)
        self.save(record)

    def save(self, record: Record) -> None:
        """Write a record that was changed in place (not its path)."""
        self.database.execute(
            "INSERT OR REPLACE INTO objects VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                record.id,
                record.kind,
                json.dumps(record.path),
                record.owner,
                record.created_on.isoformat(),
                json.dumps(record.properties),
                json.dumps(record.parameters),
            ),
        )
        self._tell(record, kept=True)

    def remove(self, record: Record) -> list[Record]:
        """Remove a record and all below it; what was removed, deepest last."""
        gone = [record]
        if record.kind in ("DATABASE", "SCHEMA"):
            gone += self.descendants(record.path)
        for item in gone:
            self._unindex(item)
            self._tell(item, kept=False)
        self.database.executemany("DELETE FROM objects WHERE id = ?", [(item.id,) for item in gone])
        return gone

    def move(self, record: Record, path: Path) -> None:
        """Give a record, and all below it, a new path."""
        moved = [record]
        if record.kind in ("DATABASE", "SCHEMA"):
            moved += self.descendants(record.path)
        depth = len(record.path)
        for item in moved:
            self._unindex(item)
        for item in moved:
            item.path = path + item.path[depth:]
            self._index(item)
            self.save(item)

    def setting(self, name: str) -> str | None:
        """A kept fact of the account (its session counter, say)."""
        row = self.database.execute("SELECT value FROM settings WHERE name = ?", (name,)).fetchone()
        return row[0] if row else None

    def keep_setting(self, name: str, value: str) -> None:
        """Keep a fact of the account."""
        self.database.execute("INSERT OR REPLACE INTO settings VALUES (?, ?)", (name, value))

    def _tell(self, record: Record, *, kept: bool) -> None:
        for listen in self._listeners:
            listen(record, kept)

    def _load(self) -> None:
        """Read memory anew; who reads meanwhile, without a lock, sees the old one whole."""
        memory, last = _Memory(), int(self.setting("last_id") or 0)
        for row in self.database.execute("SELECT * FROM objects ORDER BY id"):
            record = Record(
                row[0],
                row[1],
                tuple(json.loads(row[2])),
                row[3],
                datetime.fromisoformat(row[4]),
                json.loads(row[5]),
                json.loads(row[6]),
            )
            last = max(last, record.id)
            memory.put(record, self._space(record))
        self._memory, self._last_id = memory, last

    def _space(self, record: Record) -> str:
        return self.registry[record.kind].space()

    def _index(self, record: Record) -> None:
        self._memory.put(record, self._space(record))

    def _unindex(self, record: Record) -> None:
        self._memory.drop(record, self._space(record))
