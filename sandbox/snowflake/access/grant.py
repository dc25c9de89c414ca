"""One row of each register: a privilege, a role's membership, a future grant.

Objects, roles and users are ids of records, so that renames carry grants with them; the account
itself is `ACCOUNT`. A grantor of None is Snowflake itself (an empty `granted_by`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

ACCOUNT: Final = 0
"""The id that stands for the account; records count from 1."""

OWNERSHIP: Final = "OWNERSHIP"


@dataclass(frozen=True, slots=True)
class Grant:
    """A privilege on an object (or the account), held by a role or database role."""

    object: int
    privilege: str
    grantee: int
    grantor: int | None
    option: bool
    created_on: datetime

    @property
    def key(self) -> tuple[int, str, int, int]:
        """What makes it one grant: the same privilege from two grantors is held twice."""
        return self.object, self.privilege, self.grantee, self.grantor or 0


@dataclass(frozen=True, slots=True)
class Membership:
    """A role (or database role) granted to a role, database role or user."""

    role: int
    grantee: int
    grantor: int | None
    created_on: datetime


@dataclass(frozen=True, slots=True)
class FutureGrant:
    """A privilege on every object of a type that will be created in a database or schema."""

    container: int
    type: str
    privilege: str
    grantee: int
    option: bool
    created_on: datetime

    @property
    def key(self) -> tuple[int, str, str, int]:
        """What makes it one future grant."""
        return self.container, self.type, self.privilege, self.grantee
