"""What a statement answers: typed columns and rows, and how they travel to the drivers.

Two forms: `Result` (JSON rows, for the control plane) and `ArrowResult` (an Arrow IPC stream, for
the data plane). The driver follows the format named in each response, so both may be mixed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

SELECT: Final = 0x1000
DML: Final = 0x3000
DDL: Final = 0x6000

type_bytes: Final = 16_777_216


@dataclass(frozen=True, slots=True)
class Column:
    """A result column; `type` is a driver type name (`text`, `fixed`, `boolean`, …)."""

    name: str
    type: str = "text"
    nullable: bool = True

    def to_wire(self) -> dict[str, Any]:
        """The `rowtype` entry that drivers read."""
        number = self.type == "fixed"
        moment = self.type.startswith("timestamp") or self.type == "time"
        return {
            "name": self.name,
            "type": self.type,
            "nullable": self.nullable,
            "length": type_bytes if self.type == "text" else None,
            "byteLength": type_bytes if self.type == "text" else None,
            "precision": 38 if number else (0 if moment else None),
            "scale": 0 if number else (9 if moment else None),
            "database": "",
            "schema": "",
            "table": "",
        }


@dataclass(frozen=True, slots=True)
class Result:
    """Rows as Python values. Timestamps are `datetime` with a zone, numbers `int` or `float`."""

    columns: Sequence[Column]
    rows: Sequence[Sequence[Any]]
    statement_type: int = SELECT

    def to_wire(self) -> dict[str, Any]:
        """The part of `data` that depends on the rows."""
        return {
            "rowtype": [column.to_wire() for column in self.columns],
            "rowset": [
                [_cell(column, value) for column, value in zip(self.columns, row, strict=True)]
                for row in self.rows
            ],
            "total": len(self.rows),
            "returned": len(self.rows),
            "statementTypeId": self.statement_type,
            "queryResultFormat": "json",
        }

    @property
    def row_count(self) -> int:
        """How many rows the statement answered."""
        return len(self.rows)


@dataclass(frozen=True, slots=True)
class ArrowResult:
    """Rows as a base64 Arrow IPC stream, with the `rowtype` already in wire form."""

    rowtype: Sequence[dict[str, Any]]
    ipc_base64: str
    row_count: int
    statement_type: int = SELECT

    def to_wire(self) -> dict[str, Any]:
        """The part of `data` that depends on the rows."""
        return {
            "rowtype": list(self.rowtype),
            "rowsetBase64": self.ipc_base64,
            "total": self.row_count,
            "returned": self.row_count,
            "statementTypeId": self.statement_type,
            "queryResultFormat": "arrow",
        }


@dataclass(frozen=True, slots=True)
class RawResult:
    """A ready-made `data` payload (PUT answers with stage information instead of rows)."""

    payload: dict[str, Any] = field(default_factory=dict)
    row_count: int = 0

    def to_wire(self) -> dict[str, Any]:
        """The payload itself."""
        return self.payload


AnyResult = Result | ArrowResult | RawResult


def status(message: str) -> Result:
    """The one-cell answer of a DDL statement."""
    return Result((Column("status"),), ((message,),), DDL)


def _cell(column: Column, value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, bool):
        return ("1" if value else "0") if column.type == "boolean" else str(value).lower()
    if isinstance(value, datetime):
        return _timestamp(column.type, value)
    if isinstance(value, date):
        return str((value - date(1970, 1, 1)).days)
    return str(value)


def _timestamp(kind: str, value: datetime) -> str:
    seconds = f"{value.timestamp():.6f}000"
    return f"{seconds} 1440" if kind == "timestamp_tz" else seconds
