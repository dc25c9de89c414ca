"""The worker that drives the pipes: from S3's event on a queue to rows, each file once.

A message is deleted when its files wait in the pipes' register, which is on disk, and no sooner. It
wakes at once when a message comes to any queue of the local AWS. Pipes load one after the other.
"""

from __future__ import annotations

import logging
import threading
import time
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self

from sandbox.snowflake.pipe_queue import PipeQueues, events
from sandbox.snowflake.pipes import Pipe, Pipes

if TYPE_CHECKING:
    from sandbox.aws.server import AwsServer

log = logging.getLogger("sandbox.pipes")

_TICK: Final = 1.0
"""How long a pipe that was resumed or repaired may wait; messages wake the worker at once."""
_LONGEST_PAUSE: Final = 8.0
"""How long a pipe that keeps failing waits before it tries again, in seconds."""
_SWEEP: Final = 30.0
"""How often queues are looked at though nothing was announced."""


class PipeWorker:
    """Works in a thread of its own while it is entered."""

    def __init__(self, pipes: Pipes, queues: PipeQueues, aws: AwsServer) -> None:
        self._pipes = pipes
        self._queues = queues
        self._aws = aws
        self._failures: dict[int, tuple[int, float]] = {}
        """How often a pipe has failed in a row, and when it may try again."""
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
        taken, swept = -1, 0.0
        while not self._stopping.is_set():
            seen = self._aws.arrivals
            try:
                pipes = self._pipes.standing()
                if seen != taken or time.monotonic() - swept >= _SWEEP:
                    self._take({pipe.place.bucket for pipe in pipes if pipe.automatic})
                    taken, swept = seen, time.monotonic()
                self._load(pipes)
            except Exception:
                log.exception("a round of the pipes failed; the next one tries again")
            self._aws.wait_for_message(seen, timeout=_TICK)

    def _take(self, buckets: set[str]) -> None:
        """Have what the queues tell wait, then take it off them."""
        from botocore.exceptions import ClientError

        for bucket in sorted(buckets):
            try:
                messages = self._queues.receive(bucket)
                told = [event for message in messages for event in events(message["Body"])]
                self._pipes.announce(told)
                self._queues.delete(bucket, messages)
            except ClientError as error:
                log.warning("the queue of bucket %s: %s", bucket, error)
                self._queues.forget(bucket)

    def _load(self, pipes: list[Pipe]) -> None:
        for pipe in pipes:
            failures, not_before = self._failures.get(pipe.id, (0, 0.0))
            if pipe.paused or self._stopping.is_set() or time.monotonic() < not_before:
                continue
            if self._pipes.load(pipe):
                self._failures.pop(pipe.id, None)
            else:
                pause = min(_TICK * 2**failures, _LONGEST_PAUSE)
                self._failures[pipe.id] = (failures + 1, time.monotonic() + pause)
