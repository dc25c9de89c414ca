"""The place of each standing row in its table's order, which is that of DuckDB's row ids.

Ids begin at 0 and have gaps where rows were deleted, until DuckDB tidies up. Without gaps a place
is an id. With gaps the rows before are counted as DuckDB scans them, which is in the order of ids:
a window without an order of its own costs a twentieth of one that sorts.
"""

from __future__ import annotations

from functools import cached_property

import duckdb

from sandbox.snowflake.data.past.tables import AT, PLACE, ROW


class Places:
    """The places of one table's rows, as a connection sees them."""

    def __init__(self, cursor: duckdb.DuckDBPyConnection, table: str) -> None:
        self._cursor = cursor
        self._table = table

    def of(self, only: str = "") -> str:
        """A query of `AT` and `PLACE`; `only` is a condition on DuckDB's ids."""
        if not self.has_gaps:
            limited = f" WHERE rowid {only}" if only else ""
            return f"SELECT rowid AS {AT}, rowid AS {PLACE} FROM {self._table}{limited}"
        return f"SELECT * FROM ({self._counted})" + (f" WHERE {AT} {only}" if only else "")

    def rows(self, only: str) -> str:
        """A query like `of`, with all columns of the rows."""
        if not self.has_gaps:
            return (
                f"SELECT rowid AS {AT}, rowid AS {PLACE}, * FROM {self._table} WHERE rowid {only}"
            )
        return (
            f"SELECT places.*, stands.* FROM ({_first(self.of(only))}) AS places "
            f"JOIN {self._table} AS stands ON stands.rowid = {AT} WHERE stands.rowid {only}"
        )

    def at(self, places: str) -> str:
        """A query of `AT` and `ROW` out of one of `ROW` and `PLACE`."""
        if not self.has_gaps:
            return f"SELECT {PLACE} AS {AT}, {ROW} FROM ({places})"
        return _first(f"SELECT {AT}, {ROW} FROM ({places}) JOIN ({self._counted}) USING ({PLACE})")

    def last(self, count: int) -> int:
        """The id of the first of the last rows, of which there are at least so many."""
        if not self.has_gaps:
            return self.count - count
        # an id is never less than its row's place
        tail = f"SELECT rowid AS id FROM {self._table} WHERE rowid >= {self.count - count}"
        first = f"SELECT min(id) FROM ({tail} ORDER BY id DESC LIMIT {count})"
        found: int = self._cursor.execute(first).fetchall()[0][0]
        return found

    @cached_property
    def count(self) -> int:
        """How many rows stand."""
        found: int = self._cursor.execute(f"SELECT count(*) FROM {self._table}").fetchall()[0][0]
        return found

    @cached_property
    def has_gaps(self) -> bool:
        """Whether ids are not simply places; DuckDB need not look at all rows to tell."""
        beyond = f"SELECT 1 FROM {self._table} WHERE rowid >= {self.count} LIMIT 1"
        return bool(self._cursor.execute(beyond).fetchall())

    @property
    def _counted(self) -> str:
        """`AT` and `PLACE` of all rows."""
        return f"SELECT rowid AS {AT}, row_number() OVER () - 1 AS {PLACE} FROM {self._table}"


def _first(query: str) -> str:
    """A query that is answered before what it stands in, not joined with it in another order: all
    rows of a table are counted, few are wanted.
    """
    return f"WITH leap_found AS MATERIALIZED ({query}) SELECT * FROM leap_found"
