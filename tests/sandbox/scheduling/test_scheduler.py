"""What comes due runs once, in the order of time, with the clock at its moment."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sandbox.clock import Clock
from sandbox.snowflake.errors import CompilationError
from sandbox.snowflake.scheduler import Due, NotRunningError, Ran, Scheduler

HOUR = timedelta(hours=1)


@dataclass
class Every:
    """A kind with one thing that is due every so often."""

    name: str
    clock: Clock
    every: timedelta
    log: list[tuple[str, datetime, datetime]]
    base: datetime = field(init=False)

    def __post_init__(self) -> None:
        self.base = self.clock.now()

    def due(self, after: datetime, until: datetime) -> Iterable[Due]:
        at = self.base + (max((after - self.base) // self.every, 0) + 1) * self.every
        return [Due(self.name, at, self.name)] if at <= until else []

    def run(self, due: Due) -> Ran | None:
        self.log.append((self.name, due.at, self.clock.now()))
        return None


@pytest.fixture
def clock(tmp_path: Path) -> Clock:
    return Clock(tmp_path / "clock.json")


@pytest.fixture
def scheduler(clock: Clock) -> Iterator[Scheduler]:
    made = Scheduler()
    with made.running(clock):
        yield made


def test_an_advance_runs_all_in_the_order_of_time(scheduler: Scheduler, clock: Clock) -> None:
    log: list[tuple[str, datetime, datetime]] = []
    for name, every in (("slow", 3 * HOUR), ("quick", HOUR)):
        kind = Every(name, clock, every, log)
        scheduler.register(name, kind.due, kind.run)
    ran = list(scheduler.advance(timedelta(hours=6.5)))
    assert [run.due.name for run in ran] == [
        *("quick", "quick", "slow", "quick", "quick", "quick", "slow", "quick")
    ]
    assert {run.state for run in ran} == {"SUCCEEDED"}
    for _, at, seen in log:
        assert at <= seen < at + HOUR
    assert clock.offset >= timedelta(hours=6.4)


def test_a_failure_is_told_and_ends_nothing_else(scheduler: Scheduler, clock: Clock) -> None:
    def fail(due: Due) -> Ran | None:
        raise CompilationError("no such thing")

    good = Every("good", clock, HOUR, [])
    scheduler.register("bad", Every("bad", clock, HOUR, []).due, fail)
    scheduler.register("good", good.due, good.run)
    ran = {run.due.name: (run.state, run.message) for run in scheduler.advance(HOUR)}
    assert ran["bad"] == ("FAILED", "SQL compilation error:\nno such thing")
    assert ran["good"] == ("SUCCEEDED", "")


def test_a_new_start_runs_nothing_again(clock: Clock) -> None:
    log: list[tuple[str, datetime, datetime]] = []
    kind = Every("once", clock, HOUR, log)
    for _ in range(2):
        scheduler = Scheduler()
        scheduler.register("once", kind.due, kind.run)
        with scheduler.running(clock):
            list(scheduler.advance(timedelta(minutes=50)))
    assert len(log) == 1


def test_a_wish_for_now_runs_at_once(scheduler: Scheduler, clock: Clock) -> None:
    log: list[tuple[str, datetime, datetime]] = []
    kind = Every("asked", clock, 1000 * HOUR, log)
    scheduler.register("asked", kind.due, kind.run)
    scheduler.soon(Due("asked", clock.now(), "asked"))
    list(scheduler.advance(timedelta()))
    assert [name for name, _, _ in log] == ["asked"]


def test_a_reset_returns_to_real_time(scheduler: Scheduler, clock: Clock) -> None:
    list(scheduler.advance(24 * HOUR))
    list(scheduler.reset())
    assert abs(clock.now() - datetime.now(UTC)) < HOUR


def test_without_a_thread_the_clock_stands(clock: Clock) -> None:
    with pytest.raises(NotRunningError):
        Scheduler().advance(HOUR)
