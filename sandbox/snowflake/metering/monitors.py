"""Resource monitors at work: what they have counted, whom they tell, what they forbid.

Whether a warehouse may run is asked of the count and the quota as they are now, so a raised quota
or a new interval lets it run again. Each trigger is told once in an interval.
https://docs.snowflake.com/en/user-guide/resource-monitors
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from sandbox.snowflake.catalog.record import Record
from sandbox.snowflake.errors import SnowflakeError
from sandbox.snowflake.metering import interval
from sandbox.snowflake.notification.log import Attempt
from sandbox.snowflake.notification.outbox import Delivery
from sandbox.snowflake.sql.reader import Reader

if TYPE_CHECKING:
    from sandbox.snowflake.account import Account
    from sandbox.snowflake.metering.warehouses import Warehouses

_USED: Final = "USED_CREDITS"
_SINCE: Final = "COUNTED_SINCE"
_TOLD: Final = "TOLD_TRIGGERS"
_SUSPENDING: Final = ("SUSPEND", "SUSPEND_IMMEDIATE")


class QuotaExceededError(SnowflakeError):
    """A warehouse that its monitor, or the account's, keeps suspended."""

    code = "090073"
    sqlstate = "22000"

    def __init__(self, warehouse: Record, monitor: Record) -> None:
        super().__init__(
            f"Warehouse '{warehouse.name}' cannot be resumed because resource monitor "
            f"'{monitor.name}' has exceeded its quota."
        )


class Monitors:
    """The account's monitors."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._store = account.store

    def of(self, warehouse: Record) -> Iterator[Record]:
        """The monitors that count a warehouse: its own, and the account's."""
        own = warehouse.properties.get("RESOURCE_MONITOR")
        names = [Reader(own).path() if own else (), (self._store.setting("account_monitor") or "",)]
        for path in names:
            monitor = self._store.find("RESOURCE MONITOR", path) if path and path[0] else None
            if monitor is not None:
                yield monitor

    def used(self, monitor: Record) -> float:
        """What the monitor has counted in the interval that now lies in."""
        started = interval.current(monitor, self._account.now())[0].isoformat()
        if monitor.properties.get(_SINCE) != started:
            return 0.0
        return float(monitor.properties.get(_USED) or 0.0)

    def charge(self, warehouse: Record, burnt: float, at: datetime) -> None:
        """Count credits of a warehouse that were burnt from a moment on."""
        for monitor in self.of(warehouse):
            started = interval.current(monitor, at)[0].isoformat()
            if started > (monitor.properties.get(_SINCE) or ""):
                monitor.properties |= {_SINCE: started, _USED: 0.0, _TOLD: []}
            if started == monitor.properties[_SINCE]:
                monitor.properties[_USED] += burnt
                self._store.save(monitor)

    def check(self, warehouse: Record) -> None:
        """QuotaExceededError for a warehouse that must not run."""
        for monitor in self.of(warehouse):
            if self._reached(monitor, _SUSPENDING):
                raise QuotaExceededError(warehouse, monitor)

    def ends_at_once(self, warehouse: Record) -> bool:
        """Whether a monitor ends even statements that run."""
        return any(self._reached(one, ("SUSPEND_IMMEDIATE",)) for one in self.of(warehouse))

    def thresholds(self, monitor: Record) -> list[float]:
        """The counts at which something is left to do in this interval, lowest first."""
        quota, used = monitor.properties.get("CREDIT_QUOTA"), self.used(monitor)
        percents = [percent for percent, _ in monitor.properties.get("TRIGGERS") or []]
        levels = [quota * percent / 100 for percent in percents] if quota else []
        return sorted(level for level in levels if level > used)

    def _triggers(self, monitor: Record) -> list[tuple[int, str]]:
        """The triggers that the count has reached, lowest first."""
        quota = monitor.properties.get("CREDIT_QUOTA")
        if not quota:
            return []
        used = self.used(monitor) / quota * 100
        given = monitor.properties.get("TRIGGERS") or []
        return sorted((percent, action) for percent, action in given if used >= percent)

    def _reached(self, monitor: Record, actions: tuple[str, ...]) -> bool:
        end = interval.read_moment(str(monitor.properties.get("END_TIMESTAMP") or ""))
        if end is not None and end <= self._account.now():
            return True
        return any(action in actions for _, action in self._triggers(monitor))

    def act(self, warehouses: Warehouses, charged: Record) -> None:
        """Tell the triggers that a warehouse has set off, and suspend what may not run on."""
        for monitor in list(self.of(charged)):
            self._tell_new(monitor)
            if not self._reached(monitor, _SUSPENDING):
                continue
            for warehouse, run in list(warehouses.running()):
                stops = not run.busy or self.ends_at_once(warehouse)
                if stops and monitor in self.of(warehouse):
                    warehouses.suspend(warehouse)

    def _tell_new(self, monitor: Record) -> None:
        told = [tuple(item) for item in monitor.properties.get(_TOLD) or []]
        new = [item for item in self._triggers(monitor) if item not in told]
        for percent, action in new:
            self._tell(monitor, percent, action)
        if new:
            monitor.properties[_TOLD] = [list(item) for item in (*told, *new)]
            with self._store.transaction():
                self._store.save(monitor)

    def _tell(self, monitor: Record, percent: int, action: str) -> None:
        quota = monitor.properties["CREDIT_QUOTA"]
        done = {"NOTIFY": "nobody was stopped", "SUSPEND": "its warehouses are suspended"}.get(
            action, "its warehouses are suspended at once"
        )
        addresses = tuple(self._addresses(monitor))
        source, at = "RESOURCE_MONITOR", self._account.now()
        if not addresses:
            error = "None of the monitor's users has an e-mail address."
            self._account.notifications.add(Attempt(at, source, "", error))
            return
        subject = f"Resource monitor {monitor.name} reached {percent}% of its quota"
        body = (
            f"Account {self._account.identity.name}: resource monitor {monitor.name} has used "
            f"{self.used(monitor):.2f} of {quota} credits ({percent}%); {done}."
        )
        message = Delivery("email", "", addresses, body, subject=subject)
        self._account.outbox.deliver(message, at=at, query_id="")
        self._account.notifications.add(Attempt(at, source, ""))

    def _addresses(self, monitor: Record) -> Iterator[str]:
        for name in monitor.properties.get("NOTIFY_USERS") or []:
            user: Any = self._store.find("USER", Reader(name).path())
            if user is not None and user.properties.get("EMAIL"):
                yield str(user.properties["EMAIL"])

    def next_reset(self, monitor: Record, after: datetime) -> datetime | None:
        """When the monitor begins anew."""
        return interval.current(monitor, after)[1]
