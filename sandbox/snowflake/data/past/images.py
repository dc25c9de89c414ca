"""The rows of a table as they were at a version, as a query.

A row that stands today was the same then, unless an image says otherwise. Its number is its place
among the numbers that are not gone.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

import duckdb

from sandbox.snowflake.data.model import ObjectName
from sandbox.snowflake.data.past.places import Places
from sandbox.snowflake.data.past.tables import (
    AT,
    CAUSE,
    GONE,
    PLACE,
    REMOVED,
    ROW,
    ROWS,
    UNTIL,
    VERSIONS,
    hidden,
    of_table,
)
from sandbox.snowflake.sql.names import quoted

_COLUMNS = """
SELECT column_name, data_type, is_nullable, column_default, comment FROM duckdb_columns()
WHERE database_name = ? AND schema_name = ? AND table_name = ? ORDER BY column_index
"""
Columns = Sequence[tuple[str, str, bool, str | None, str | None]]
"""Name, DuckDB's type, whether NULL may stand in it, default and comment of each column."""


@dataclass(frozen=True)
class Generation:
    """The tables of images of one set of columns; `ended` is None for today's columns.

    `names` tells how a column was called in the next generation; None where it was dropped.
    """

    places: tuple[str, ...]
    ended: int | None = None
    columns: Columns = ()
    names: Mapping[str, str | None] | None = None


