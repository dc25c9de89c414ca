"""The arguments of table functions that tell a history: moments, names and limits."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any


def moment(value: Any) -> datetime | None:
    """A moment with a zone, from a timestamp, a date or a text; one without a zone is in UTC.

    Raises:
        ValueError: the text is no time.
    """
    if value is None or value == "":
        return None
    if isinstance(value, Mapping):
        # as the drivers get it: seconds, and nanoseconds beside them
        seconds = value["epoch"] + value.get("fraction", 0) / 1e9
        return datetime.fromtimestamp(seconds, UTC)
    if isinstance(value, date) and not isinstance(value, datetime):
        return datetime(value.year, value.month, value.day, tzinfo=UTC)
    found = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def named(arguments: Mapping[str, Any], name: str, place: int | None = None) -> Any:
    """An argument by name, or by its place."""
    return arguments.get(name, arguments.get(str(place)) if place is not None else None)


def limit(arguments: Mapping[str, Any], usual: int = 100) -> int:
    """RESULT_LIMIT."""
    given = arguments.get("RESULT_LIMIT")
    return int(given) if given is not None else usual
