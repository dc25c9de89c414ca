"""Rows on their way into a replica: Arrow files beside the databases, until their script has run.

A file costs a fraction of a table of the same rows, which would be compressed and logged to be read
once. It is on the disk before anybody counts on it, so that the script can run after a crash.
https://arrow.apache.org/docs/python/ipc.html
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import duckdb
import pyarrow as pa

from sandbox.snowflake.data.past.lending import lent
from sandbox.snowflake.data.replica.source import FEW

_SUFFIX = ".arrow"


class Arriving:
    """What one refresh has for one database."""

    def __init__(self, folder: Path, refresh: str, database: str) -> None:
        # the sign at the end tells a database named '..' from the folder above
        self._folder = _of(folder, refresh) / f"{quote(database, safe=' ')}@"
        self._count = 0

    def keep(self, batches: pa.Table | pa.RecordBatchReader) -> str:
        """Write rows down; the name of the table that `lent` makes of them."""
        self._count += 1
        name = f"leap_arriving_{self._count}"
        self._folder.mkdir(parents=True, exist_ok=True)
        streamed = batches.to_batches(FEW) if isinstance(batches, pa.Table) else batches
        with (self._folder / f"{name}{_SUFFIX}").open("wb") as file:
            with pa.ipc.new_file(file, batches.schema) as writer:
                for batch in streamed:
                    writer.write_batch(batch)
            file.flush()
            os.fsync(file.fileno())
        return name

    @contextmanager
    def lent(self, cursor: duckdb.DuckDBPyConnection) -> Iterator[None]:
        """All of the rows, as tables of a connection."""
        with ExitStack() as stack:
            for path in sorted(self._folder.glob(f"*{_SUFFIX}")):
                mapped = stack.enter_context(pa.memory_map(str(path)))
                stack.enter_context(lent(cursor, path.stem, pa.ipc.open_file(mapped).read_all()))
            yield


class Counted:
    """A stream of rows that is counted as it passes."""

    def __init__(self, reader: Any) -> None:
        self._reader = reader
        self.rows = 0
        self.bytes = 0

    def reader(self) -> pa.RecordBatchReader:
        """The stream."""
        return pa.RecordBatchReader.from_batches(self._reader.schema, self._passing())

    def _passing(self) -> Iterator[pa.RecordBatch]:
        for batch in self._reader:
            self.rows += batch.num_rows
            self.bytes += batch.nbytes
            yield batch


def forget(folder: Path, refresh: str = "") -> None:
    """Let go of what a refresh wrote down, or of all."""
    shutil.rmtree(_of(folder, refresh), ignore_errors=True)


def _of(folder: Path, refresh: str) -> Path:
    return folder / "arriving" / refresh
