"""What one source knows of access: who exists, which role is in which, what was granted on what.

Principals and securables are numbered as they come, so that a million grants are lists of small
integers. Nothing is inherited or implied here: that is the graph's work.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from ops.access.names import Principal, PrincipalKind, Securable


class Unread(NamedTuple):
    """Something that the source could not read; absence of access may be nothing but this."""

    what: str
    why: str
    principal: Principal | None = None
    """Whose access is only partly known; None where it may be anybody's."""


class Facts:
    """A source's knowledge, filled grant by grant."""

    def __init__(self, source: str) -> None:
        self.source = source
        """In words, for whoever reads an answer."""
        self.principals: list[Principal] = []
        self.securables: list[Securable] = []
        self.granted: list[dict[str, list[int]]] = []
        """By securable: the principals that hold each privilege, as granted."""
        self.roles_of: list[list[int]] = []
        """By principal: the roles that were granted to it."""
        self.carriers: set[Principal] = set()
        """Roles that only carry privileges to other roles: nobody works in them."""
        self.unread: list[Unread] = []
        self._principal_numbers: dict[Principal, int] = {}
        self._securable_numbers: dict[Securable, int] = {}
        self._places: dict[tuple[str, tuple[str, ...]], list[Securable]] = {}
        self._placed = 0

    def principal(self, principal: Principal) -> int:
        """The principal's number; a new one is added."""
        number = self._principal_numbers.get(principal)
        if number is None:
            number = self._principal_numbers[principal] = len(self.principals)
            self.principals.append(principal)
            self.roles_of.append([])
        return number

    def securable(self, securable: Securable) -> int:
        """The securable's number; a new one is added."""
        number = self._securable_numbers.get(securable)
        if number is None:
            number = self._securable_numbers[securable] = len(self.securables)
            self.securables.append(securable)
            self.granted.append({})
        return number

    def grant(self, to: Principal, privileges: Iterable[str], on: Securable) -> None:
        """Privileges on one securable were granted; saying it twice does no harm."""
        holder, held = self.principal(to), self.granted[self.securable(on)]
        for privilege in privileges:
            holders = held.get(privilege)
            if holders is None:
                held[privilege] = [holder]
            else:
                holders.append(holder)

    def grant_role(self, granted: Principal, to: Principal) -> None:
        """A role was granted to a role or user; twice is once."""
        child, roles = self.principal(granted), self.roles_of[self.principal(to)]
        if child not in roles:
            roles.append(child)

    def number_of(self, principal: Principal) -> int | None:
        """The number of a known principal."""
        return self._principal_numbers.get(principal)

    def on(self, securable: Securable) -> dict[str, list[int]]:
        """Holders by privilege as granted; nothing for an unknown securable."""
        number = self._securable_numbers.get(securable)
        return {} if number is None else self.granted[number]

    def knows(self, securable: Securable) -> bool:
        """Whether the source has the object."""
        return securable in self._securable_numbers

    def within(self, kind: str, place: tuple[str, ...]) -> list[Securable]:
        """The known objects of a kind in a place (a prefix of their path), as they came."""
        for securable in self.securables[self._placed :]:
            for length in range(len(securable.path) + 1):
                key = (securable.kind, securable.path[:length])
                self._places.setdefault(key, []).append(securable)
        self._placed = len(self.securables)
        return list(self._places.get((kind, place), ()))

    def as_json(self) -> dict[str, Any]:
        """Plain values, from which `from_json` makes the same facts."""
        return {
            "source": self.source,
            "principals": self.principals,
            "securables": self.securables,
            "granted": self.granted,
            "roles_of": self.roles_of,
            "carriers": sorted(self.carriers),
        }


def from_json(values: dict[str, Any], source: str) -> Facts:
    """The facts that `as_json` wrote, under a source's name of its own."""
    facts = Facts(source)
    for kind, name in values["principals"]:
        facts.principal(Principal(PrincipalKind(kind), name))
    for kind, path in values["securables"]:
        facts.securable(Securable(kind, tuple(path)))
    facts.granted = values["granted"]
    facts.roles_of = values["roles_of"]
    facts.carriers = {Principal(PrincipalKind(kind), name) for kind, name in values["carriers"]}
    return facts
