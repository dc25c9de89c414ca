"""When tasks and alerts run: `n {HOURS | MINUTES | SECONDS}` or `USING CRON … <time zone>`.

https://docs.snowflake.com/en/sql-reference/sql/create-task#optional-parameters
"""

from __future__ import annotations

import re
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sandbox.snowflake.errors import InvalidValueError

_EVERY: Final = re.compile(r"(\d+)\s*(SECONDS?|S|MINUTES?|M|HOURS?|H)", re.IGNORECASE)
_CRON: Final = re.compile(r"USING\s+CRON\s+((?:\S+\s+){5})(\S+)", re.IGNORECASE)
_FIELD: Final = re.compile(r"[\dA-Za-z*,/#-]+")
_LONGEST: Final = 11_520 * 60
_SECONDS: Final = {"S": 1, "M": 60, "H": 3600}


def check(text: str | None) -> None:
    """InvalidValueError for a schedule that Snowflake would not take."""
    if text is None:
        return
    every, cron = _EVERY.fullmatch(text.strip()), _CRON.fullmatch(text.strip())
    if every is not None:
        seconds = int(every[1]) * _SECONDS[every[2][0].upper()]
        if 10 <= seconds <= _LONGEST:
            return
    elif cron is not None and _is_zone(cron[2]) and all(map(_FIELD.fullmatch, cron[1].split())):
        return
    raise InvalidValueError(text, "SCHEDULE")


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True
