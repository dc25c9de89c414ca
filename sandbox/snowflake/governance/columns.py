"""What is set on a column goes with it when it is renamed, and ends when it is dropped."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from typing import Any, Final

from sandbox.snowflake.catalog.record import Record
from sandbox.snowflake.catalog.store import Store
from sandbox.snowflake.governance.policies import MASKING, ROW_ACCESS
from sandbox.snowflake.governance.tags import OF_COLUMNS

PAST_MASKING: Final = "PAST_MASKING"
"""The property that knows the masks of columns that were dropped or renamed."""


def mask_again(record: Record, columns: Iterable[str], store: Store) -> None:
    """Columns that come back from the past are masked as they were when they went."""
    masks = record.properties.setdefault(MASKING, {})
    for column in columns:
        past = (record.properties.get(PAST_MASKING) or {}).get(column)
        if past is not None and column not in masks and store.get(past["policy"]) is not None:
            masks[column] = copy.deepcopy(past)
    store.save(record)


def move_column(record: Record, old: str, new: str | None) -> None:
    """Follow a column to its new name; None: it is gone."""
    for name in (MASKING, OF_COLUMNS):
        by_column: dict[str, Any] = record.properties.get(name) or {}
        kept = by_column.pop(old, None)
        if kept is not None and new is not None:
            by_column[new] = kept
        if kept is not None and name == MASKING:
            record.properties.setdefault(PAST_MASKING, {})[old] = kept
    for item in (record.properties.get(MASKING) or {}).values():
        item["using"] = _renamed(item["using"], old, new)
    row_access = record.properties.get(ROW_ACCESS)
    if row_access:
        row_access["on"] = _renamed(row_access["on"], old, new)


def _renamed(names: list[str], old: str, new: str | None) -> list[str]:
    return [new if name == old and new is not None else name for name in names]
