"""What password, session and authentication policies share: DESCRIBE, SHOW, and SET on users.

They are kept, described and set on the account and on users; `login_rules` holds logins to them.
https://docs.snowflake.com/en/sql-reference/sql/alter-user
https://docs.snowflake.com/en/sql-reference/sql/alter-account
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from sandbox.snowflake.catalog import columns as column
from sandbox.snowflake.catalog.kind import Kind, Property, ShowColumn
from sandbox.snowflake.catalog.record import Record
from sandbox.snowflake.context import Context
from sandbox.snowflake.errors import CompilationError, InvalidValueError
from sandbox.snowflake.governance.policies import OF_USER, AlreadyAttachedError
from sandbox.snowflake.result import Column, Result
from sandbox.snowflake.sql.reader import Reader

NAMES: Final = ("PASSWORD", "SESSION", "AUTHENTICATION")
"""The words before POLICY."""


def show(kind: str) -> tuple[ShowColumn, ...]:
    """The columns of SHOW <kind> POLICIES."""
    return (
        column.CREATED_ON,
        column.NAME,
        column.DATABASE_NAME,
        column.SCHEMA_NAME,
        column.fixed("kind", kind),
        column.OWNER,
        column.COMMENT,
        column.OWNER_ROLE_TYPE,
        column.fixed("options", ""),
    )


def rows(context: Context, record: Record, properties: Sequence[Property]) -> Result:
    """One row a property, in text throughout."""
    found: list[list[str]] = [
        ["NAME", record.name, "null", "Name of the policy"],
        ["OWNER", context.owner_name(record), "null", "Owner of the policy"],
        ["COMMENT", record.comment or "null", "null", "Comment of the policy"],
    ]
    for item in properties:
        value = record.properties.get(item.name)
        description = item.name.replace("_", " ").capitalize()
        found.append([item.name, _text(value), _text(item.default), description])
    names = ("property", "value", "default", "description")
    return Result([Column(name) for name in names], found)


def _text(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(value)}]"
    return "null" if value is None else str(value)


def check_ranges(record: Record, ranges: dict[str, tuple[int, int]]) -> None:
    """InvalidValueError for a number outside its range."""
    for name, (least, most) in ranges.items():
        number = record.properties.get(name)
        if number is not None and not least <= number <= most:
            raise InvalidValueError(str(number), name)


def read_kind(context: Context, reader: Reader) -> Kind | None:
    """`PASSWORD POLICY` and its like, where that comes next."""
    if reader.token.word not in NAMES or reader.ahead(1).word != "POLICY":
        return None
    return context.registry[f"{reader.advance().word} {reader.advance().word}"]


def attach(
    context: Context, kind: Kind, reader: Reader, attached: dict[str, int], where: str
) -> dict[str, int]:
    """`attached` with the policy that SET names."""
    policy = context.get(kind, reader.path())
    context.demand("APPLY", policy)
    force = reader.accept("FORCE")
    if attached.get(kind.name) not in (None, policy.id) and not force:
        raise AlreadyAttachedError(where, kind.name)
    return attached | {kind.name: policy.id}


def detach(kind: Kind, attached: dict[str, int], where: str) -> dict[str, int]:
    """`attached` without the policy of a kind."""
    if kind.name not in attached:
        raise CompilationError(
            f"Any policy of kind {kind.name.replace(' ', '_')} is not attached to {where}."
        )
    return {name: number for name, number in attached.items() if name != kind.name}


def alter_user(context: Context, record: Record, reader: Reader) -> bool:
    """`SET | UNSET … POLICY` of ALTER USER; False, with nothing read, where it is none."""
    if reader.token.word not in ("SET", "UNSET") or reader.ahead(2).word != "POLICY":
        return False
    verb = reader.advance().word
    kind = read_kind(context, reader)
    if kind is None:
        raise reader.error()
    attached: dict[str, int] = record.properties.get(OF_USER) or {}
    if verb == "SET":
        record.properties[OF_USER] = attach(context, kind, reader, attached, f"User {record.name}")
    else:
        record.properties[OF_USER] = detach(kind, attached, f"USER {record.name}")
    return True
