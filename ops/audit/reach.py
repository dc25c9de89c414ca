"""Rules that take the graph: no way for people who work with data to what they must not have.

A way is more than grants: who owns a role may grant it to themselves, and who has MANAGE GRANTS may
grant anything. The shortest way is printed, so that its first step can be taken away.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from infra.model.access import RoleKind
from infra.model.rules.holders import ADMINISTRATORS
from infra.model.rules.item import Item, Kind
from infra.model.rules.judging import Finding
from infra.model.rules.reach import NO_WAY_TO_GRANTS, NO_WAY_TO_RAW
from infra.model.rules.rule import Ground, Rule
from ops.access.escalation import Means, Step, ways_to
from ops.access.facts import Facts
from ops.access.names import THE_ACCOUNT, Principal, PrincipalKind, role
from ops.access.privileges import MANAGE_GRANTS


def findings(facts: Facts, ground: Ground, programs: Iterable[str]) -> Iterator[Finding]:
    """Both rules over one source's access. ``programs``: users that are no people."""
    working = [*_roles(facts, ground), *_people(facts, frozenset(programs))]
    writers = [role(ground.named(name)) for name in ground.environment.limits.raw_writers]
    ways = (
        (NO_WAY_TO_RAW, ways_to(facts, writers)),
        (NO_WAY_TO_GRANTS, ways_to(facts, _managers(facts))),
    )
    for rule, found in ways:
        severity = rule.severity_in(ground.name)
        if severity is None:
            continue
        for principal, steps in _nearest(found, working):
            # To have the role by a grant alone is what other rules judge.
            if rule is NO_WAY_TO_RAW and all(step.means is Means.HAS for step in steps):
                continue
            kind = Kind.USER if principal.kind is PrincipalKind.USER else Kind.ROLE
            item = Item(kind, principal.name, {}, _place(kind, principal.name, ground))
            yield Finding(rule, severity, item, _words(rule, steps))


def _nearest(
    found: Mapping[Principal, tuple[Step, ...]], working: Iterable[Principal]
) -> Iterator[tuple[Principal, tuple[Step, ...]]]:
    """Everybody of these with a way; whoever has it through a role that is told of is left out."""
    told: set[Principal] = set()
    for principal in working:
        steps = found.get(principal)
        if steps and not {step.before for step in steps} & told:
            told.add(principal)
            yield principal, steps


def _roles(facts: Facts, ground: Ground) -> Iterator[Principal]:
    for name, one in ground.environment.roles.items():
        principal = role(ground.named(name))
        if one.kind is RoleKind.FUNCTIONAL and facts.number_of(principal) is not None:
            yield principal


def _people(facts: Facts, programs: frozenset[str]) -> Iterator[Principal]:
    """People who administer nothing: administrators are counted by a rule of their own."""
    for number, principal in enumerate(facts.principals):
        if principal.kind is not PrincipalKind.USER or principal.name in programs:
            continue
        held = {facts.principals[child].name for child in facts.roles_of[number]}
        if not held & ADMINISTRATORS:
            yield principal


def _managers(facts: Facts) -> list[Principal]:
    holders = facts.on(THE_ACCOUNT).get(MANAGE_GRANTS, ())
    return [facts.principals[number] for number in holders]


def _words(rule: Rule, steps: tuple[Step, ...]) -> str:
    what = "write where files land" if rule is NO_WAY_TO_RAW else "grant anything"
    return f"it can come to {what}: {in_words(steps)}."


def in_words(steps: Iterable[Step]) -> str:
    """A way, step by step."""
    return ", ".join(f"{step.before.name} {step.means} {step.after.name}" for step in steps)


def _place(kind: Kind, name: str, ground: Ground) -> str:
    section = "people" if kind is Kind.USER else "roles"
    return f"{section}.{name.removeprefix(ground.environment.prefix)}"
