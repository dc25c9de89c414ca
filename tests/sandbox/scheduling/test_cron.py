"""When a schedule's next moment is: zones, clock changes, intervals."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from sandbox.snowflake.cron import following, parse
from sandbox.snowflake.errors import InvalidValueError

BASE = datetime(2026, 1, 1, 12, 0, 7, tzinfo=UTC)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("schedule", "after", "expected"),
    [
        ("USING CRON 0 6 * * * UTC", "2026-01-01 06:00", "2026-01-02 06:00"),
        ("USING CRON 0 6 * * * UTC", "2026-01-01 05:59:59", "2026-01-01 06:00"),
        ("using cron 0 9-17 * * SUN America/Los_Angeles", "2026-11-23", "2026-11-23 01:00"),
        ("USING CRON 0 0 L * * UTC", "2026-02-01", "2026-02-28"),
        ("USING CRON */15 * * * * Asia/Kolkata", "2026-02-01 00:20", "2026-02-01 00:30"),
        ("5 MINUTE", "2026-01-01 12:00:07", "2026-01-01 12:05:07"),
        ("10 SECONDS", "2026-01-01 12:00:08", "2026-01-01 12:00:17"),
        ("1 HOURS", "2026-01-01 09:00", "2026-01-01 13:00:07"),
    ],
)
def test_the_next_moment(schedule: str, after: str, expected: str) -> None:
    assert following(schedule, at(after), BASE) == at(expected)


def test_a_time_that_the_clocks_repeat_comes_twice() -> None:
    schedule = "USING CRON 0 1 * * * America/Los_Angeles"
    first = following(schedule, at("2026-11-01 02:00"), BASE)
    assert first == at("2026-11-01 08:00")
    assert following(schedule, first, BASE) == at("2026-11-01 09:00")


def test_a_time_that_the_clocks_skip_does_not_come() -> None:
    schedule = "USING CRON 30 2 * * * America/Los_Angeles"
    assert following(schedule, at("2026-03-08 01:00"), BASE) == at("2026-03-09 09:30")


@pytest.mark.parametrize(
    "text",
    [
        *("9 SECONDS", "11521 MINUTE", "often", "", "USING CRON 0 6 * * UTC"),
        *("USING CRON 0 6 * * * Mars", "USING CRON 61 * * * * UTC", "USING CRON x * * * * UTC"),
        "USING CRON 0 0 30 2 * UTC",
    ],
)
def test_what_is_no_schedule_is_refused(text: str) -> None:
    with pytest.raises(InvalidValueError, match="SCHEDULE"):
        parse(text)
