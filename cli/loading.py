"""Files into the landing bucket of a stack, until Snowpipe has made rows of them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from cli.errors import FoundError, NotUsableError
from cli.paths import SAMPLES, STATE
from cli.target import connected, running_sandbox

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from snowflake.connector import SnowflakeConnection

    from cli.workbench import Workbench
    from ingestion.feed import Feed
    from ingestion.history import FileStatus

GRACE_SECONDS: Final = 5.0
STALL_SECONDS: Final = 120.0
DEADLINE_SECONDS: Final = 3600.0
Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a load came to. `new` counts the files that were not in the bucket before."""

    files: int
    new: int
    rows: int
    failed: tuple[str, ...]

    def in_words(self) -> str:
        """`3 files (1 new), 6,000 rows in all`."""
        failed = f", {len(self.failed)} FAILED" if self.failed else ""
        return f"{self.files} files ({self.new} new), {self.rows:,} rows{failed}"


def sample_files(scale: int) -> dict[str, list[Path]]:
    """The files of each feed: the committed samples, or generated ones of a larger scale."""
    from ingestion.generate import generate

    folder = SAMPLES
    if scale > 1:
        folder = STATE / "data" / f"scale-{scale}"
        finished = folder / "finished"
        if not finished.exists():
            generate(folder, scale=scale)
            finished.touch()
    return {
        feed.name: sorted(path for path in feed.iterdir() if path.is_file())
        for feed in sorted(folder.iterdir())
        if feed.is_dir()
    }


def client(bench: Workbench) -> S3Client:
    """S3 as the stack sees it."""
    from ingestion import landing

    if not bench.on_sandbox:
        return landing.connect(region=bench.settings.config.aws_region)
    aws = running_sandbox().aws
    return landing.connect(
        region=aws.region,
        endpoint_url=aws.endpoint_url,
        access_key_id=aws.access_key_id,
        secret_access_key=aws.secret_access_key,
    )


def bucket_of(outputs: Mapping[str, Any], stack: str) -> str:
    """The stack's landing bucket.

    Raises:
        NotUsableError: the stack is not deployed.
    """
    bucket = outputs.get("landing_bucket")
    if not isinstance(bucket, str):
        raise NotUsableError(f"{stack} is not deployed.", f"Deploy it: leap up --stack {stack}")
    return bucket


def load(
    bench: Workbench,
    outputs: Mapping[str, Any],
    files: Mapping[str, Sequence[Path]],
    progress: Progress,
) -> Loaded:
    """Put files into the bucket and wait until each one is loaded or has failed.

    A file that the bucket had already is put again only if no load of it is known after a few
    seconds: its event, or the table it was loaded into, is gone.
    """
    from ingestion import landing
    from ingestion.feed import feed_named

    bucket = bucket_of(outputs, bench.stack)
    landed: list[_Landed] = []
    for name, paths in files.items():
        feed = feed_named(name)
        progress(f"putting {len(paths)} files into {name}")
        put = landing.put(client(bench), bucket, feed, paths)
        landed += [
            _Landed(feed, path, file.key, file.is_new)
            for path, file in zip(paths, put, strict=True)
        ]
    with connected({**bench.login(), "database": outputs["database"]}) as connection:
        statuses = _wait(_Watch(connection, client(bench), bucket, outputs), landed, progress)
    return Loaded(
        files=len(landed),
        new=sum(file.is_new for file in landed),
        rows=sum(status.load.rows for status in statuses if status.load),
        failed=tuple(
            f"{status.file.key}: line {status.load.first_error_line}: {status.load.first_error}"
            for status in statuses
            if status.load and status.load.errors
        ),
    )


def statuses(
    bench: Workbench, outputs: Mapping[str, Any], names: Sequence[str]
) -> list[FileStatus]:
    """What became of the files of some feeds; of all of them, if none is named.

    Raises:
        InvalidInputError: a feed is not known.
    """
    from ingestion.feed import feed_named, load_feeds

    feeds = [feed_named(name) for name in names] if names else load_feeds()
    bucket = bucket_of(outputs, bench.stack)
    with connected({**bench.login(), "database": outputs["database"]}) as connection:
        return _Watch(connection, client(bench), bucket, outputs).look(feeds)


@dataclass(frozen=True, slots=True)
class _Landed:
    feed: Feed
    path: Path
    key: str
    is_new: bool


@dataclass(frozen=True, slots=True)
class _Watch:
    connection: SnowflakeConnection
    s3: S3Client
    bucket: str
    outputs: Mapping[str, Any]

    def look(self, feeds: Iterable[Feed]) -> list[FileStatus]:
        from ingestion import history

        database = str(self.outputs["database"])
        return [
            status
            for feed in feeds
            for status in history.status(
                self.connection, self.s3, feed, bucket=self.bucket, database=database
            )
        ]


def _wait(watch: _Watch, landed: Sequence[_Landed], progress: Progress) -> list[FileStatus]:
    """Wait for every file; put those again whose event got lost."""
    from ingestion.history import StillWaitingError, wait_until_loaded

    feeds = {file.feed.name: file.feed for file in landed}.values()
    old = [file for file in landed if not file.is_new]
    try:
        wait_until_loaded(
            lambda: watch.look(feeds), [file.key for file in old], seconds=GRACE_SECONDS
        )
    except StillWaitingError as error:
        lost = {status.file.key for status in error.waiting}
        for file in old:
            if file.key in lost:
                progress(f"putting {file.key} again: nothing is known of its load")
                watch.s3.upload_file(str(file.path), watch.bucket, file.key)
    stall = _Stall(progress)
    try:
        return wait_until_loaded(
            lambda: watch.look(feeds),
            [file.key for file in landed],
            seconds=DEADLINE_SECONDS,
            report=stall.check,
        )
    except StillWaitingError as error:
        raise FoundError(str(error)) from error


class _Stall:
    """Ends the wait when no file has got through for a while: then none will."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._through = -1
        self._since = time.monotonic()

    def check(self, statuses: Sequence[FileStatus]) -> None:
        """Tell how far it is.

        Raises:
            StillWaitingError: nothing has moved for too long.
        """
        from ingestion.history import FINAL_STATES, StillWaitingError

        waiting = [status for status in statuses if status.state not in FINAL_STATES]
        through = len(statuses) - len(waiting)
        self._progress(f"{through} of {len(statuses)} files are through")
        if through != self._through:
            self._through, self._since = through, time.monotonic()
        elif time.monotonic() - self._since > STALL_SECONDS:
            raise StillWaitingError(waiting, STALL_SECONDS)
