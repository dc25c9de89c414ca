"""Ownership: who has it at first, how it moves, and where it goes when its role is dropped."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.snowflake.errors import SnowflakeError


@pytest.fixture
def place(sql: Any) -> Any:
    """A schema with a table that READER may read."""
    sql("CREATE ROLE READER", "CREATE ROLE OWNER", "CREATE DATABASE D", "CREATE SCHEMA D.S")
    sql.object("D.S.T")
    sql("GRANT SELECT ON TABLE D.S.T TO ROLE READER")
    return sql


def rows(sql: Any, name: str = "TABLE D.S.T") -> set[tuple[str, str, str]]:
    """Privilege, grantee and grantor of all grants on an object."""
    shown = sql(f"SHOW GRANTS ON {name}")
    return {(row["privilege"], row["grantee_name"], row["granted_by"]) for row in shown}


def test_the_primary_role_owns_what_a_session_creates(place: Any, client: Any) -> None:
    client(place.account, role="SYSADMIN")("CREATE WAREHOUSE W")
    assert rows(place, "WAREHOUSE W") == {("OWNERSHIP", "SYSADMIN", "SYSADMIN")}


def test_outbound_grants_stop_a_transfer(place: Any) -> None:
    with pytest.raises(SnowflakeError, match="Dependent grant of privilege 'SELECT'"):
        place("GRANT OWNERSHIP ON TABLE D.S.T TO ROLE OWNER")
    assert ("OWNERSHIP", "ACCOUNTADMIN", "ACCOUNTADMIN") in rows(place)


def test_copy_current_grants_keeps_them_in_the_new_owners_name(place: Any) -> None:
    place("GRANT OWNERSHIP ON TABLE D.S.T TO ROLE OWNER COPY CURRENT GRANTS")
    assert rows(place) == {("OWNERSHIP", "OWNER", "OWNER"), ("SELECT", "READER", "OWNER")}


def test_revoke_current_grants_removes_them(place: Any) -> None:
    place("GRANT OWNERSHIP ON TABLE D.S.T TO ROLE OWNER REVOKE CURRENT GRANTS")
    assert rows(place) == {("OWNERSHIP", "OWNER", "OWNER")}


def test_a_transfer_to_the_owner_changes_nothing(place: Any) -> None:
    before = rows(place)
    place("GRANT OWNERSHIP ON TABLE D.S.T TO ROLE ACCOUNTADMIN")
    assert rows(place) == before


def test_all_objects_of_a_container_can_be_transferred(place: Any) -> None:
    place.object("D.S.U")
    answer = place("GRANT OWNERSHIP ON ALL TABLES IN SCHEMA D.S TO ROLE OWNER COPY CURRENT GRANTS")
    assert "2 objects affected" in answer[0]["status"]
    assert set(place.column("name", "SHOW GRANTS TO ROLE OWNER")) == {"D.S.T", "D.S.U"}


def test_a_role_changes_owner_with_its_members(place: Any) -> None:
    place("GRANT ROLE READER TO ROLE SYSADMIN")
    place("GRANT OWNERSHIP ON ROLE READER TO ROLE OWNER")
    assert ("OWNERSHIP", "OWNER", "OWNER") in rows(place, "ROLE READER")
    assert place.column("grantee_name", "SHOW GRANTS OF ROLE READER") == ["SYSADMIN"]


def test_a_database_role_owns_in_its_database_only(place: Any) -> None:
    place("CREATE DATABASE ROLE D.R", "CREATE WAREHOUSE W")
    place("GRANT OWNERSHIP ON TABLE D.S.T TO DATABASE ROLE D.R COPY CURRENT GRANTS")
    (row,) = (r for r in place("SHOW GRANTS ON TABLE D.S.T") if r["privilege"] == "OWNERSHIP")
    assert (row["granted_to"], row["grantee_name"]) == ("DATABASE_ROLE", "R")
    for target in ("WAREHOUSE W", "DATABASE D"):
        with pytest.raises(SnowflakeError, match="can only own objects in database 'D'"):
            place(f"GRANT OWNERSHIP ON {target} TO DATABASE ROLE D.R COPY CURRENT GRANTS")


def test_system_roles_keep_their_owner(sql: Any) -> None:
    sql("CREATE ROLE R")
    with pytest.raises(SnowflakeError, match="Insufficient privileges"):
        sql("GRANT OWNERSHIP ON ROLE SYSADMIN TO ROLE R")


def test_an_owner_in_a_managed_schema_may_not_grant(sql: Any) -> None:
    sql("CREATE DATABASE D", "CREATE SCHEMA D.M WITH MANAGED ACCESS")
    sql.object("D.M.T")
    assert sql("SHOW GRANTS ON TABLE D.M.T")[0]["grant_option"] == "false"
    assert sql("SHOW GRANTS ON SCHEMA D.M")[0]["grant_option"] == "true"


def test_owning_a_database_role_reads_as_owning_a_role(sql: Any) -> None:
    sql("CREATE DATABASE D", "CREATE DATABASE ROLE D.R")
    (row,) = sql("SHOW GRANTS ON DATABASE ROLE D.R")
    assert (row["privilege"], row["granted_on"], row["name"]) == ("OWNERSHIP", "ROLE", "D.R")


def test_ownership_of_an_object_cannot_be_revoked(place: Any) -> None:
    with pytest.raises(SnowflakeError):
        place("REVOKE OWNERSHIP ON TABLE D.S.T FROM ROLE ACCOUNTADMIN")


def test_future_ownership_can_be_revoked(place: Any) -> None:
    place("GRANT OWNERSHIP ON FUTURE TABLES IN SCHEMA D.S TO ROLE OWNER")
    place("REVOKE OWNERSHIP ON FUTURE TABLES IN SCHEMA D.S FROM ROLE OWNER")
    assert place("SHOW FUTURE GRANTS IN SCHEMA D.S") == []


def test_the_role_that_drops_a_role_inherits_its_objects(place: Any) -> None:
    place("GRANT OWNERSHIP ON TABLE D.S.T TO ROLE OWNER COPY CURRENT GRANTS")
    place("DROP ROLE OWNER")
    assert rows(place) == {("OWNERSHIP", "ACCOUNTADMIN", "ACCOUNTADMIN")}
