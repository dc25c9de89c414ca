"""The place of each standing row in its table's order, which is that of DuckDB's row ids.

Ids begin at 0 and have gaps where rows were deleted, until DuckDB tidies up. Without gaps a place
is an id; with gaps rows are counted by groups of ids, and only groups of interest are looked into.
"""

from __future__ import annotations

from functools import cached_property
from typing import Final

import duckdb

from sandbox.snowflake.data.past.tables import AT, ROW

_BITS: Final = 14
"""The size of a group, as the number of bits of an id that its rows may differ in."""


class Places:
    """The places of one table's rows, as a connection sees them."""

    def __init__(self, cursor: duckdb.DuckDBPyConnection, table: str) -> None:
        self._cursor = cursor
        self._table = table

    def of(self, only: str = "") -> str:
        """A query of `AT` and `place`; `only` is a condition on DuckDB's ids."""
        limited = f" WHERE rowid {only}" if only else ""
        if not self.has_gaps:
            return f"SELECT rowid AS {AT}, rowid AS place FROM {self._table}{limited}"
        if not only:
            return (
                f"SELECT rowid AS {AT}, row_number() OVER (ORDER BY rowid) - 1 AS place "
                f"FROM {self._table}"
            )
        groups = f"SELECT rowid >> {_BITS} FROM {self._table}{limited}"
        return f"SELECT * FROM ({self._inside(groups)}) WHERE {AT} {only}"

    def at(self, places: str) -> str:
        """A query of `AT` and `ROW` out of one of `ROW` and `place`."""
        if not self.has_gaps:
            return f"SELECT place AS {AT}, {ROW} FROM ({places})"
        groups = (
            f"SELECT part FROM ({places}) AS wanted ASOF JOIN ({self._groups()}) AS groups "
            f"ON place >= before"
        )
        return f"SELECT {AT}, {ROW} FROM ({places}) JOIN ({self._inside(groups)}) USING (place)"

    @cached_property
    def has_gaps(self) -> bool:
        """Whether ids are not simply places; DuckDB need not look at all rows to tell."""
        count = self._cursor.execute(f"SELECT count(*) FROM {self._table}").fetchall()[0][0]
        beyond = f"SELECT 1 FROM {self._table} WHERE rowid >= {count} LIMIT 1"
        return bool(self._cursor.execute(beyond).fetchall())

    def _inside(self, groups: str) -> str:
        """`AT` and `place` of all rows of some groups."""
        return (
            f"SELECT rowid AS {AT}, CAST(before + row_number() OVER (PARTITION BY part "
            f"ORDER BY rowid) - 1 AS BIGINT) AS place FROM {self._table} "
            f"JOIN ({self._groups()}) ON rowid >> {_BITS} = part "
            f"WHERE rowid >> {_BITS} IN ({groups})"
        )

    def _groups(self) -> str:
        """The number of each group of ids, and how many rows stand before it."""
        return (
            f"SELECT part, sum(count) OVER (ORDER BY part) - count AS before FROM "
            f"(SELECT rowid >> {_BITS} AS part, count(*) AS count FROM {self._table} GROUP BY ALL)"
        )
