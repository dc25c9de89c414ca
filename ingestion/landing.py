"""Files into the landing bucket, each once, under keys that say feed, day and content.

The bucket's notification does the rest: a queue, the feed's pipe and its COPY. What is
deliberately absent: knowledge of stacks and sandboxes; the caller gives a client and a bucket.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

import boto3

from ingestion.feed import Feed
from ingestion.yaml_file import InvalidInputError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

HASH_LENGTH: Final = 16


@dataclass(frozen=True)
class LandedFile:
    """A file in the bucket; `is_new` is false where the same content was there already."""

    key: str
    size: int
    landed_at: datetime
    is_new: bool


def connect(
    *,
    region: str,
    endpoint_url: str | None = None,
    access_key_id: str | None = None,
    secret_access_key: str | None = None,
) -> S3Client:
    """A client for S3; whatever is None comes from boto3's usual places (environment, profile).

    https://boto3.amazonaws.com/v1/documentation/api/latest/guide/credentials.html
    """
    return boto3.client(
        "s3",
        region_name=region,
        endpoint_url=endpoint_url,
        aws_access_key_id=access_key_id,
        aws_secret_access_key=secret_access_key,
    )


def put(
    client: S3Client,
    bucket: str,
    feed: Feed,
    files: Sequence[Path],
    *,
    now: datetime | None = None,
) -> list[LandedFile]:
    """Upload files as `<feed>/<day>/<name>-<hash of the content><ending>`.

    A content that the feed has already had is not uploaded again, whatever its name or day, so
    putting the same files twice loads their rows once.

    Raises:
        InvalidInputError: files that are missing, empty, or not what the feed's pipe takes;
            all of them together, before anything is uploaded.
    """
    problems = [problem for file in files for problem in _problems(feed, file)]
    if problems:
        raise InvalidInputError(problems)
    now = now or datetime.now(UTC)
    known = {_content_hash(file.key): file for file in landed(client, bucket, feed)}
    result: list[LandedFile] = []
    for file in files:
        content_hash = _hash(file)
        if content_hash not in known:
            key = f"{feed.prefix}{now:%Y-%m-%d}/{_key_name(file, content_hash)}"
            client.upload_file(str(file), bucket, key)
            result.append(LandedFile(key, file.stat().st_size, now, is_new=True))
            known[content_hash] = LandedFile(key, file.stat().st_size, now, is_new=False)
        else:
            result.append(known[content_hash])
    return result


def landed(client: S3Client, bucket: str, feed: Feed) -> list[LandedFile]:
    """The feed's files that are in the bucket, in the order of their keys."""
    pages = client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=feed.prefix)
    return [
        LandedFile(item["Key"], item["Size"], item["LastModified"], is_new=False)
        for page in pages
        for item in page.get("Contents", [])
    ]


def _problems(feed: Feed, file: Path) -> list[str]:
    if not file.is_file():
        return [f"{file}: got no such file, allowed a file"]
    if file.stat().st_size == 0:
        return [f"{file}: got an empty file, allowed one with rows"]
    if feed.pattern and not re.fullmatch(feed.pattern, file.name):
        return [f"{file}: got {file.name!r}, allowed for {feed.name} names like {feed.pattern}"]
    return []


def _key_name(file: Path, content_hash: str) -> str:
    """`gyms-0001.csv.gz` becomes `gyms-0001-<hash>.csv.gz`."""
    stem, dot, ending = file.name.partition(".")
    return f"{stem}-{content_hash}{dot}{ending}"


def _content_hash(key: str) -> str:
    """The hash in a key; for a key that somebody else chose, a text that is no file's hash."""
    return key.rsplit("/", 1)[-1].partition(".")[0].rpartition("-")[2]


def _hash(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()[:HASH_LENGTH]
