"""The live account in bulk: every object of every kind, and who holds what.

One SHOW for each kind of object, three statements for each role, one for each database: they grow
with roles and places, never with grants. SHOW ends at 10,000 rows; a kind that has more is asked
schema by schema. An object of a kind that is not listed here is known by its OWNERSHIP grant.

https://docs.snowflake.com/en/sql-reference/sql/show
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, NamedTuple

from ingestion.quoting import identifier
from ops.access import account as access
from ops.access.account import Ask, ReadRefusedError, Row, Rows
from ops.access.facts import Unread
from ops.access.names import CALLABLE, Path, Securable, signature
from ops.access.privileges import OWNERSHIP

MOST_ROWS: Final = 10_000
"""What one SHOW returns at most."""
ACCOUNT_LEVEL: Final[Mapping[str, str]] = {
    "DATABASE": "SHOW DATABASES",
    "INTEGRATION": "SHOW INTEGRATIONS",
    "NETWORK POLICY": "SHOW NETWORK POLICIES",
    "RESOURCE MONITOR": "SHOW RESOURCE MONITORS",
    "SHARE": "SHOW SHARES",
    "WAREHOUSE": "SHOW WAREHOUSES",
}
IN_SCHEMAS: Final[Mapping[str, str]] = {
    "SCHEMA": "SCHEMAS",
    "ALERT": "ALERTS",
    "AUTHENTICATION POLICY": "AUTHENTICATION POLICIES",
    "FILE FORMAT": "FILE FORMATS",
    "FUNCTION": "USER FUNCTIONS",
    "MASKING POLICY": "MASKING POLICIES",
    "NETWORK RULE": "NETWORK RULES",
    "PASSWORD POLICY": "PASSWORD POLICIES",
    "PIPE": "PIPES",
    "PROCEDURE": "PROCEDURES",
    "ROW ACCESS POLICY": "ROW ACCESS POLICIES",
    "SECRET": "SECRETS",
    "SESSION POLICY": "SESSION POLICIES",
    "STAGE": "STAGES",
    "STREAM": "STREAMS",
    "TABLE": "TABLES",
    "TAG": "TAGS",
    "TASK": "TASKS",
    "VIEW": "VIEWS",
}
NOBODYS: Final = frozenset({"INFORMATION_SCHEMA"})
"""Schemas that are the database's own."""
_OTHER_KINDS: Final = (
    *("is_builtin", "is_dynamic", "is_event", "is_external", "is_hybrid", "is_iceberg"),
)
"""Marks of what a SHOW tells that is of another kind, or Snowflake's own."""
_UNOWNED: Final = frozenset({"INTEGRATION", "NETWORK POLICY", "RESOURCE MONITOR", "SHARE"})
"""Kinds whose SHOW may leave the owner out: their missing owner does not mean Snowflake's own."""


class LiveObject(NamedTuple):
    """An object that stands."""

    securable: Securable
    owner: str
    since: datetime | None
    row: Row


@dataclass
class Live:
    """What the account told."""

    rows: Rows
    objects: dict[Securable, LiveObject] = field(default_factory=dict)
    unread: list[Unread] = field(default_factory=list)
    statements: int = 0


def read(ask: Ask) -> Live:
    """The whole account, as far as the connected role may see it."""
    count = 0

    def counted(statement: str) -> Sequence[Row]:
        nonlocal count
        count += 1
        return ask(statement)

    live = Live(access.read(counted))
    live.unread += live.rows.unread
    owners = dict(_owners(live.rows))
    statements = {
        **{statement: kind for kind, statement in ACCOUNT_LEVEL.items()},
        **{f"SHOW {plural} IN ACCOUNT": kind for kind, plural in IN_SCHEMAS.items()},
    }
    _ask_for(live, counted, statements, owners)
    _identities(live, owners)
    databases = [s.path[0] for s in live.objects if s.kind == "DATABASE"]
    more = {f"SHOW DATABASE ROLES IN DATABASE {identifier(d)}": d for d in databases}
    for statement, answer in access.in_parallel(counted, list(more)):
        if isinstance(answer, ReadRefusedError):
            live.unread.append(Unread(statement, str(answer)))
            continue
        for row in answer:
            path = (more[statement], str(row["name"]))
            _put(live, owners, Securable("DATABASE ROLE", path), row)
    _by_owner_alone(live, owners)
    live.statements = count
    return live


