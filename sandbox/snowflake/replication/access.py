"""Grants, future grants and memberships of a secondary, made what the snapshot says.

What is of this account alone stays: grants on objects that were not replicated, grants to roles
that were not, and what every account gives its system roles.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.snowflake.access.grant import ACCOUNT, FutureGrant, Grant, Membership
from sandbox.snowflake.replication.snapshot import Held, Snapshot

if TYPE_CHECKING:
    from sandbox.snowflake.account import Account


class Access:
    """Of one snapshot in one account; `records` are the ids of all that came."""

    def __init__(self, account: Account, taken: Snapshot, records: frozenset[int]) -> None:
        self._access = account.access
        self._replicas = account.replicas
        self._taken = taken
        self._records = records
        self._came = {one for one in map(self._find, taken.grantees) if one is not None}

    def settle(self) -> None:
        """Give what is missing, and take what is too much."""
        self._grants()
        self._future()
        self._members()

    def _grants(self) -> None:
        register = self._access.privileges
        wanted: dict[Any, Grant] = {}
        for held in self._taken.held:
            pair = self._pair(held)
            if pair is not None and not held.inside:
                by = self._find(held.grantor)
                grant = Grant(pair[0], held.privilege, pair[1], by, held.option, held.created)
                wanted[grant.key] = grant
        objects = self._records | {ACCOUNT}
        for grantee in self._came:
            for grant in register.to(grantee):
                by_system = grant.object == ACCOUNT and grant.grantor is None
                if grant.object in objects and grant.key not in wanted and not by_system:
                    register.remove(grant)
        for grant in wanted.values():
            register.put(grant)

    def _future(self) -> None:
        register = self._access.future
        wanted: dict[Any, FutureGrant] = {}
        for held in self._taken.held:
            pair = self._pair(held)
            if pair is not None and held.inside:
                made = (held.option, held.created)
                coming = FutureGrant(pair[0], held.inside, held.privilege, pair[1], *made)
                wanted[coming.key] = coming
        for grantee in self._came:
            for coming in register.to(grantee):
                if coming.container in self._records and coming.key not in wanted:
                    register.remove(coming)
        for coming in wanted.values():
            register.put(coming)

    def _members(self) -> None:
        hierarchy = self._access.hierarchy
        wanted: dict[tuple[int, int], Membership] = {}
        for member in self._taken.members:
            role, grantee = self._find(member.role), self._find(member.grantee)
            if role is not None and grantee is not None:
                by = self._find(member.grantor)
                wanted[role, grantee] = Membership(role, grantee, by, member.created)
        mine = self._came | self._records
        for role in self._came:
            for membership in hierarchy.of(role):
                gone = (role, membership.grantee) not in wanted
                if gone and membership.grantee in mine and membership.grantor is not None:
                    hierarchy.remove(membership)
        for membership in wanted.values():
            if hierarchy.find(membership.role, membership.grantee) is None:
                hierarchy.put(membership)

    def _pair(self, held: Held) -> tuple[int, int] | None:
        object_, grantee = self._find(held.object), self._find(held.grantee)
        return (object_, grantee) if object_ is not None and grantee is not None else None

    def _find(self, origin: str | None) -> int | None:
        return self._replicas.find_id(origin) if origin is not None else None
