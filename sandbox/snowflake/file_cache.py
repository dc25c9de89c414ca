"""Local copies of S3 objects, so that DuckDB reads a file that was fetched once.

A copy is named by bucket, key and ETag and is therefore never stale. The folder stays below a
size; the copies that were not used for the longest time go first, but none of the last minute.
"""

from __future__ import annotations

import hashlib
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

_LIMIT: Final = 1 << 30
_SAFE_FOR: Final = 60.0
_NAME: Final = 100


class FileCache:
    """Copies under one folder, `limit` bytes at most."""

    def __init__(self, folder: Path, limit: int = _LIMIT) -> None:
        self._folder = folder
        self._limit = limit
        self._lock = threading.Lock()
        self._total: int | None = None

    def get(self, bucket: str, key: str, etag: str, fetch: Callable[[Path], object]) -> Path:
        """The copy's path; `fetch` writes it when it is not there. It keeps the file's name."""
        digest = hashlib.sha256(f"{bucket}\0{key}\0{etag}".encode()).hexdigest()[:32]
        path = self._folder / digest / key.rpartition("/")[2][-_NAME:]
        if path.exists():
            os.utime(path)
            return path
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.parent / f".{threading.get_ident()}"
        try:
            fetch(draft)
            draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)
        with self._lock:
            if self._total is not None:
                self._total += path.stat().st_size
            if self._total is None or self._total > self._limit:
                self._make_room()
        return path

    def _make_room(self) -> None:
        found = [(path, path.stat()) for path in self._folder.glob("*/*") if path.is_file()]
        self._total = sum(facts.st_size for _, facts in found)
        for path, facts in sorted(found, key=lambda pair: pair[1].st_mtime):
            if self._total <= self._limit or time.time() - facts.st_mtime < _SAFE_FOR:
                return
            path.unlink(missing_ok=True)
            self._total -= facts.st_size
