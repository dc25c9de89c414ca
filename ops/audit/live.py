"""A live account as items: objects by SHOW, access from the graph's own reading, use from history.

Statements grow with kinds, roles, warehouses and users, never with grants. What is refused is
named, and nothing is taken for absent because it could not be seen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Final, NamedTuple, TypeAlias

from infra.model.rules.item import Item, Kind
from infra.model.rules.resources import grant, grant_name
from ingestion.quoting import identifier
from ops.access.account import AT_ONCE
from ops.access.facts import Facts
from ops.access.names import Principal, PrincipalKind, Securable
from ops.access.privileges import ACCOUNT, OWNERSHIP
from ops.audit import shown
from ops.audit.report import Unseen
from ops.audit.shown import Row

Ask: TypeAlias = Callable[[str], Sequence[Row]]
"""Runs one statement; rows by lower-case column name."""
SPECIAL: Final = ("PUBLIC", "ACCOUNTADMIN", "SECURITYADMIN")
"""Roles with grants of the system's own, which have no grantor."""
MOST_USERS: Final = 1_000
"""Of whom the privileges that they hold themselves are asked, a statement each."""
HISTORY: Final = (
    "SELECT USER_NAME, ROLE_NAME FROM SNOWFLAKE.ACCOUNT_USAGE.QUERY_HISTORY "
    "WHERE START_TIME > DATEADD(DAY, -{days}, CURRENT_TIMESTAMP()) GROUP BY USER_NAME, ROLE_NAME"
)
CLOUDS: Final = Unseen(
    "buckets, queues and IAM roles", "Snowflake does not show them; leap audit --state judges them"
)


class RefusedError(Exception):
    """The account refused to tell; the text is its own."""


class Used(NamedTuple):
    """Who worked with which role lately."""

    pairs: frozenset[tuple[str, str]]
    """User and role."""
    since_days: int


class Account(NamedTuple):
    """What an account told."""

    items: tuple[Item, ...]
    born: dict[str, datetime]
    """When each role and user was made, by kind and name."""
    used: Used | None
    unread: tuple[Unseen, ...]


def read(ask: Ask, access: Facts, now: datetime, days: int) -> Account:
    """Everything that the rules look at, as far as it may be seen."""
    unread: list[Unseen] = [CLOUDS]
    items: list[Item] = []
    born: dict[str, datetime] = {}

    def asked(statement: str) -> Sequence[Row] | None:
        try:
            return ask(statement)
        except RefusedError as error:
            unread.append(Unseen(statement, " ".join(str(error).split())))
            return None

    for reading in (*shown.READINGS, shown.users(now)):
        rows = asked(reading.statement) or ()
        wanted = [reading.more(row) for row in rows if reading.counts(row)]
        told = {statement: asked(statement) for statement in wanted if statement}
        items += shown.items(reading, rows, told)
        if reading.kind is Kind.USER:
            born |= {f"user {row['name']}": row["created_on"] for row in rows}
    born |= {f"role {row['name']}": row["created_on"] for row in asked("SHOW ROLES") or ()}
    own = {item.name for item in items if item.kind is Kind.DATABASE}
    items = [item for item in items if item.get("database", "") in own | {""}]
    for role in SPECIAL:
        rows = asked(f"SHOW GRANTS TO ROLE {role}") or ()
        items += (_by_somebody(role, row) for row in rows if row.get("granted_by"))
    people = [i.name for i in items if i.kind is Kind.USER]
    items += _held_by_users(ask, people, unread)
    items += _access(access)
    unread += (Unseen(one.what, " ".join(one.why.split())) for one in access.unread)
    history = asked(HISTORY.format(days=days))
    pairs = ((str(row["user_name"]), str(row["role_name"])) for row in history or ())
    used = None if history is None else Used(frozenset(pairs), days)
    return Account(tuple(_without_repetition(items)), born, used, tuple(dict.fromkeys(unread)))


