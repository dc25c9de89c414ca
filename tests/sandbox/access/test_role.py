"""Account roles and database roles: made, changed, renamed, shown, dropped."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.snowflake.errors import DoesNotExistError, SnowflakeError


def test_show_roles_counts_members_and_tells_what_is_current(sql: Any) -> None:
    sql(
        "CREATE ROLE A COMMENT = 'c'",
        "CREATE ROLE B",
        "CREATE USER U",
        "GRANT ROLE A TO USER U",
        "GRANT ROLE A TO ROLE ACCOUNTADMIN",
        "GRANT ROLE B TO ROLE A",
    )
    (row,) = sql("SHOW ROLES LIKE 'A'")
    row.pop("created_on")
    assert row == {
        "name": "A",
        "is_default": "N",
        "is_current": "N",
        "is_inherited": "Y",
        "assigned_to_users": 1,
        "granted_to_roles": 1,
        "granted_roles": 1,
        "owner": "ACCOUNTADMIN",
        "comment": "c",
    }
    (admin,) = sql("SHOW ROLES LIKE 'ACCOUNTADMIN'")
    assert (admin["is_default"], admin["is_current"], admin["owner"]) == ("Y", "Y", "")


def test_a_new_account_has_the_system_roles(sql: Any) -> None:
    assert sql.column("name", "SHOW ROLES") == [
        "ACCOUNTADMIN",
        "ORGADMIN",
        "PUBLIC",
        "SECURITYADMIN",
        "SYSADMIN",
        "USERADMIN",
    ]


@pytest.mark.parametrize(
    "statement", ["DROP ROLE SYSADMIN", "ALTER ROLE SYSADMIN RENAME TO BOSS", "DROP ROLE PUBLIC"]
)
def test_system_roles_stay(sql: Any, statement: str) -> None:
    with pytest.raises(SnowflakeError, match="Insufficient privileges"):
        sql(statement)
    assert len(sql("SHOW ROLES")) == 6


def test_the_current_role_cannot_be_dropped(sql: Any) -> None:
    sql("CREATE ROLE R", "GRANT ROLE R TO USER LEAP_ADMIN", "USE ROLE R")
    with pytest.raises(SnowflakeError, match="Cannot drop role R"):
        sql("DROP ROLE R")


def test_a_database_role_is_shown_in_its_database(sql: Any) -> None:
    sql("CREATE DATABASE D", "CREATE DATABASE E", "CREATE ROLE A")
    sql("CREATE DATABASE ROLE D.R COMMENT = 'c'", "CREATE DATABASE ROLE E.R")
    sql("CREATE DATABASE ROLE D.CHILD", "GRANT DATABASE ROLE D.R TO ROLE A")
    sql("GRANT DATABASE ROLE D.CHILD TO DATABASE ROLE D.R")
    (row,) = sql("SHOW DATABASE ROLES LIKE 'R' IN DATABASE D")
    row.pop("created_on")
    assert row == {
        "name": "R",
        "is_default": "N",
        "is_current": "N",
        "is_inherited": "N",
        "granted_to_roles": 1,
        "granted_to_database_roles": 0,
        "granted_database_roles": 1,
        "owner": "ACCOUNTADMIN",
        "comment": "c",
        "owner_role_type": "ROLE",
    }


def test_a_missing_database_is_an_error_and_a_missing_role_is_no_row(sql: Any) -> None:
    sql("CREATE DATABASE D")
    assert sql("SHOW DATABASE ROLES LIKE 'R' IN DATABASE D") == []
    with pytest.raises(DoesNotExistError):
        sql("SHOW DATABASE ROLES LIKE 'R' IN DATABASE NOPE")
    with pytest.raises(DoesNotExistError):
        sql("DROP DATABASE ROLE IF EXISTS NOPE.R")


def test_database_roles_go_with_their_database(sql: Any) -> None:
    sql("CREATE DATABASE D", "CREATE DATABASE ROLE D.R", "CREATE ROLE A")
    sql("GRANT DATABASE ROLE D.R TO ROLE A", "DROP DATABASE D")
    assert sql("SHOW GRANTS TO ROLE A") == []


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE OR REPLACE ROLE R COMMENT = 'x'",
        "CREATE ROLE IF NOT EXISTS R",
        'CREATE ROLE R2 COMMENT = \'x\' TAG ("D"."S"."T" = \'v\')',
        "ALTER ROLE R SET COMMENT = 'x'",
        "ALTER ROLE R UNSET COMMENT",
        "ALTER ROLE IF EXISTS NOPE SET COMMENT = 'x'",
        "ALTER ROLE R RENAME TO R3",
        "ALTER ROLE R SET TAG \"T\" = 'v', \"U\" = 'v'",
        'ALTER ROLE R UNSET TAG "T", "U"',
        "DROP ROLE R",
        "DROP ROLE IF EXISTS NOPE",
        "CREATE OR REPLACE DATABASE ROLE D.R",
        "CREATE DATABASE ROLE IF NOT EXISTS D.R COMMENT = 'x'",
        "ALTER DATABASE ROLE D.R RENAME TO D.R2",
        "ALTER DATABASE ROLE IF EXISTS D.R SET COMMENT = 'x'",
        "ALTER DATABASE ROLE D.R UNSET COMMENT",
        "ALTER DATABASE ROLE D.R SET TAG \"T\" = 'v'",
        "DROP DATABASE ROLE D.R",
        "DROP DATABASE ROLE IF EXISTS D.NOPE",
        "SHOW DATABASE ROLES IN DATABASE D",
        "SHOW DATABASE ROLES IN DATABASE D LIMIT 10 FROM 'A'",
    ],
)
def test_every_form_of_statement_is_read(sql: Any, statement: str) -> None:
    sql("CREATE DATABASE D", "CREATE SCHEMA D.S", "CREATE DATABASE ROLE D.R", "CREATE ROLE R")
    sql("CREATE TAG D.S.T", "CREATE TAG D.S.U", "USE SCHEMA D.S")
    assert sql(statement)


@pytest.mark.parametrize("name", ["OTHER.R2", "D.S.R2"])
def test_a_database_role_cannot_move(sql: Any, name: str) -> None:
    sql("CREATE DATABASE D", "CREATE DATABASE OTHER", "CREATE DATABASE ROLE D.R")
    with pytest.raises(SnowflakeError):
        sql(f"ALTER DATABASE ROLE D.R RENAME TO {name}")
