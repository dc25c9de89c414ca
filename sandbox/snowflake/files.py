"""The files of stages: S3 objects for external stages, a folder for internal ones.

External stages are read by boto3 through the AWS endpoint, after the storage integration was
checked (`sandbox.snowflake.cloud_access`). A stage's URL is a folder; what follows the stage's name
in a statement is a prefix, as in Snowflake.
https://docs.snowflake.com/en/sql-reference/sql/copy-into-table
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from sandbox.snowflake.catalog.record import Record
from sandbox.snowflake.catalog.store import Store
from sandbox.snowflake.cloud_access import (
    Integration,
    LocationNotAllowedError,
    Reader,
    StageAreaError,
    assume,
)
from sandbox.snowflake.data.model import ObjectName, StagedFile
from sandbox.snowflake.errors import DoesNotExistError, UnsupportedError
from sandbox.snowflake.file_cache import FileCache
from sandbox.snowflake.kinds import format_options
from sandbox.snowflake.kinds.storage_integration import allows
from sandbox.snowflake.sql.names import dotted
from sandbox.snowflake.sql.reader import Reader as TextReader

if TYPE_CHECKING:
    from sandbox.aws.clients import Clients


class Readable(Protocol):
    """The body of an answer."""

    def read(self, size: int = ..., /) -> bytes:
        """The next bytes."""


class Location(NamedTuple):
    """A place in S3; `prefix` is empty or ends with a slash."""

    bucket: str
    prefix: str

    @classmethod
    def of(cls, url: str) -> Location:
        """Read `s3://bucket/path`."""
        scheme, _, rest = url.partition("://")
        if scheme.lower() not in {"s3", "s3gov", "s3china"}:
            raise UnsupportedError(f"files at {url}: only S3 is served")
        bucket, _, path = rest.partition("/")
        return cls(bucket, f"{path.rstrip('/')}/" if path.rstrip("/") else "")


class StageFiles:
    """The data plane's `FileSource`."""

    def __init__(self, store: Store, clients: Clients, stages: Path, cache: Path) -> None:
        self._store = store
        self._clients = clients
        self._stages = stages
        self._cache = FileCache(cache)
        self._readers: dict[int, Reader] = {}

    def stage_files(self, stage: ObjectName, path: str) -> Sequence[StagedFile]:
        """Files under `path`, sorted by name; an unreadable stage is an error."""
        record = self._stage(stage)
        url = record.properties.get("URL")
        found = self._remote(record, str(url), path) if url else self._local(record, path)
        return sorted(found, key=lambda file: file.name)

    def arrived(self, stage: ObjectName, names: Sequence[str]) -> dict[str, StagedFile]:
        """Objects of an external stage by key, copied here; without those that are gone.

        Raises:
            SnowflakeError: the storage integration may not read one of them.
        """
        record = self._stage(stage)
        bucket = Location.of(str(record.properties["URL"])).bucket
        reader = self._reader(record, bucket)
        found = {}
        for name in names:
            if reader is not None:
                reader.check("s3:GetObject", f"arn:aws:s3:::{bucket}/{name}")
            file = self._take(bucket, name)
            if file is not None:
                found[name] = file
        return found

    def fetch(self, stage: ObjectName, file: StagedFile) -> Path:
        """A local copy of the file."""
        record = self._stage(stage)
        if not record.properties.get("URL"):
            return self.folder(stage) / file.name
        bucket = Location.of(str(record.properties["URL"])).bucket
        self._check_read(record, bucket, file.name)
        with _stage_errors():
            return self._cache.get(
                bucket,
                file.name,
                file.etag,
                lambda path: self._download(bucket, file.name, path),
            )

    def remove(self, stage: ObjectName, file: StagedFile) -> None:
        """Delete the file from the stage."""
        record = self._stage(stage)
        url = record.properties.get("URL")
        if not url:
            (self.folder(stage) / file.name).unlink(missing_ok=True)
            return
        bucket = Location.of(str(url)).bucket
        reader = self._reader(record, bucket)
        if reader is not None:
            reader.check("s3:DeleteObject", f"arn:aws:s3:::{bucket}/{file.name}")
        with _stage_errors():
            self._clients.s3.delete_object(Bucket=bucket, Key=file.name)

    def stage_format(self, stage: ObjectName) -> Mapping[str, Any]:
        """The stage's own file format options, or those of the format that it names."""
        options = self._stage(stage).properties.get("FILE_FORMAT") or {}
        name = options.get("FORMAT_NAME")
        if name is None:
            return format_options.complete(options) if options else {}
        path = TextReader(str(name)).path()
        return self.file_format(ObjectName(*stage[: 3 - len(path)], *path))

    def file_format(self, name: ObjectName) -> Mapping[str, Any]:
        """A named file format's options, all that are in force."""
        record = self._store.find("FILE FORMAT", name)
        if record is None:
            raise DoesNotExistError("file format", dotted(name))
        return format_options.complete(record.properties)

    def folder(self, stage: ObjectName) -> Path:
        """Where an internal stage keeps its files; it stays with the stage through renames."""
        return self._stages / str(self._stage(stage).id)

    def drop(self, stage: Record) -> None:
        """Remove an internal stage's files, with the stage."""
        shutil.rmtree(self._stages / str(stage.id), ignore_errors=True)

    def _stage(self, stage: ObjectName) -> Record:
        record = self._store.find("STAGE", stage)
        if record is None:
            raise DoesNotExistError("stage", dotted(stage))
        return record

    def _remote(self, record: Record, url: str, path: str) -> Iterator[StagedFile]:
        bucket, folder = Location.of(url)
        prefix = folder + path.lstrip("/")
        reader = self._reader(record, bucket)
        if reader is not None:
            reader.check("s3:ListBucket", f"arn:aws:s3:::{bucket}", {"s3:prefix": prefix})
        with _stage_errors():
            pages = self._clients.s3.get_paginator("list_objects_v2")
            for page in pages.paginate(Bucket=bucket, Prefix=prefix):
                for found in page.get("Contents", []):
                    if found["Size"] or not found["Key"].endswith("/"):
                        yield StagedFile(
                            name=found["Key"],
                            size=found["Size"],
                            etag=found["ETag"].strip('"'),
                            last_modified=found["LastModified"],
                            url=f"s3://{bucket}/{found['Key']}",
                        )

    def _download(self, bucket: str, name: str, path: Path) -> None:
        _write(self._clients.s3.get_object(Bucket=bucket, Key=name)["Body"], path)

    def _take(self, bucket: str, name: str) -> StagedFile | None:
        """Look at an object and copy it, in one request."""
        with _stage_errors():
            try:
                found = self._clients.s3.get_object(Bucket=bucket, Key=name)
            except self._clients.s3.exceptions.NoSuchKey:
                return None
        etag = found["ETag"].strip('"')
        with found["Body"] as body:
            self._cache.get(bucket, name, etag, partial(_write, body))
        return StagedFile(
            name=name,
            size=found["ContentLength"],
            etag=etag,
            last_modified=found["LastModified"],
            url=f"s3://{bucket}/{name}",
        )

    def _local(self, record: Record, path: str) -> Iterator[StagedFile]:
        folder = self._stages / str(record.id)
        for file in folder.rglob("*"):
            name = file.relative_to(folder).as_posix()
            if file.is_file() and name.startswith(path.lstrip("/")):
                facts = file.stat()
                yield StagedFile(
                    name=name,
                    size=facts.st_size,
                    etag=hashlib.md5(file.read_bytes(), usedforsecurity=False).hexdigest(),
                    last_modified=datetime.fromtimestamp(facts.st_mtime, UTC),
                    url=f"{record.name.lower()}/{name}",
                )

    def _check_read(self, record: Record, bucket: str, name: str) -> None:
        """May the role, as it was when the files were listed, or else as it is now?"""
        action, resource = "s3:GetObject", f"arn:aws:s3:::{bucket}/{name}"
        reader = self._readers.get(record.id)
        if reader is not None and reader.may(action, resource):
            return
        reader = self._reader(record, bucket)
        if reader is not None:
            reader.check(action, resource)

    def _reader(self, record: Record, bucket: str) -> Reader | None:
        """The role that reads for the stage, assumed anew; None where it has no integration."""
        name = record.properties.get("STORAGE_INTEGRATION")
        if not name:
            return None
        integration = self._store.find("INTEGRATION", TextReader(str(name)).path())
        if integration is None:
            raise DoesNotExistError("integration", str(name))
        facts = integration.properties
        url = str(record.properties["URL"])
        if not facts.get("ENABLED") or not allows(integration, url):
            raise LocationNotAllowedError(url, integration.name)
        reader = assume(
            self._clients,
            Integration(
                role_arn=str(facts.get("STORAGE_AWS_ROLE_ARN")),
                user_arn=str(facts.get("STORAGE_AWS_IAM_USER_ARN")),
                external_id=str(facts.get("STORAGE_AWS_EXTERNAL_ID")),
            ),
            bucket,
        )
        self._readers[record.id] = reader
        return reader


def _write(body: Readable, path: Path) -> None:
    with path.open("wb") as file:
        shutil.copyfileobj(body, file, 1 << 20)


@contextmanager
def _stage_errors() -> Iterator[None]:
    """Say what S3 says, as Snowflake does."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except ClientError as error:
        facts = error.response["Error"]
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 500)
        raise StageAreaError(facts["Message"], status, facts["Code"]) from error
    except BotoCoreError as error:
        raise StageAreaError(str(error), 500, "Unreachable") from error
