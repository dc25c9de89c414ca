"""An account's roles, people and grants as rows, read in bulk and in parallel.

Three statements for each role and three beside them, however many grants there are. Where SHOW is
refused or the reader may not see everything, the views of ACCOUNT_USAGE (two statements) fill the
gap; they are up to two hours late, and know no future grants. What nothing tells is named.

The hierarchy follows from the direct grants of every role; a form of SHOW GRANTS that expands it
is not in Snowflake's manual.
https://docs.snowflake.com/en/sql-reference/sql/show-grants
https://docs.snowflake.com/en/sql-reference/account-usage/grants_to_roles
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from ingestion.quoting import identifier
from ops.access.facts import Unread
from ops.access.names import (
    Path,
    Principal,
    PrincipalKind,
    dotted,
    parse,
    parsed_object,
    role,
)
from ops.access.privileges import ACCOUNT, MANAGE_GRANTS

Row: TypeAlias = Mapping[str, Any]
Ask: TypeAlias = Callable[[str], Sequence[Row]]
"""Runs one statement; rows by lower-case column name. Several threads call it at once."""
Held: TypeAlias = list[tuple[Principal, Row]]

AT_ONCE: Final = 4
"""Statements in flight: one connection serves several threads."""
LATE: Final = "told by ACCOUNT_USAGE, which is up to two hours late and knows no future grants"
_TO_ROLES: Final = (
    "SELECT * FROM SNOWFLAKE.ACCOUNT_USAGE.GRANTS_TO_ROLES WHERE DELETED_ON IS NULL"
    " AND GRANTED_TO IN ('ROLE', 'DATABASE_ROLE')"
)
_TO_USERS: Final = "SELECT * FROM SNOWFLAKE.ACCOUNT_USAGE.GRANTS_TO_USERS WHERE DELETED_ON IS NULL"


class ReadRefusedError(Exception):
    """The account refused to tell; the text is its own."""


@dataclass
class Rows:
    """What the account told, as SHOW writes it."""

    roles: Sequence[Row] = ()
    users: Sequence[Row] = ()
    held: Held = field(default_factory=list)
    """SHOW GRANTS TO, with the holder."""
    members: Held = field(default_factory=list)
    """SHOW GRANTS OF, with the role."""
    futures: Held = field(default_factory=list)
    """SHOW FUTURE GRANTS TO, with the holder."""
    unread: list[Unread] = field(default_factory=list)
    late: tuple[str, ...] = ()
    """What is only as fresh as account usage."""


def read(ask: Ask) -> Rows:
    """Everything about access that the connected role may see."""
    rows = Rows()
    rows.roles = _asked(rows, ask, "SHOW ROLES")
    rows.users = _asked(rows, ask, "SHOW USERS")
    waiting = [role(str(row["name"])) for row in rows.roles]
    done: set[Principal] = set()
    while waiting:
        _read_of(rows, ask, waiting)
        done |= set(waiting)
        # Database roles are found in the grants to the roles that have them.
        waiting = [one for one in dict.fromkeys(_database_roles(rows)) if one not in done]
    _judge_the_reader(rows, ask)
    if any(_fillable(one) for one in rows.unread):
        _fill(rows, ask)
    return rows


def in_parallel(
    ask: Ask, statements: Sequence[str]
) -> list[tuple[str, Sequence[Row] | ReadRefusedError]]:
    """Each statement with its rows, or with the refusal."""

    def answered(statement: str) -> Sequence[Row] | ReadRefusedError:
        try:
            return ask(statement)
        except ReadRefusedError as error:
            return error

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(zip(statements, pool.map(answered, statements), strict=True))


def held_on(row: Row) -> tuple[str, Path]:
    """Kind and name of what a row of SHOW GRANTS is about; a dotted role is a database's."""
    kind = str(row["granted_on"]).replace("_", " ")
    path = _parsed(kind, str(row["name"]))
    return ("DATABASE ROLE" if kind == "ROLE" and len(path) > 1 else kind), path


def grantee(row: Row) -> Principal:
    """Who a row of SHOW GRANTS OF is about."""
    kind = PrincipalKind(str(row["granted_to"]).replace("_", " "))
    return Principal(kind, str(row["grantee_name"]))


