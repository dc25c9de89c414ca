"""Cron expressions of five fields: how long the longest wait between two of their times is.

https://docs.snowflake.com/en/sql-reference/sql/create-task#label-create-task-schedule
"""

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import pairwise
from typing import Final

DAY: Final = 24 * 60
_DAYS: Final = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_RANGES: Final = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 6))
_FROM: Final = date(2028, 1, 1)  # a leap year, so that each date of a year is there
_YEARS_DAYS: Final = 366 + 365


class CronError(ValueError):
    """The text is no cron expression."""


def longest_gap(expression: str) -> int:
    """The most minutes between two neighbouring times of the expression.

    Raises:
        CronError: it cannot be read, or it never comes.
    """
    fields = expression.split()
    if len(fields) != len(_RANGES):
        raise CronError(f"{len(fields)} fields, not {len(_RANGES)}")
    minutes, hours, days, months, weekdays = (
        frozenset(_numbers(field, *span)) for field, span in zip(fields, _RANGES, strict=True)
    )
    in_a_day = sorted(hour * 60 + minute for hour in hours for minute in minutes)
    every = fields[2] == "*", fields[4] == "*"
    on = [
        number
        for number in range(_YEARS_DAYS)
        if (day := _FROM + timedelta(days=number)).month in months
        and _is_on(day, days, weekdays, every)
    ]
    if not on[1:]:
        raise CronError("it never comes, or once")
    within = (later - earlier for earlier, later in pairwise(in_a_day))
    over = ((later - earlier) * DAY for earlier, later in pairwise(on))
    return max(*within, *(gap + in_a_day[0] - in_a_day[-1] for gap in over), 0)


def _is_on(
    day: date, days: frozenset[int], weekdays: frozenset[int], every: tuple[bool, bool]
) -> bool:
    """As cron has it: with both fields given, either will do."""
    by_day, by_weekday = day.day in days, day.isoweekday() % 7 in weekdays
    return by_day or by_weekday if not any(every) else by_day and by_weekday


def _numbers(field: str, least: int, most: int) -> Iterator[int]:
    for part in field.split(","):
        span, _, step = part.partition("/")
        first, dash, last = span.partition("-")
        if span == "*":
            begin, end = least, most
        else:
            begin = _number(first)
            end = _number(last) if dash else (most if step else begin)
        if not least <= begin <= end <= most:
            raise CronError(f"{part!r} is not within {least} and {most}")
        yield from range(begin, end + 1, max(_number(step), 1) if step else 1)


def _number(text: str) -> int:
    if text in _DAYS:
        return _DAYS.index(text)
    if not text.isdecimal():
        raise CronError(f"{text!r} is no number")
    return int(text)
