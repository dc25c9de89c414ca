"""The live source: an account's roles, people and grants, read in bulk.

Three statements for each role and three beside them, however many grants there are. An object is
known by its OWNERSHIP row. What is refused is kept by name, so that no answer says "no" where it
should say "not known".

https://docs.snowflake.com/en/sql-reference/sql/show-grants
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, NamedTuple, TypeAlias

from ingestion.quoting import identifier
from ops.access.facts import Facts, Unread
from ops.access.graph import PUBLIC, reachable
from ops.access.names import (
    THE_ACCOUNT,
    Path,
    Principal,
    PrincipalKind,
    Securable,
    coming,
    dotted,
    parse,
    role,
    user,
)
from ops.access.privileges import ACCOUNT, MANAGE_GRANTS

Row: TypeAlias = Mapping[str, Any]
Ask: TypeAlias = Callable[[str], Sequence[Row]]
"""Runs one statement; rows by lower-case column name."""


class ReadRefusedError(Exception):
    """The account refused to tell; the text is its own."""


class _Future(NamedTuple):
    holder: Principal
    privilege: str
    kind: str
    container: Path


AT_ONCE: Final = 4
"""Statements in flight: one connection serves several threads."""


def live(ask: Ask, source: str) -> Facts:
    """The access that stands in an account, as far as the connected role may see it."""
    facts = Facts(source)
    facts.principal(PUBLIC)
    futures: list[_Future] = []
    principals = [role(str(row["name"])) for row in _rows(facts, ask, "SHOW ROLES", None)]
    for row in _rows(facts, ask, "SHOW USERS", None):
        facts.principal(user(str(row["name"])))
    done: set[Principal] = set()
    while principals:
        _read(facts, ask, principals, futures)
        done |= set(principals)
        # Database roles are found in the grants to the roles that have them.
        principals = [
            one
            for one in facts.principals
            if one.kind is PrincipalKind.DATABASE_ROLE and one not in done
        ]
    _settle(facts, futures)
    _judge_the_reader(facts, ask)
    return facts


def _read(facts: Facts, ask: Ask, principals: list[Principal], futures: list[_Future]) -> None:
    statements = [
        (principal, f"SHOW {form} {principal.kind.value} {identifier(*_path(principal))}")
        for principal in principals
        for form in ("GRANTS TO", "GRANTS OF", "FUTURE GRANTS TO")
    ]

    def answered(item: tuple[Principal, str]) -> Sequence[Row] | Unread:
        try:
            return ask(item[1])
        except ReadRefusedError as error:
            # Whose roles are unknown when a role's holders are: anybody's.
            whose = None if "GRANTS OF" in item[1] else item[0]
            return Unread(item[1], str(error), whose)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = list(pool.map(answered, statements))
    for (principal, statement), rows in zip(statements, answers, strict=True):
        facts.principal(principal)
        if isinstance(rows, Unread):
            facts.unread.append(rows)
        elif "FUTURE" in statement:
            futures += (_future(principal, row) for row in rows)
        elif "GRANTS OF" in statement:
            for row in rows:
                facts.grant_role(principal, _grantee(row))
        else:
            for row in rows:
                _add(facts, principal, row)


def _rows(facts: Facts, ask: Ask, statement: str, principal: Principal | None) -> Sequence[Row]:
    try:
        return ask(statement)
    except ReadRefusedError as error:
        facts.unread.append(Unread(statement, str(error), principal))
        return ()


def _add(facts: Facts, holder: Principal, row: Row) -> None:
    kind, privilege = str(row["granted_on"]).replace("_", " "), str(row["privilege"])
    name = str(row["name"])
    path = _parsed(name)
    if kind == "ROLE" and len(path) > 1:
        kind = "DATABASE ROLE"
    if kind in ("ROLE", "DATABASE ROLE") and privilege == "USAGE":
        bare = name if kind == "ROLE" else dotted(path)
        facts.grant_role(Principal(PrincipalKind(kind), bare), holder)
    elif kind == ACCOUNT:
        facts.grant(holder, (privilege,), THE_ACCOUNT)
    else:
        facts.grant(holder, (privilege,), Securable(kind, path))


def _grantee(row: Row) -> Principal:
    kind, name = PrincipalKind(str(row["granted_to"]).replace("_", " ")), str(row["grantee_name"])
    return Principal(kind, name)


def _future(holder: Principal, row: Row) -> _Future:
    kind = str(row["grant_on"]).replace("_", " ")
    place = str(row["name"]).rpartition(".<")[0]
    return _Future(holder, str(row["privilege"]), kind, parse(place))


def _settle(facts: Facts, futures: Iterable[_Future]) -> None:
    """Future grants as grants on what is to come; a schema's hide the database's of their kind.

    https://docs.snowflake.com/en/sql-reference/sql/grant-privilege#future-grants-on-database-or-schema-objects
    """
    futures = list(futures)
    own = {(future.container, future.kind) for future in futures if len(future.container) == 2}
    schemas = [s.path for s in facts.securables if s.kind == "SCHEMA" and not s.to_come]
    for holder, privilege, kind, container in futures:
        places = [container]
        if len(container) == 1 and kind != "SCHEMA":
            inside = [path for path in schemas if path[:1] == container]
            places = [path for path in inside if (path, kind) not in own]
            places.append((*container, "<SCHEMA>"))
        for place in places:
            facts.grant(holder, (privilege,), coming(kind, *place))


def _judge_the_reader(facts: Facts, ask: Ask) -> None:
    """A role that may not see all grants leaves gaps that no refusal shows."""
    rows = _rows(facts, ask, "SELECT CURRENT_ROLE() AS NAME", None)
    for row in rows:
        reader = facts.number_of(role(str(row["name"])))
        seeing = set() if reader is None else {reader, *reachable(facts, reader)}
        if not seeing & set(facts.on(THE_ACCOUNT).get(MANAGE_GRANTS, ())):
            why = f"read as {row['name']}, which lacks {MANAGE_GRANTS}: it may not see all grants"
            facts.unread.append(Unread("grants of others", why))


def _path(principal: Principal) -> Path:
    kind = principal.kind
    return parse(principal.name) if kind is PrincipalKind.DATABASE_ROLE else (principal.name,)


def _parsed(name: str) -> Path:
    try:
        return parse(name)
    except ValueError:
        return (name,)
