"""What a staged file holds: records as columns of text, and those that cannot be read."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace

import pyarrow as pa


@dataclass(frozen=True)
class BadRecord:
    """A record that could not be split into columns; `row` counts records from 1."""

    row: int
    message: str
    code: str = "100080"


@dataclass(frozen=True)
class Source:
    """The readable records: columns `C1`, `C2`, … of text and `ROW` numbers; `json` for one column
    of JSON. `lines` answers a record's first line, `text` the raw content for pointing at errors.
    """

    table: pa.Table
    bad: Sequence[BadRecord] = ()
    json: bool = False
    header: Sequence[str] = ()
    text: str = ""
    first_row: int = 1

    @property
    def width(self) -> int:
        """How many columns the file has."""
        return int(self.table.num_columns) - 1

    def widened(self, width: int) -> Source:
        """The same with empty columns up to `width`: `$9` of a narrower file is NULL."""
        table = self.table
        for place in range(self.width, width):
            empty = pa.nulls(table.num_rows, pa.string())
            table = table.add_column(place, f"C{place + 1}", empty)
        return replace(self, table=table)

    def keys(self) -> Sequence[str]:
        """The JSON records' keys, in the order in which they first appear."""
        found: dict[str, None] = {}
        for text in self.table.column("C1").to_pylist():
            value = json.loads(text)
            if isinstance(value, dict):
                found.update(dict.fromkeys(value))
        return list(found)

    @property
    def parsed(self) -> int:
        """How many records the file has, bad ones included."""
        return int(self.table.num_rows) + len(self.bad)


def column_names(width: int) -> list[str]:
    """`C1`, `C2`, … up to `width`."""
    return [f"C{place}" for place in range(1, width + 1)]


def no_records(width: int) -> pa.Table:
    """An empty table of that many columns."""
    columns = [pa.array([], pa.string()) for _ in range(width)]
    return pa.table([*columns, pa.array([], pa.int64())], names=[*column_names(width), "ROW"])
