"""What the sandbox's GitHub keeps: JSON documents by kind and key, on disk before an answer leaves.

A key is the path to a thing (`owner/name`, `owner/name/heads/main`), compared without case as
GitHub does. Ids count up for ever, so that nothing is mistaken for what stood before it.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

Document = dict[str, Any]

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS documents (
  kind TEXT, key TEXT, number INTEGER, body TEXT, PRIMARY KEY (kind, key)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS numbers (last INTEGER);
INSERT INTO numbers SELECT 1000 WHERE NOT EXISTS (SELECT 1 FROM numbers);
"""


class Store:
    """The documents. Whoever serves a request holds `turn` for as long as it takes."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._database = sqlite3.connect(path, check_same_thread=False)
        self._database.executescript(_SCHEMA)
        self._lock = threading.RLock()

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    @contextmanager
    def turn(self) -> Iterator[None]:
        """One request at a time; what a failed one wrote is taken back."""
        with self._lock, self._database:
            yield

    def number(self) -> int:
        """An id that was never given before."""
        self._database.execute("UPDATE numbers SET last = last + 1")
        row: tuple[int] = self._database.execute("SELECT last FROM numbers").fetchone()
        return row[0]

    def get(self, kind: str, key: str) -> Document | None:
        """The document of that key."""
        row = self._database.execute(
            "SELECT body FROM documents WHERE kind = ? AND key = ?", (kind, key.lower())
        ).fetchone()
        return None if row is None else json.loads(row[0])

    def put(self, kind: str, key: str, body: Document) -> None:
        """Keep a document in place of the one with its key."""
        self._database.execute(
            "INSERT INTO documents VALUES (?, ?, (SELECT last FROM numbers), ?)"
            " ON CONFLICT (kind, key) DO UPDATE SET body = excluded.body",
            (kind, key.lower(), json.dumps(body)),
        )

    def remove(self, kind: str, key: str) -> bool:
        """Forget a document; tells whether there was one."""
        done = self._database.execute(
            "DELETE FROM documents WHERE kind = ? AND key = ?", (kind, key.lower())
        )
        return done.rowcount > 0

    def below(self, kind: str, prefix: str) -> list[Document]:
        """The documents of a kind whose key begins with the prefix, the oldest first."""
        return [body for _, body in self.entries(kind, prefix)]

    def entries(self, kind: str, prefix: str = "") -> list[tuple[str, Document]]:
        """Key and document of those whose key begins with the prefix, the oldest first."""
        rows = self._database.execute(
            "SELECT key, body FROM documents WHERE kind = ? AND substr(key, 1, ?) = ?"
            " ORDER BY number, key",
            (kind, len(prefix), prefix.lower()),
        )
        return [(key, json.loads(body)) for key, body in rows.fetchall()]

    def remove_below(self, prefix: str) -> None:
        """Forget everything, of any kind, whose key begins with the prefix."""
        self._database.execute(
            "DELETE FROM documents WHERE substr(key, 1, ?) = ?", (len(prefix), prefix.lower())
        )

    def move_below(self, old: str, new: str) -> None:
        """Give every key that begins with `old` the beginning `new`."""
        self._database.execute(
            "UPDATE documents SET key = ? || substr(key, ?) WHERE substr(key, 1, ?) = ?",
            (new.lower(), len(old) + 1, len(old), old.lower()),
        )


def moment() -> str:
    """Now, as GitHub writes it."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
