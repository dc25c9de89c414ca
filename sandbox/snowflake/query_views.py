"""QUERY_HISTORY in its variants, and what each query cost.

What the sandbox does not measure (bytes, queues, compilation) is 0. A query's cost is that of its
warehouse, as it is now, for as long as the query took.
https://docs.snowflake.com/en/sql-reference/account-usage/query_history
https://docs.snowflake.com/en/sql-reference/functions/query_history
https://docs.snowflake.com/en/sql-reference/account-usage/query_attribution_history
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from sandbox.snowflake.data.model import QueryContext, VirtualTable
from sandbox.snowflake.history import Query
from sandbox.snowflake.metering.rates import CREDITS_AN_HOUR
from sandbox.snowflake.view_arguments import limit, moment, named

if TYPE_CHECKING:
    from sandbox.snowflake.account import Account

_NOT_MEASURED: Final = (
    *("BYTES_SCANNED", "BYTES_WRITTEN", "COMPILATION_TIME", "QUEUED_PROVISIONING_TIME"),
    *("QUEUED_REPAIR_TIME", "QUEUED_OVERLOAD_TIME", "TRANSACTION_BLOCKED_TIME"),
    *("CREDITS_USED_CLOUD_SERVICES", "PARTITIONS_SCANNED", "PARTITIONS_TOTAL"),
)
_COLUMNS: Final = (
    ("QUERY_ID", "TEXT"),
    ("QUERY_TEXT", "TEXT"),
    ("DATABASE_NAME", "TEXT"),
    ("SCHEMA_NAME", "TEXT"),
    ("QUERY_TYPE", "TEXT"),
    ("SESSION_ID", "NUMBER"),
    ("USER_NAME", "TEXT"),
    ("ROLE_NAME", "TEXT"),
    ("WAREHOUSE_NAME", "TEXT"),
    ("WAREHOUSE_SIZE", "TEXT"),
    ("WAREHOUSE_TYPE", "TEXT"),
    ("QUERY_TAG", "TEXT"),
    ("EXECUTION_STATUS", "TEXT"),
    ("ERROR_CODE", "TEXT"),
    ("ERROR_MESSAGE", "TEXT"),
    ("START_TIME", "TIMESTAMP_LTZ"),
    ("END_TIME", "TIMESTAMP_LTZ"),
    ("TOTAL_ELAPSED_TIME", "NUMBER"),
    ("EXECUTION_TIME", "NUMBER"),
    ("ROWS_PRODUCED", "NUMBER"),
    ("CLIENT_APPLICATION_ID", "TEXT"),
    *((name, "NUMBER") for name in _NOT_MEASURED),
)
_COST: Final = (
    ("QUERY_ID", "TEXT"),
    ("PARENT_QUERY_ID", "TEXT"),
    ("ROOT_QUERY_ID", "TEXT"),
    ("WAREHOUSE_ID", "NUMBER"),
    ("WAREHOUSE_NAME", "TEXT"),
    ("QUERY_TAG", "TEXT"),
    ("USER_NAME", "TEXT"),
    ("START_TIME", "TIMESTAMP_LTZ"),
    ("END_TIME", "TIMESTAMP_LTZ"),
    ("CREDITS_ATTRIBUTED_COMPUTE", "FLOAT"),
    ("CREDITS_USED_QUERY_ACCELERATION", "FLOAT"),
)
_AT_WORK: Final = frozenset(
    ("SELECT", "WITH", "INSERT", "UPDATE", "DELETE", "MERGE", "COPY", "CREATE", "CALL")
)
"""Statements that keep a warehouse busy; others are done without one."""
_MOST: Final = 10_000


def history(account: Account) -> VirtualTable:
    """ACCOUNT_USAGE.QUERY_HISTORY."""
    return _table(account, account.history.latest())


def _table(account: Account, queries: list[Query]) -> VirtualTable:
    sizes = {
        record.name: (record.properties["WAREHOUSE_SIZE"], record.properties["WAREHOUSE_TYPE"])
        for record in account.store.each("WAREHOUSE")
    }
    return VirtualTable(_COLUMNS, [_row(query, sizes) for query in queries])


def _row(query: Query, sizes: Mapping[str, tuple[str, str]]) -> tuple[Any, ...]:
    elapsed = int((query.ended - query.started).total_seconds() * 1000)
    return (
        *(query.id, query.text, query.database, query.schema, query.kind, query.session_id),
        *(query.user, query.role, query.warehouse),
        *sizes.get(query.warehouse or "", (None, None)),
        *(query.tag or "", query.status, query.error_code, query.error),
        *(query.started, query.ended, elapsed, elapsed, query.rows, query.client),
        *(0 for _ in _NOT_MEASURED),
    )


Test = Callable[[Query], bool]


def _by(field: str, name: str) -> Callable[[Account, Mapping[str, Any]], Test]:
    """Those queries that have the value of an argument, where it is given."""

    def test(account: Account, arguments: Mapping[str, Any]) -> Test:
        wanted = named(arguments, name, 0)
        if wanted is None:
            return lambda query: True
        return lambda query: str(getattr(query, field)).upper() == str(wanted).upper()

    return test


def _any(account: Account, arguments: Mapping[str, Any]) -> Test:
    return lambda query: True


_VARIANTS: Final[dict[str, Callable[[Account, Mapping[str, Any]], Test]]] = {
    "QUERY_HISTORY": _any,
    "QUERY_HISTORY_BY_SESSION": _by("session_id", "SESSION_ID"),
    "QUERY_HISTORY_BY_USER": _by("user", "USER_NAME"),
    "QUERY_HISTORY_BY_WAREHOUSE": _by("warehouse", "WAREHOUSE_NAME"),
}


def function(
    account: Account, name: str, arguments: Mapping[str, Any], context: QueryContext
) -> VirtualTable | None:
    """A QUERY_HISTORY table function, of what may be seen; None where the name is another one."""
    variant = _VARIANTS.get(name)
    if variant is None:
        return None
    seen = _seen(account, context)
    fits, most = variant(account, arguments), limit(arguments)
    start = moment(arguments.get("END_TIME_RANGE_START"))
    end = moment(arguments.get("END_TIME_RANGE_END"))
    if name == "QUERY_HISTORY" and seen is None and start is None and end is None:
        return _table(account, account.history.latest(most))
    queries = [
        query
        for query in account.history.latest(_MOST)
        if fits(query) and (seen is None or seen(query)) and _within(query.ended, start, end)
    ]
    return _table(account, queries[:most])


def _seen(account: Account, context: QueryContext) -> Test | None:
    """One's own queries and those on warehouses that one may monitor; None is all, by MONITOR.

    https://docs.snowflake.com/en/sql-reference/functions/query_history#usage-notes
    """
    authority, roles = account.access.authority, context.roles
    if authority.on_account(roles, "MONITOR"):
        return None
    watched = {
        record.name
        for record in account.store.each("WAREHOUSE")
        if any(authority.allows(roles, right, record) for right in ("MONITOR", "OPERATE"))
    }
    return lambda query: query.user == context.user or query.warehouse in watched


def _within(at: datetime, start: datetime | None, end: datetime | None) -> bool:
    return (start is None or at >= start) and (end is None or at <= end)


def attribution(account: Account) -> VirtualTable:
    """ACCOUNT_USAGE.QUERY_ATTRIBUTION_HISTORY."""
    known = {record.name: record for record in account.store.each("WAREHOUSE")}
    rows = []
    for query in account.history.latest():
        record = known.get(query.warehouse or "")
        if record is None or query.kind not in _AT_WORK:
            continue
        hours = (query.ended - query.started).total_seconds() / 3600
        burnt = CREDITS_AN_HOUR[record.properties["WAREHOUSE_SIZE"]] * hours
        rows.append(
            (
                *(query.id, None, None, record.id, record.name, query.tag or "", query.user),
                *(query.started, query.ended, burnt, 0.0),
            )
        )
    return VirtualTable(_COST, rows)
