"""The pipes of an account: which files wait for them, running them, and how they stand.

Files wait for every pipe that reads their place; a pipe's COPY runs for its waiting files as the
pipe's owner. A pipe that cannot run (no trust, no table) keeps its files, and its status says why.
https://docs.snowflake.com/en/user-guide/data-load-snowpipe-intro
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from sandbox.snowflake import dispatch
from sandbox.snowflake.catalog.record import Record
from sandbox.snowflake.cloud_access import AssumeRoleError, StageAreaError
from sandbox.snowflake.data.model import ObjectName
from sandbox.snowflake.errors import SnowflakeError
from sandbox.snowflake.files import Location, StageFiles
from sandbox.snowflake.kinds.pipe import is_paused
from sandbox.snowflake.pipe_definition import Source, read_source
from sandbox.snowflake.pipe_files import Arrival, FileState, PipeFiles
from sandbox.snowflake.pipe_queue import Event
from sandbox.snowflake.replication import read_only

if TYPE_CHECKING:
    from sandbox.snowflake.account import Account

log = logging.getLogger("sandbox.pipes")

REFRESH_WINDOW: Final = timedelta(days=7)
"""How far back ALTER PIPE … REFRESH looks."""
_ERROR: Final = "error"


@dataclass(frozen=True, slots=True)
class Pipe:
    """A pipe of the catalogue, with the place that it reads."""

    record: Record
    source: Source
    place: Location
    paused: bool

    @property
    def id(self) -> int:
        """The id of its record."""
        return self.record.id

    @property
    def automatic(self) -> bool:
        """Whether it listens to S3's events; one that does not loads by REFRESH only."""
        return bool(self.record.properties.get("AUTO_INGEST"))

    def takes(self, event: Event) -> bool:
        """Whether an event's object is one of its files."""
        name = event.file.name
        return (
            event.bucket == self.place.bucket
            and name.startswith(self.place.prefix + self.source.path)
            and self.source.takes(name)
        )