class Images:
    """The past of one table as a connection sees it."""

    def __init__(self, cursor: duckdb.DuckDBPyConnection, name: ObjectName) -> None:
        self._cursor = cursor
        self._name = name
        self._place = ".".join(quoted(part) for part in name)
        self._versions = hidden(name.database, VERSIONS)
        self._places = Places(cursor, self._place)

    @cached_property
    def generations(self) -> list[Generation]:
        """All generations, today's last."""
        rows = self._fetch(
            f"SELECT place, ended, columns, names FROM {hidden(self._name.database, REMOVED)} "
            f"WHERE {of_table(self._name)} ORDER BY ended NULLS LAST"
        )
        found: dict[int | None, Generation] = {}
        for place, ended, columns, names in rows:
            earlier = found.get(ended)
            places = (*(earlier.places if earlier else ()), place)
            if ended is None:
                found[None] = Generation(places)
            else:
                found[ended] = Generation(places, ended, json.loads(columns), json.loads(names))
        today = found.pop(None, Generation(()))
        return [*found.values(), today]

    @cached_property
    def columns(self) -> Columns:
        """Today's columns."""
        return self._fetch(_COLUMNS, [*self._name])

    def last(self) -> int | None:
        """The serial of the latest version; None where nothing is kept of the table."""
        return self._serial("true")

    def first(self) -> int | None:
        """The serial of the earliest version."""
        return self._serial("true", least=True)

    def at(self, moment: datetime, *, inclusive: bool = True) -> int | None:
        """The serial of the version that was the latest at a time; None before the first."""
        return self._serial(f"committed {'<=' if inclusive else '<'} ?", [moment])

    def at_serial(self, serial: int) -> int | None:
        """The serial of the latest version up to one that may be another table's."""
        return self._serial("serial <= ?", [serial])

    def changed_by(self, statement: str) -> int | None:
        """The serial of what a statement changed in the database; None where it did not."""
        rows = self._fetch(
            f"SELECT max(serial) FROM {self._versions} WHERE list_contains(statements, ?)",
            [statement],
        )
        found: int | None = rows[0][0]
        return found

    def _serial(
        self, condition: str, values: list[Any] | None = None, *, least: bool = False
    ) -> int | None:
        rows = self._fetch(
            f"SELECT {'min' if least else 'max'}(serial) FROM {self._versions} "
            f"WHERE {of_table(self._name)} AND {condition}",
            values,
        )
        return rows[0][0] if rows else None

    def numbered(self) -> str:
        """A query of the rows that stand: DuckDB's row id (`AT`) and the row's number (`ROW`)."""
        return (
            f"SELECT {AT}, CAST(first + {PLACE} - passed AS BIGINT) AS {ROW} "
            f"FROM ({self._places.of()}) AS standing "
            f"ASOF JOIN ({self.segments()}) AS segments ON {PLACE} >= passed"
        )

    def touched_rows(self, only: str) -> str:
        """A query like `numbered`, with all columns of the rows; good while nobody commits."""
        return (
            f"SELECT {AT}, CAST(segments.first + {PLACE} - segments.passed AS BIGINT) AS {ROW}, "
            f"standing.* EXCLUDE ({AT}, {PLACE}) FROM ({self._places.rows(only)}) AS standing "
            f"ASOF JOIN ({self.segments() if self._any_gone else self._whole_segments()}) "
            f"AS segments ON {PLACE} >= segments.passed"
        )

    @property
    def _any_gone(self) -> bool:
        return bool(self._fetch(f"SELECT 1 FROM ({self._gone()}) LIMIT 1"))

    def _whole_segments(self) -> str:
        """A query like `segments`, of a table none of whose rows ever went."""
        return (
            f"SELECT first_row AS first, sum(added) OVER (ORDER BY first_row) - added AS passed "
            f"FROM {self._added()}"
        )

    @property
    def standing(self) -> int:
        """How many rows stand."""
        return self._places.count

    def last_rows(self, count: int) -> int:
        """DuckDB's id of the first of the last rows that stand."""
        return self._places.last(count)

    def placed(self, numbers: str) -> str:
        """A query like `numbered`, for the rows whose numbers a query of `ROW` answers, where they
        stand; without a look at all the others.
        """
        wanted = f"SELECT DISTINCT {ROW} FROM ({numbers}) AS numbers({ROW})"
        places = (
            f"SELECT {ROW}, CAST(passed + {ROW} - first AS BIGINT) AS {PLACE} FROM ({wanted}) "
            f"ASOF JOIN ({self.segments()}) AS segments ON {ROW} >= first "
            f"WHERE {ROW} < first + count"
        )
        return self._places.at(places)

    def segments(self) -> str:
        """A query of the numbers in use: the `first` of a segment, the `count` of its rows, and how
        many rows have `passed` before it. Segments lie between the ends of what came at once and
        the numbers that are gone.
        """
        marks = (
            f"SELECT first_row - 1 AS mark, 1 AS opens FROM {self._added()} UNION ALL "
            f"SELECT first_row + added, 0 FROM {self._added()} UNION ALL "
            f"SELECT {ROW}, 1 FROM ({self._gone()})"
        )
        return (
            f"SELECT mark + 1 AS first, count, sum(count) OVER (ORDER BY mark) - count AS passed "
            f"FROM (SELECT *, lead(mark) OVER (ORDER BY mark, opens) - mark - 1 AS count "
            f"FROM ({marks})) WHERE opens = 1 AND count > 0 ORDER BY first"
        )

    def rows(self, serial: int, only: str = "") -> str:
        """A query of `_leap_row` and today's columns at a version; `only` limits the numbers."""
        if not only and (self.last() or 0) <= serial:
            return f"SELECT {ROW}, {self._listed()} FROM {self._standing()}"
        generation = next(
            item for item in self.generations if item.ended is None or item.ended > serial
        )
        within = f"{ROW} < {(serial + 1) * ROWS}" + (f" AND {ROW} IN ({only})" if only else "")
        return self._as_of(generation, within, serial, only)

    def came(self, after: int, until: int) -> str:
        """A query of `_leap_row` and today's columns of the rows that came in between, each as it
        was when it came, also if it has gone since.
        """
        parts = []
        added = self.touched(after, until, only_added=True)
        for generation in self.generations:
            end = until if generation.ended is None else min(until, generation.ended - 1)
            if end > after:
                within = f"{ROW} >= {(after + 1) * ROWS} AND {ROW} < {(end + 1) * ROWS}"
                parts.append(self._as_of(generation, within, after, added))
            after = max(after, end)
        return " UNION ALL ".join(f"SELECT * FROM ({part})" for part in parts) or (
            f"SELECT 0::BIGINT AS {ROW}, {self._listed()} FROM {self._place} AS stands LIMIT 0"
        )

    def _as_of(self, generation: Generation, within: str, serial: int, only: str) -> str:
        """The rows of these numbers at a version of a generation; `only` limits them further."""
        images = self._images(generation, f"{UNTIL} > {serial} AND {within}")
        first = (
            f"SELECT {ROW}, {self._as_today(generation)} FROM ({images}) "
            f"QUALIFY row_number() OVER (PARTITION BY {ROW} ORDER BY {UNTIL}) = 1"
        )
        if generation.ended is not None:
            return first
        stand = (
            f"SELECT * FROM (SELECT {ROW}, {self._listed()} FROM {self._standing(only)}) "
            f"WHERE {within}"
        )
        if not generation.places:
            return stand
        return f"{stand} AND {ROW} NOT IN (SELECT {ROW} FROM ({images})) UNION ALL {first}"

    def then(self, serial: int) -> tuple[Columns, str]:
        """The columns of a version, and the query of its rows in these columns, in order."""
        generation = next(
            item for item in self.generations if item.ended is None or item.ended > serial
        )
        if generation.ended is None:
            return (
                self.columns,
                f"SELECT * EXCLUDE ({ROW}) FROM ({self.rows(serial)}) ORDER BY {ROW}",
            )
        listed = ", ".join(quoted(name) for name, *_ in generation.columns)
        images = self._images(generation, f"{UNTIL} > {serial} AND {ROW} < {(serial + 1) * ROWS}")
        return generation.columns, (
            f"SELECT {listed} FROM ({images} "
            f"QUALIFY row_number() OVER (PARTITION BY {ROW} ORDER BY {UNTIL}) = 1) ORDER BY {ROW}"
        )

    def touched(self, after: int, until: int, *, only_added: bool = False) -> str:
        """A query of the numbers of the rows that came, changed or went in between."""
        parts = [
            f"SELECT first_row + unnest(range(added)) FROM {self._versions} "
            f"WHERE {of_table(self._name)} AND serial > {after} AND serial <= {until}"
        ]
        if only_added:
            return parts[0]
        parts += [
            f"SELECT {ROW} FROM {hidden(self._name.database, place)} "
            f"WHERE {UNTIL} > {after} AND {UNTIL} <= {until} AND {CAUSE} <= {GONE}"
            for generation in self.generations
            for place in generation.places
        ]
        return " UNION ".join(parts)

    def _standing(self, numbers: str = "") -> str:
        found = self.placed(numbers) if numbers else self.numbered()
        return f"{self._place} AS stands JOIN ({found}) ON stands.rowid = {AT}"

    def _listed(self) -> str:
        return ", ".join(f"stands.{quoted(name)}" for name, *_ in self.columns)

    def _added(self) -> str:
        return f"(SELECT * FROM {self._versions} WHERE {of_table(self._name)} AND added > 0)"

    def _gone(self) -> str:
        parts = [
            f"SELECT {ROW} FROM {hidden(self._name.database, place)} WHERE {CAUSE} = {GONE}"
            for generation in self.generations
            for place in generation.places
        ]
        return " UNION ALL ".join(parts) or f"SELECT NULL::BIGINT AS {ROW} WHERE false"

    def _images(self, generation: Generation, condition: str) -> str:
        parts = [
            f"SELECT * FROM {hidden(self._name.database, place)}" for place in generation.places
        ]
        return f"SELECT * FROM ({' UNION ALL '.join(parts)}) WHERE {condition}"

    def _as_today(self, generation: Generation) -> str:
        """Today's columns out of an earlier generation's: what is new has its default."""
        if generation.ended is None:
            return ", ".join(quoted(name) for name, *_ in self.columns)
        earlier = {name: name for name, *_ in generation.columns}
        for item in self.generations[self.generations.index(generation) :]:
            if item.names is not None:
                renamed = {item.names.get(now, now): then for now, then in earlier.items()}
                earlier = {now: then for now, then in renamed.items() if now is not None}
        return ", ".join(
            f"CAST({quoted(earlier[name]) if name in earlier else default or 'NULL'} AS {kind}) "
            f"AS {quoted(name)}"
            for name, kind, _, default, _ in self.columns
        )

    def _fetch(self, sql: str, values: list[Any] | None = None) -> list[Any]:
        return self._cursor.execute(sql, values).fetchall()
