"""The file that the AWS state lies in: named rows of bytes, written only when they differ.

Nothing here knows what the bytes mean.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

_TABLES: Final = """
PRAGMA journal_mode = WAL;
PRAGMA synchronous = NORMAL;
CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS state (
  kind TEXT, account TEXT, region TEXT, name TEXT, item TEXT, value BLOB NOT NULL,
  PRIMARY KEY (kind, account, region, name, item)
);
"""
_PUT: Final = """
INSERT INTO state VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT (kind, account, region, name, item) DO UPDATE SET value = excluded.value
"""
_DROP: Final = """
DELETE FROM state WHERE kind = ? AND account = ? AND region = ? AND name = ? AND item = ?
"""


class Key(NamedTuple):
    """Names one row; `item` is an object's key or a message's id within `name`."""

    kind: str
    account: str
    region: str
    name: str = ""
    item: str = ""


class Rows:
    """Rows by key. Not safe for several threads at once: the owner locks."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._database = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._database.executescript(_TABLES)
        self._digests: dict[Key, bytes] = {}

    def close(self) -> None:
        """Flush and close the file."""
        self._database.close()

    def fact(self, name: str, default: str) -> str:
        """A named remark about the file; `default` is noted when there is none."""
        self._database.execute("INSERT OR IGNORE INTO facts VALUES (?, ?)", (name, default))
        row = self._database.execute("SELECT value FROM facts WHERE name = ?", (name,)).fetchone()
        return str(row[0])

    def read(self, kind: str) -> Iterator[tuple[Key, bytes]]:
        """All rows of a kind, in the order in which they were first written."""
        query = "SELECT * FROM state WHERE kind = ? ORDER BY rowid"
        for *parts, value in self._database.execute(query, (kind,)):
            key = Key(*parts)
            self._digests[key] = _digest(value)
            yield key, value

    def write(self, puts: dict[Key, bytes], drops: set[Key]) -> None:
        """All of it or nothing; rows that hold these bytes already are left alone."""
        fresh = {key: (value, _digest(value)) for key, value in puts.items()}
        fresh = {key: pair for key, pair in fresh.items() if self._digests.get(key) != pair[1]}
        gone = drops & self._digests.keys()
        if not fresh and not gone:
            return
        self._database.execute("BEGIN")
        try:
            self._database.executemany(_DROP, gone)
            self._database.executemany(_PUT, ((*key, value) for key, (value, _) in fresh.items()))
            self._database.execute("COMMIT")
        except BaseException:
            self._database.execute("ROLLBACK")
            raise
        for key in gone:
            del self._digests[key]
        self._digests.update({key: digest for key, (_, digest) in fresh.items()})


def _digest(value: bytes) -> bytes:
    return hashlib.blake2b(value, digest_size=16).digest()
