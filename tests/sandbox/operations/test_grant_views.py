"""GRANTS_TO_ROLES and GRANTS_TO_USERS tell what stands, at once."""

from __future__ import annotations

from typing import Any

import pytest

_ROLES = (
    "SELECT PRIVILEGE, GRANTED_ON, NAME, TABLE_CATALOG, TABLE_SCHEMA, GRANT_OPTION, DELETED_ON "
    "FROM SNOWFLAKE.ACCOUNT_USAGE.GRANTS_TO_ROLES WHERE GRANTEE_NAME = 'READER'"
)
_USERS = "SELECT ROLE, GRANTEE_NAME, GRANTED_BY FROM SNOWFLAKE.ACCOUNT_USAGE.GRANTS_TO_USERS"


@pytest.fixture(autouse=True)
def _made(estate: Any) -> None:
    estate(
        "CREATE TABLE DB.OPS.T (A INT)",
        "CREATE ROLE READER",
        "CREATE ROLE CHILD",
        "CREATE USER ANN",
        "GRANT USAGE ON DATABASE DB TO ROLE READER",
        "GRANT SELECT ON TABLE DB.OPS.T TO ROLE READER WITH GRANT OPTION",
        "GRANT ROLE CHILD TO ROLE READER",
        "GRANT ROLE READER TO USER ANN",
    )


def test_what_a_role_holds_is_told_with_its_place(estate: Any) -> None:
    assert sorted(estate.query(_ROLES), key=str) == [
        ("SELECT", "TABLE", "T", "DB", "OPS", True, None),
        ("USAGE", "DATABASE", "DB", None, None, False, None),
        ("USAGE", "ROLE", "CHILD", None, None, False, None),
    ]


def test_what_was_revoked_is_not_told(estate: Any) -> None:
    estate("REVOKE SELECT ON TABLE DB.OPS.T FROM ROLE READER", "REVOKE ROLE READER FROM USER ANN")
    assert "SELECT" not in [row[0] for row in estate.query(_ROLES)]
    assert estate.query(f"{_USERS} WHERE GRANTEE_NAME = 'ANN'") == []


def test_the_roles_of_a_user_are_told_with_who_gave_them(estate: Any) -> None:
    told = estate.query(f"{_USERS} WHERE GRANTEE_NAME = 'ANN'")
    assert told == [("READER", "ANN", "ACCOUNTADMIN")]
