"""The primary's side: its databases at one moment, and what changed in a table since another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cached_property
from typing import Final

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from sandbox.snowflake.data.metadata import Metadata
from sandbox.snowflake.data.model import ObjectName
from sandbox.snowflake.data.past.images import Images
from sandbox.snowflake.data.past.ledger import Ledger
from sandbox.snowflake.data.past.lending import lent
from sandbox.snowflake.data.past.tables import (
    AT,
    CAUSE,
    CHANGED,
    GONE,
    ROW,
    ROWS,
    UNTIL,
    VERSIONS,
    hidden,
    of_table,
)
from sandbox.snowflake.data.replica.tables import Key, TableState, states
from sandbox.snowflake.data.store import KEPT, Store, run
from sandbox.snowflake.sql.names import quoted

_NUMBERS: Final = "leap_numbers"
Line = tuple[int, int, int]
"""A version's serial, the first number of its rows, and how many it added."""
BATCH: Final = 122_880
"""Rows that are on their way at once: one row group of DuckDB."""

FEW: Final = 24_576
"""Rows of what changed that are on their way at once: more than one thread can take them in."""


class Source:
    """A connection that sees all databases as they were at one commit."""

    def __init__(self, cursor: duckdb.DuckDBPyConnection, serial: int) -> None:
        self.cursor = cursor
        self.serial = serial
        self._metadata = Metadata()

    def tables(self, database: str) -> dict[Key, TableState]:
        """All tables."""
        return states(self.cursor, database)

    def schemas(self, database: str) -> list[str]:
        """The names of the schemas."""
        return [
            name
            for name in self._metadata.schemas(self.cursor, database)
            if not name.startswith(KEPT)
        ]

    def views(self, database: str) -> dict[ObjectName, str]:
        """All views, with the statements that make each."""
        return {
            name: text
            for schema in self.schemas(database)
            for name, text in self._metadata.views(self.cursor, database, schema)
            if not name.name.startswith(KEPT)
        }

    def loads(self, database: str) -> pa.Table:
        """The load history of the tables that stand."""
        sql = f"SELECT * FROM {hidden(database, 'load_history')} WHERE NOT starts_with("
        return self.cursor.sql(
            f"{sql}table_name, '{KEPT}') AND NOT starts_with(schema_name, '{KEPT}')"
        ).to_arrow_table()

    def table(self, name: ObjectName) -> TableSource:
        """One table."""
        return TableSource(self.cursor, name)


