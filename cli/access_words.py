"""Answers about access in words: chains, gaps, and changes told in people and objects."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence

from ops.access.answer import Answer, Chain, Missing, Verdict
from ops.access.difference import Change, Difference
from ops.access.escalation import Step
from ops.access.facts import Unread
from ops.access.names import Principal, PrincipalKind, Securable
from ops.access.privileges import OWNERSHIP

_VERBS = {Verdict.YES: "can", Verdict.NO: "cannot", Verdict.UNKNOWN: "may or may not be able to"}


def answer_lines(answer: Answer, source: str) -> Iterator[str]:
    """The verdict, then its reasons."""
    what = f"{answer.privilege} on {answer.securable}"
    yield f"{answer.principal} {_VERBS[answer.verdict]} use {what} ({source})"
    if answer.securable.to_come:
        yield "  told of objects to come: by future grants"
    yield from (f"  {_chain(chain)}" for chain in answer.chains)
    yield from (f"  missing: {_missing(need)}" for need in answer.missing)
    if answer.verdict is Verdict.NO and not answer.missing:
        yield "  missing: one role with all of it (to create, only the primary role counts)"
    yield from unread_lines(answer.unread)


def unread_lines(unread: Iterable[Unread]) -> Iterator[str]:
    """What could not be read, and why."""
    for one in unread:
        yield f"  could not be read: {one.what} ({' '.join(one.why.split())})"


def path_lines(steps: Sequence[Step]) -> Iterator[str]:
    """One line for each step."""
    for step in steps:
        yield f"  {step.before} {step.means} {step.after}"


def difference_lines(difference: Difference, hidden: Collection[Principal]) -> Iterator[str]:
    """People first, then roles; roles that nobody works in are left out."""
    shown = [change for change in difference.changes if change.principal not in hidden]
    yield from _told(shown)
    if not shown:
        yield "Nobody gains or loses anything."
    uncertain = [change for change in difference.uncertain if change.principal not in hidden]
    if uncertain:
        yield "Not known, because the account could not be read in full:"
        yield from (f"  {line}" for line in _told(uncertain))


def _told(changes: Iterable[Change]) -> Iterator[str]:
    by_effect: dict[tuple[tuple[bool, str], ...], list[Principal]] = {}
    by_principal: dict[Principal, list[Change]] = {}
    for change in changes:
        by_principal.setdefault(change.principal, []).append(change)
    for principal, own in by_principal.items():
        by_effect.setdefault(tuple(_effects(own)), []).append(principal)
    for effects, principals in by_effect.items():
        for words, kind in (("people", PrincipalKind.USER), ("roles", PrincipalKind.ROLE)):
            names = sorted(
                one.name
                for one in principals
                if (one.kind is PrincipalKind.USER) is (kind is PrincipalKind.USER)
            )
            if names:
                yield f"{words}: {', '.join(names)}"
        for gained, what in effects:
            yield f"  {'+ gain' if gained else '- lose'} {what}"


def _effects(changes: Iterable[Change]) -> Iterator[tuple[bool, str]]:
    """Objects of one kind in one place that change alike are one line."""
    groups: dict[tuple[bool, tuple[str, ...], str, tuple[str, ...]], list[Securable]] = {}
    for change in changes:
        securable = change.securable
        key = (change.gained, change.privileges, securable.kind, securable.path[:-1])
        groups.setdefault(key, []).append(securable)
    for (gained, privileges, kind, place), securables in groups.items():
        names = [one.path[-1] for one in securables if one.path and not one.to_come]
        come = any(one.to_come for one in securables)
        listed = ", ".join([*names, *(["those to come"] if come else [])])
        rights = "everything (as owner)" if privileges == (OWNERSHIP,) else ", ".join(privileges)
        inside = f" in {'.'.join(place)}" if place else ""
        yield gained, f"{rights} on {kind.lower()}{inside}: {listed}".rstrip(": ")


def _chain(chain: Chain) -> str:
    roles = " → ".join(one.name for one in chain.roles)
    return f"{roles} has {chain.privilege} on {chain.securable}"


def _missing(need: Missing) -> str:
    held = ", ".join(one.name for one in need.holders)
    return f"{need.privilege} on {need.securable}" + (f" (held by {held})" if held else "")
