"""Code against account: every difference, each once.

What could not be seen is never reported as missing: the caller names it beside the findings.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, Final

from ops.access import account as access
from ops.access.account import Row
from ops.access.names import (
    THE_ACCOUNT,
    Principal,
    PrincipalKind,
    Securable,
    dotted,
    parse,
    role,
)
from ops.access.privileges import ACCOUNT, OWNERSHIP
from ops.access.resources import Reach
from ops.drift.account import ACCOUNT_LEVEL, IN_SCHEMAS, Live, LiveObject
from ops.drift.code import SYSTEM_ROLES, Code, Rule
from ops.drift.finding import Finding, Form, Subject
from ops.drift.properties import differences

_COVERED: Final = frozenset({"TABLE", "VIEW"})
"""Kinds whose every object in a schema must carry what code grants on all of them."""
_BY_OWNER: Final = ("FAILOVER GROUP", "REPLICATION GROUP")
"""Kinds that no list is asked for, because editions of Snowflake lack them: owners tell them."""
_KINDS_SEEN: Final = frozenset({*ACCOUNT_LEVEL, *IN_SCHEMAS, *_BY_OWNER, "ROLE", "USER"})


def compare(
    code: Code, live: Live, workspaces: frozenset[Securable] = frozenset()
) -> list[Finding]:
    """All findings: objects first, then owners and settings, then who holds what."""
    known = _Known(code, live, workspaces)
    return [
        *_unknown_objects(known),
        *_missing_objects(known),
        *_owners(known),
        *_settings(known),
        *_memberships(known),
        *_grants(known),
        *_missing_grants(known),
        *_futures(known),
    ]


class _Known:
    """Both sides, and what the questions below ask of them again and again."""

    def __init__(self, code: Code, live: Live, workspaces: frozenset[Securable]) -> None:
        self.code = code
        self.live = live
        self.workspaces = workspaces
        self.blind = frozenset(_unseen(live))
        self.unread_roles = {one.principal for one in live.unread if one.principal is not None}
        self.all_seen = not any(
            one.principal is None and "GRANTS" in one.what.upper() for one in live.unread
        )

    def in_workspace(self, securable: Securable) -> bool:
        """Whether it is a workspace's, or lies in one."""
        inside = Securable("SCHEMA", securable.path[:2])
        return securable in self.workspaces or inside in self.workspaces

    def is_imported(self, securable: Securable) -> bool:
        """Whether it lies in a database that another account shares: what is in it is theirs."""
        outer = self.code.objects.get(Securable("DATABASE", securable.path[:1]))
        return (
            len(securable.path) > 1
            and outer is not None
            and outer.resource.sort == "SharedDatabase"
        )

    def belongs(self, one: LiveObject) -> bool:
        """Whether the object is code's, known beside it, or made by a right that code gave."""
        return (
            self.code.knows(one.securable)
            or self.in_workspace(one.securable)
            or self.is_imported(one.securable)
            or (one.securable.kind == "ROLE" and role(one.securable.path[0]) in SYSTEM_ROLES)
            or self.code.may_create(role(one.owner), one.securable)
            or self.code.knows(Securable("BUDGET", one.securable.path))
        )

    def stands(self, securable: Securable) -> bool:
        """Whether a grant on it can be expected: it is there."""
        return securable == THE_ACCOUNT or securable in self.live.objects

    def sees(self, holder: Principal) -> bool:
        """Whether all that a role holds was told."""
        return self.all_seen and holder not in self.unread_roles


def _unseen(live: Live) -> Iterator[str]:
    """Kinds of which some objects may not have been told."""
    statements = {**{k: f"SHOW {v}" for k, v in IN_SCHEMAS.items()}, **ACCOUNT_LEVEL}
    statements |= {"ROLE": "SHOW ROLES", "USER": "SHOW USERS"}
    for kind, statement in statements.items():
        if any(one.what.startswith(statement) for one in live.unread):
            yield kind


