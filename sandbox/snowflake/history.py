"""The query history: every statement, who sent it, through what, and how it ended.

Passwords and keys in statements are masked before they are kept, as Snowflake does.
https://docs.snowflake.com/en/sql-reference/functions/query_history
"""

from __future__ import annotations

import re
import threading
from collections import deque
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Final

from sandbox.snowflake.catalog.store import Store

_SCHEMA = """
CREATE TABLE IF NOT EXISTS queries (
  position INTEGER PRIMARY KEY, id TEXT, text TEXT, kind TEXT, session_id INTEGER, user TEXT,
  role TEXT, warehouse TEXT, database TEXT, schema TEXT, started TEXT, ended TEXT, status TEXT,
  error_code TEXT, error TEXT, rows INTEGER, client TEXT, resource TEXT, operation TEXT, tag TEXT
)
"""
_INSERT = """
INSERT INTO queries VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
KEPT: Final = 100_000
"""How many statements are kept; the oldest go first."""
_RECENT: Final = 10_000

_SECRET = re.compile(
    r"\b(PASSWORD|RSA_PUBLIC_KEY(?:_2)?|AWS_SECRET_KEY|AWS_TOKEN|SECRET_STRING|"
    r"OAUTH_REFRESH_TOKEN|OAUTH_CLIENT_SECRET|MASTER_KEY|AZURE_SAS_TOKEN)\s*=\s*"
    # doubled or escaped quotes first: a statement inside the text of EXECUTE IMMEDIATE
    r"(?:''(?!')(?:''''|(?!'').)*''|\\'.*?\\'|'(?:[^'\\]|''|\\.)*'|\$\$.*?\$\$)",
    re.IGNORECASE | re.DOTALL,
)


def masked(text: str) -> str:
    """The text with secrets starred out."""
    return _SECRET.sub(lambda match: f"{match[1]} = '☺☺☺☺☺'", text)


@dataclass(frozen=True, slots=True)
class Query:
    """One finished statement."""

    id: str
    text: str
    kind: str
    session_id: int
    user: str
    role: str
    warehouse: str | None
    database: str | None
    schema: str | None
    started: datetime
    ended: datetime
    status: str
    error_code: str | None
    error: str | None
    rows: int
    client: str
    resource: str | None
    operation: str | None
    tag: str | None


class History:
    """Appends without making statements wait: rows are written in batches and before each read.

    What changes the catalogue is written with its change, and so is all that waited before it.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._waiting: deque[Query] = deque()
        self._kept: set[str] = set()
        """Statements that were written with their change and have not ended yet."""
        self._recent: deque[Query] = deque(maxlen=_RECENT)
        """The newest statements, which alerts ask for every few minutes."""
        self._recent_lock = threading.Lock()
        with store.lock:
            store.database.execute(_SCHEMA)
        self._recent.extend(reversed(self._read(_RECENT)))

    def add(self, query: Query) -> None:
        """Keep a statement that ended; flushed with others."""
        if query.id in self._kept:
            self._kept.discard(query.id)
            return
        self._append(query)
        if len(self._waiting) >= 200:
            self.flush()

    def keep(self, query: Query) -> None:
        """Write a statement in the transaction that is under way: both are kept, or neither."""
        self._append(query)
        self._kept.add(query.id)
        self.flush()

    def _append(self, query: Query) -> None:
        self._waiting.append(query)
        with self._recent_lock:
            self._recent.append(query)

    def flush(self) -> None:
        """Write what waits."""
        with self._store.transaction():
            rows = []
            while self._waiting:
                query = self._waiting.popleft()
                values = [getattr(query, name) for name in Query.__slots__]
                rows.append([v.isoformat() if isinstance(v, datetime) else v for v in values])
            self._store.database.executemany(_INSERT, rows)
            self._store.database.execute(
                "DELETE FROM queries WHERE position <= (SELECT max(position) FROM queries) - ?",
                (KEPT,),
            )

    def latest(self, limit: int = KEPT) -> list[Query]:
        """The newest statements, newest first."""
        if limit > _RECENT:
            return self._read(limit)
        with self._recent_lock:
            return list(islice(reversed(self._recent), limit))

    def _read(self, limit: int) -> list[Query]:
        self.flush()
        with self._store.lock:
            rows = self._store.database.execute(
                "SELECT * FROM queries ORDER BY position DESC LIMIT ?", (limit,)
            ).fetchall()
        return [_query(row[1:]) for row in rows]

    def find(self, query_id: str) -> Query | None:
        """The statement of that id."""
        self.flush()
        with self._store.lock:
            row = self._store.database.execute(
                "SELECT * FROM queries WHERE id = ?", (query_id,)
            ).fetchone()
        return _query(row[1:]) if row else None


def _query(row: tuple[object, ...]) -> Query:
    values = dict(zip(Query.__slots__, row, strict=True))
    for name in ("started", "ended"):
        values[name] = datetime.fromisoformat(str(values[name]))
    return Query(**values)  # type: ignore[arg-type]  # columns are written from the same fields