class Pipes:
    """All of it for one account; `wake` tells the worker that something waits."""

    def __init__(
        self,
        account: Account,
        stages: StageFiles,
        files: PipeFiles,
        wake: Callable[[], None] = lambda: None,
    ) -> None:
        self._account = account
        self._stages = stages
        self._wake = wake
        self.files = files

    def standing(self) -> list[Pipe]:
        """All pipes whose stage is in S3, as they are now."""
        with self._account.store.lock:
            found = [self._read(record) for record in self._account.store.all("PIPE")]
        return [one for one in found if one and read_only.runs(self._account, one.record)]

    def announce(self, events: Iterable[Event]) -> None:
        """Have the files wait for every pipe that reads their place."""
        told = list(events)
        now = self._account.now()
        for pipe in self.standing():
            arrivals = [event.file for event in told if pipe.automatic and pipe.takes(event)]
            if arrivals:
                self.files.mark(pipe.id, "received", now.isoformat())
                self.files.add(pipe.id, arrivals, now)

    def refresh(
        self, record: Record, prefix: str = "", modified_after: datetime | None = None
    ) -> list[tuple[str, str]]:
        """Have files wait that are in the stage already: `(file, status)` for each.

        Files older than seven days, or than `modified_after`, are passed over.
        https://docs.snowflake.com/en/sql-reference/sql/alter-pipe
        """
        pipe = self._read(record)
        if pipe is None:
            return []
        now = self._account.now()
        oldest = max(now - REFRESH_WINDOW, modified_after or now - REFRESH_WINDOW)
        stage = ObjectName(*pipe.source.resolved(record.path[:2]))
        arrivals = [
            Arrival(file.name, file.etag, file.size)
            for file in self._stages.stage_files(stage, pipe.source.path + prefix)
            if file.last_modified >= oldest and pipe.source.takes(file.name)
        ]
        added = self.files.add(pipe.id, arrivals, now)
        self._wake()
        return [(arrival.name.removeprefix(pipe.place.prefix), "SENT") for arrival in added]

    def load(self, pipe: Pipe) -> bool:
        """Run the pipe's COPY for its waiting files; when it cannot run (False) they stay."""
        names = self.files.waiting(pipe.id)
        if not names:
            return True
        began = time.monotonic()
        try:
            states = self._copy(pipe, names)
        except SnowflakeError as error:
            self._stall(pipe, error)
            return False
        now = self._account.now()
        self.files.settle(pipe.id, list(states.items()), now)
        self.files.mark(pipe.id, _ERROR, None)
        self.files.mark(pipe.id, "ingested", now.isoformat())
        self.files.mark(pipe.id, "ingested_path", names[-1])
        took = time.monotonic() - began
        log.info("pipe %s: %d files in %.2f s", pipe.record.name, len(names), took)
        return True

    def status(self, record: Record, channel: str) -> str:
        """What SYSTEM$PIPE_STATUS answers.

        https://docs.snowflake.com/en/sql-reference/functions/system_pipe_status
        """
        pipe = self._read(record)
        marks = self.files.marks(record.id)
        facts = {
            "executionState": _state(
                pipe, marks.get(_ERROR), works=read_only.runs(self._account, record)
            ),
            "pendingFileCount": self.files.count_waiting(record.id),
            "lastIngestedTimestamp": marks.get("ingested"),
            "lastIngestedFilePath": marks.get("ingested_path"),
            "notificationChannelName": channel or None,
            "numOutstandingMessagesOnChannel": 0,
            "lastReceivedMessageTimestamp": marks.get("received"),
            "lastForwardedMessageTimestamp": marks.get("received"),
        }
        return json.dumps({name: value for name, value in facts.items() if value is not None})

    def _read(self, record: Record) -> Pipe | None:
        """The pipe of a record; None when its stage is gone or not in S3."""
        source = _source(str(record.properties["DEFINITION"]))
        stage = self._account.store.find("STAGE", source.resolved(record.path[:2]))
        url = str(stage.properties.get("URL")) if stage is not None else ""
        return (
            Pipe(record, source, Location.of(url), is_paused(self._account.parameters, record))
            if url.lower().startswith(("s3:", "s3gov:", "s3china:"))
            else None
        )

    def _copy(self, pipe: Pipe, names: Sequence[str]) -> dict[str, FileState]:
        """How each file that was read ended; one that was loaded before is not read again."""
        stage = ObjectName(*pipe.source.resolved(pipe.record.path[:2]))
        there = self._stages.arrived(stage, names)
        session = self._account.system_session()
        session.role_id = pipe.record.owner
        session.database, session.schema = pipe.record.path[:2]
        try:
            outcome = dispatch.load(
                self._account,
                session,
                str(pipe.record.properties["DEFINITION"]),
                list(there.values()),
                ObjectName(*pipe.record.path),
            )
        finally:
            session.data.close()
        ended = {load.file: FileState(load.status) for load in outcome.loads}
        gone = {name: FileState.LOAD_FAILED for name in names if name not in there}
        return gone | {
            name: ended.get(name) or ended.get(file.url) or FileState.LOADED
            for name, file in there.items()
        }

    def _stall(self, pipe: Pipe, error: SnowflakeError) -> None:
        cause = "STALLED_COMPILATION_ERROR"
        if isinstance(error, (AssumeRoleError, StageAreaError)):
            cause = "STALLED_STAGE_PERMISSION_ERROR"
        if self.files.marks(pipe.id).get(_ERROR) != cause:
            log.warning("pipe %s cannot load: %s", pipe.record.name, error.message)
        self.files.mark(pipe.id, _ERROR, cause)


@lru_cache(maxsize=1024)
def _source(definition: str) -> Source:
    return read_source(definition)


def _state(pipe: Pipe | None, error: str | None, *, works: bool) -> str:
    if pipe is None:
        return "STOPPED_STAGE_DROPPED"
    if not works:
        return "READ_ONLY"
    return "PAUSED" if pipe.paused else error or "RUNNING"