def _ask_for(
    live: Live,
    ask: Ask,
    statements: Mapping[str, str],
    owners: Mapping[Securable, tuple[str, Any]],
) -> None:
    for statement, answer in access.in_parallel(ask, list(statements)):
        kind = statements[statement]
        if isinstance(answer, ReadRefusedError):
            live.unread.append(Unread(statement, str(answer)))
            continue
        rows = answer
        if len(rows) >= MOST_ROWS and kind in IN_SCHEMAS and kind != "SCHEMA":
            rows = list(_by_schema(live, ask, kind))
        for row in rows:
            for path in _path(kind, row):
                _put(live, owners, Securable(kind, path), row)


def _by_schema(live: Live, ask: Ask, kind: str) -> Iterator[Row]:
    """The kind's objects, asked schema by schema; a schema that ends at the limit is named."""
    schemas = [s.path for s in live.objects if s.kind == "SCHEMA"]
    asked = [f"SHOW {IN_SCHEMAS[kind]} IN SCHEMA {identifier(*path)}" for path in schemas]
    for statement, answer in access.in_parallel(ask, asked):
        if isinstance(answer, ReadRefusedError):
            live.unread.append(Unread(statement, str(answer)))
            continue
        if len(answer) >= MOST_ROWS:
            live.unread.append(Unread(statement, f"only the first {MOST_ROWS:,} rows are told"))
        yield from answer


def _path(kind: str, row: Row) -> Iterable[Path]:
    """The object's path; none for what is Snowflake's own or only shown."""
    name = str(row["name"])
    if kind == "SHARE":
        return [] if row.get("kind") != "OUTBOUND" else [(name.rpartition(".")[2],)]
    if kind in ACCOUNT_LEVEL:
        return [(name,)]
    database = str(row.get("database_name") or row.get("catalog_name") or "")
    if kind == "SCHEMA":
        return [] if name in NOBODYS else [(database, name)]
    schema = str(row.get("schema_name") or "")
    other = any(str(row.get(flag, "N")) == "Y" for flag in _OTHER_KINDS)
    if not database or schema in NOBODYS or other:
        return []
    if kind in CALLABLE:
        name = signature(str(row["arguments"]))
    return [(database, schema, name)]


def _put(
    live: Live, owners: Mapping[Securable, tuple[str, Any]], securable: Securable, row: Row
) -> None:
    owner = str(row.get("owner") or "") or owners.get(securable, ("", None))[0]
    if owner or securable.kind in _UNOWNED:
        live.objects[securable] = LiveObject(securable, owner, row.get("created_on"), row)


def _identities(live: Live, owners: Mapping[Securable, tuple[str, Any]]) -> None:
    for kind, rows in (("ROLE", live.rows.roles), ("USER", live.rows.users)):
        for row in rows:
            _put(live, owners, Securable(kind, (str(row["name"]),)), row)


def _owners(rows: Rows) -> Iterator[tuple[Securable, tuple[str, Any]]]:
    for holder, row in rows.held:
        if str(row["privilege"]) == OWNERSHIP:
            yield Securable(*access.held_on(row)), (holder.name, row.get("created_on"))


def _by_owner_alone(live: Live, owners: Mapping[Securable, tuple[str, Any]]) -> None:
    """Objects of kinds that no SHOW above tells."""
    told = {*ACCOUNT_LEVEL, *IN_SCHEMAS, "ROLE", "USER", "DATABASE ROLE"}
    for securable, (owner, since) in owners.items():
        if securable.kind not in told:
            live.objects.setdefault(securable, LiveObject(securable, owner, since, {}))
