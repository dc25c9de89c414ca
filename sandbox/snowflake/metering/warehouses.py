"""Which warehouses run, from when to when, and what they burn.

Nothing ticks: whoever looks settles first, which books all until now and suspends what has been
idle for AUTO_SUSPEND. What runs is kept with the warehouse's record; the last seconds of use may be
lost when the process is killed. A warehouse is one cluster, whatever its settings allow.
https://docs.snowflake.com/en/user-guide/warehouses-considerations
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from sandbox.snowflake.catalog.record import Record
from sandbox.snowflake.errors import SnowflakeError
from sandbox.snowflake.metering import ledger
from sandbox.snowflake.metering.monitors import Monitors
from sandbox.snowflake.metering.rates import CREDITS_AN_HOUR, LEAST

if TYPE_CHECKING:
    from sandbox.snowflake.account import Account

_RUN: Final = "RUN"
_KEEP_EVERY: Final = timedelta(seconds=5)


class NoWarehouseError(SnowflakeError):
    """A statement for a warehouse that is suspended and does not resume by itself."""

    code = "000606"
    sqlstate = "57P03"

    def __init__(self) -> None:
        super().__init__(
            "No active warehouse selected in the current session.  "
            "Select an active warehouse with the 'use warehouse' command."
        )


class CanceledError(SnowflakeError):
    """A statement that a monitor's SUSPEND_IMMEDIATE ended."""

    code = "000604"
    sqlstate = "57014"

    def __init__(self) -> None:
        super().__init__("SQL execution canceled")


@dataclass
class Run:
    """A warehouse that runs: until when it is booked, when it was last used, at what size."""

    metered: datetime
    used: datetime
    size: str
    busy: int = 0
    kept: datetime | None = None

    @property
    def rate(self) -> float:
        """Credits an hour."""
        return CREDITS_AN_HOUR[self.size]


class Warehouses:
    """The running warehouses of an account."""

    def __init__(self, account: Account, monitors: Monitors) -> None:
        self._account = account
        self._store = account.store
        self._monitors = monitors
        self._runs: dict[int, Run] = {}

    def running(self) -> Iterator[tuple[Record, Run]]:
        """Each started warehouse, with what is known of its run."""
        for record in self._store.each("WAREHOUSE"):
            if record.properties.get("STATE") == "STARTED":
                yield record, self._run(record)

    def _run(self, record: Record) -> Run:
        run = self._runs.get(record.id)
        if run is None:
            kept = record.properties.get(_RUN)
            now = self._account.now()
            metered, used, size = kept or (None, None, record.properties["WAREHOUSE_SIZE"])
            run = self._runs[record.id] = Run(
                datetime.fromisoformat(metered) if metered else now,
                datetime.fromisoformat(used) if used else now,
                size,
            )
        return run

    @contextmanager
    def used(self, name: str | None) -> Iterator[None]:
        """Have a warehouse at work for a statement; it resumes by itself if it may."""
        with self._store.lock:
            record = self._store.find("WAREHOUSE", (name,)) if name else None
            if record is not None:
                self._begin(record)
        if record is None:
            yield
            return
        try:
            yield
        finally:
            with self._store.lock:
                canceled = self._end(record)
        if canceled:
            raise CanceledError

    def _begin(self, record: Record) -> None:
        self.settle(record)
        self._monitors.check(record)
        if record.properties["STATE"] != "STARTED":
            if not record.properties.get("AUTO_RESUME"):
                raise NoWarehouseError
            self.resume(record)
        run = self._run(record)
        run.busy += 1
        run.used = self._account.now()

    def _end(self, record: Record) -> bool:
        """Note the end of a statement; whether a monitor has ended it."""
        run = self._runs.get(record.id)
        if run is None:
            return self._monitors.ends_at_once(record)
        run.busy = max(run.busy - 1, 0)
        now = run.used = self._account.now()
        if run.kept is None or now - run.kept >= _KEEP_EVERY:
            self.settle(record)
        return False

    def resume(self, record: Record) -> None:
        """Start it, and book the least that a start costs; a monitor may forbid it."""
        self._monitors.check(record)
        now = self._account.now()
        record.properties["STATE"] = "STARTED"
        record.properties["RESUMED_ON"] = now.isoformat()
        run = Run(now, now, record.properties["WAREHOUSE_SIZE"])
        self._runs[record.id] = run
        with self._store.transaction():
            self._book(record, run, now + LEAST)
            self._keep(record, run)

    def suspend(self, record: Record) -> None:
        """Stop it at once, and book until now."""
        run = self._run(record)
        with self._store.transaction():
            self._book(record, run, self._account.now())
            record.properties["STATE"] = "SUSPENDED"
            record.properties.pop(_RUN, None)
            self._store.save(record)
        self._runs.pop(record.id, None)

    def forget(self, record: Record) -> None:
        """Book what a warehouse burnt that is dropped."""
        run = self._runs.pop(record.id, None)
        if run is not None:
            self._book(record, run, min(self._account.now(), self.stop(record, run)))

    def settle_all(self) -> None:
        """Bring every running warehouse up to now."""
        with self._store.lock:
            for record, _ in list(self.running()):
                self.settle(record)

    def settle(self, record: Record) -> None:
        """Book until now, and suspend it if it has been idle for long enough."""
        if record.properties.get("STATE") != "STARTED":
            return
        run, now = self._run(record), self._account.now()
        if run.busy:
            run.used = now
        # the clock may have been set back to real time
        run.metered, run.used = min(run.metered, now + LEAST), min(run.used, now)
        stop = self.stop(record, run)
        with self._store.transaction():
            self._book(record, run, min(now, stop))
            if now >= stop:
                record.properties["STATE"] = "SUSPENDED"
                record.properties.pop(_RUN, None)
                self._runs.pop(record.id, None)
                self._store.save(record)
            elif record.properties["STATE"] == "STARTED":
                run.size = record.properties["WAREHOUSE_SIZE"]
                self._keep(record, run)
        self._monitors.act(self, record)

    def settle_idle(self, record: Record) -> None:
        """Suspend it if it has been idle for long enough; nothing is booked while it runs."""
        if record.properties.get("STATE") == "STARTED":
            with self._store.lock:
                if self._account.now() >= self.stop(record, self._run(record)):
                    self.settle(record)

    def stop(self, record: Record, run: Run) -> datetime:
        """When it suspends by itself if nobody uses it; far ahead where it never does."""
        idle = record.properties.get("AUTO_SUSPEND")
        if run.busy or not idle:
            return datetime.max.replace(tzinfo=run.used.tzinfo)
        return run.used + timedelta(seconds=idle)

    def _book(self, record: Record, run: Run, until: datetime) -> None:
        if until <= run.metered:
            return
        span = (run.metered, until)
        burnt = self._account.ledger.add_span(
            ledger.WAREHOUSE, record.id, record.name, span, run.rate
        )
        self._monitors.charge(record, burnt, run.metered)
        run.metered = until

    def _keep(self, record: Record, run: Run) -> None:
        record.properties[_RUN] = [run.metered.isoformat(), run.used.isoformat(), run.size]
        run.kept = self._account.now()
        self._store.save(record)
