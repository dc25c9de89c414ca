"""How somebody could come to be somebody else: the shortest path of rights that lend rights.

A step is having a role, owning a role or a user (an owner may grant the role to itself, or set the
user's password), or MANAGE GRANTS, which may grant any role. It says what is possible, not what is
intended.

https://docs.snowflake.com/en/user-guide/security-access-control-overview
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import NamedTuple

from ops.access.facts import Facts
from ops.access.names import THE_ACCOUNT, Principal, PrincipalKind, Securable, parse
from ops.access.privileges import MANAGE_GRANTS, OWNERSHIP


class Means(StrEnum):
    """Why one principal can act as another."""

    HAS = "has role"
    OWNS_ROLE = "owns role, and may grant itself"
    OWNS_USER = "owns user, and may log in as"
    MANAGES = "has MANAGE GRANTS, and may grant itself"


class Step(NamedTuple):
    """One step of a path."""

    before: Principal
    means: Means
    after: Principal


def path(facts: Facts, start: Principal, end: Principal) -> tuple[Step, ...] | None:
    """The shortest path, empty when both are one; None where there is none to be seen."""
    first, last = facts.number_of(start), facts.number_of(end)
    if first is None or last is None:
        return None
    owned = _owned(facts)
    managers = set(facts.on(THE_ACCOUNT).get(MANAGE_GRANTS, ()))
    came_from: dict[int, tuple[int, Means] | None] = {first: None}
    waiting = deque([first])
    while waiting and last not in came_from:
        at = waiting.popleft()
        for means, after in _steps(facts, at, owned, managers):
            if after not in came_from:
                came_from[after] = (at, means)
                waiting.append(after)
    if last not in came_from:
        return None
    steps: list[Step] = []
    at = last
    while (origin := came_from[at]) is not None:
        steps.append(Step(facts.principals[origin[0]], origin[1], facts.principals[at]))
        at = origin[0]
    return tuple(reversed(steps))


def ways_to(facts: Facts, ends: Iterable[Principal]) -> dict[Principal, tuple[Step, ...]]:
    """By whoever can come to be one of the ends: the shortest path, found from the ends backwards.

    One walk for everybody, so that thousands of people cost no more than one.
    """
    before = _backwards(facts)
    came_to: dict[int, tuple[int, Means] | None] = {
        number: None for end in ends if (number := facts.number_of(end)) is not None
    }
    waiting = deque(came_to)
    while waiting:
        after = waiting.popleft()
        for means, at in before.get(after, ()):
            if at not in came_to:
                came_to[at] = (after, means)
                waiting.append(at)
    return {facts.principals[at]: _onwards(facts, came_to, at) for at in came_to}


def _onwards(
    facts: Facts, came_to: dict[int, tuple[int, Means] | None], at: int
) -> tuple[Step, ...]:
    steps = []
    while (step := came_to[at]) is not None:
        steps.append(Step(facts.principals[at], step[1], facts.principals[step[0]]))
        at = step[0]
    return tuple(steps)


def _backwards(facts: Facts) -> dict[int, list[tuple[Means, int]]]:
    """By principal: everybody who is one step before it."""
    owned = _owned(facts)
    found: dict[int, list[tuple[Means, int]]] = {}
    for at in range(len(facts.principals)):
        for means, after in _steps(facts, at, owned, set()):
            found.setdefault(after, []).append((means, at))
    managers = set(facts.on(THE_ACCOUNT).get(MANAGE_GRANTS, ()))
    for number, principal in enumerate(facts.principals):
        if principal.kind is PrincipalKind.ROLE:
            found.setdefault(number, []).extend((Means.MANAGES, at) for at in managers)
    return found


def _steps(
    facts: Facts, at: int, owned: dict[int, list[int]], managers: set[int]
) -> Iterator[tuple[Means, int]]:
    for child in facts.roles_of[at]:
        yield Means.HAS, child
    for thing in owned.get(at, ()):
        is_user = facts.principals[thing].kind is PrincipalKind.USER
        yield Means.OWNS_USER if is_user else Means.OWNS_ROLE, thing
    if at in managers:
        for number, principal in enumerate(facts.principals):
            if principal.kind is PrincipalKind.ROLE:
                yield Means.MANAGES, number


def _owned(facts: Facts) -> dict[int, list[int]]:
    """By owner: the roles and users that it owns."""
    found: dict[int, list[int]] = {}
    for number, principal in enumerate(facts.principals):
        bare = principal.kind is not PrincipalKind.DATABASE_ROLE
        place = (principal.name,) if bare else parse(principal.name)
        for owner in facts.on(Securable(principal.kind.value, place)).get(OWNERSHIP, ()):
            found.setdefault(owner, []).append(number)
    return found
