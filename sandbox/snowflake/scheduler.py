"""Runs what comes due on the sandbox's clock: tasks, alerts, metering; one thread, one at a time.

Each kind of work says what comes due in a span of time, and runs it. Before anything of a moment
runs, the clock stands at it, on disk, and a start looks forward only: so nothing runs twice,
whatever ends the process, and what came due while it was down does not run.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from queue import SimpleQueue
from typing import Any, Final, Protocol

from sandbox.snowflake.errors import SnowflakeError

log = logging.getLogger("sandbox.scheduler")

_TICK: Final = 0.5
"""How late a run may begin, in real seconds."""
SUCCEEDED: Final = "SUCCEEDED"
FAILED: Final = "FAILED"
_NEVER: Final = datetime.max.replace(tzinfo=UTC)


class MovableClock(Protocol):
    """The clock, as far as the scheduler moves it."""

    def now(self) -> datetime:
        """The account's present moment."""

    def move_to(self, moment: datetime) -> datetime:
        """Move forward to a moment that has not passed."""

    def reset(self) -> datetime:
        """Return to real time."""


@dataclass(frozen=True, slots=True)
class Due:
    """One thing that is to run at a moment; `what` is its kind's own."""

    kind: str
    at: datetime
    name: str
    what: Any = None


@dataclass(frozen=True, slots=True)
class Ran:
    """What came of it: `SUCCEEDED`, `FAILED` and what else its kind says, and why."""

    due: Due
    state: str
    message: str = ""


Find = Callable[[datetime, datetime], Iterable[Due]]
"""What comes due after the first moment and not later than the second; of each thing its first
moment is enough, because the scheduler asks again after every run."""
Run = Callable[[Due], Ran | None]
"""Runs it; None is a success. What it raises is a failure, and ends nothing else."""


class NotRunningError(SnowflakeError):
    """The clock cannot be moved where nothing drives it."""

    def __init__(self) -> None:
        super().__init__("The sandbox's scheduler does not run.")


@dataclass
class _Order:
    """A wish from another thread: move forward `by`, or (None) back to real time."""

    by: timedelta | None
    answers: SimpleQueue[Ran | None] = field(default_factory=SimpleQueue)


class Scheduler:
    """Kinds register at any time; a thread works while `running` is entered."""

    def __init__(self) -> None:
        self._kinds: dict[str, tuple[Find, Run]] = {}
        self._untold: set[str] = set()
        self._soon: deque[Due] = deque()
        self._orders: deque[_Order] = deque()
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._clock: MovableClock | None = None
        self._thread: threading.Thread | None = None
        self._position = _NEVER
        """All that was due until then has run, or never will."""
        self._younger: list[Scheduler] = []
        self._elder: Scheduler | None = None

    def register(self, kind: str, due: Find, run: Run, *, told: bool = True) -> None:
        """Have a kind of work done; at one moment, kinds run in the order of registration.

        What is not `told` is the sandbox's own book-keeping, which nobody waits for.
        """
        self._kinds[kind] = (due, run)
        if not told:
            self._untold.add(kind)

    def adopt(self, younger: Scheduler) -> None:
        """Do another account's work too: both have one clock, and so one thread."""
        younger._elder = self
        self._younger.append(younger)
        self._wake.set()

    def soon(self, due: Due) -> None:
        """Have something run as soon as the thread is free, whatever its moment."""
        self._soon.append(due)
        (self._elder or self)._wake.set()

    def advance(self, by: timedelta) -> Iterator[Ran]:
        """Move the clock forward, and tell each run as it ends; returns when all is done."""
        return self._carried_out(_Order(by))

    def reset(self) -> Iterator[Ran]:
        """Return to real time: what was due between then and now comes again when it is time."""
        return self._carried_out(_Order(None))

    def wait(self, by: timedelta) -> None:
        """Have time pass as `advance` does, also from within something that runs: then only the
        clock moves, and what came due runs afterwards.
        """
        if self._elder is not None:
            self._elder.wait(by)
            return
        if threading.current_thread() is self._thread and self._clock is not None:
            self._clock.move_to(self._clock.now() + by)
            return
        for _ in self.advance(by):
            pass

    def _carried_out(self, order: _Order) -> Iterator[Ran]:
        if self._elder is not None:
            return self._elder._carried_out(order)
        if self._clock is None or self._stopping.is_set():
            raise NotRunningError
        self._orders.append(order)
        self._wake.set()
        return iter(order.answers.get, None)

    @contextmanager
    def running(self, clock: MovableClock) -> Iterator[None]:
        """Work in a thread of its own until left."""
        self._clock = clock
        self._position = clock.now()
        thread = threading.Thread(target=self._work, args=(clock,), name="scheduler", daemon=True)
        self._thread = thread
        thread.start()
        try:
            yield
        finally:
            self._stopping.set()
            self._wake.set()
            thread.join(timeout=10)
            self._clock = None

    def _work(self, clock: MovableClock) -> None:
        while not self._stopping.is_set():
            self._wake.clear()
            try:
                for _ in self._until(clock, None):
                    pass
                while self._orders and not self._stopping.is_set():
                    self._carry_out(clock, self._orders.popleft())
            except Exception:
                log.exception("a round of the scheduler failed; the next one tries again")
            self._wake.wait(_TICK)
        while self._orders:
            self._orders.popleft().answers.put(None)

    def _carry_out(self, clock: MovableClock, order: _Order) -> None:
        try:
            if order.by is None:
                self._position = clock.reset()
                return
            target = clock.now() + order.by
            for ran in self._until(clock, target):
                order.answers.put(ran)
            clock.move_to(target)
        finally:
            order.answers.put(None)

    def _until(self, clock: MovableClock, target: datetime | None) -> Iterator[Ran]:
        """Run all that comes due until `target` (None: until now), in the order of time."""
        while not self._stopping.is_set():
            for scheduler in (self, *self._younger):
                while scheduler._soon:
                    yield scheduler._run(scheduler._soon.popleft())
            batch = self._earliest(max(target, clock.now()) if target else clock.now())
            if not batch:
                return
            clock.move_to(batch[0][1].at)
            self._position = batch[0][1].at
            for scheduler, due in batch:
                if self._stopping.is_set():
                    return
                ran = scheduler._run(due)
                if due.kind not in scheduler._untold:
                    yield ran

    def _earliest(self, until: datetime) -> list[tuple[Scheduler, Due]]:
        """All that is due at the first moment at which anything is, and whose it is."""
        batch: list[tuple[Scheduler, Due]] = []
        for scheduler in (self, *self._younger):
            for find, _ in scheduler._kinds.values():
                for due in find(self._position, until):
                    if batch and due.at < batch[0][1].at:
                        batch.clear()
                    if not batch or due.at == batch[0][1].at:
                        batch.append((scheduler, due))
        if not batch:
            self._position = max(self._position, until)
        return batch

    def _run(self, due: Due) -> Ran:
        try:
            ran = self._kinds[due.kind][1](due) or Ran(due, SUCCEEDED)
        except SnowflakeError as error:
            ran = Ran(due, FAILED, error.message)
        except Exception as error:
            log.exception("%s %s failed in the sandbox itself", due.kind, due.name)
            ran = Ran(due, FAILED, f"Internal error of the LEAP sandbox: {error}")
        level = logging.DEBUG if due.kind in self._untold else logging.INFO
        log.log(level, "%s %s of %s: %s %s", due.kind, due.name, due.at, ran.state, ran.message)
        return ran
