"""Who may do what on the platform: the table over roles, statements and objects.

`{own}` is a name that no two cases share. A statement that is permitted leaves nothing behind once
its `undo` has run, and changes no rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from snowflake.connector import SnowflakeConnection

ANALYST: Final = "DATA_ANALYST"
ENGINEER: Final = "DATA_ENGINEER"
ADMIN: Final = "DATA_ADMIN"
LOADER: Final = "LOADER"
BUILDER: Final = "TRANSFORMER"
REPORTER: Final = "REPORTER"
CI: Final = "CI"
ROLES: Final = (ANALYST, ENGINEER, ADMIN, LOADER, BUILDER, REPORTER, CI)
"""The roles that people and programs work with."""

NONE: Final = frozenset[str]()
ALL: Final = frozenset(ROLES)
DB: Final = "LEAP_ANALYTICS"


class Case(NamedTuple):
    """A statement, who may run it, and what takes back what it did."""

    statement: str
    allowed: frozenset[str]
    undo: str = ""


def _of(*roles: str) -> frozenset[str]:
    return frozenset(roles)


TABLES: Final = {
    "RAW": "GYMS",
    "STAGING": "STG_GYMS",
    "INTERMEDIATE": "INT_GYM_SITES",
    "MARTS": "MART_GYM_ACCESSIBILITY",
    "OPERATIONS": "JOB_RUNS",
}
"""One table or view of each schema."""
READERS: Final = {
    "RAW": _of(ENGINEER, ADMIN, LOADER, BUILDER, CI),
    "STAGING": _of(ENGINEER, ADMIN, BUILDER, CI),
    "INTERMEDIATE": _of(ENGINEER, ADMIN, BUILDER, CI),
    "MARTS": _of(ANALYST, ENGINEER, ADMIN, BUILDER, REPORTER, CI),
    "OPERATIONS": _of(ENGINEER, ADMIN, BUILDER),
}
BUILT: Final = ("STAGING", "INTERMEDIATE", "MARTS")
"""Schemas whose object dbt's role owns, and may therefore grant on."""
WRITERS: Final = {
    "RAW": _of(LOADER),
    "MARTS": _of(ADMIN, BUILDER),
    "OPERATIONS": _of(BUILDER),
}
"""Of schemas whose object is a table."""
MAKERS: Final = {
    "RAW": _of(LOADER),
    "STAGING": _of(ADMIN, BUILDER),
    "INTERMEDIATE": _of(ADMIN, BUILDER),
    "MARTS": _of(ADMIN, BUILDER),
    "OPERATIONS": _of(BUILDER),
    "GOVERNANCE": NONE,
}
USERS: Final = {
    "LOADING_WH": _of(LOADER, ADMIN),
    "TRANSFORMING_WH": _of(BUILDER, CI, ADMIN),
    "BI_WH": _of(ANALYST, REPORTER, ADMIN),
    "DEV_WH": _of(ENGINEER, CI, ADMIN),
}
"""CI has DEV_WH from WORKSPACE_ADMIN."""


def _on_tables() -> list[Case]:
    cases = []
    for schema, table in TABLES.items():
        place, readers = f"{DB}.{schema}.{table}", READERS[schema]
        cases += [
            Case(f"SELECT * FROM {place} LIMIT 1", readers),
            Case(
                f"SELECT COUNT(*) FROM (SELECT 1 AS N) WHERE EXISTS (SELECT 1 FROM {place})",
                readers,
            ),
            Case(f"WITH X AS (SELECT * FROM {place}) SELECT COUNT(*) FROM X", readers),
            Case(f"DESCRIBE TABLE {place}", readers),
            Case(
                f"GRANT REFERENCES ON TABLE {place} TO ROLE PUBLIC",
                _of(BUILDER) if schema in BUILT else NONE,
                f"REVOKE REFERENCES ON TABLE {place} FROM ROLE PUBLIC",
            ),
        ]
        if schema in WRITERS:
            cases += [
                Case(f"DELETE FROM {place} WHERE FALSE", WRITERS[schema]),
                Case(f"INSERT INTO {place} SELECT * FROM {place} WHERE FALSE", WRITERS[schema]),
            ]
    return cases


def _on_schemas() -> list[Case]:
    cases = []
    for schema, makers in MAKERS.items():
        place = f"{DB}.{schema}"
        cases += [
            Case(f"CREATE TABLE {place}.{{own}} (A INT)", makers, f"DROP TABLE {place}.{{own}}"),
            Case(
                f"CREATE VIEW {place}.{{own}} AS SELECT 1 AS A",
                makers,
                f"DROP VIEW {place}.{{own}}",
            ),
            Case(f"DROP SCHEMA {place}", NONE),
            Case(f"GRANT USAGE ON SCHEMA {place} TO ROLE PUBLIC", NONE),
        ]
    for schema, readers in READERS.items():
        # the procedures for workspaces lie in OPERATIONS
        users = readers | (_of(CI) if schema == "OPERATIONS" else NONE)
        cases += [
            Case(f"USE SCHEMA {DB}.{schema}", users),
            Case(f"SHOW TABLES IN SCHEMA {DB}.{schema}", users),
        ]
    return cases


