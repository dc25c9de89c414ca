"""The records of a file that do not fit its table, and where in the file each error is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

from sandbox.snowflake.data.failure import NullResultError, translated
from sandbox.snowflake.data.load.csv_file import csv_rows
from sandbox.snowflake.data.load.options import Format
from sandbox.snowflake.data.load.projection import Filled
from sandbox.snowflake.data.load.records import Source
from sandbox.snowflake.data.load.relation import RELATION, Lent
from sandbox.snowflake.data.statements.base import Execution
from sandbox.snowflake.errors import SnowflakeError


@dataclass(frozen=True)
class RowError:
    """The first thing that is wrong with one record; rows, lines and characters count from 1."""

    row: int
    message: str
    code: str
    sqlstate: str = "22000"
    line: int | None = None
    character: int | None = None
    column: str | None = None
    record: str = ""


class Inspection:
    """Looks for a file's bad records: vectorised, then in detail for those that are told."""

    def __init__(self, run: Execution, lent: Lent, filled: Sequence[Filled], table: str) -> None:
        self._run = run
        self._relation = lent.relation
        self._source = lent.source
        self._filled = filled
        self._table = table
        self._places = self._misfits()
        self._unreadable = {record.row: record for record in lent.source.bad}

    @property
    def rows(self) -> list[int]:
        """The bad records' numbers, in order."""
        return sorted([*self._places, *self._unreadable])

    def errors(self, file_format: Format, limit: int | None = None) -> list[RowError]:
        """The errors of the first `limit` bad records (all of them without a limit)."""
        return [self._error(row, file_format) for row in self.rows[:limit]]

    def _misfits(self) -> dict[int, int]:
        """The place of the first wrong column of each record that does not convert."""
        checks = [
            f"TRY({{'v': {item.sql}}}) IS NULL"
            + ("" if item.column.info.nullable else f" OR TRY({item.sql}) IS NULL")
            for item in self._filled
        ]
        cases = " ".join(f"WHEN {check} THEN {place}" for place, check in enumerate(checks))
        with self._run.store.guarded_expressions():
            rows = self._run.session.run(
                f'SELECT "ROW", place FROM (SELECT "ROW", CASE {cases} END AS place '
                f"FROM {self._relation}) WHERE place IS NOT NULL"
            )
        return dict(rows)

    def _error(self, row: int, file_format: Format) -> RowError:
        line, text, fields = _record(self._source, file_format, row)
        if (record := self._unreadable.get(row)) is not None:
            return RowError(row, record.message, record.code, line=line, character=1, record=text)
        place = self._places[row]
        item = self._filled[place]
        found = self._failure(item, row) or NullResultError(item.column.info.name)
        return RowError(
            row,
            found.message,
            found.code,
            found.sqlstate,
            line,
            _character(text, fields, item.place),
            f'"{self._table}"["{item.column.info.name}":{place + 1}]',
            text,
        )

    def _failure(self, item: Filled, row: int) -> SnowflakeError | None:
        """What converting the one value says, tried aside so that no transaction is lost."""
        with self._run.session.aside() as probe:
            probe.tell(self._run.context, self._run.text)
            probe.cursor.register(RELATION, self._source.table)
            try:
                probe.run(f'SELECT {item.sql} FROM {self._relation} WHERE "ROW" = {row}')
            except duckdb.Error as error:
                return translated(error)
        return None


def _record(source: Source, file_format: Format, row: int) -> tuple[int, str, list[str]]:
    """The record's first line, its raw text and its fields."""
    lines = source.text.splitlines()
    if source.json:
        filled = [number for number, line in enumerate(lines, start=1) if line.strip()]
        line = filled[row - 1] if row <= len(filled) else row
        return line, lines[line - 1] if line <= len(lines) else "", []
    wanted = source.first_row + row - 1
    for number, (line, fields) in enumerate(csv_rows(source.text, file_format), start=1):
        if number == wanted:
            return line, lines[line - 1] if line <= len(lines) else "", fields
    return wanted, "", []


def _character(text: str, fields: list[str], place: int | None) -> int:
    """Where the column begins in the record."""
    position = 0
    for field in fields[: (place or 1) - 1]:
        position = max(text.find(field, position), position) + len(field) + 1
    if place and place <= len(fields):
        position = max(text.find(fields[place - 1], max(position - 1, 0)), 0)
    return position + 1
