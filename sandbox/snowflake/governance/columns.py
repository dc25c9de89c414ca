"""What is set on a column goes with it when it is renamed, and ends when it is dropped."""

from __future__ import annotations

from typing import Any

from sandbox.snowflake.catalog.record import Record
from sandbox.snowflake.governance.policies import MASKING, ROW_ACCESS
from sandbox.snowflake.governance.tags import OF_COLUMNS


def move_column(record: Record, old: str, new: str | None) -> None:
    """Follow a column to its new name; None: it is gone."""
    for name in (MASKING, OF_COLUMNS):
        by_column: dict[str, Any] = record.properties.get(name) or {}
        kept = by_column.pop(old, None)
        if kept is not None and new is not None:
            by_column[new] = kept
    for item in (record.properties.get(MASKING) or {}).values():
        item["using"] = _renamed(item["using"], old, new)
    row_access = record.properties.get(ROW_ACCESS)
    if row_access:
        row_access["on"] = _renamed(row_access["on"], old, new)


def _renamed(names: list[str], old: str, new: str | None) -> list[str]:
    return [new if name == old and new is not None else name for name in names]
