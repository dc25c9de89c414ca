"""When a monitor's count begins anew.

Without a start of its own, a monitor counts by calendar months; with one, from that day at midnight
UTC by its frequency.
https://docs.snowflake.com/en/user-guide/resource-monitors#schedule-properties
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

from sandbox.snowflake.catalog.record import Record

_DAYS: Final = {"DAILY": 1, "WEEKLY": 7}
_MONTHS: Final = {"MONTHLY": 1, "YEARLY": 12}
NOW: Final = "IMMEDIATELY"


def first(monitor: Record) -> datetime:
    """The moment from which the monitor's intervals count."""
    given = monitor.properties.get("START_TIMESTAMP")
    created = _midnight(monitor.created_on)
    if not given:
        return created.replace(day=1)
    return created if str(given).upper() == NOW else read_moment(str(given)) or created


def current(monitor: Record, now: datetime) -> tuple[datetime, datetime | None]:
    """The interval that a moment lies in; None for an end that never comes."""
    start = first(monitor)
    for end in _boundaries(monitor, start):
        if end > now:
            return start, end
        start = end
    return start, None


def _boundaries(monitor: Record, base: datetime) -> Iterator[datetime]:
    frequency = str(monitor.properties.get("FREQUENCY") or "MONTHLY")
    if frequency in _DAYS:
        moment = base
        while True:
            moment += timedelta(days=_DAYS[frequency])
            yield moment
    step = _MONTHS.get(frequency)
    count = 0
    while step is not None:
        count += step
        yield _months_later(base, count)


def _months_later(moment: datetime, months: int) -> datetime:
    """The same day of a later month, or that month's last day."""
    year, month = divmod(moment.month - 1 + months, 12)
    for day in range(moment.day, 0, -1):
        try:
            return moment.replace(year=moment.year + year, month=month + 1, day=day)
        except ValueError:
            continue
    raise AssertionError("every month has a first day")


def _midnight(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def read_moment(text: str) -> datetime | None:
    """A timestamp in the forms that monitors take, in UTC; None where it is none."""
    for form in ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d", "%m/%d/%Y %H:%M"):
        try:
            return datetime.strptime(text.strip(), form).replace(tzinfo=UTC)
        except ValueError:
            continue
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
