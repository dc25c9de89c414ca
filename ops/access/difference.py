"""Who gains and who loses what between two states of access: in people and objects.

Both graphs number the same principals alike, so a comparison is one exclusive-or for each privilege
on each object. Grants that change nobody's access do not show; one grant that opens many objects to
many people shows all of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from ops.access.answer import blind_spots
from ops.access.facts import Facts
from ops.access.graph import Graph
from ops.access.names import Principal, Securable
from ops.access.privileges import OWNERSHIP
from ops.access.system import ADMINISTRATORS


class Change(NamedTuple):
    """What one principal gains or loses on one object."""

    principal: Principal
    gained: bool
    securable: Securable
    privileges: tuple[str, ...]
    """OWNERSHIP alone stands for everything."""


class Difference(NamedTuple):
    """All changes, and those that cannot be told because of what could not be read."""

    changes: tuple[Change, ...]
    uncertain: tuple[Change, ...]


_IDENTITIES: Final = frozenset({"ROLE", "USER", "DATABASE ROLE"})


def compare(before: Facts, after: Facts, *, declared_only: bool = False) -> Difference:
    """From one state to another.

    Args:
        before: the old state, or the declared one.
        after: the new state, or the live one.
        declared_only: leave out what the first state cannot know: objects outside its databases,
            administrators and those who have an administrator's role. An object that only the
            second has is held against the objects to come of its schema.
    """
    order = list(dict.fromkeys((*before.principals, *after.principals)))
    old, new = Graph(before, order), Graph(after, order)
    left_out = _administrators(old, new, before) if declared_only else 0
    gathered: dict[tuple[int, bool, Securable], list[str]] = {}
    for securable in dict.fromkeys((*before.securables, *after.securables)):
        if securable.kind in _IDENTITIES or (declared_only and not _ours(before, securable)):
            continue
        for privilege, lost, gained in _changed(old, new, securable, declared_only):
            for found, is_gain in ((gained & ~left_out, True), (lost & ~left_out, False)):
                for number in _bits(found):
                    gathered.setdefault((number, is_gain, securable), []).append(privilege)
    changes: list[Change] = []
    uncertain: list[Change] = []
    for (number, is_gain, securable), names in sorted(gathered.items()):
        privileges = (OWNERSHIP,) if OWNERSHIP in names else tuple(sorted(names))
        change = Change(order[number], is_gain, securable, privileges)
        seen_badly = blind_spots(before if is_gain else after, change.principal)
        (uncertain if seen_badly else changes).append(change)
    return Difference(tuple(changes), tuple(uncertain))


def backwards(difference: Difference) -> Difference:
    """The same, from the second state to the first: who gained loses."""

    def turned(changes: tuple[Change, ...]) -> tuple[Change, ...]:
        return tuple(change._replace(gained=not change.gained) for change in changes)

    return Difference(turned(difference.changes), turned(difference.uncertain))


def as_json(difference: Difference) -> dict[str, Any]:
    """Plain values for `--json`."""

    def plain(change: Change) -> dict[str, Any]:
        return {
            "principal": {"kind": change.principal.kind, "name": change.principal.name},
            "change": "gains" if change.gained else "loses",
            "object": {"kind": change.securable.kind, "name": change.securable.name},
            "privileges": list(change.privileges),
        }

    return {
        "changes": [plain(change) for change in difference.changes],
        "not_known": [plain(change) for change in difference.uncertain],
    }


def _changed(
    old: Graph, new: Graph, securable: Securable, declared_only: bool
) -> Iterator[tuple[str, int, int]]:
    once, now = _stand_in(old.facts, securable, declared_only), securable
    if declared_only:
        now = _stand_in(new.facts, securable, declared_only)
    names = {*old.facts.on(once), *new.facts.on(now)} - ({OWNERSHIP} if once != now else set())
    before, after = old.usable(once, names), new.usable(now, names)
    for privilege in names if before != after else ():
        had, has = before[privilege], after[privilege]
        if had != has:
            yield privilege, had & ~has, has & ~had


def _stand_in(facts: Facts, securable: Securable, allowed: bool) -> Securable:
    """An object that the facts lack is one of those to come."""
    if not allowed or facts.knows(securable) or len(securable.path) != 3:
        return securable
    return Securable(securable.kind, (*securable.path[:2], f"<{securable.kind}>"))


def _ours(facts: Facts, securable: Securable) -> bool:
    if facts.knows(securable):
        return True
    database = Securable("DATABASE", securable.path[:1])
    return len(securable.path) > 1 and facts.knows(database)


def _administrators(old: Graph, new: Graph, declared: Facts) -> int:
    found = 0
    for graph in (old, new):
        for principal in ADMINISTRATORS:
            number = graph.facts.number_of(principal)
            found |= 0 if number is None else graph.above[number]
    for number, principal in enumerate(old.principals):
        if principal not in ADMINISTRATORS and declared.number_of(principal) is not None:
            found &= ~(1 << number)
    return found


def _bits(found: int) -> Iterator[int]:
    while found:
        low = found & -found
        yield low.bit_length() - 1
        found ^= low