def _read_of(rows: Rows, ask: Ask, principals: Sequence[Principal]) -> None:
    forms = {"GRANTS TO": rows.held, "GRANTS OF": rows.members, "FUTURE GRANTS TO": rows.futures}
    wanted = [(principal, form) for principal in principals for form in forms]
    statements = [
        f"SHOW {form} {principal.kind.value} {identifier(*_path(principal))}"
        for principal, form in wanted
    ]
    answers = in_parallel(ask, statements)
    for (principal, form), (statement, answer) in zip(wanted, answers, strict=True):
        if isinstance(answer, ReadRefusedError):
            # Whose roles are unknown when a role's holders are: anybody's.
            whose = None if form == "GRANTS OF" else principal
            rows.unread.append(Unread(statement, str(answer), whose))
        else:
            forms[form] += ((principal, row) for row in answer)


def _database_roles(rows: Rows) -> Iterator[Principal]:
    for _, row in rows.held:
        kind, path = held_on(row)
        if kind == "DATABASE ROLE":
            yield Principal(PrincipalKind.DATABASE_ROLE, dotted(path))
    for _, row in rows.members:
        if grantee(row).kind is PrincipalKind.DATABASE_ROLE:
            yield grantee(row)


def _asked(rows: Rows, ask: Ask, statement: str) -> Sequence[Row]:
    try:
        return ask(statement)
    except ReadRefusedError as error:
        rows.unread.append(Unread(statement, str(error)))
        return ()


def _judge_the_reader(rows: Rows, ask: Ask) -> None:
    """A role that may not see all grants leaves gaps that no refusal shows."""
    for row in _asked(rows, ask, "SELECT CURRENT_ROLE() AS NAME"):
        seeing = _below(rows, role(str(row["name"])))
        sees_all = any(
            holder in seeing
            and str(held["privilege"]) == MANAGE_GRANTS
            and str(held["granted_on"]) == ACCOUNT
            for holder, held in rows.held
        )
        if not sees_all:
            why = f"read as {row['name']}, which lacks {MANAGE_GRANTS}: it may not see all grants"
            rows.unread.append(Unread("grants of others", why))


def _below(rows: Rows, start: Principal) -> set[Principal]:
    below: dict[Principal, list[Principal]] = {}
    for holder, row in rows.held:
        kind, path = held_on(row)
        if kind == "ROLE" and str(row["privilege"]) == "USAGE":
            below.setdefault(holder, []).append(role(path[0]))
    for granted, row in rows.members:
        below.setdefault(grantee(row), []).append(granted)
    found, waiting = {start, role("PUBLIC")}, [start]
    while waiting:
        more = [one for one in below.get(waiting.pop(), ()) if one not in found]
        found |= set(more)
        waiting += more
    return found


def _fillable(unread: Unread) -> bool:
    return "GRANTS" in unread.what.upper() and not unread.what.startswith("SHOW FUTURE")


def _fill(rows: Rows, ask: Ask) -> None:
    """What SHOW did not tell, from account usage, where that can be read."""
    answers = dict(in_parallel(ask, (_TO_ROLES, _TO_USERS)))
    to_roles, to_users = answers[_TO_ROLES], answers[_TO_USERS]
    if isinstance(to_roles, ReadRefusedError) or isinstance(to_users, ReadRefusedError):
        return
    if not to_roles:  # Every account has grants: an empty answer is no answer.
        return
    rows.held += ((_usage_holder(row), _as_shown(row)) for row in to_roles)
    for row in to_users:
        shown = {**row, "granted_to": "USER"}
        rows.members.append((role(str(row["role"])), shown))
    rows.late = tuple(one.what for one in rows.unread if _fillable(one))
    rows.unread = [one for one in rows.unread if not _fillable(one)]


def _usage_holder(row: Row) -> Principal:
    kind = PrincipalKind(str(row["granted_to"]).replace("_", " "))
    return Principal(kind, str(row["grantee_name"]))


def _as_shown(row: Row) -> Row:
    """A row of GRANTS_TO_ROLES as SHOW GRANTS writes it: one dotted name."""
    parts: Iterable[Any] = (row.get("table_catalog"), row.get("table_schema"), row["name"])
    if str(row["granted_on"]).replace("_", " ") in ("DATABASE", "ROLE", "WAREHOUSE", "USER"):
        parts = (row["name"],)
    return {**row, "name": dotted(str(part) for part in parts if part)}


def _path(principal: Principal) -> Path:
    kind = principal.kind
    return parse(principal.name) if kind is PrincipalKind.DATABASE_ROLE else (principal.name,)


def _parsed(kind: str, name: str) -> Path:

    try:
        return parsed_object(kind, name)
    except ValueError:
        return (name,)
