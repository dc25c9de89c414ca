"""The views and table functions that tell of credits.

https://docs.snowflake.com/en/sql-reference/account-usage/warehouse_metering_history
https://docs.snowflake.com/en/sql-reference/account-usage/metering_history
https://docs.snowflake.com/en/sql-reference/account-usage/metering_daily_history
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from sandbox.snowflake.data.model import VirtualTable
from sandbox.snowflake.metering import ledger
from sandbox.snowflake.metering.ledger import HOUR, Burnt
from sandbox.snowflake.view_arguments import moment, named

if TYPE_CHECKING:
    from sandbox.snowflake.account import Account

_SPAN: Final = (("START_TIME", "TIMESTAMP_LTZ"), ("END_TIME", "TIMESTAMP_LTZ"))
_CREDITS: Final = (
    ("CREDITS_USED", "FLOAT"),
    ("CREDITS_USED_COMPUTE", "FLOAT"),
    ("CREDITS_USED_CLOUD_SERVICES", "FLOAT"),
)
_RANGE: Final = timedelta(days=10)


def _burnt(account: Account) -> list[Burnt]:
    account.warehouses.settle_all()
    return account.ledger.since()


def warehouse_metering(account: Account) -> VirtualTable:
    """WAREHOUSE_METERING_HISTORY."""
    columns = (*_SPAN, ("WAREHOUSE_ID", "NUMBER"), ("WAREHOUSE_NAME", "TEXT"), *_CREDITS)
    rows = [
        (item.hour, item.hour + HOUR, item.entity, item.name, item.credits, item.credits, 0.0)
        for item in _burnt(account)
        if item.service == ledger.WAREHOUSE
    ]
    return VirtualTable(columns, rows)


def warehouse_metering_function(account: Account, arguments: Mapping[str, Any]) -> VirtualTable:
    """WAREHOUSE_METERING_HISTORY(date from [, date to [, name]])."""
    first = moment(named(arguments, "DATE_RANGE_START", 0))
    last = moment(named(arguments, "DATE_RANGE_END", 1))
    name = named(arguments, "WAREHOUSE_NAME", 2)
    start = first or (last or account.now()) - _RANGE
    whole = warehouse_metering(account)
    rows = [
        (row[0], row[1], *row[3:])
        for row in whole.rows
        if row[0] >= start
        and (last is None or row[0] <= last)
        and (name is None or row[3] == str(name).upper())
    ]
    kept = [column for column in whole.columns if column[0] != "WAREHOUSE_ID"]
    return VirtualTable(kept, rows)


def metering(account: Account) -> VirtualTable:
    """METERING_HISTORY."""
    columns = (
        ("SERVICE_TYPE", "TEXT"),
        *_SPAN,
        ("ENTITY_ID", "NUMBER"),
        ("NAME", "TEXT"),
        ("CREDITS_USED_COMPUTE", "FLOAT"),
        ("CREDITS_USED_CLOUD_SERVICES", "FLOAT"),
        ("CREDITS_USED", "FLOAT"),
    )
    rows = [
        (
            *(item.service, item.hour, item.hour + HOUR, item.entity, item.name),
            *(item.credits, 0.0, item.credits),
        )
        for item in _burnt(account)
    ]
    return VirtualTable(columns, rows)


def metering_daily(account: Account) -> VirtualTable:
    """METERING_DAILY_HISTORY."""
    columns = (
        ("SERVICE_TYPE", "TEXT"),
        ("USAGE_DATE", "DATE"),
        ("CREDITS_USED_COMPUTE", "FLOAT"),
        ("CREDITS_USED_CLOUD_SERVICES", "FLOAT"),
        ("CREDITS_USED", "FLOAT"),
        ("CREDITS_ADJUSTMENT_CLOUD_SERVICES", "FLOAT"),
        ("CREDITS_BILLED", "FLOAT"),
    )
    days: dict[tuple[Any, str], float] = defaultdict(float)
    for item in _burnt(account):
        days[item.hour.date(), item.service] += item.credits
    rows = [
        (service, day, used, 0.0, used, 0.0, used) for (day, service), used in sorted(days.items())
    ]
    return VirtualTable(columns, rows)


VIEWS: Final[dict[str, Callable[[Account], VirtualTable]]] = {
    "WAREHOUSE_METERING_HISTORY": warehouse_metering,
    "METERING_HISTORY": metering,
    "METERING_DAILY_HISTORY": metering_daily,
}
