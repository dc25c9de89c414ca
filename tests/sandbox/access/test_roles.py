"""Roles granted to roles and users, and what a session may activate."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.snowflake.errors import DoesNotExistError, SnowflakeError, UnsupportedError


@pytest.fixture
def tree(sql: Any) -> Any:
    """Analyst under engineer under SYSADMIN, and a user who is an engineer."""
    sql(
        "CREATE ROLE ANALYST",
        "CREATE ROLE ENGINEER",
        "CREATE ROLE STRANGER",
        "CREATE USER ANN PASSWORD = 'p' DEFAULT_ROLE = ENGINEER",
        "GRANT ROLE ANALYST TO ROLE ENGINEER",
        "GRANT ROLE ENGINEER TO ROLE SYSADMIN",
        "GRANT ROLE ENGINEER TO USER ANN",
    )
    return sql


def test_a_role_shows_to_whom_it_is_granted(tree: Any) -> None:
    rows = tree("SHOW GRANTS OF ROLE ENGINEER")
    assert list(rows[0])[1:] == [
        "role",
        "granted_to",
        "grantee_name",
        "granted_by",
    ]
    assert {(row["granted_to"], row["grantee_name"]) for row in rows} == {
        ("ROLE", "SYSADMIN"),
        ("USER", "ANN"),
    }
    assert {row["granted_by"] for row in rows} == {"ACCOUNTADMIN"}


def test_a_user_activates_roles_reached_through_the_hierarchy(tree: Any, client: Any) -> None:
    ann = client(tree.account, "ANN", "p")
    ann("USE ROLE ANALYST")
    assert tree.account.access.available_roles(ann.session.user_id) == [
        "ANALYST",
        "ENGINEER",
        "PUBLIC",
    ]


def test_a_user_cannot_activate_a_role_that_was_not_granted(tree: Any, client: Any) -> None:
    ann = client(tree.account, "ANN", "p")
    with pytest.raises(SnowflakeError, match="is not assigned to the executing user"):
        ann("USE ROLE STRANGER")


def test_a_login_takes_the_default_role(tree: Any, client: Any) -> None:
    ann = client(tree.account, "ANN", "p")
    assert tree.account.session_facts(ann.session)["finalRoleName"] == "ENGINEER"


def test_a_revoked_role_can_no_longer_be_activated(tree: Any, client: Any) -> None:
    tree("REVOKE ROLE ENGINEER FROM USER ANN")
    ann = client(tree.account, "ANN", "p")
    assert tree.account.session_facts(ann.session)["finalRoleName"] == "PUBLIC"
    assert tree.column("grantee_name", "SHOW GRANTS OF ROLE ENGINEER") == ["SYSADMIN"]


def test_revoking_what_is_not_granted_changes_nothing(tree: Any) -> None:
    tree("REVOKE ROLE STRANGER FROM USER ANN")
    assert tree.column("grantee_name", "SHOW GRANTS OF ROLE STRANGER") == []


@pytest.mark.parametrize(
    "statement",
    ["GRANT ROLE SYSADMIN TO ROLE ANALYST", "GRANT ROLE ANALYST TO ROLE ANALYST"],
)
def test_the_hierarchy_has_no_cycles(tree: Any, statement: str) -> None:
    with pytest.raises(SnowflakeError, match="cycle"):
        tree(statement)


def test_the_tree_of_system_roles_cannot_be_cut(sql: Any) -> None:
    with pytest.raises(SnowflakeError, match="by the system"):
        sql("REVOKE ROLE SYSADMIN FROM ROLE ACCOUNTADMIN")


def test_granting_a_role_twice_is_one_grant(tree: Any) -> None:
    tree("GRANT ROLE ANALYST TO ROLE ENGINEER")
    assert len(tree("SHOW GRANTS OF ROLE ANALYST")) == 1


@pytest.mark.parametrize(
    "statement",
    [
        "GRANT ROLE NOBODY TO ROLE ANALYST",
        "GRANT ROLE ANALYST TO ROLE NOBODY",
        "GRANT ROLE ANALYST TO USER NOBODY",
        "SHOW GRANTS OF ROLE NOBODY",
        "SHOW GRANTS TO ROLE NOBODY",
    ],
)
def test_a_missing_role_or_user_does_not_exist_or_is_not_authorized(
    tree: Any, statement: str
) -> None:
    with pytest.raises(DoesNotExistError, match="does not exist or not authorized"):
        tree(statement)


def test_a_renamed_role_keeps_its_grants(tree: Any) -> None:
    tree("ALTER ROLE ENGINEER RENAME TO BUILDER")
    assert set(tree.column("grantee_name", "SHOW GRANTS OF ROLE BUILDER")) == {"SYSADMIN", "ANN"}
    assert tree.column("grantee_name", "SHOW GRANTS OF ROLE ANALYST") == ["BUILDER"]


def test_a_dropped_role_leaves_no_grants(tree: Any) -> None:
    tree("DROP ROLE ENGINEER")
    assert tree("SHOW GRANTS OF ROLE ANALYST") == []
    assert tree("SHOW GRANTS TO USER ANN") == []


def test_the_bare_form_and_to_user_show_a_users_roles(tree: Any) -> None:
    assert tree.column("role", "SHOW GRANTS TO USER ANN") == ["ENGINEER"]
    assert "ACCOUNTADMIN" in tree.column("role", "SHOW GRANTS")


def test_a_database_role_goes_to_roles_and_its_neighbours(sql: Any) -> None:
    sql(
        "CREATE DATABASE D",
        "CREATE DATABASE ROLE D.READER",
        "CREATE DATABASE ROLE D.WRITER",
        "CREATE ROLE R",
        "GRANT DATABASE ROLE D.READER TO DATABASE ROLE D.WRITER",
        "GRANT DATABASE ROLE D.WRITER TO ROLE R",
    )
    assert sql("SHOW GRANTS OF DATABASE ROLE D.READER")[0]["grantee_name"] == "D.WRITER"
    assert sql("SHOW GRANTS OF DATABASE ROLE D.READER")[0]["granted_to"] == "DATABASE_ROLE"
    assert sql("SHOW GRANTS OF DATABASE ROLE D.WRITER")[0]["grantee_name"] == "R"
    sql("REVOKE DATABASE ROLE D.WRITER FROM ROLE R")
    assert sql("SHOW GRANTS OF DATABASE ROLE D.WRITER") == []


def test_a_database_role_stays_in_its_database(sql: Any) -> None:
    sql("CREATE DATABASE D", "CREATE DATABASE E")
    sql("CREATE DATABASE ROLE D.R", "CREATE DATABASE ROLE E.R", "CREATE ROLE A")
    for statement in (
        "GRANT DATABASE ROLE D.R TO DATABASE ROLE E.R",
        "GRANT ROLE A TO DATABASE ROLE D.R",
        "GRANT USAGE ON DATABASE E TO DATABASE ROLE D.R",
    ):
        with pytest.raises(SnowflakeError):
            sql(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "GRANT DATABASE ROLE D.R TO SHARE S",
        "GRANT APPLICATION ROLE A.R TO ROLE R",
        "GRANT DATABASE ROLE D.R TO USER LEAP_ADMIN",
        "GRANT USAGE ON DATABASE D TO USER LEAP_ADMIN",
    ],
)
def test_what_is_not_supported_says_so(sql: Any, statement: str) -> None:
    sql("CREATE DATABASE D", "CREATE DATABASE ROLE D.R")
    with pytest.raises(UnsupportedError, match="does not support"):
        sql(statement)


def test_secondary_roles_are_active_unless_the_user_has_none(sql: Any, client: Any) -> None:
    sql(
        "CREATE ROLE R",
        "CREATE USER ONE PASSWORD = 'p'",
        "CREATE USER TWO PASSWORD = 'p' DEFAULT_SECONDARY_ROLES = ()",
        "GRANT ROLE R TO USER ONE",
        "GRANT ROLE R TO USER TWO",
    )
    assert client(sql.account, "ONE", "p").session.secondary_roles == "ALL"
    assert client(sql.account, "TWO", "p").session.secondary_roles == "NONE"
