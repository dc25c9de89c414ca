"""The gate that every statement passes: verbs state what they need, the guard decides.

Today it lets everything through; the refusals, with Snowflake's texts, are one more implementation
of `Guard`. Verbs must go on stating their demands, because nothing else tells what a statement
needs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from sandbox.snowflake.catalog.record import Record

if TYPE_CHECKING:
    from sandbox.snowflake.context import Context


@dataclass(frozen=True, slots=True)
class Demand:
    """A privilege needed on an object; no object means the account.

    `grantable` asks for the right to pass the privilege on: ownership, the grant option, or
    MANAGE GRANTS.
    """

    privilege: str
    record: Record | None
    grantable: bool = False


class Guard(Protocol):
    """Decides on demands."""

    def permit(self, context: Context, demand: Demand) -> None:
        """Return quietly, or raise what Snowflake would."""


class OpenGuard:
    """Permits everything."""

    def permit(self, context: Context, demand: Demand) -> None:
        """Permit."""