def _on_warehouses() -> list[Case]:
    cases = []
    for warehouse, users in USERS.items():
        cases += [
            Case(f"USE WAREHOUSE {warehouse}", users),
            Case(f"ALTER WAREHOUSE {warehouse} RESUME IF SUSPENDED", _of(ADMIN)),
            Case(f"ALTER WAREHOUSE {warehouse} SET WAREHOUSE_SIZE = XLARGE", NONE),
            Case(f"DROP WAREHOUSE {warehouse}", NONE),
        ]
    return cases


_OWN_SCHEMA: Final = f"{DB}.{{own}}"
_ELSEWHERE: Final = (
    Case("SELECT CURRENT_ROLE()", ALL),
    Case(f"USE DATABASE {DB}", ALL),
    Case(f"CREATE SCHEMA {_OWN_SCHEMA}", _of(ENGINEER, ADMIN, CI), f"DROP SCHEMA {_OWN_SCHEMA}"),
    Case(f"ALTER TABLE {DB}.RAW.GYMS ADD COLUMN X INT", NONE),
    Case(f"DROP TABLE {DB}.RAW.GYMS", NONE),
    Case(
        f"CREATE TABLE {DB}.MARTS.{{own}} AS SELECT * FROM {DB}.RAW.GYMS WHERE FALSE",
        _of(ADMIN, BUILDER),
        f"DROP TABLE {DB}.MARTS.{{own}}",
    ),
    Case("SELECT COUNT(*) FROM CENSUS.PUBLIC.CBG_INCOME_2020", _of(ENGINEER, ADMIN, BUILDER, CI)),
    Case(f"LIST @{DB}.RAW.MANUAL_UPLOADS", _of(ENGINEER, ADMIN, LOADER)),
    Case("SELECT COUNT(*) FROM SNOWFLAKE.ACCOUNT_USAGE.QUERY_HISTORY", NONE),
    Case(f"DROP DATABASE {DB}", NONE),
    Case(f"ALTER DATABASE {DB} SET COMMENT = 'x'", NONE),
    Case("CREATE DATABASE {own}", NONE),
    Case("CREATE WAREHOUSE {own}", NONE),
    Case("CREATE USER {own}", NONE),
    Case("CREATE ROLE {own}", _of(ENGINEER, CI), "DROP ROLE {own}"),
    Case("CREATE RESOURCE MONITOR {own}", NONE),
    Case("GRANT ROLE DATA_ADMIN TO ROLE PUBLIC", NONE),
    Case("GRANT OWNERSHIP ON SCHEMA LEAP_ANALYTICS.MARTS TO ROLE PUBLIC", NONE),
    Case("ALTER ACCOUNT SET TIMEZONE = 'UTC'", NONE),
    Case("USE ROLE ACCOUNTADMIN", NONE),
    Case("USE ROLE SYSADMIN", NONE),
    Case("ALTER USER LEAP_ADMIN SET COMMENT = 'x'", NONE),
)

CASES: Final = (*_on_tables(), *_on_schemas(), *_on_warehouses(), *_ELSEWHERE)
"""The whole table; each case is run by each role."""

REFUSALS: Final = frozenset((2003, 2043, 3001, 3013))
"""The numbers of refusals: unseen, unusable, a missing privilege, a role that is not one's own."""


def logged_in(account: Mapping[str, Any], role: str) -> SnowflakeConnection:
    """The ordinary connector, as the person of a role; `account` is what the status tells."""
    import snowflake.connector

    person = account["users"][role]
    return snowflake.connector.connect(
        account=account["account"],
        host=account["host"],
        port=account["port"],
        protocol="http",
        user=person["user"],
        password=person["password"],
    )


def outcome(connection: SnowflakeConnection, case: Case, role: str) -> int | None:
    """The number of the refusal, or None where the statement ran; what it did is taken back."""
    from snowflake.connector.errors import ProgrammingError

    own = f"{role}_{CASES.index(case)}"
    with connection.cursor() as cursor:
        cursor.execute("SELECT CURRENT_WAREHOUSE()")
        (warehouse,) = cursor.fetchone() or (None,)
        try:
            cursor.execute(case.statement.format(own=own))
        except ProgrammingError as error:
            return error.errno
        cursor.execute(f"USE WAREHOUSE {warehouse}")
        if case.undo:
            cursor.execute(case.undo.format(own=own))
    return None
