"""Moving the clock of the running sandbox, and the durations that people write."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from http.client import HTTPConnection, HTTPException
from typing import Any, Final

from cli.errors import BadInputError, NotUsableError
from cli.target import START_IT, connected, running_sandbox, sandbox_login

_PARTS: Final = re.compile(
    r"(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?", re.IGNORECASE
)
_UNITS: Final = ("weeks", "days", "hours", "minutes", "seconds")


def duration(text: str) -> timedelta:
    """What `1h30m`, `7d`, `90s` or `1w` means.

    Raises:
        BadInputError: it is not written so, or nothing at all.
    """
    match = _PARTS.fullmatch(text.strip())
    if match is None or not any(match.groups()):
        raise BadInputError(f"{text!r} is no duration; write 90s, 1h30m, 7d or 2w.")
    return timedelta(**{unit: int(n) for unit, n in zip(_UNITS, match.groups(), strict=True) if n})


def order(
    wanted: dict[str, Any], told: Callable[[dict[str, Any]], None] = lambda run: None
) -> datetime:
    """Have the sandbox move its clock (nothing wanted: only tell it); `told` gets each run.

    Raises:
        NotUsableError: the sandbox does not run, or stopped while it worked.
    """
    now: str | None = None
    for line in _answers(wanted):
        if "ran" in line:
            told(line["ran"])
        elif "now" in line:
            now = line["now"]
        else:
            raise NotUsableError(f"The sandbox refuses: {line.get('message')}", START_IT)
    if now is None:
        raise NotUsableError("The sandbox stopped before it was done.", START_IT)
    return datetime.fromisoformat(now)


def _answers(wanted: dict[str, Any]) -> Iterator[dict[str, Any]]:
    snowflake = running_sandbox().snowflake
    with connected(sandbox_login()) as connection:
        token = connection.rest.token if connection.rest is not None else ""
        http = HTTPConnection(snowflake.host, snowflake.port)
        try:
            headers = {"Authorization": f'Snowflake Token="{token}"'}
            http.request("POST", "/leap/clock", json.dumps(wanted), headers)
            for line in http.getresponse():
                yield json.loads(line)
        except (HTTPException, OSError) as error:
            raise NotUsableError(f"The sandbox does not answer: {error}", START_IT) from error
        finally:
            http.close()
