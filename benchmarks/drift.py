"""Drift of an account with 10,000 grants, over the ordinary connector; the budget is 30 s.

The same comparison at a tenth of the grants and at twice the roles: statements grow with roles and
schemas, not with grants. Code is what was deployed, so each look must find nothing.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from benchmarks.measure import say
from benchmarks.scratch import connect, sandbox
from cli.target import ask as run
from ops.access.names import Securable
from ops.access.resources import Resource
from ops.drift import account
from ops.drift.code import Code
from ops.drift.compare import compare

if TYPE_CHECKING:
    from snowflake.connector import SnowflakeConnection

SIZES = ((50, 10), (50, 100), (100, 100))
"""Roles and tables; each role holds two privileges on each table."""
HELD = ("INSERT", "SELECT")
PLACE = '"D"."S"'


def main() -> None:
    """Measure and print."""
    lines = [_measured(roles, tables) for roles, tables in SIZES]
    say("Drift of an account whose code it is (budget: 30 s with 10,000 grants)", *lines)


def _measured(roles: int, tables: int) -> str:
    with sandbox() as (connection, _), connect(connection) as opened:
        _fill(opened, roles, tables)

        def ask(statement: str) -> Sequence[dict[str, Any]]:
            return run(opened, statement).dicts()

        administrator = Securable("USER", (connection.snowflake.admin.user,))
        code = Code({"local": _deployed(roles, tables)}, [administrator])
        started = time.perf_counter()
        live = account.read(ask)
        read = time.perf_counter()
        found = compare(code, live)
        ended = time.perf_counter()
    if found or live.unread:
        raise SystemExit(f"{len(found)} differences, {len(live.unread)} unread: {found[:3]}")
    grants = roles * tables * len(HELD)
    return (
        f"{roles} roles, {tables} tables, {grants:,} grants: {ended - started:.1f} s, "
        f"{live.statements} statements (read {read - started:.1f} s, compare {ended - read:.2f} s)"
    )


def _fill(opened: SnowflakeConnection, roles: int, tables: int) -> None:
    held = ", ".join(HELD)
    for text in (
        "USE ROLE SYSADMIN",
        "CREATE DATABASE D",
        "DROP SCHEMA D.PUBLIC",
        "CREATE SCHEMA D.S",
        *(f"CREATE TABLE D.S.T{number} (A INT)" for number in range(tables)),
        "USE ROLE USERADMIN",
        *(f"CREATE ROLE R{number}" for number in range(roles)),
        "USE ROLE SECURITYADMIN",
        *(
            f"GRANT {held} ON {reach} TABLES IN SCHEMA D.S TO ROLE R{number}"
            for number in range(roles)
            for reach in ("ALL", "FUTURE")
        ),
        "USE ROLE ACCOUNTADMIN",
    ):
        run(opened, text)


def _deployed(roles: int, tables: int) -> tuple[Resource, ...]:
    names = [f"R{number}" for number in range(roles)]
    return (
        _resource("Database", "d", "SYSADMIN", name="D"),
        _resource("Schema", "s", "SYSADMIN", name="S", database="D"),
        *(
            _resource("Table", f"t{n}", "SYSADMIN", name=f"T{n}", database="D", schema="S")
            for n in range(tables)
        ),
        *(_resource("AccountRole", name, "USERADMIN", name=name) for name in names),
        *(
            _resource(
                "GrantPrivilegesToAccountRole",
                f"{name}-{reach}",
                "SECURITYADMIN",
                accountRoleName=name,
                privileges=list(HELD),
                onSchemaObject={reach: {"objectTypePlural": "TABLES", "inSchema": PLACE}},
            )
            for name in names
            for reach in ("all", "future")
        ),
    )


def _resource(sort: str, key: str, maker: str, **inputs: Any) -> Resource:
    type_ = f"snowflake:index/{sort[0].lower()}{sort[1:]}:{sort}"
    return Resource(f"urn:pulumi:local::leap::{type_}::{key}", type_, inputs, maker)


if __name__ == "__main__":
    main()
