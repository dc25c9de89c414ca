"""How long an object can be reached after a change or a drop: Time Travel's retention, in days.

The parameter is inherited along table, schema, database, account; transient objects, and what lies
in them, keep one day at most.
https://docs.snowflake.com/en/user-guide/data-time-travel#data-retention-period
"""

from __future__ import annotations

from typing import Final

from sandbox.snowflake.catalog.record import Record
from sandbox.snowflake.catalog.store import Store
from sandbox.snowflake.errors import SnowflakeError
from sandbox.snowflake.parameter_levels import ParameterLevels
from sandbox.snowflake.sharing.imports import FROM_SHARE

PARAMETER: Final = "DATA_RETENTION_TIME_IN_DAYS"
MOST: Final = 90
_MOST_TRANSIENT: Final = 1


class RetentionTooLongError(SnowflakeError):
    """More days than the object may have."""

    code = "003558"
    sqlstate = "42601"

    def __init__(self, most: int) -> None:
        super().__init__(f"Exceeds maximum allowable retention time ({most} day(s)).")


def days(store: Store, levels: ParameterLevels, record: Record) -> int:
    """The retention in force on a table, schema or database; what is imported has none."""
    shared = record.properties.get(FROM_SHARE)
    if shared or record.kind not in ("TABLE", "SCHEMA", "DATABASE"):
        return 0
    value = int(levels.effective(PARAMETER, record).value)
    return min(value, _MOST_TRANSIENT) if _is_transient(store, record) else value


def check(store: Store, record: Record) -> None:
    """Refuse what is set on the object itself beyond the maximum."""
    given = record.parameters.get(PARAMETER)
    most = _MOST_TRANSIENT if _is_transient(store, record) else MOST
    if given is not None and not 0 <= int(given) <= most:
        raise RetentionTooLongError(most)


def _is_transient(store: Store, record: Record) -> bool:
    spaces = ("DATABASE", "SCHEMA")[: len(record.path) - 1]
    above = [store.find(space, record.path[: depth + 1]) for depth, space in enumerate(spaces)]
    return any(item is not None and item.properties.get("TRANSIENT") for item in (record, *above))
