"""Password policies. https://docs.snowflake.com/en/sql-reference/sql/create-password-policy"""

from __future__ import annotations

from typing import Final

from sandbox.snowflake.catalog import values as value
from sandbox.snowflake.catalog.kind import Kind, Scope
from sandbox.snowflake.catalog.record import Record
from sandbox.snowflake.context import Context
from sandbox.snowflake.errors import InvalidValueError
from sandbox.snowflake.governance import policies
from sandbox.snowflake.kinds import account_policy
from sandbox.snowflake.result import Result

_NUMBERS: Final = {
    "PASSWORD_MIN_LENGTH": (14, 8, 256),
    "PASSWORD_MAX_LENGTH": (256, 8, 256),
    "PASSWORD_MIN_UPPER_CASE_CHARS": (1, 0, 256),
    "PASSWORD_MIN_LOWER_CASE_CHARS": (1, 0, 256),
    "PASSWORD_MIN_NUMERIC_CHARS": (1, 0, 256),
    "PASSWORD_MIN_SPECIAL_CHARS": (0, 0, 256),
    "PASSWORD_MIN_AGE_DAYS": (0, 0, 999),
    "PASSWORD_MAX_AGE_DAYS": (90, 0, 999),
    "PASSWORD_MAX_RETRIES": (5, 1, 10),
    "PASSWORD_LOCKOUT_TIME_MINS": (15, 1, 999),
    "PASSWORD_HISTORY": (5, 0, 24),
}
"""Default, least and most."""
_PROPERTIES: Final = tuple(value.integer(name, facts[0]) for name, facts in _NUMBERS.items())


def _validate(context: Context, record: Record) -> None:
    account_policy.check_ranges(
        record, {name: (least, most) for name, (_, least, most) in _NUMBERS.items()}
    )
    longest = record.properties["PASSWORD_MAX_LENGTH"]
    if record.properties["PASSWORD_MIN_LENGTH"] > longest:
        raise InvalidValueError(str(longest), "PASSWORD_MAX_LENGTH")


def _describe(context: Context, record: Record) -> Result:
    return account_policy.rows(context, record, _PROPERTIES)


KIND: Final = Kind(
    name="PASSWORD POLICY",
    plural="PASSWORD POLICIES",
    scope=Scope.SCHEMA,
    properties=(*_PROPERTIES, value.COMMENT),
    show=account_policy.show("PASSWORD_POLICY"),
    describe=_describe,
    validate=_validate,
    dropped=policies.refuse_in_use,
    renamed=lambda context, record, path: None,
)
