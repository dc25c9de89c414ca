"""SYSTEM$WAIT: the sandbox's clock moves on, instead of the client being kept waiting.

What comes due meanwhile runs before the statement answers. The session's warehouse is at work all
the while, so that a statement of ten minutes, and what it costs, takes a test no time.
https://docs.snowflake.com/en/sql-reference/stored-procedures/system_wait
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

from sandbox.snowflake.context import Context
from sandbox.snowflake.errors import InvalidValueError
from sandbox.snowflake.result import Column, Result
from sandbox.snowflake.verbs.procedure import BuiltIn

_SELECT: Final = re.compile(r"\s*SELECT\s+SYSTEM\$WAIT\s*\(([^()]*)\)\s*;?\s*", re.IGNORECASE)
_UNITS: Final = {
    "DAYS": 86_400.0,
    "HOURS": 3_600.0,
    "MINUTES": 60.0,
    "SECONDS": 1.0,
    "MILLISECONDS": 0.001,
}


def _wait(context: Context, values: Sequence[Any]) -> Result:
    """(amount [, unit])."""
    amount, unit = values[0], str(values[1] if len(values) > 1 else "SECONDS").upper()
    if unit not in _UNITS:
        raise InvalidValueError(unit, "time_unit")
    if isinstance(amount, str) or amount is None or amount < 0:
        raise InvalidValueError(str(amount), "amount")
    account = context.account
    with account.warehouses.used(context.session.warehouse), account.gate.outside():
        account.scheduler.wait(timedelta(seconds=float(amount) * _UNITS[unit]))
    return Result([Column("SYSTEM$WAIT")], [[f"waited {amount} {unit.lower()}"]])


def wait_select(context: Context) -> Result | None:
    """`SELECT SYSTEM$WAIT(…)`; None where the statement is another one."""
    match = _SELECT.fullmatch(context.statement.text)
    return PROCEDURES["SYSTEM$WAIT"].call(context, "SYSTEM$WAIT", match[1]) if match else None


PROCEDURES: Final = {"SYSTEM$WAIT": BuiltIn(_wait, 1, 2)}
