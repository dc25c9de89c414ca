"""Future grants: declared, shown, applied at creation, with the schema before the database."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.fixture
def place(sql: Any) -> Any:
    """A database with a schema, and two roles."""
    sql("CREATE ROLE A", "CREATE ROLE B", "CREATE DATABASE D", "CREATE SCHEMA D.S")
    return sql


def readers(sql: Any, name: str, kind: str = "TABLE") -> set[str]:
    """Who may SELECT from a table or view."""
    rows = sql(f"SHOW GRANTS ON {kind} {name}")
    return {row["grantee_name"] for row in rows if row["privilege"] == "SELECT"}


def owner(sql: Any, name: str) -> str:
    """The owner that SHOW GRANTS tells."""
    rows = sql(f"SHOW GRANTS ON TABLE {name}")
    return str(next(row["grantee_name"] for row in rows if row["privilege"] == "OWNERSHIP"))


def test_a_new_table_gets_the_future_grants_of_its_schema(place: Any) -> None:
    place("GRANT SELECT ON FUTURE TABLES IN SCHEMA D.S TO ROLE A")
    place.object("D.S.T")
    place.object("D.PUBLIC.T")
    place.object("D.S.V", kind="VIEW")
    assert readers(place, "D.S.T") == {"A"}
    assert readers(place, "D.PUBLIC.T") == readers(place, "D.S.V", "VIEW") == set()


def test_a_schemas_future_grants_shadow_those_of_the_database(place: Any) -> None:
    place("GRANT SELECT ON FUTURE TABLES IN DATABASE D TO ROLE A")
    place("GRANT INSERT ON FUTURE TABLES IN SCHEMA D.S TO ROLE B")
    place.object("D.S.T")
    place.object("D.PUBLIC.T")
    assert readers(place, "D.S.T") == set()
    assert readers(place, "D.PUBLIC.T") == {"A"}


def test_a_new_schema_gets_the_future_grants_of_its_database(place: Any) -> None:
    place("GRANT USAGE, MONITOR ON FUTURE SCHEMAS IN DATABASE D TO ROLE A WITH GRANT OPTION")
    place("CREATE SCHEMA D.NEW")
    rows = place("SHOW GRANTS ON SCHEMA D.NEW")
    assert {(r["privilege"], r["grantee_name"], r["grant_option"]) for r in rows} == {
        ("OWNERSHIP", "ACCOUNTADMIN", "true"),
        ("USAGE", "A", "true"),
        ("MONITOR", "A", "true"),
    }
    assert all(row["granted_by"] for row in rows)


def test_a_future_owner_owns_what_is_created(place: Any) -> None:
    place("GRANT OWNERSHIP ON FUTURE TABLES IN SCHEMA D.S TO ROLE A")
    place("GRANT SELECT ON FUTURE TABLES IN SCHEMA D.S TO ROLE B")
    place.object("D.S.T")
    assert owner(place, "D.S.T") == "A"
    rows = place("SHOW GRANTS TO ROLE B")
    assert [row["granted_by"] for row in rows] == ["A"]


def test_a_type_has_one_future_owner(place: Any) -> None:
    place("GRANT OWNERSHIP ON FUTURE TABLES IN SCHEMA D.S TO ROLE A")
    place("GRANT OWNERSHIP ON FUTURE TABLES IN SCHEMA D.S TO ROLE B")
    assert place.column("grantee_name", "SHOW FUTURE GRANTS IN SCHEMA D.S") == ["B"]


def test_a_managed_schema_takes_no_future_owner_from_its_database(place: Any) -> None:
    place("CREATE SCHEMA D.M WITH MANAGED ACCESS")
    place("GRANT OWNERSHIP ON FUTURE TABLES IN DATABASE D TO ROLE A")
    place.object("D.M.T")
    assert owner(place, "D.M.T") == "ACCOUNTADMIN"


def test_a_replaced_table_gets_future_grants_unless_it_copies_grants(place: Any) -> None:
    place.object("D.S.T")
    place("GRANT SELECT ON FUTURE TABLES IN SCHEMA D.S TO ROLE A")
    place.object("D.S.T", action="replace", copy_grants=True)
    assert readers(place, "D.S.T") == set()
    place.object("D.S.T", action="replace")
    assert readers(place, "D.S.T") == {"A"}


def test_a_revoked_future_grant_leaves_what_came_of_it(place: Any) -> None:
    place("GRANT SELECT ON FUTURE TABLES IN SCHEMA D.S TO ROLE A")
    place.object("D.S.T")
    place("REVOKE SELECT ON FUTURE TABLES IN SCHEMA D.S FROM ROLE A")
    place.object("D.S.U")
    assert readers(place, "D.S.T") == {"A"}
    assert readers(place, "D.S.U") == set()


def test_existing_tables_get_nothing(place: Any) -> None:
    place.object("D.S.T")
    place("GRANT SELECT ON FUTURE TABLES IN SCHEMA D.S TO ROLE A")
    assert readers(place, "D.S.T") == set()


@pytest.mark.parametrize(
    ("container", "name"),
    [("DATABASE D", "D.<DYNAMIC TABLE>"), ("SCHEMA D.S", "D.S.<DYNAMIC TABLE>")],
)
def test_future_grants_are_shown_by_container_and_by_role(
    place: Any, container: str, name: str
) -> None:
    place(f"GRANT SELECT ON FUTURE DYNAMIC TABLES IN {container} TO ROLE A")
    (row,) = place(f"SHOW FUTURE GRANTS IN {container}")
    created = row.pop("created_on")
    assert created.tzinfo is not None
    assert row == {
        "privilege": "SELECT",
        "grant_on": "DYNAMIC_TABLE",
        "name": name,
        "grant_to": "ROLE",
        "grantee_name": "A",
        "grant_option": "false",
    }
    assert place.column("name", "SHOW FUTURE GRANTS TO ROLE A") == [name]


def test_a_database_role_gets_future_grants_too(place: Any) -> None:
    place("CREATE DATABASE ROLE D.R")
    place("GRANT SELECT ON FUTURE TABLES IN SCHEMA D.S TO DATABASE ROLE D.R")
    place.object("D.S.T")
    assert readers(place, "D.S.T") == {"R"}
    assert place.column("grant_to", "SHOW FUTURE GRANTS TO DATABASE ROLE D.R") == ["DATABASE_ROLE"]


def test_future_grants_end_with_their_container_and_their_grantee(place: Any) -> None:
    place("GRANT SELECT ON FUTURE TABLES IN SCHEMA D.S TO ROLE A")
    place("GRANT SELECT ON FUTURE TABLES IN SCHEMA D.S TO ROLE B")
    place("DROP ROLE A")
    assert place.column("grantee_name", "SHOW FUTURE GRANTS IN SCHEMA D.S") == ["B"]
    place("DROP SCHEMA D.S")
    assert place("SHOW FUTURE GRANTS TO ROLE B") == []


def test_all_future_privileges_can_be_granted_and_revoked(place: Any) -> None:
    place("GRANT ALL PRIVILEGES ON FUTURE VIEWS IN SCHEMA D.S TO ROLE A")
    assert set(place.column("privilege", "SHOW FUTURE GRANTS IN SCHEMA D.S")) >= {"SELECT"}
    place("REVOKE ALL PRIVILEGES ON FUTURE VIEWS IN SCHEMA D.S FROM ROLE A")
    assert place("SHOW FUTURE GRANTS IN SCHEMA D.S") == []
