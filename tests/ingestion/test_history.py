"""The state of files: bucket and load history put together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Any, NamedTuple, cast

import pytest
from moto import mock_aws
from snowflake.connector import SnowflakeConnection

from ingestion.feed import feed_named
from ingestion.history import (
    FileState,
    FileStatus,
    StillWaitingError,
    status,
    wait_until_loaded,
)
from ingestion.landing import LandedFile, connect

GYMS = feed_named("gyms")
BUCKET = "leap-landing"
KEY = "gyms/2026-11-23/a-0123.csv"
LOADED = {
    "FILE_NAME": "2026-11-23/a-0123.csv",
    "STATUS": "Loaded",
    "LAST_LOAD_TIME": datetime(2026, 11, 23, tzinfo=UTC),
    "ROW_COUNT": 7,
    "ERROR_COUNT": 0,
    "FIRST_ERROR_MESSAGE": None,
    "FIRST_ERROR_LINE_NUMBER": None,
    "FIRST_ERROR_COLUMN_NAME": None,
}
FAILED = {
    **LOADED,
    "STATUS": "Load failed",
    "ROW_COUNT": 0,
    "ERROR_COUNT": 1,
    "FIRST_ERROR_MESSAGE": "Numeric value 'x' is not recognized",
    "FIRST_ERROR_LINE_NUMBER": 3,
    "FIRST_ERROR_COLUMN_NAME": '"GYMS"["LATITUDE":8]',
}


class Column(NamedTuple):
    name: str


class Account:
    """A connection and its cursor, with a load history."""

    def __init__(self, rows: Sequence[dict[str, Any]]) -> None:
        self.rows = rows
        self.description = [Column(name) for name in LOADED]
        self.asked: list[tuple[str, Any]] = []

    def cursor(self) -> Account:
        return self

    def __enter__(self) -> Account:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        return None

    def execute(self, statement: str, values: Any) -> None:
        self.asked.append((statement, values))

    def fetchall(self) -> list[tuple[Any, ...]]:
        return [tuple(row.values()) for row in self.rows]


def found(account: Account, key: str = KEY) -> FileStatus:
    with mock_aws():
        client = connect(region="us-east-1", access_key_id="a", secret_access_key="b")
        client.create_bucket(Bucket=BUCKET)
        client.put_object(Bucket=BUCKET, Key=key, Body=b"x")
        connection = cast(SnowflakeConnection, account)
        (only,) = status(connection, client, GYMS, bucket=BUCKET, database="LEAP")
        return only


def test_a_loaded_file_shows_its_rows() -> None:
    account = Account([LOADED])
    result = found(account)
    assert result.state is FileState.LOADED
    assert result.load
    assert result.load.rows == 7
    assert account.asked[0][1][0] == '"LEAP"."RAW"."GYMS"'


def test_a_failed_file_shows_line_and_reason() -> None:
    result = found(Account([FAILED]))
    assert result.state is FileState.FAILED
    assert result.load
    assert (result.load.first_error_line, result.load.first_error) == (
        3,
        "Numeric value 'x' is not recognized",
    )


def test_the_last_load_of_a_file_counts() -> None:
    assert found(Account([FAILED, LOADED])).state is FileState.LOADED


@pytest.mark.parametrize("name", [KEY, "2026-11-23/a-0123.csv", "/2026-11-23/a-0123.csv"])
def test_a_name_in_the_history_is_the_end_of_a_key(name: str) -> None:
    assert found(Account([{**LOADED, "FILE_NAME": name}])).state is FileState.LOADED


def test_a_file_that_the_history_does_not_know_is_waiting() -> None:
    assert found(Account([LOADED]), "gyms/2026-11-23/b-0123.csv").state is FileState.WAITING


def test_waiting_ends_when_each_file_is_through_even_if_one_has_failed() -> None:
    loaded, failed = found(Account([LOADED])), found(Account([FAILED]))
    failed = replace(failed, file=replace(failed.file, key="gyms/bad.csv"))
    looks = iter([[replace(loaded, state=FileState.WAITING), failed], [loaded, failed]])
    told: list[int] = []
    result = wait_until_loaded(
        lambda: next(looks),
        [KEY, "gyms/bad.csv"],
        pause=0,
        report=lambda statuses: told.append(len(statuses)),
    )
    assert [item.state for item in result] == [FileState.LOADED, FileState.FAILED]
    assert told == [2, 2]


def test_waiting_ends_at_the_deadline_and_names_what_is_missing() -> None:
    waiting = FileStatus(
        "gyms", LandedFile(KEY, 1, datetime.now(UTC), is_new=True), FileState.WAITING, None
    )
    with pytest.raises(StillWaitingError, match=KEY) as caught:
        wait_until_loaded(lambda: [waiting], [KEY], seconds=0, pause=0.01)
    assert caught.value.waiting == (waiting,)


def test_a_file_older_than_the_history_is_expired(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingestion.history.HISTORY", timedelta(seconds=-1))
    assert found(Account([]), KEY).state is FileState.EXPIRED
