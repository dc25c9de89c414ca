"""Files into a bucket: each content once, under a key that says what it is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from moto import mock_aws

from ingestion.feed import feed_named
from ingestion.landing import connect, landed, put
from ingestion.yaml_file import InvalidInputError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

BUCKET = "leap-landing"
GYMS = feed_named("gyms")
MONDAY = datetime(2026, 11, 23, 18, 0, tzinfo=UTC)
TUESDAY = datetime(2026, 11, 24, 18, 0, tzinfo=UTC)


@pytest.fixture
def client() -> Iterator[S3Client]:
    with mock_aws():
        client = connect(region="us-east-1", access_key_id="a", secret_access_key="b")
        client.create_bucket(Bucket=BUCKET)
        yield client


def written(folder: Path, name: str, content: str = "gym_id\nG1\n") -> Path:
    path = folder / name
    path.write_text(content, encoding="utf-8")
    return path


def test_a_key_says_feed_day_name_and_content(client: S3Client, tmp_path: Path) -> None:
    (file,) = put(client, BUCKET, GYMS, [written(tmp_path, "gyms.csv.gz")], now=MONDAY)
    assert file.key == "gyms/2026-11-23/gyms-c8d1b7735bacbb10.csv.gz"
    assert file.is_new
    assert client.get_object(Bucket=BUCKET, Key=file.key)["Body"].read() == b"gym_id\nG1\n"


def test_the_same_content_is_put_once_whatever_its_name_and_day(
    client: S3Client, tmp_path: Path
) -> None:
    (first,) = put(client, BUCKET, GYMS, [written(tmp_path, "a.csv")], now=MONDAY)
    again = put(client, BUCKET, GYMS, [written(tmp_path, "b.csv")] * 2, now=TUESDAY)
    assert [(file.key, file.is_new) for file in again] == [(first.key, False)] * 2
    assert [file.key for file in landed(client, BUCKET, GYMS)] == [first.key]


def test_a_changed_content_is_put_under_another_key(client: S3Client, tmp_path: Path) -> None:
    put(client, BUCKET, GYMS, [written(tmp_path, "a.csv")], now=MONDAY)
    (file,) = put(client, BUCKET, GYMS, [written(tmp_path, "a.csv", "gym_id\nG2\n")], now=MONDAY)
    assert file.is_new
    assert len(landed(client, BUCKET, GYMS)) == 2


def test_files_of_another_feed_are_not_seen(client: S3Client) -> None:
    client.put_object(Bucket=BUCKET, Key="gyms_of_europe/a.csv", Body=b"x")
    assert landed(client, BUCKET, GYMS) == []


def test_files_that_cannot_be_loaded_are_all_told_and_none_is_put(
    client: S3Client, tmp_path: Path
) -> None:
    files = [
        written(tmp_path, "good.csv"),
        tmp_path / "missing.csv",
        written(tmp_path, "empty.csv", ""),
        written(tmp_path, "gyms.parquet"),
    ]
    with pytest.raises(InvalidInputError) as caught:
        put(client, BUCKET, GYMS, files)
    assert [problem.split(": ")[1].split(",")[0] for problem in caught.value.problems] == [
        "got no such file",
        "got an empty file",
        "got 'gyms.parquet'",
    ]
    assert landed(client, BUCKET, GYMS) == []
