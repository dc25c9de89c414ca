"""Pipes at work: from S3's event to rows, each file once.

A worker takes events off Snowflake's queues, has the files wait for every pipe that reads their
place, and runs each pipe's COPY for its waiting files as the pipe's owner. A pipe that cannot run
(no trust, no table) keeps its files and tries again; its status says why. Loads of
different pipes run one after the other.
https://docs.snowflake.com/en/user-guide/data-load-snowpipe-intro
"""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self

from sandbox.snowflake.catalog.record import Record
from sandbox.snowflake.cloud_access import AssumeRoleError, StageAreaError
from sandbox.snowflake.data.model import ObjectName
from sandbox.snowflake.errors import SnowflakeError
from sandbox.snowflake.files import Location, only
from sandbox.snowflake.pipe_definition import Source, read_source
from sandbox.snowflake.pipe_files import Arrival, FileState, PipeFiles
from sandbox.snowflake.pipe_queue import Event, PipeQueues, events

if TYPE_CHECKING:
    from sandbox.aws.server import AwsServer
    from sandbox.snowflake.account import Account

log = logging.getLogger("sandbox.pipes")

REFRESH_WINDOW: Final = timedelta(days=7)
"""How far back ALTER PIPE … REFRESH looks."""

_IDLE: Final = 5.0
_RETRY: Final = 2.0
_LAST_ERROR: Final = "error"


@dataclass(frozen=True, slots=True)
class Pipe:
    """A pipe of the catalogue, with the place that it reads."""

    record: Record
    source: Source
    place: Location

    @property
    def id(self) -> int:
        """The id of its record."""
        return self.record.id

    @property
    def paused(self) -> bool:
        """Whether PIPE_EXECUTION_PAUSED is set on it."""
        return str(self.record.parameters.get("PIPE_EXECUTION_PAUSED", "")).lower() == "true"

    def takes(self, event: Event) -> bool:
        """Whether an event's object is one of its files."""
        prefix = self.place.prefix + self.source.path
        name = event.file.name
        return (
            event.bucket == self.place.bucket
            and name.startswith(prefix)
            and self.source.takes(name)
        )


