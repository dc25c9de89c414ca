"""Which files a table was loaded from: kept 64 days, in the table's own database.

https://docs.snowflake.com/en/user-guide/data-load-considerations-load
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from sandbox.snowflake.data.model import FileLoad, ObjectName, StagedFile
from sandbox.snowflake.data.statements.base import Execution
from sandbox.snowflake.data.store import run as carry_out

KEPT: Final = timedelta(days=64)


class History:
    """The load history of one table."""

    def __init__(self, run: Execution, table: ObjectName, stage: ObjectName) -> None:
        self._run = run
        self._table = table
        self._stage = stage
        self._place = run.store.history(table.database)
        since = run.context.now - KEPT
        rows = carry_out(
            run.session.cursor,
            f"SELECT file_name, etag FROM {self._place} WHERE schema_name = ? AND table_name = ? "
            "AND stage = ? AND status <> 'LOAD_FAILED' AND last_load_time >= ?",
            [table.schema, table.name, str(stage), since],
        )
        self._loaded = {(name, etag) for name, etag in rows}

    def has(self, file: StagedFile) -> bool:
        """Whether the file, as it is now, was loaded already."""
        return (file.name, file.etag) in self._loaded

    def add(self, file: StagedFile, load: FileLoad) -> None:
        """Notes what happened to the file; part of the caller's transaction."""
        carry_out(
            self._run.session.cursor,
            f"INSERT INTO {self._place} VALUES "
            "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                self._table.schema,
                self._table.name,
                str(self._stage),
                file.name,
                file.etag,
                file.size,
                self._run.context.now,
                load.status,
                load.rows_loaded,
                load.rows_parsed,
                load.errors_seen,
                load.error_limit,
                load.first_error,
                load.first_error_line,
                load.first_error_character,
                load.first_error_column,
                self._run.pipe,
                self._run.context.statement_id,
            ],
        )
