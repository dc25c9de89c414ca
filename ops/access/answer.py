"""Can somebody do something, and why: the shortest chain of grants, or what is missing.

Every need has its own chain: the privilege on the object, and a privilege on its schema and its
database, without which the object cannot even be named. Where the source could not be read in
full, "no" becomes "not known".

https://docs.snowflake.com/en/user-guide/security-access-control-privileges#table-privileges
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, NamedTuple

from ops.access.facts import Facts, Unread
from ops.access.graph import PUBLIC, Graph, reachable
from ops.access.names import (
    THE_ACCOUNT,
    Principal,
    PrincipalKind,
    Securable,
    containers,
)
from ops.access.privileges import IMPLIED_BY, OWNERSHIP

WAY_IN = "USAGE"
"""What to grant on a container that cannot be reached, though any privilege would do."""


class Verdict(StrEnum):
    """The answer to `can`."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "not known"


class Chain(NamedTuple):
    """From the one who asks, role by role, to the holder of a privilege."""

    roles: tuple[Principal, ...]
    """The first is the one who asks; each has the next; the last holds the privilege."""
    privilege: str
    """As granted: OWNERSHIP and wider privileges stand for the one asked for."""
    securable: Securable


class Missing(NamedTuple):
    """A need that nothing meets."""

    privilege: str
    securable: Securable
    holders: tuple[Principal, ...]
    """Roles that were granted it: having one of them would meet the need."""


class Answer(NamedTuple):
    """The answer with its reasons: the chains of the needs that are met, and those that are not."""

    verdict: Verdict
    principal: Principal
    privilege: str
    securable: Securable
    chains: tuple[Chain, ...]
    missing: tuple[Missing, ...]
    unread: tuple[Unread, ...]


def can(graph: Graph, principal: Principal, privilege: str, securable: Securable) -> Answer:
    """Whether a principal can use a privilege on an object."""
    facts = graph.facts
    allowed = graph.has(principal, graph.can_use(privilege, securable))
    came_from = _nearest_first(facts, principal)
    chains, missing = [], []
    for needed, place, ways in _needs(facts, privilege, securable):
        chain = _shortest(facts, came_from, ways)
        if chain is not None:
            chains.append(chain)
        else:
            missing.append(Missing(needed, place, _holders(facts, ways)))
    if allowed:
        return Answer(Verdict.YES, principal, privilege, securable, tuple(chains), (), ())
    hidden = blind_spots(facts, principal)
    verdict = Verdict.UNKNOWN if hidden else Verdict.NO
    return Answer(verdict, principal, privilege, securable, tuple(chains), tuple(missing), hidden)


def blind_spots(facts: Facts, principal: Principal) -> tuple[Unread, ...]:
    """What could not be read and may give this principal more than is seen."""
    if not facts.unread:
        return ()
    number = facts.number_of(principal)
    below = set() if number is None else {number, *reachable(facts, number)}
    return tuple(
        unread
        for unread in facts.unread
        if unread.principal is None or facts.number_of(unread.principal) in below
    )


def who(graph: Graph, privilege: str, securable: Securable) -> list[Answer]:
    """Everybody who can, people first, each with the reasons."""
    found = graph.members(graph.can_use(privilege, securable))
    order = {PrincipalKind.USER: 0, PrincipalKind.ROLE: 1, PrincipalKind.DATABASE_ROLE: 2}
    ranked = sorted(found, key=lambda one: (order[one.kind], one.name))
    return [can(graph, principal, privilege, securable) for principal in ranked]


def as_json(answer: Answer) -> dict[str, Any]:
    """Plain values for `--json`."""
    return {
        "allowed": {Verdict.YES: True, Verdict.NO: False}.get(answer.verdict),
        "principal": {"kind": answer.principal.kind, "name": answer.principal.name},
        "privilege": answer.privilege,
        "object": securable_json(answer.securable),
        "chains": [
            {
                "roles": [one.name for one in chain.roles],
                "privilege": chain.privilege,
                "object": securable_json(chain.securable),
            }
            for chain in answer.chains
        ],
        "missing": [
            {
                "privilege": need.privilege,
                "object": securable_json(need.securable),
                "held_by": [one.name for one in need.holders],
            }
            for need in answer.missing
        ],
        "unread": unread_json(answer.unread),
    }


def securable_json(securable: Securable) -> dict[str, Any]:
    """An object as plain values."""
    return {"kind": securable.kind, "name": securable.name, "to_come": securable.to_come}


def unread_json(unread: tuple[Unread, ...] | list[Unread]) -> list[dict[str, str]]:
    """What could not be read, as plain values."""
    return [{"what": one.what, "why": one.why} for one in unread]


def _needs(
    facts: Facts, privilege: str, securable: Securable
) -> list[tuple[str, Securable, dict[tuple[str, Securable], list[int]]]]:
    """Each need: what to call it, on what, and the grants that meet it."""
    granted = facts.on(securable)
    ways = {(name, securable): granted[name] for name in (privilege, OWNERSHIP) if name in granted}
    wider = IMPLIED_BY.get((securable.kind, privilege))
    if wider:
        ways[wider, THE_ACCOUNT] = facts.on(THE_ACCOUNT).get(wider, [])
    needs = [(privilege, securable, ways)]
    for container in containers(securable):
        held = facts.on(container)
        first = sorted(held, key=lambda name: (name != WAY_IN, name))
        ways = {(name, container): held[name] for name in first}
        if container.kind == "DATABASE":
            ways[WAY_IN, container] = [*held.get(WAY_IN, []), *_database_roles(facts, container)]
        needs.append((WAY_IN, container, ways))
    return needs


def _database_roles(facts: Facts, database: Securable) -> list[int]:
    """Having a database role opens its database."""
    start = f"{database.name}."
    return [
        number
        for number, principal in enumerate(facts.principals)
        if principal.kind is PrincipalKind.DATABASE_ROLE and principal.name.startswith(start)
    ]


def _nearest_first(facts: Facts, principal: Principal) -> dict[int, int]:
    """By role reached from a principal, nearest first: the one it is reached from."""
    start = facts.number_of(principal)
    if start is None:
        return {}
    found = {start: start}
    waiting = deque([start])
    public = facts.number_of(PUBLIC)
    while waiting:
        at = waiting.popleft()
        children = facts.roles_of[at]
        for child in (*children, public) if at == start and public is not None else children:
            if child not in found:
                found[child] = at
                waiting.append(child)
    return found


def _shortest(
    facts: Facts,
    came_from: Mapping[int, int],
    ways: Mapping[tuple[str, Securable], list[int]],
) -> Chain | None:
    by_holder: dict[int, tuple[str, Securable]] = {}
    for way, holders in ways.items():
        for holder in holders:
            by_holder.setdefault(holder, way)
    for number in came_from:
        if number in by_holder:
            roles = [number]
            while came_from[roles[-1]] != roles[-1]:
                roles.append(came_from[roles[-1]])
            chain = tuple(facts.principals[at] for at in reversed(roles))
            return Chain(chain, *by_holder[number])
    return None


def _holders(
    facts: Facts, ways: Mapping[tuple[str, Securable], list[int]]
) -> tuple[Principal, ...]:
    numbers = {holder for (name, _), found in ways.items() if name != OWNERSHIP for holder in found}
    return tuple(sorted(facts.principals[number] for number in numbers))