def _unknown_objects(known: _Known) -> Iterator[Finding]:
    """What is live and in no code; what lies in an unknown container is only counted."""
    strange = {s for s, one in known.live.objects.items() if not known.belongs(one)}
    inside: dict[Securable, int] = {}
    alone = []
    for securable in strange:
        outer = next((c for c in _around(securable) if c in strange), None)
        if outer is None:
            alone.append(securable)
        else:
            inside[outer] = inside.get(outer, 0) + 1
    for securable in sorted(alone):
        one = known.live.objects[securable]
        yield Finding(
            Form.UNKNOWN,
            Subject.OBJECT,
            securable,
            since=_moment(one.since),
            by_role=one.owner,
            contents=inside.get(securable, 0),
        )


def _around(securable: Securable) -> Iterator[Securable]:
    """The containers of an object, the outer one first."""
    if len(securable.path) >= 2:
        yield Securable("DATABASE", securable.path[:1])
    if len(securable.path) == 3:
        yield Securable("SCHEMA", securable.path[:2])


def _missing_objects(known: _Known) -> Iterator[Finding]:
    for securable in known.code.objects:
        seen = securable.kind in _KINDS_SEEN and securable.kind not in known.blind
        if seen and known.all_seen and securable not in known.live.objects:
            yield Finding(Form.MISSING, Subject.OBJECT, securable)


def _owners(known: _Known) -> Iterator[Finding]:
    for securable, one in known.code.objects.items():
        live = known.live.objects.get(securable)
        if live is None or one.owner is None or not live.owner or live.owner == one.owner.name:
            continue
        yield Finding(
            Form.DIFFERENT,
            Subject.OWNER,
            securable,
            holder=role(live.owner),
            privileges=(OWNERSHIP,),
            code=one.owner.name,
            live=live.owner,
        )


def _settings(known: _Known) -> Iterator[Finding]:
    for securable, one in known.code.objects.items():
        live = known.live.objects.get(securable)
        for differs in differences(securable.kind, one.resource.inputs, live.row) if live else ():
            yield Finding(
                Form.DIFFERENT,
                Subject.PROPERTY,
                securable,
                setting=differs.compared.column,
                code=differs.code,
                live=differs.live,
            )


def _memberships(known: _Known) -> Iterator[Finding]:
    live = dict(_live_members(known))
    for (child, to), row in sorted(live.items(), key=lambda item: item[0]):
        securable = _as_securable(child)
        known_holder = Securable(to.kind.value, (to.name,)) in known.code.known
        if (child, to) in known.code.members or known.in_workspace(securable) or known_holder:
            continue
        if not row.get("granted_by") and child in SYSTEM_ROLES:
            continue
        yield Finding(
            Form.UNKNOWN,
            Subject.MEMBERSHIP,
            securable,
            holder=to,
            since=_moment(row.get("created_on")),
            by_role=str(row.get("granted_by") or ""),
        )
    for child, to in known.code.members:
        there = known.stands(_as_securable(child)) and known.stands(_as_securable(to))
        if there and (child, to) not in live and known.sees(child) and known.sees(to):
            yield Finding(Form.MISSING, Subject.MEMBERSHIP, _as_securable(child), holder=to)


def _live_members(known: _Known) -> Iterator[tuple[tuple[Principal, Principal], Row]]:
    for holder, row in known.live.rows.held:
        kind, path = access.held_on(row)
        if kind in ("ROLE", "DATABASE ROLE") and str(row["privilege"]) == "USAGE":
            name = path[0] if kind == "ROLE" else dotted(path)
            yield (Principal(PrincipalKind(kind), name), holder), row
    for child, row in known.live.rows.members:
        yield (child, access.grantee(row)), row


def _grants(known: _Known) -> Iterator[Finding]:
    """Privileges that code gives neither on the object nor on all of its kind."""
    gathered: dict[tuple[Principal, Securable], list[Row]] = {}
    for holder, on, row in _live_grants(known):
        gathered.setdefault((holder, on), []).append(row)
    for (holder, on), rows in sorted(gathered.items(), key=lambda item: item[0]):
        if known.in_workspace(on) or known.code.everything(holder, on):
            continue
        allowed = known.code.allows(holder, on)
        more = [row for row in rows if str(row["privilege"]) not in allowed]
        if holder in SYSTEM_ROLES:
            more = [row for row in more if row.get("granted_by")]
        if more:
            newest = max(more, key=lambda row: str(row.get("created_on")))
            yield Finding(
                Form.UNKNOWN,
                Subject.GRANT,
                on,
                holder=holder,
                privileges=tuple(sorted({str(row["privilege"]) for row in more})),
                since=_moment(newest.get("created_on")),
                by_role=str(newest.get("granted_by") or ""),
            )


