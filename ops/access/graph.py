"""Effective access: grants, closed over the hierarchy of roles, over ownership and containers.

Each principal is one bit. `above[r]` are all that have role r, itself included; who holds a
privilege is then a union of such sets, and who can use it an intersection with those who can reach
the database and the schema. Whole sets are single integers, so a million grants are a million
machine-speed unions, not a million walks.

https://docs.snowflake.com/en/user-guide/security-access-control-overview
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import Final

from ops.access.facts import Facts
from ops.access.names import (
    THE_ACCOUNT,
    Path,
    Principal,
    PrincipalKind,
    Securable,
    containers,
    role,
)
from ops.access.privileges import CREATE, IMPLIED_BY, OWNERSHIP

PUBLIC: Final = role("PUBLIC")


class Graph:
    """The closure of one source's facts.

    ``order`` numbers the principals, so that two graphs can be compared set by set; it must hold
    all of the facts' principals.
    """

    def __init__(self, facts: Facts, order: Sequence[Principal] | None = None) -> None:
        self.facts = facts
        self.principals = tuple(facts.principals if order is None else order)
        place = {principal: number for number, principal in enumerate(self.principals)}
        self._bit = [place[principal] for principal in facts.principals]
        self.above = self._closed(facts.roles_of)
        self._reach: dict[Securable, int] = {}
        self._inside_of: dict[Path, int] = {}

    def can_use(self, privilege: str, securable: Securable) -> int:
        """The set of principals that can use a privilege on an object: reach it and hold it."""
        return self.usable(securable, (privilege,))[privilege]

    def usable(self, securable: Securable, privileges: Iterable[str]) -> dict[str, int]:
        """For each privilege on an object, the set of principals that can use it.

        To hold it is to have it granted, to own the object, or to have what implies it.
        """
        granted, reached = self.facts.on(securable), self._inside(securable)
        owners = self._union(granted.get(OWNERSHIP, ()))
        found = {}
        for privilege in privileges:
            able = (self._union(granted.get(privilege, ())) | owners) & reached
            wider = IMPLIED_BY.get((securable.kind, privilege))
            if wider:
                able |= self.can_use(wider, THE_ACCOUNT)
            if privilege == OWNERSHIP:
                able = owners & reached
            found[privilege] = self._with_one_role(able) if privilege.startswith(CREATE) else able
        return found

    def reach(self, container: Securable) -> int:
        """The set that can name what is in a database or schema: any privilege on it will do."""
        found = self._reach.get(container)
        if found is None:
            held = self.facts.on(container).values()
            found = self._union({holder for holders in held for holder in holders})
            if container.kind == "DATABASE":
                found |= self._database_roles.get(container.path[0], 0)
            self._reach[container] = found
        return found

    def _inside(self, securable: Securable) -> int:
        """The set that reaches all containers of an object."""
        place = securable.path[:-1]
        found = self._inside_of.get(place)
        if found is None:
            found = (1 << len(self.principals)) - 1
            for container in containers(securable):
                found &= self.reach(container)
            self._inside_of[place] = found
        return found

    def members(self, found: int) -> Iterator[Principal]:
        """The principals of a set, in the graph's order."""
        bits = bin(found)[:1:-1]
        at = bits.find("1")
        while at >= 0:
            yield self.principals[at]
            at = bits.find("1", at + 1)

    def set_of(self, kind: PrincipalKind) -> int:
        """All principals of a kind."""
        return sum(1 << n for n, principal in enumerate(self.principals) if principal.kind is kind)

    def has(self, principal: Principal, found: int) -> bool:
        """Whether a principal is in a set."""
        number = self.facts.number_of(principal)
        return number is not None and bool(found >> self._bit[number] & 1)

    def _union(self, holders: Iterable[int]) -> int:
        found, above = 0, self.above
        for holder in holders:
            found |= above[holder]
        return found

    def _with_one_role(self, found: int) -> int:
        """Without users who would need two roles at once: what creates is the primary role alone.

        https://docs.snowflake.com/en/sql-reference/sql/use-secondary-roles
        """
        users = found & self._users
        roles = found ^ users
        for number in _bits(users):
            if not self._below_users[number] & roles:
                found ^= 1 << number
        return found

    @cached_property
    def _users(self) -> int:
        return self.set_of(PrincipalKind.USER)

    @cached_property
    def _below_users(self) -> dict[int, int]:
        """By user: itself and the roles that it can activate."""
        facts = self.facts
        found = {}
        for number, principal in enumerate(facts.principals):
            if principal.kind is PrincipalKind.USER:
                below = {number, *reachable(facts, number)}
                found[self._bit[number]] = sum(1 << self._bit[at] for at in below)
        return found

    @cached_property
    def _database_roles(self) -> dict[str, int]:
        """By database: those that reach it because they have one of its roles."""
        found: dict[str, int] = {}
        for number, principal in enumerate(self.facts.principals):
            if principal.kind is PrincipalKind.DATABASE_ROLE:
                database = principal.name.split(".")[0].strip('"')
                found[database] = found.get(database, 0) | self.above[number]
        return found

    def _closed(self, roles_of: Sequence[Sequence[int]]) -> list[int]:
        """By principal of the facts: all that have it. Everybody has PUBLIC."""
        holders: list[list[int]] = [[] for _ in roles_of]
        for number, roles in enumerate(roles_of):
            for child in roles:
                holders[child].append(number)
        above = [1 << bit for bit in self._bit]
        order = _tops_first(holders)
        changed = True
        while changed:  # Once, and once to see that it is enough; more often only around a cycle.
            changed = False
            for number in order:
                found = above[number]
                for holder in holders[number]:
                    found |= above[holder]
                if found != above[number]:
                    above[number], changed = found, True
        public = self.facts.number_of(PUBLIC)
        if public is not None:
            above[public] = (1 << len(self.principals)) - 1
        return above


def reachable(facts: Facts, number: int) -> set[int]:
    """The roles that a principal has, directly or by inheritance, PUBLIC included."""
    public = facts.number_of(PUBLIC)
    waiting = [*facts.roles_of[number], *([] if public is None else [public])]
    found: set[int] = set()
    while waiting:
        at = waiting.pop()
        if at not in found:
            found.add(at)
            waiting += facts.roles_of[at]
    return found


def _tops_first(holders: Sequence[Sequence[int]]) -> list[int]:
    """Every number after its holders, as far as there are no cycles."""
    order: list[int] = []
    seen = bytearray(len(holders))
    for start in range(len(holders)):
        waiting = [start]
        while waiting:
            at = waiting.pop()
            if at < 0:
                order.append(~at)
            elif not seen[at]:
                seen[at] = 1
                waiting.append(~at)
                waiting += [holder for holder in holders[at] if not seen[holder]]
    return order


def _bits(found: int) -> Iterator[int]:
    while found:
        low = found & -found
        yield low.bit_length() - 1
        found ^= low