class TableSource:
    """Reads one table: whole, or what changed after a version."""

    def __init__(self, cursor: duckdb.DuckDBPyConnection, name: ObjectName) -> None:
        self._cursor = cursor
        self._name = name
        self._place = ".".join(quoted(part) for part in name)
        self.images = Images(cursor, name)

    def same_columns_since(self, serial: int) -> bool:
        """Whether no column came, went or changed its type."""
        return all(one.ended is None or one.ended <= serial for one in self.images.generations)

    @cached_property
    def _segments(self) -> pa.Table:
        """The numbers of the rows that stand: as many `count` from each `first` on."""
        numbers = "CAST(first AS BIGINT) AS first, CAST(count AS BIGINT) AS count"
        return self._arrow(f"SELECT {numbers} FROM ({self.images.segments()})")

    @property
    def lines(self) -> list[Line]:
        """The numbers of the rows that stand, each with the version that added it."""
        firsts, counts = (self._segments[name].to_pylist() for name in ("first", "count"))
        return [(first // ROWS, first, count) for first, count in zip(firsts, counts, strict=True)]

    def lines_after(self, version: int) -> list[Line]:
        """The versions after one, with the numbers that each added."""
        return [
            (serial, first, added)
            for serial, first, added in run(
                self._cursor,
                f"SELECT serial, first_row, added FROM {hidden(self._name.database, VERSIONS)} "
                f"WHERE {of_table(self._name)} AND serial > {version} ORDER BY serial",
            )
        ]

    def is_told_since(self, version: int) -> bool:
        """Whether all that happened after a version is kept, in columns that are still the same.

        Each version added rows or has images; as many numbers are in use as rows stand.
        """
        if not self.same_columns_since(version):
            return False
        silent = {serial for serial, _, added in self.lines_after(version) if not added}
        for place in self.images.generations[-1].places if silent else ():
            found = run(
                self._cursor,
                f"SELECT DISTINCT {UNTIL} FROM {hidden(self._name.database, place)} "
                f"WHERE {UNTIL} > {version}",
            )
            silent -= {serial for (serial,) in found}
        return not silent and _sum(self._segments) == self.images.standing

    def count_after(self, version: int) -> int:
        """How many of the rows that stand came after a version."""
        return _sum(self._segments.filter(pc.field("first") >= (version + 1) * ROWS))

    def rows(self) -> pa.RecordBatchReader:
        """All rows, in their order."""
        return self._cursor.sql(f"SELECT * FROM {self._place}").to_arrow_reader(BATCH)

    def past(self, after: int) -> pa.Table:
        """Rows as they were before each change after a version: the table's images."""
        parts = [
            f"SELECT * FROM {hidden(self._name.database, place)} WHERE {UNTIL} > {after}"
            for place in self.images.generations[-1].places
        ]
        return self._arrow(" UNION ALL ".join(parts)) if parts else pa.table({})

    def gone(self, after: int) -> int:
        """How many rows that stood at a version do not any more."""
        numbers = f"SELECT DISTINCT {ROW} FROM ({self._images(after)}) WHERE {CAUSE} = {GONE}"
        found: int = run(self._cursor, f"SELECT count(*) FROM ({numbers})")[0][0]
        return found

    def changed(self, after: int) -> pa.Table:
        """Rows that stood at a version and may have other values now: their numbers, and the
        columns in which they may differ.
        """
        numbers = self._arrow(
            f"SELECT {ROW} FROM ({self._images(after)}) GROUP BY {ROW} "
            f"HAVING count(*) FILTER ({CAUSE} = {GONE}) = 0 AND "
            f"count(*) FILTER ({CAUSE} = {CHANGED}) > 0"
        )
        if not numbers.num_rows:
            return numbers
        columns = ", ".join(f"stands.{quoted(one)}" for one in self._assigned(after))
        # in two steps, so that DuckDB knows how few of all rows are wanted
        with lent(self._cursor, _NUMBERS, numbers):
            places = self._arrow(self.images.placed(f"SELECT * FROM {_NUMBERS}"))
        with lent(self._cursor, _NUMBERS, places):
            return self._arrow(
                f"SELECT places.{ROW}, {columns} FROM {self._place} AS stands "
                f"JOIN {_NUMBERS} AS places ON stands.rowid = places.{AT}"
            )

    def _assigned(self, after: int) -> list[str]:
        """The columns in which rows may differ from what they were at a version.

        A column that DuckDB cannot update in place never changes in a row that keeps its number.
        """
        lists = run(
            self._cursor,
            f"SELECT assigned FROM {hidden(self._name.database, VERSIONS)} "
            f"WHERE {of_table(self._name)} AND serial > {after}",
        )
        in_place = [name for name, kind, *_ in self.images.columns if _in_place(kind)]
        if any(assigned is None for (assigned,) in lists):
            return in_place
        known = {name for (assigned,) in lists for name in assigned}
        return [name for name in in_place if name in known] or in_place

    def added(self, after: int) -> pa.RecordBatchReader:
        """The rows that came after a version, in their order: the last that stand."""
        first = self.images.last_rows(self.count_after(after))
        sql = f"SELECT * FROM {self._place} WHERE rowid >= {first}"
        return self._cursor.sql(sql).to_arrow_reader(FEW)

    def _images(self, after: int) -> str:
        parts: Sequence[str] = [
            f"SELECT {ROW}, {CAUSE} FROM {hidden(self._name.database, place)} "
            f"WHERE {UNTIL} > {after} AND {ROW} < {(after + 1) * ROWS}"
            for place in self.images.generations[-1].places
        ]
        return (
            " UNION ALL ".join(parts) or f"SELECT NULL::BIGINT AS {ROW}, 0 AS {CAUSE} WHERE false"
        )

    def _arrow(self, sql: str) -> pa.Table:
        return self._cursor.sql(sql).to_arrow_table()


@contextmanager
def opened(store: Store, ledger: Ledger, databases: Sequence[str]) -> Iterator[Source]:
    """The databases as of now; no change is committed while they are taken hold of."""
    cursor = store.cursor()
    try:
        with ledger.standing_still() as serial:
            run(cursor, "BEGIN TRANSACTION READ ONLY")
            for database in databases:
                run(cursor, f"SELECT count(*) FROM {hidden(database, VERSIONS)}")
        yield Source(cursor, serial)
    finally:
        with suppress(duckdb.Error):
            run(cursor, "ROLLBACK")
        cursor.close()


def _sum(segments: pa.Table) -> int:
    return pc.sum(segments["count"]).as_py() or 0


def _in_place(kind: str) -> bool:
    return not (kind.endswith("]") or kind.startswith(("MAP", "UNION", "STRUCT")))