def _held_by_users(ask: Ask, users: Sequence[str], unread: list[Unseen]) -> Iterator[Item]:
    """Privileges that users hold by themselves; whom nobody was asked about is named.

    https://docs.snowflake.com/en/sql-reference/sql/show-grants
    """

    def asked(name: str) -> Sequence[Row] | RefusedError:
        try:
            return ask(f"SHOW GRANTS TO USER {identifier(name)}")
        except RefusedError as error:
            return error

    first = sorted(users)[:MOST_USERS]
    if len(users) > len(first):
        what = f"privileges held by {len(users) - len(first)} of {len(users)} users themselves"
        unread.append(Unseen(what, f"each takes a statement; {MOST_USERS} were asked"))
    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = list(pool.map(asked, first))
    for name, rows in zip(first, answers, strict=True):
        if isinstance(rows, RefusedError):
            what = f"SHOW GRANTS TO USER {name}"
            unread.append(Unseen(what, " ".join(str(rows).split())))
            continue
        for row in rows:
            privilege, on = str(row.get("privilege") or ""), str(row.get("granted_on") or "")
            if privilege and on and on != "ROLE":
                path = (str(row["name"]),)
                properties = {**grant("", (privilege,), on.replace("_", " "), path), "user": name}
                words = grant_name(name, on.replace("_", " "), path)
                yield Item(Kind.GRANT, f"user {words}", properties)


def _by_somebody(role: str, row: Row) -> Item:
    on, name = str(row["granted_on"]).replace("_", " "), str(row["name"])
    privilege = str(row["privilege"])
    if on == "ROLE" and privilege == "USAGE":
        return _role_grant(name, Principal(PrincipalKind.ROLE, role))
    kind = Kind.OWNERSHIP if privilege == OWNERSHIP else Kind.GRANT
    path = () if on == ACCOUNT else (name,)
    words = grant_name(role, on, path)
    return Item(kind, words, grant(role, (privilege,), on, path))


def _access(facts: Facts) -> Iterator[Item]:
    """Roles, who has them, and grants: one item for all objects of a kind in a place."""
    for number, principal in enumerate(facts.principals):
        if principal.kind is PrincipalKind.ROLE:
            yield Item(Kind.ROLE, principal.name, {"name": principal.name})
        for child in facts.roles_of[number]:
            yield _role_grant(facts.principals[child].name, principal)
    together: dict[tuple[int, str, tuple[str, ...], bool], set[str]] = {}
    objects: dict[tuple[int, str, tuple[str, ...], bool], Securable] = {}
    for securable, held in zip(facts.securables, facts.granted, strict=True):
        for privilege, holders in held.items():
            for holder in holders:
                owns = privilege == OWNERSHIP
                place = securable.path[:-1] if len(securable.path) == 3 else securable.path
                key = (holder, securable.kind, place, owns)
                together.setdefault(key, set()).add(privilege)
                objects.setdefault(key, securable)
    for key, privileges in together.items():
        role, securable = facts.principals[key[0]].name, objects[key]
        if role in SPECIAL:
            continue
        kind = Kind.OWNERSHIP if key[3] else Kind.GRANT
        name = grant_name(role, securable.kind, securable.path)
        held_ = grant(role, tuple(sorted(privileges)), securable.kind, securable.path)
        yield Item(kind, name, held_)


def _role_grant(role: str, to: Principal) -> Item:
    is_user = to.kind is PrincipalKind.USER
    properties = {
        "role": role,
        "to_role": "" if is_user else to.name,
        "to_user": to.name if is_user else "",
    }
    return Item(Kind.ROLE_GRANT, f"{role} to {to.name}", properties)


def _without_repetition(items: Sequence[Item]) -> Iterator[Item]:
    """Twice told is once: two of the readings tell of the grants to the system's roles."""
    seen: set[tuple[Kind, str, str]] = set()
    for item in items:
        key = (item.kind, item.name, str(item.get("privileges", item.get("database", ""))))
        if key not in seen:
            seen.add(key)
            yield item
