"""What the ledger is told of a transaction that is to be committed."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

import duckdb
import pyarrow as pa

from sandbox.snowflake.data.model import ObjectName
from sandbox.snowflake.data.past.offsets import Advance


@dataclass
class TableChange:
    """What an open transaction did to one table."""

    added: int = 0
    rows: list[pa.Array] = field(default_factory=list)
    """DuckDB's ids of rows that were, or may have been, changed or deleted."""
    assigned: set[str] = field(default_factory=set)
    """The columns in which these may differ from what they were."""


class Transaction(Protocol):
    """A session, as far as its changes are concerned."""

    cursor: duckdb.DuckDBPyConnection
    changes: dict[ObjectName, TableChange]
    consumed: dict[int, Advance]
    statements: list[str]

    def moment(self) -> datetime:
        """The account's time."""
