"""Rows found by any of their ids: what keeps tens of thousands of grants quick."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from typing import Generic, TypeVar

Row = TypeVar("Row")


class Index(Generic[Row]):
    """Rows by one attribute, each under its own key."""

    def __init__(self, by: Callable[[Row], int], key: Callable[[Row], Hashable]) -> None:
        self._by = by
        self._key = key
        self._rows: dict[int, dict[Hashable, Row]] = {}

    def put(self, row: Row) -> None:
        """Keep a row, in place of the one with the same key."""
        self._rows.setdefault(self._by(row), {})[self._key(row)] = row

    def discard(self, row: Row) -> None:
        """Forget a row."""
        rows = self._rows.get(self._by(row))
        if rows is not None:
            rows.pop(self._key(row), None)
            if not rows:
                del self._rows[self._by(row)]

    def of(self, record_id: int) -> list[Row]:
        """The rows of one id."""
        return list(self._rows.get(record_id, {}).values())

    def count(self, record_id: int) -> int:
        """How many rows an id has."""
        return len(self._rows.get(record_id, {}))

    def find(self, record_id: int, key: Hashable) -> Row | None:
        """The row of that id and key."""
        return self._rows.get(record_id, {}).get(key)

    def fill(self, rows: Iterable[Row]) -> None:
        """Hold exactly these rows; who reads meanwhile sees those of before."""
        fresh: dict[int, dict[Hashable, Row]] = {}
        for row in rows:
            fresh.setdefault(self._by(row), {})[self._key(row)] = row
        self._rows = fresh
