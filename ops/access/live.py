"""The live source: the access that stands in an account, from the rows that it told.

An object is known by its OWNERSHIP row. What could not be read is kept by name, so that no answer
says "no" where it should say "not known".
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from ops.access import account
from ops.access.account import Ask, Row, Rows
from ops.access.facts import Facts
from ops.access.graph import PUBLIC
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
from ops.access.privileges import ACCOUNT


class _Future(NamedTuple):
    holder: Principal
    privilege: str
    kind: str
    container: Path


def live(ask: Ask, source: str) -> Facts:
    """The access that stands in an account, as far as the connected role may see it."""
    return facts_of(account.read(ask), source)


def facts_of(rows: Rows, source: str) -> Facts:
    """The same, of an account that was read already."""
    facts = Facts(f"{source}, partly {account.LATE}" if rows.late else source)
    facts.principal(PUBLIC)
    for row in rows.roles:
        facts.principal(role(str(row["name"])))
    for row in rows.users:
        facts.principal(user(str(row["name"])))
    for holder, row in rows.held:
        _add(facts, holder, row)
    for granted, row in rows.members:
        facts.grant_role(granted, account.grantee(row))
    _settle(facts, (_future(holder, row) for holder, row in rows.futures))
    facts.unread += rows.unread
    return facts


def _add(facts: Facts, holder: Principal, row: Row) -> None:
    (kind, path), privilege = account.held_on(row), str(row["privilege"])
    if kind in ("ROLE", "DATABASE ROLE") and privilege == "USAGE":
        bare = path[0] if kind == "ROLE" else dotted(path)
        facts.grant_role(Principal(PrincipalKind(kind), bare), holder)
    elif kind == ACCOUNT:
        facts.grant(holder, (privilege,), THE_ACCOUNT)
    else:
        facts.grant(holder, (privilege,), Securable(kind, path))


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
