"""The gate that every statement passes: verbs state what they need, the guard decides.

What may be had by whom is the table of `rules`; who may grant is that of `granting`. What a role
may not see it is told does not exist, as Snowflake does.
https://docs.snowflake.com/en/user-guide/security-access-control-overview
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from sandbox.snowflake.access import granting
from sandbox.snowflake.catalog.record import Record
from sandbox.snowflake.data.failure import ObjectMissingError
from sandbox.snowflake.errors import (
    DoesNotExistError,
    InsufficientPrivilegesError,
    SnowflakeError,
)
from sandbox.snowflake.sql.names import dotted

if TYPE_CHECKING:
    from sandbox.snowflake.context import Context


@dataclass(frozen=True, slots=True)
class Demand:
    """Something asked on an object: a privilege, or a word of `rules`. No object: the account.

    `grantable` asks for the right to pass the privilege on; `primary` leaves the secondary roles
    out, as all that is needed to create something does.
    """

    privilege: str
    record: Record | None
    grantable: bool = False
    primary: bool = False


class Guard(Protocol):
    """Decides on demands."""

    def permit(self, context: Context, demand: Demand) -> None:
        """Return quietly, or raise what Snowflake would."""

    def sees(self, context: Context, record: Record) -> bool:
        """Whether the object exists as far as the session can tell."""


class RoleGuard:
    """Permits what the session's roles were granted, and nothing else."""

    def permit(self, context: Context, demand: Demand) -> None:
        """Return quietly, or refuse: what is not seen is not there."""
        authority = context.account.access.authority
        if demand.grantable:
            granted = granting.may_grant(
                authority, context.session, demand.privilege, demand.record
            )
        else:
            granted = authority.may(context.session, demand)
        if not granted:
            raise refusal(context, demand.record)

    def sees(self, context: Context, record: Record) -> bool:
        """Whether any privilege on it is held, and one on each of its containers."""
        return context.account.access.authority.sees(context.session, record)


def refusal(context: Context, record: Record | None) -> SnowflakeError:
    """The outermost thing that the session cannot see is told missing; else a privilege is."""
    if record is None:
        return InsufficientPrivilegesError("account", context.account.identity.name)
    authority, session = context.account.access.authority, context.session
    for item in (*authority.containers(record), record):
        if not authority.sees(session, item):
            return missing(item)
    return InsufficientPrivilegesError(record.kind, record.name)


def missing(record: Record) -> SnowflakeError:
    """What Snowflake says of an object that is absent or unseen."""
    if record.kind in ("TABLE", "VIEW"):
        return ObjectMissingError(".".join(record.path))
    return DoesNotExistError(record.kind, dotted(record.path))
