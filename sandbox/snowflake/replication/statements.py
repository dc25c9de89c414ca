"""ALTER … REFRESH and ALTER … PRIMARY of groups, secondary databases and connections.

They touch two accounts and take their time, so they run in no transaction of the catalogue.
https://docs.snowflake.com/en/sql-reference/sql/alter-failover-group
https://docs.snowflake.com/en/sql-reference/sql/alter-database
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from sandbox.snowflake.access.rules import REPLICATE_DATABASES
from sandbox.snowflake.catalog.record import Record
from sandbox.snowflake.context import Context
from sandbox.snowflake.errors import CompilationError
from sandbox.snowflake.kinds import connection
from sandbox.snowflake.replication import promotion
from sandbox.snowflake.replication.errors import NotPromotableError
from sandbox.snowflake.result import Result, status
from sandbox.snowflake.sql.names import dotted
from sandbox.snowflake.sql.reader import Reader

_DONE: Final = "Statement executed successfully."
_KINDS: Final = ("FAILOVER GROUP", "REPLICATION GROUP", "DATABASE", "CONNECTION")


def alter(context: Context, text: str) -> Result | None:
    """Carry an ALTER out; None where it is another one."""
    reader = Reader(text)
    reader.expect("ALTER")
    kind = next((one for one in _KINDS if reader.accept(*one.split())), None)
    if kind is None:
        return None
    if_exists = reader.accept("IF", "EXISTS")
    path = reader.path()
    verb = reader.accept_any("REFRESH", "PRIMARY")
    if verb is None or not reader.at_end:
        return None
    registered = context.registry[kind]
    if if_exists and context.find(registered, path) is None:
        return status(_DONE)
    record = context.get(registered, path)
    if (kind, verb) == ("REPLICATION GROUP", "PRIMARY"):
        raise NotPromotableError(record)
    if kind == "DATABASE":
        context.demand(REPLICATE_DATABASES)
    else:
        context.demand(registered.alter_privilege(verb), record)
    return _VERBS[kind, verb](context, record)


def _refresh(context: Context, record: Record) -> Result:
    done = context.account.refreshes.refresh(record)
    return status(f"{_DONE} {done.told()}.") if record.kind == "DATABASE" else status(_DONE)


def _promote(context: Context, record: Record) -> Result:
    promotion.promote(context.account, record)
    return status(_DONE)


def _promote_connection(context: Context, record: Record) -> Result:
    connection.promote(context, record)
    return status(_DONE)


def _no_refresh(context: Context, record: Record) -> Result:
    raise CompilationError(f"Connection '{dotted(record.path)}' cannot be refreshed.")


_VERBS: Final[Mapping[tuple[str, str], Callable[[Context, Record], Result]]] = {
    **{(kind, "REFRESH"): _refresh for kind in _KINDS[:3]},
    **{(kind, "PRIMARY"): _promote for kind in _KINDS[:3]},
    ("CONNECTION", "REFRESH"): _no_refresh,
    ("CONNECTION", "PRIMARY"): _promote_connection,
}
"""By kind and verb."""
