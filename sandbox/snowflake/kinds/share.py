"""Outbound shares: their name and comment.

Accounts and shared objects are not known here, as there is no second account to read them: ACCOUNTS
and grants to a share are refused by name.
https://docs.snowflake.com/en/sql-reference/sql/create-share
"""

from __future__ import annotations

from typing import Any, Final

from sandbox.snowflake.catalog import columns as column
from sandbox.snowflake.catalog import values as value
from sandbox.snowflake.catalog.kind import Kind, Scope, ShowColumn
from sandbox.snowflake.catalog.record import Record
from sandbox.snowflake.context import Context
from sandbox.snowflake.errors import UnsupportedError
from sandbox.snowflake.result import Column, Result
from sandbox.snowflake.sql.reader import Reader


def _refuse(context: Context, record: Record, reader: Reader) -> None:
    raise UnsupportedError("accounts of a share")


def _accounts(reader: Reader, item: Any) -> None:
    raise UnsupportedError("accounts of a share")


def _owner_account(context: Context, record: Record) -> str:
    identity = context.account.identity
    return f"{identity.organization}.{identity.name}"


def _describe(context: Context, record: Record) -> Result:
    """No rows: nothing is shared."""
    return Result([Column("kind"), Column("name"), Column("shared_on", "timestamp_ltz")], [])


KIND: Final = Kind(
    name="SHARE",
    plural="SHARES",
    scope=Scope.ACCOUNT,
    properties=(value.of("ACCOUNTS", _accounts), value.COMMENT),
    actions={"ADD": _refuse, "REMOVE": _refuse},
    show=(
        column.CREATED_ON,
        column.fixed("kind", "OUTBOUND"),
        ShowColumn("owner_account", _owner_account),
        column.NAME,
        column.fixed("database_name", ""),
        column.fixed("to", ""),
        column.OWNER,
        column.COMMENT,
        column.fixed("listing_global_name", ""),
    ),
    describe=_describe,
)
