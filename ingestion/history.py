"""What became of the files: the load history of a feed's table, beside the bucket's files.

Snowflake keeps the history of a table's loads for fourteen days; a file that is older than that
and still in the bucket shows as `expired`, because whether it loaded can no longer be told.
https://docs.snowflake.com/en/sql-reference/functions/copy_history
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from ingestion.feed import RAW_SCHEMA, Feed
from ingestion.landing import LandedFile, landed
from ingestion.quoting import identifier

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from snowflake.connector import SnowflakeConnection

# A minute less than what is kept, since a start before that is refused.
HISTORY: Final = timedelta(days=14) - timedelta(minutes=1)
_COPY_HISTORY: Final = """
SELECT * FROM TABLE(INFORMATION_SCHEMA.COPY_HISTORY(
    TABLE_NAME => %s, START_TIME => DATEADD(minute, %s, CURRENT_TIMESTAMP())
))
ORDER BY LAST_LOAD_TIME
"""


class FileState(StrEnum):
    """Where a file stands."""

    WAITING = "waiting"
    LOADING = "loading"
    LOADED = "loaded"
    PARTIAL = "partly loaded"
    FAILED = "failed"
    EXPIRED = "expired"


_STATE_BY_STATUS: Final = {
    "LOADED": FileState.LOADED,
    "LOAD FAILED": FileState.FAILED,
    "PARTIALLY LOADED": FileState.PARTIAL,
    "LOAD IN PROGRESS": FileState.LOADING,
}
FINAL_STATES: Final = frozenset(
    {FileState.LOADED, FileState.PARTIAL, FileState.FAILED, FileState.EXPIRED}
)


@dataclass(frozen=True)
class Load:
    """One file in the load history: rows that were loaded, and the first thing that was wrong."""

    file_name: str
    state: FileState
    loaded_at: datetime | None
    rows: int
    errors: int
    first_error: str | None
    first_error_line: int | None
    first_error_column: str | None


@dataclass(frozen=True)
class FileStatus:
    """A file in the bucket and its last load, if there was one."""

    feed: str
    file: LandedFile
    state: FileState
    load: Load | None


class StillWaitingError(TimeoutError):
    """The deadline passed before every file was through; `waiting` has those that were not."""

    def __init__(self, waiting: Sequence[FileStatus], seconds: float) -> None:
        keys = ", ".join(status.file.key for status in waiting)
        super().__init__(
            f"not loaded after {seconds:.0f} s: {keys}. The queue of the pipe may hold them still: "
            "look again with `leap ingest status`, and at the pipe with SYSTEM$PIPE_STATUS."
        )
        self.waiting = tuple(waiting)


def loads(
    connection: SnowflakeConnection, feed: Feed, database: str, schema: str = RAW_SCHEMA
) -> list[Load]:
    """The load history of the feed's table, oldest first.

    The connection's current database must be `database`, whose INFORMATION_SCHEMA is asked.
    """
    with connection.cursor() as cursor:
        table = identifier(database, schema, feed.table)
        cursor.execute(_COPY_HISTORY, (table, -int(HISTORY.total_seconds() // 60)))
        names = [column.name.upper() for column in cursor.description]
        return [_load(dict(zip(names, row, strict=True))) for row in cursor.fetchall()]


def status(
    connection: SnowflakeConnection,
    client: S3Client,
    feed: Feed,
    *,
    bucket: str,
    database: str,
    schema: str = RAW_SCHEMA,
) -> list[FileStatus]:
    """Each file of the feed in the bucket, with what the load history says of it."""
    history = loads(connection, feed, database, schema)
    return [_status(feed, file, history) for file in landed(client, bucket, feed)]


def wait_until_loaded(
    look: Callable[[], Sequence[FileStatus]],
    keys: Sequence[str],
    *,
    seconds: float = 120.0,
    pause: float = 0.5,
    report: Callable[[Sequence[FileStatus]], None] | None = None,
) -> list[FileStatus]:
    """Look until each of the keys is loaded or has failed; a failed file is no error here.

    Args:
        look: gives the present statuses, normally `status` of one or more feeds.
        keys: the files to wait for.
        seconds: how long at most.
        pause: seconds between two looks.
        report: told the statuses after each look, for a display of progress.

    Raises:
        StillWaitingError: the time is over.
    """
    wanted = frozenset(keys)
    deadline = time.monotonic() + seconds
    while True:
        statuses = [status for status in look() if status.file.key in wanted]
        if report:
            report(statuses)
        waiting = [status for status in statuses if status.state not in FINAL_STATES]
        if not waiting and len(statuses) == len(wanted):
            return statuses
        if time.monotonic() + pause > deadline:
            raise StillWaitingError(waiting, seconds)
        time.sleep(pause)


def _status(feed: Feed, file: LandedFile, history: Sequence[Load]) -> FileStatus:
    load = next((load for load in reversed(history) if _is_of(load, file)), None)
    if load:
        return FileStatus(feed.name, file, load.state, load)
    too_old = datetime.now(UTC) - file.landed_at > HISTORY
    state = FileState.EXPIRED if too_old else FileState.WAITING
    return FileStatus(feed.name, file, state, None)


def _is_of(load: Load, file: LandedFile) -> bool:
    """The history's names are relative to the stage, whose end is the start of the key."""
    return file.key == load.file_name or file.key.endswith("/" + load.file_name.lstrip("/"))


def _load(row: dict[str, Any]) -> Load:
    return Load(
        file_name=row["FILE_NAME"],
        state=_STATE_BY_STATUS.get(str(row["STATUS"]).upper(), FileState.FAILED),
        loaded_at=row["LAST_LOAD_TIME"],
        rows=int(row["ROW_COUNT"] or 0),
        errors=int(row["ERROR_COUNT"] or 0),
        first_error=row["FIRST_ERROR_MESSAGE"],
        first_error_line=_whole(row["FIRST_ERROR_LINE_NUMBER"]),
        first_error_column=row["FIRST_ERROR_COLUMN_NAME"],
    )


def _whole(value: Any) -> int | None:
    return None if value is None else int(value)