def _live_grants(known: _Known) -> Iterator[tuple[Principal, Securable, Row]]:
    """Privileges but ownership and roles, each on its object."""
    for holder, row in known.live.rows.held:
        privilege = str(row["privilege"])
        kind, path = access.held_on(row)
        is_role = kind in ("ROLE", "DATABASE ROLE") and privilege == "USAGE"
        if privilege != OWNERSHIP and not is_role:
            yield holder, THE_ACCOUNT if kind == ACCOUNT else Securable(kind, path), row


def _missing_grants(known: _Known) -> Iterator[Finding]:
    held: dict[tuple[Principal, Securable], set[str]] = {}
    for holder, on, row in _live_grants(known):
        held.setdefault((holder, on), set()).add(str(row["privilege"]))
    for holder, on, wanted in _wanted(known):
        lacking = wanted - held.get((holder, on), set())
        if lacking and known.sees(holder):
            yield Finding(
                Form.MISSING, Subject.GRANT, on, holder=holder, privileges=tuple(sorted(lacking))
            )


def _wanted(known: _Known) -> Iterator[tuple[Principal, Securable, set[str]]]:
    """What code grants on objects that stand."""
    for (holder, on), privileges in known.code.held.items():
        if known.stands(on) and known.stands(_as_securable(holder)):
            yield holder, on, privileges
    everywhere: dict[tuple[str, Any], list[tuple[Principal, set[str]]]] = {}
    future = known.code.bulk[Reach.FUTURE]
    for rule, granted in known.code.bulk[Reach.ALL].items():
        if rule.kind in _COVERED and rule in future and known.stands(_as_securable(rule.holder)):
            wanted = set(granted.privileges) & set(future[rule].privileges)
            everywhere.setdefault((rule.kind, rule.place), []).append((rule.holder, wanted))
    for on in known.live.objects:
        if on.kind in _COVERED:
            for depth in (1, 2):
                for holder, wanted in everywhere.get((on.kind, on.path[:depth]), ()):
                    yield holder, on, wanted


def _futures(known: _Known) -> Iterator[Finding]:
    live: dict[Rule, list[Row]] = {}
    for holder, row in known.live.rows.futures:
        place = parse(str(row["name"]).rpartition(".<")[0])
        rule = Rule(holder, str(row["grant_on"]).replace("_", " "), place)
        live.setdefault(rule, []).append(row)
    wanted = known.code.bulk[Reach.FUTURE]
    for rule in sorted({*live, *wanted}):
        if known.in_workspace(Securable("SCHEMA", rule.place)):
            continue
        rows = live.get(rule, [])
        there = {str(row["privilege"]) for row in rows}
        code = set(wanted[rule].privileges) if rule in wanted else set()
        newest = max(rows, key=lambda row: str(row.get("created_on")), default={})
        if more := there - code:
            when = _moment(newest.get("created_on"))
            yield _future(Form.UNKNOWN, rule, more, when)
        lacking = code - there
        if lacking and known.sees(rule.holder) and known.stands(_as_securable(rule.holder)):
            yield _future(Form.MISSING, rule, lacking, None)


def _future(form: Form, rule: Rule, privileges: Iterable[str], since: datetime | None) -> Finding:
    on = Securable(rule.kind, rule.place)
    held = tuple(sorted(privileges))
    return Finding(form, Subject.FUTURE_GRANT, on, holder=rule.holder, privileges=held, since=since)


def _as_securable(principal: Principal) -> Securable:
    bare = principal.kind is not PrincipalKind.DATABASE_ROLE
    path = (principal.name,) if bare else parse(principal.name)
    return Securable(principal.kind.value, path)


def _moment(value: Any) -> datetime | None:
    return value if isinstance(value, datetime) else None
