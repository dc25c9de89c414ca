"""Session policies. https://docs.snowflake.com/en/sql-reference/sql/create-session-policy"""

from __future__ import annotations

from typing import Final

from sandbox.snowflake.catalog import values as value
from sandbox.snowflake.catalog.kind import Kind, Scope
from sandbox.snowflake.catalog.record import Record
from sandbox.snowflake.context import Context
from sandbox.snowflake.governance import policies
from sandbox.snowflake.kinds import account_policy
from sandbox.snowflake.result import Column, Result

_MINUTES: Final = ("SESSION_IDLE_TIMEOUT_MINS", "SESSION_UI_IDLE_TIMEOUT_MINS")


def _validate(context: Context, record: Record) -> None:
    account_policy.check_ranges(record, dict.fromkeys(_MINUTES, (5, 240)))


def _describe(context: Context, record: Record) -> Result:
    names = [name.lower() for name in _MINUTES]
    columns = [Column("created_on", "timestamp_ltz"), Column("name")]
    columns += [*(Column(name, "fixed") for name in names), Column("comment")]
    minutes = (record.properties[name] for name in _MINUTES)
    return Result(columns, [[record.created_on, record.name, *minutes, record.comment]])


KIND: Final = Kind(
    name="SESSION POLICY",
    plural="SESSION POLICIES",
    scope=Scope.SCHEMA,
    properties=(*(value.integer(name, 240) for name in _MINUTES), value.COMMENT),
    show=account_policy.show("SESSION_POLICY"),
    describe=_describe,
    validate=_validate,
    dropped=policies.refuse_in_use,
    renamed=lambda context, record, path: None,
)
