"""The credits that were burnt, by hour, service and object; kept with the catalogue.

https://docs.snowflake.com/en/sql-reference/account-usage/metering_history
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sandbox.snowflake.catalog.store import Store

WAREHOUSE: Final = "WAREHOUSE_METERING"
PIPE: Final = "PIPE"
TASK: Final = "SERVERLESS_TASK"
ALERT: Final = "SERVERLESS_ALERTS"

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS credits (
  hour TEXT, service TEXT, entity INTEGER, name TEXT, credits REAL,
  PRIMARY KEY (hour, service, entity)
)
"""
_ADD: Final = """
INSERT INTO credits VALUES (?, ?, ?, ?, ?)
ON CONFLICT DO UPDATE SET credits = credits + excluded.credits, name = excluded.name
"""
HOUR: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Burnt:
    """What one object burnt within one hour."""

    hour: datetime
    service: str
    entity: int
    name: str
    credits: float


class Ledger:
    """Adds, and tells in the order of time."""

    def __init__(self, store: Store) -> None:
        self._store = store
        with store.lock:
            store.database.execute(_SCHEMA)

    def add(self, service: str, entity: int, name: str, at: datetime, burnt: float) -> None:
        """Book credits into the hour of a moment."""
        hour = at.replace(minute=0, second=0, microsecond=0).isoformat()
        with self._store.transaction():
            self._store.database.execute(_ADD, (hour, service, entity, name, burnt))

    def add_span(
        self, service: str, entity: int, name: str, span: tuple[datetime, datetime], rate: float
    ) -> float:
        """Book a span of work at `rate` credits an hour, cut at the hours; the credits in all."""
        at, end = span
        while at < end:
            following = at.replace(minute=0, second=0, microsecond=0) + HOUR
            until = min(end, following)
            self.add(service, entity, name, at, rate * ((until - at) / HOUR))
            at = until
        return rate * ((span[1] - span[0]) / HOUR)

    def since(self, moment: datetime | None = None) -> list[Burnt]:
        """All that was burnt in hours that begin at or after a moment."""
        first = moment.isoformat() if moment is not None else ""
        with self._store.lock:
            rows = self._store.database.execute(
                "SELECT hour, service, entity, name, credits FROM credits "
                "WHERE hour >= ? ORDER BY hour, service, name",
                (first,),
            ).fetchall()
        return [Burnt(datetime.fromisoformat(hour), *rest) for hour, *rest in rows]
