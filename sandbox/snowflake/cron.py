"""When tasks and alerts run: `n {HOURS | MINUTES | SECONDS}` or `USING CRON … <time zone>`.

Intervals count from the moment at which the object was started. A cron time that the clocks skip in
spring does not come; one that they repeat in autumn comes twice, as Snowflake documents.
https://docs.snowflake.com/en/sql-reference/sql/create-task#optional-parameters
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cronsim import CronSim, CronSimError

from sandbox.snowflake.errors import InvalidValueError

_EVERY: Final = re.compile(r"(\d+)\s*(SECONDS?|S|MINUTES?|M|HOURS?|H)", re.IGNORECASE)
_CRON: Final = re.compile(r"USING\s+CRON\s+((?:\S+\s+){5})(\S+)", re.IGNORECASE)
_SECONDS: Final = {"S": 1, "M": 60, "H": 3600}
_SHORTEST: Final = timedelta(seconds=10)
_LONGEST: Final = timedelta(minutes=11_520)
_ANY_TIME: Final = datetime.min.replace(year=2024)
_SHIFT: Final = timedelta(hours=3)
"""More than any clock change: how far around a moment its local times are looked at."""


@dataclass(frozen=True, slots=True)
class Interval:
    """Every so often, counted from `base`."""

    length: timedelta

    def following(self, after: datetime, base: datetime) -> datetime:
        """The first moment after `after`; the first of all is one interval after `base`."""
        passed = max((after - base) // self.length, 0)
        return base + (passed + 1) * self.length


@dataclass(frozen=True, slots=True)
class Cron:
    """At the times of a cron expression, by the clock of a time zone."""

    expression: str
    zone: ZoneInfo

    def following(self, after: datetime, base: datetime) -> datetime | None:
        """The first moment after `after`, in UTC; None when there is none within 50 years."""
        local = after.astimezone(self.zone).replace(tzinfo=None)
        found: list[datetime] = []
        if not self._shifts_near(after):
            first = next(CronSim(self.expression, local), None)
            moments = list(self._moments(first)) if first is not None else []
            if len(moments) == 1:
                return moments[0]
        for naive in CronSim(self.expression, local - _SHIFT):
            found += (moment for moment in self._moments(naive) if moment > after)
            if found and naive > local + _SHIFT:
                break
        return min(found, default=None)

    def _shifts_near(self, moment: datetime) -> bool:
        offsets = {(moment + by).astimezone(self.zone).utcoffset() for by in (-_SHIFT, _SHIFT)}
        return len(offsets) > 1

    def _moments(self, naive: datetime) -> Iterator[datetime]:
        """The moments at which the zone's clock shows a time: none, one or two."""
        told = {naive.replace(tzinfo=self.zone, fold=fold).astimezone(UTC) for fold in (0, 1)}
        for moment in told:
            if moment.astimezone(self.zone).replace(tzinfo=None) == naive:
                yield moment


Schedule = Interval | Cron


@lru_cache(maxsize=1024)
def parse(text: str) -> Schedule:
    """The schedule that a text means.

    Raises:
        InvalidValueError: Snowflake would not take it.
    """
    every, cron = _EVERY.fullmatch(text.strip()), _CRON.fullmatch(text.strip())
    if every is not None:
        length = timedelta(seconds=int(every[1]) * _SECONDS[every[2][0].upper()])
        if _SHORTEST <= length <= _LONGEST:
            return Interval(length)
    elif cron is not None:
        expression = " ".join(cron[1].split())
        try:
            CronSim(expression, _ANY_TIME)
            return Cron(expression, ZoneInfo(cron[2]))
        except (CronSimError, ZoneInfoNotFoundError, ValueError, OSError):
            pass
    raise InvalidValueError(text, "SCHEDULE")


def following(text: str, after: datetime, base: datetime) -> datetime | None:
    """The first moment after `after` of a schedule that was started at `base`."""
    return parse(text).following(after, base)
