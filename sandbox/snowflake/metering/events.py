"""What the scheduler has to do for warehouses and monitors: the moments at which one suspends.

Between two such moments nothing changes by itself, so a week passes in a few steps.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from sandbox.snowflake.catalog.record import Record
from sandbox.snowflake.metering.ledger import HOUR
from sandbox.snowflake.metering.warehouses import Run
from sandbox.snowflake.scheduler import Due, Ran

if TYPE_CHECKING:
    from sandbox.snowflake.account import Account

KIND: Final = "metering"
_AFTER: Final = timedelta(milliseconds=1)
"""So that a count is over its threshold for certain when it is looked at."""


class MeteringEvents:
    """The next moment at which a warehouse suspends by itself or a monitor has something to do."""

    def __init__(self, account: Account) -> None:
        self._account = account

    def due(self, after: datetime, until: datetime) -> Iterator[Due]:
        """The first of each in the span."""
        account = self._account
        with account.store.lock:
            running = list(account.warehouses.running())
            for record, run in running:
                stop = account.warehouses.stop(record, run)
                if after < stop <= until:
                    yield Due(KIND, stop, record.name)
            if not running:
                return
            for monitor in account.store.each("RESOURCE MONITOR"):
                counted = self._counted(monitor, running)
                moments = (
                    self._crossing(monitor, counted, until) if counted else None,
                    account.monitors.next_reset(monitor, after) if counted else None,
                )
                for at in moments:
                    if at is not None and after < at <= until:
                        yield Due(KIND, at, monitor.name)

    def _counted(
        self, monitor: Record, running: list[tuple[Record, Run]]
    ) -> list[tuple[Run, datetime]]:
        """The runs that a monitor counts, each with its end."""
        account = self._account
        return [
            (run, account.warehouses.stop(record, run))
            for record, run in running
            if any(one.id == monitor.id for one in account.monitors.of(record))
        ]

    def _crossing(
        self, monitor: Record, counted: list[tuple[Run, datetime]], until: datetime
    ) -> datetime | None:
        """When the monitor's warehouses, left alone, reach its next threshold."""
        account = self._account
        levels = account.monitors.thresholds(monitor)
        if not levels:
            return None
        missing = levels[0] - account.monitors.used(monitor)
        if _burnt(counted, until) < missing:
            return None
        low, high = account.now(), until
        while high - low > _AFTER / 2:
            middle = low + (high - low) / 2
            low, high = (low, middle) if _burnt(counted, middle) >= missing else (middle, high)
        return high + _AFTER

    def run(self, due: Due) -> Ran:
        """Settle; what suspends and who is told follows from that."""
        self._account.warehouses.settle_all()
        record = self._account.store.find("WAREHOUSE", (due.name,))
        state = record.properties["STATE"] if record is not None else "CHECKED"
        return Ran(due, str(state))


def _burnt(counted: list[tuple[Run, datetime]], until: datetime) -> float:
    """What is burnt from now until a moment that is not booked yet."""
    spans = ((run, min(until, stop) - run.metered) for run, stop in counted)
    return sum(run.rate * (span / HOUR) for run, span in spans if span > timedelta())