class Pipes:
    """The pipes of one account: which there are, how they stand, and running one."""

    def __init__(self, account: Account, files: PipeFiles) -> None:
        self._account = account
        self.files = files

    def automatic(self) -> list[Pipe]:
        """All pipes with AUTO_INGEST whose stage is in S3."""
        with self._account.store.lock:
            records = self._account.store.all("PIPE")
            found = [self.read(record) for record in records if record.properties["AUTO_INGEST"]]
        return [pipe for pipe in found if pipe is not None]

    def read(self, record: Record) -> Pipe | None:
        """The pipe of a record; None when its stage is gone or not in S3."""
        source = read_source(str(record.properties["DEFINITION"]))
        stage = self._account.store.find("STAGE", source.resolved(record.path[:2]))
        url = stage.properties.get("URL") if stage is not None else None
        return Pipe(record, source, Location.of(str(url))) if url else None

    def announce(self, events: Iterable[Event]) -> None:
        """Have the files wait for every pipe that reads their place."""
        events = list(events)
        now = self._account.now()
        for pipe in self.automatic():
            arrivals = [event.file for event in events if pipe.takes(event)]
            if arrivals:
                self.files.mark(pipe.id, "received", now.isoformat())
                self.files.add(pipe.id, arrivals, now)

    def refresh(self, record: Record, prefix: str = "") -> list[tuple[str, str]]:
        """Have files wait that are in the stage already: `(file, status)` for each.

        https://docs.snowflake.com/en/sql-reference/sql/alter-pipe
        """
        pipe = self.read(record)
        if pipe is None:
            return []
        stage = ObjectName(*pipe.source.resolved(record.path[:2]))
        now = self._account.now()
        arrivals = [
            Arrival(file.name, file.etag, file.size)
            for file in self._account.files.stage_files(stage, pipe.source.path + prefix)
            if file.last_modified >= now - REFRESH_WINDOW and pipe.source.takes(file.name)
        ]
        added = self.files.add(pipe.id, arrivals, now)
        return [(arrival.name.removeprefix(pipe.place.prefix), "SENT") for arrival in added]

    def load(self, pipe: Pipe) -> None:
        """Run the pipe's COPY for its waiting files; the files stay waiting when it cannot run."""
        names = self.files.waiting(pipe.id)
        if not names:
            return
        began = time.monotonic()
        try:
            results = self._copy(pipe, frozenset(names))
        except SnowflakeError as error:
            if self.files.marks(pipe.id).get(_LAST_ERROR) != _cause(error):
                log.warning("pipe %s cannot load: %s", pipe.record.name, error.message)
            self.files.mark(pipe.id, _LAST_ERROR, _cause(error))
            return
        now = self._account.now()
        states = [(name, results.get(name, FileState.LOADED)) for name in names]
        self.files.settle(pipe.id, states, now)
        self.files.mark(pipe.id, _LAST_ERROR, None)
        self.files.mark(pipe.id, "ingested", now.isoformat())
        self.files.mark(pipe.id, "ingested_path", names[-1])
        took = time.monotonic() - began
        log.info("pipe %s: %d files in %.2f s", pipe.record.name, len(names), took)

    def status(self, record: Record, channel: str) -> str:
        """What SYSTEM$PIPE_STATUS answers.

        https://docs.snowflake.com/en/sql-reference/functions/system_pipe_status
        """
        pipe = self.read(record)
        marks = self.files.marks(record.id)
        state = marks.get(_LAST_ERROR, "RUNNING")
        if pipe is None:
            state = "STOPPED_STAGE_DROPPED"
        elif pipe.paused:
            state = "PAUSED"
        facts = {
            "executionState": state,
            "pendingFileCount": self.files.count_waiting(record.id),
            "lastIngestedTimestamp": marks.get("ingested"),
            "lastIngestedFilePath": marks.get("ingested_path"),
            "notificationChannelName": channel,
            "numOutstandingMessagesOnChannel": 0,
            "lastReceivedMessageTimestamp": marks.get("received"),
            "lastForwardedMessageTimestamp": marks.get("received"),
        }
        return json.dumps({name: value for name, value in facts.items() if value is not None})

    def _copy(self, pipe: Pipe, names: frozenset[str]) -> dict[str, FileState]:
        account = self._account
        session = account.system_session()
        session.role_id = pipe.record.owner
        session.database, session.schema = pipe.record.path[:2]
        try:
            with only(names):
                _, result = account.execute(session, str(pipe.record.properties["DEFINITION"]))
        finally:
            session.data.close()
        return {
            str(row["file"]): FileState(str(row["status"]))
            for row in result.to_dicts()
            if row.get("file") is not None
        }


class PipeWorker:
    """Works in a thread of its own while it is entered."""

    def __init__(self, pipes: Pipes, queues: PipeQueues, aws: AwsServer) -> None:
        self._pipes = pipes
        self._queues = queues
        self._aws = aws
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="pipes", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stopping.set()
        self._aws.wake()
        self._thread.join(timeout=10)

    def _run(self) -> None:
        while not self._stopping.is_set():
            seen = self._aws.arrivals
            waits = True
            try:
                waits = self._round()
            except Exception:
                log.exception("a round of the pipes failed; the next one tries again")
            self._aws.wait_for_message(seen, timeout=_RETRY if waits else _IDLE)

    def _round(self) -> bool:
        """Take what has come, load what waits; tells whether something still waits."""
        from botocore.exceptions import ClientError

        pipes = self._pipes.automatic()
        for bucket in sorted({pipe.place.bucket for pipe in pipes}):
            try:
                self._take(bucket)
            except ClientError as error:
                log.warning("the queue of bucket %s: %s", bucket, error)
                self._queues.forget(bucket)
        for pipe in pipes:
            if not pipe.paused and not self._stopping.is_set():
                self._pipes.load(pipe)
        return any(self._pipes.files.count_waiting(pipe.id) for pipe in pipes if not pipe.paused)

    def _take(self, bucket: str) -> None:
        messages = self._queues.receive(bucket)
        if messages:
            self._pipes.announce(event for message in messages for event in events(message["Body"]))
            self._queues.delete(bucket, messages)


def _cause(error: SnowflakeError) -> str:
    """The execution state that an error puts a pipe in."""
    if isinstance(error, (AssumeRoleError, StageAreaError)):
        return "STALLED_STAGE_PERMISSION_ERROR"
    return "STALLED_COMPILATION_ERROR"
