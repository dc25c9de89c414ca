"""SHOW PARAMETERS [LIKE] [IN | FOR {SESSION | ACCOUNT | <kind> <name>}].

https://docs.snowflake.com/en/sql-reference/sql/show-parameters
"""

from __future__ import annotations

from typing import Final

from sandbox.snowflake.context import Context
from sandbox.snowflake.errors import UnsupportedError
from sandbox.snowflake.parameter_levels import Effective
from sandbox.snowflake.parameters import PARAMETERS
from sandbox.snowflake.result import Column, Result
from sandbox.snowflake.sharing.imports import FROM_SHARE
from sandbox.snowflake.sql.reader import Reader
from sandbox.snowflake.verbs.show import like

_PROVIDERS_OWN: Final = frozenset(
    ("DATA_RETENTION_TIME_IN_DAYS", "MAX_DATA_EXTENSION_TIME_IN_DAYS")
)
"""Of an imported database, its provider decides how long the rows are kept."""


def show_parameters(context: Context, reader: Reader) -> Result:
    """One row for each parameter that applies, with the level its value comes from."""
    pattern = reader.string() if reader.accept("LIKE") else None
    found = _found(context, reader)
    reader.expect_end()
    names = ("key", "value", "default", "level", "description", "type")
    return Result(
        [Column(name) for name in names],
        [_row(item) for item in found if pattern is None or like(pattern, item.name)],
    )


def _found(context: Context, reader: Reader) -> list[Effective]:
    levels = context.account.parameters
    if not (reader.accept("IN") or reader.accept("FOR")) or reader.accept("SESSION"):
        return levels.of_session(context.session)
    if reader.accept("ACCOUNT"):
        return levels.of_account()
    kind = context.registry.read_singular(reader)
    if kind is None:
        raise UnsupportedError(" ".join(context.statement.text.split()[:6]))
    record = context.get(kind, kind.read_path(reader))
    hidden = _PROVIDERS_OWN if record.properties.get(FROM_SHARE) else frozenset()
    return [item for item in levels.of_object(kind, record) if item.name not in hidden]


def _row(item: Effective) -> list[str]:
    parameter = PARAMETERS[item.name]
    return [
        item.name,
        item.value,
        parameter.default,
        item.level,
        parameter.description,
        parameter.type,
    ]
