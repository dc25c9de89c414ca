"""The files of each pipe: what waits, what was loaded, what failed. Kept on disk.

A notification becomes a waiting file here before its message is deleted, and a waiting file
becomes a loaded one after its COPY has committed: whatever dies in between, each file is loaded and
none twice (the data plane knows by name and ETag what it has loaded). A file that a pipe has
loaded is not loaded again under the same name for fourteen days, as in Snowflake.
https://docs.snowflake.com/en/user-guide/data-load-snowpipe-intro#load-history
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Final

_TABLES: Final = """
PRAGMA journal_mode = WAL;
PRAGMA synchronous = NORMAL;
CREATE TABLE IF NOT EXISTS files (
  pipe INTEGER, name TEXT, etag TEXT, size INTEGER, state TEXT, received TEXT, settled TEXT,
  PRIMARY KEY (pipe, name)
);
CREATE TABLE IF NOT EXISTS marks (pipe INTEGER, name TEXT, value TEXT, PRIMARY KEY (pipe, name));
"""
HISTORY: Final = timedelta(days=14)


class FileState(StrEnum):
    """Where a file stands."""

    WAITING = "WAITING"
    LOADED = "LOADED"
    PARTIALLY_LOADED = "PARTIALLY_LOADED"
    LOAD_FAILED = "LOAD_FAILED"


_DONE: Final = (FileState.LOADED, FileState.PARTIALLY_LOADED)


@dataclass(frozen=True, slots=True)
class Arrival:
    """A file that was announced: its name is its key in the bucket."""

    name: str
    etag: str
    size: int


class PipeFiles:
    """The register. Pipes are known by the id of their record. Safe for several threads."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = threading.Lock()
        self._database = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._database.executescript(_TABLES)

    def close(self) -> None:
        """Flush and close the file."""
        with self._lock:
            self._database.close()

    def add(self, pipe: int, arrivals: Iterable[Arrival], now: datetime) -> list[Arrival]:
        """Have files wait, but for those that the pipe has loaded lately; tells which were new."""
        oldest = (now - HISTORY).isoformat()
        added = []
        with self._lock, self._transaction():
            for arrival in arrivals:
                known = self._database.execute(
                    "SELECT state, settled FROM files WHERE pipe = ? AND name = ?",
                    (pipe, arrival.name),
                ).fetchone()
                if known and known[0] in _DONE and known[1] >= oldest:
                    continue
                self._database.execute(
                    "INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?, ?, NULL)",
                    (
                        *(pipe, arrival.name, arrival.etag, arrival.size),
                        *(FileState.WAITING, now.isoformat()),
                    ),
                )
                added.append(arrival)
        return added

    def waiting(self, pipe: int, limit: int = 1000) -> list[str]:
        """Names of the files that wait, first come first."""
        query = "SELECT name FROM files WHERE pipe = ? AND state = ? ORDER BY rowid LIMIT ?"
        with self._lock:
            found = self._database.execute(query, (pipe, FileState.WAITING, limit)).fetchall()
        return [str(row[0]) for row in found]

    def count_waiting(self, pipe: int) -> int:
        """How many files wait."""
        query = "SELECT count(*) FROM files WHERE pipe = ? AND state = ?"
        with self._lock:
            return int(self._database.execute(query, (pipe, FileState.WAITING)).fetchone()[0])

    def settle(self, pipe: int, states: Sequence[tuple[str, FileState]], now: datetime) -> None:
        """Note how files ended."""
        with self._lock, self._transaction():
            self._database.executemany(
                "UPDATE files SET state = ?, settled = ? WHERE pipe = ? AND name = ?",
                [(state, now.isoformat(), pipe, name) for name, state in states],
            )

    def mark(self, pipe: int, name: str, value: str | None) -> None:
        """Keep a fact about a pipe (a time, an error); None removes it."""
        with self._lock:
            if value is None:
                self._database.execute(
                    "DELETE FROM marks WHERE pipe = ? AND name = ?", (pipe, name)
                )
            else:
                self._database.execute(
                    "INSERT OR REPLACE INTO marks VALUES (?, ?, ?)", (pipe, name, value)
                )

    def marks(self, pipe: int) -> dict[str, str]:
        """The facts kept about a pipe."""
        with self._lock:
            rows = self._database.execute(
                "SELECT name, value FROM marks WHERE pipe = ?", (pipe,)
            ).fetchall()
        return {str(name): str(value) for name, value in rows}

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._database.execute("BEGIN")
        try:
            yield
        except BaseException:
            self._database.execute("ROLLBACK")
            raise
        self._database.execute("COMMIT")
