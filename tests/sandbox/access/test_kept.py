"""Grants outlive the process, fail as a whole, and stay quick when there are many."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from sandbox.snowflake.account import Account
from sandbox.snowflake.errors import SnowflakeError

_FORMS = (
    "SHOW GRANTS TO ROLE A",
    "SHOW GRANTS OF ROLE A",
    "SHOW GRANTS ON DATABASE D",
    "SHOW FUTURE GRANTS IN DATABASE D",
    "SHOW PARAMETERS LIKE 'JSON_INDENT' IN ACCOUNT",
)


def test_a_restart_changes_nothing(sql: Any, client: Any, reopen: Callable[[], Account]) -> None:
    sql(
        "CREATE ROLE A",
        "CREATE DATABASE D",
        "GRANT ROLE A TO ROLE SYSADMIN",
        "GRANT USAGE, CREATE SCHEMA ON DATABASE D TO ROLE A WITH GRANT OPTION",
        "GRANT SELECT ON FUTURE TABLES IN DATABASE D TO ROLE A",
        "ALTER ACCOUNT SET JSON_INDENT = 3",
    )
    before = [sql(form) for form in _FORMS]
    again = client(reopen())
    assert [again(form) for form in _FORMS] == before


def test_a_failed_statement_leaves_the_registers_as_they_were(sql: Any) -> None:
    sql("CREATE ROLE A", "CREATE DATABASE D", "GRANT USAGE ON DATABASE D TO ROLE A")
    with pytest.raises(SnowflakeError):
        sql("DROP ROLE ACCOUNTADMIN")
    assert sql.column("privilege", "SHOW GRANTS TO ROLE A") == ["USAGE"]
    assert "ACCOUNTADMIN" in sql.column("role", "SHOW GRANTS")


def test_ten_thousand_grants_are_kept_apart(sql: Any) -> None:
    sql("CREATE DATABASE D", *(f"CREATE ROLE R{number}" for number in range(10)))
    for number in range(1000):
        sql.object(f"D.PUBLIC.T{number}")
    for number in range(10):
        sql(f"GRANT SELECT ON ALL TABLES IN SCHEMA D.PUBLIC TO ROLE R{number}")
    assert len(sql("SHOW GRANTS TO ROLE R3")) == 1000
    assert len(sql("SHOW GRANTS ON TABLE D.PUBLIC.T7")) == 11
    sql("REVOKE SELECT ON ALL TABLES IN SCHEMA D.PUBLIC FROM ROLE R3")
    assert sql("SHOW GRANTS TO ROLE R3") == []
