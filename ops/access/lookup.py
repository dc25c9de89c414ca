"""From typed words to principals, securables and privileges of a source, or the nearest names."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from ops.access.facts import Facts
from ops.access.names import (
    MOST_NAMES,
    THE_ACCOUNT,
    Path,
    Principal,
    PrincipalKind,
    Securable,
    dotted,
    nearest,
    parse,
)
from ops.access.privileges import ACCOUNT, privileges_of

_SEPARATOR: Final = ":"


class UnknownNameError(ValueError):
    """A name that the source does not have, or has more than once."""

    def __init__(self, what: str, given: str, known: Iterable[str], *, many: bool = False) -> None:
        every = tuple(known)
        self.near = every if many else nearest(given, every)
        words = "which is several; say which" if many else "which is not known"
        tail = f" ({'one of' if many else 'did you mean'}: {', '.join(self.near)})"
        super().__init__(f"{what}: got {given!r}, {words}{tail if self.near else _some_of(every)}")


def _some_of(known: tuple[str, ...]) -> str:
    """What exists, where no name is close to the one that was given."""
    listed = sorted(set(known))
    more = f" and {len(listed) - MOST_NAMES} more" if len(listed) > MOST_NAMES else ""
    return f" (none is close; there are: {', '.join(listed[:MOST_NAMES])}{more})" if listed else ""


def find_principal(facts: Facts, text: str) -> Principal:
    """A role or user by name; ``role:X`` or ``user:X`` where both exist.

    Raises:
        UnknownNameError: the source has none, or two.
    """
    kind, name = _kind_and_name(text, tuple(PrincipalKind))
    path = _path("role or user", name)
    candidates = [Principal(PrincipalKind.ROLE, path[0]), Principal(PrincipalKind.USER, path[0])]
    if len(path) > 1:
        candidates = [Principal(PrincipalKind.DATABASE_ROLE, dotted(path))]
    found = [
        candidate
        for candidate in candidates
        if facts.number_of(candidate) is not None and kind in ("", candidate.kind)
    ]
    if len(found) == 1:
        return found[0]
    if found:
        several = [f"{one.kind.lower()}:{one.name}" for one in found]
        raise UnknownNameError("role or user", text, several, many=True)
    known = (one.name for one in facts.principals if kind in ("", one.kind))
    raise UnknownNameError("role or user", name, known)


def find_securable(facts: Facts, text: str, privilege: str) -> Securable:
    """An object by name, ``ACCOUNT``, or ``DB.SCHEMA.<TABLE>``; ``kind:name`` where two share it.

    Of several kinds with the same name those count that have the privilege.

    Raises:
        UnknownNameError: the source has none, or two; or the privilege does not fit.
    """
    if text.upper() == ACCOUNT:
        found = [THE_ACCOUNT]
    else:
        kind, name = _kind_and_name(text, {securable.kind for securable in facts.securables})
        path = _path("object", name)
        found = [s for s in facts.securables if s.path == path and kind in ("", s.kind)]
        if not found:
            near = dict.fromkeys(s.name for s in facts.securables if kind in ("", s.kind))
            raise UnknownNameError("object", name, near)
    fitting = [s for s in found if privilege in allowed(facts, s)]
    if not fitting:
        raise UnknownPrivilegeError(privilege, found, facts)
    if len(fitting) > 1:
        several = [f"{s.kind.lower()}:{s.name}" for s in fitting]
        raise UnknownNameError("object", text, several, many=True)
    return fitting[0]


class UnknownPrivilegeError(UnknownNameError):
    """No object of that name has such a privilege."""

    def __init__(self, privilege: str, found: list[Securable], facts: Facts) -> None:
        known = sorted({name for securable in found for name in allowed(facts, securable)})
        super().__init__("privilege", privilege, known)
        if not self.near:
            self.near = tuple(known)
        kinds = " or ".join(sorted({securable.kind.lower() for securable in found}))
        ask = "did you mean" if set(self.near) < set(known) else "allowed"
        self.args = (
            f"privilege: got {privilege!r}, which a {kinds} does not have "
            f"({ask}: {', '.join(self.near)})",
        )


def allowed(facts: Facts, securable: Securable) -> tuple[str, ...]:
    """Privileges on an object: those of the manual, and what the source has seen granted."""
    return tuple(dict.fromkeys((*privileges_of(securable.kind), *facts.on(securable))))


def written_privilege(text: str) -> str:
    """A privilege as Snowflake writes it: upper case, single blanks."""
    return " ".join(text.upper().split())


def _kind_and_name(text: str, kinds: Iterable[str]) -> tuple[str, str]:
    kind, separator, name = text.partition(_SEPARATOR)
    written = kind.upper().replace("_", " ")
    return (written, name) if separator and written in kinds else ("", text)


def _path(what: str, text: str) -> Path:
    try:
        return parse(text)
    except ValueError as error:
        raise UnknownNameError(what, text, ()) from error
