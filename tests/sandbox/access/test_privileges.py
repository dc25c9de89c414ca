"""Privileges on objects and on the account: granted, passed on, taken back."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.snowflake.errors import DoesNotExistError, SnowflakeError


@pytest.fixture
def place(sql: Any) -> Any:
    """A database with a schema and two tables, a warehouse and two roles."""
    sql(
        "CREATE ROLE READER",
        "CREATE ROLE WRITER",
        "CREATE WAREHOUSE W",
        "CREATE RESOURCE MONITOR M WITH CREDIT_QUOTA = 1",
        "CREATE DATABASE D",
        "CREATE SCHEMA D.S",
    )
    sql.object("D.S.T")
    sql.object("D.S.V", kind="VIEW")
    return sql


def held(sql: Any, role: str = "READER") -> set[tuple[str, str, str]]:
    """Privilege, type and name of all that a role holds."""
    rows = sql(f"SHOW GRANTS TO ROLE {role}")
    return {(row["privilege"], row["granted_on"], row["name"]) for row in rows}


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        ("MONITOR USAGE, APPLY TAG ON ACCOUNT", {("MONITOR USAGE", "ACCOUNT", "SANDBOX")}),
        ("USAGE ON WAREHOUSE W", {("USAGE", "WAREHOUSE", "W")}),
        ("MODIFY ON RESOURCE MONITOR M", {("MODIFY", "RESOURCE_MONITOR", "M")}),
        ("MONITOR ON USER LEAP_ADMIN", {("MONITOR", "USER", "LEAP_ADMIN")}),
        ("USAGE, CREATE SCHEMA ON DATABASE D", {("CREATE SCHEMA", "DATABASE", "D")}),
        ("CREATE TABLE ON SCHEMA D.S", {("CREATE TABLE", "SCHEMA", "D.S")}),
        ("SELECT ON TABLE D.S.T", {("SELECT", "TABLE", "D.S.T")}),
        ("SELECT ON VIEW D.S.V", {("SELECT", "VIEW", "D.S.V")}),
        ("SELECT ON TABLE D.S.V", {("SELECT", "VIEW", "D.S.V")}),
        ("SELECT ON ALL TABLES IN SCHEMA D.S", {("SELECT", "TABLE", "D.S.T")}),
        ("SELECT ON ALL VIEWS IN DATABASE D", {("SELECT", "VIEW", "D.S.V")}),
        (
            "USAGE ON ALL SCHEMAS IN DATABASE D",
            {("USAGE", "SCHEMA", "D.S"), ("USAGE", "SCHEMA", "D.PUBLIC")},
        ),
    ],
)
def test_a_grant_shows_and_goes(place: Any, on: str, expected: set[tuple[str, str, str]]) -> None:
    place(f"GRANT {on} TO ROLE READER")
    assert expected <= held(place)
    place(f"REVOKE {on} FROM ROLE READER")
    assert held(place) == set()


def test_all_privileges_are_those_of_the_type_without_ownership(place: Any) -> None:
    place("GRANT ALL PRIVILEGES ON WAREHOUSE W TO ROLE READER")
    assert {row[0] for row in held(place)} == {
        "APPLYBUDGET",
        "MODIFY",
        "MONITOR",
        "OPERATE",
        "USAGE",
    }
    place("REVOKE ALL ON WAREHOUSE W FROM ROLE READER")
    assert held(place) == set()


def test_grants_on_an_object_begin_with_eight_columns_and_an_owner(place: Any) -> None:
    rows = place("SHOW GRANTS ON DATABASE D")
    assert list(rows[0])[:8] == [
        "created_on",
        "privilege",
        "granted_on",
        "name",
        "granted_to",
        "grantee_name",
        "grant_option",
        "granted_by",
    ]
    assert [(row["privilege"], row["grantee_name"], row["granted_by"]) for row in rows] == [
        ("OWNERSHIP", "ACCOUNTADMIN", "ACCOUNTADMIN")
    ]


@pytest.mark.parametrize(
    "statement",
    [
        "GRANT SELECT ON WAREHOUSE W TO ROLE READER",
        "GRANT USAGE ON TABLE D.S.T TO ROLE READER",
        "GRANT SELECT ON ALL SCHEMAS IN DATABASE D TO ROLE READER",
        "GRANT OPERATE ON FUTURE TABLES IN SCHEMA D.S TO ROLE READER",
        "GRANT NONSENSE ON ACCOUNT TO ROLE READER",
    ],
)
def test_a_privilege_that_the_type_lacks_is_refused(place: Any, statement: str) -> None:
    with pytest.raises(SnowflakeError, match="Invalid object type"):
        place(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "GRANT USAGE ON WAREHOUSE NOPE TO ROLE READER",
        "GRANT USAGE ON SCHEMA NOPE.S TO ROLE READER",
        "GRANT USAGE ON ALL SCHEMAS IN DATABASE NOPE TO ROLE READER",
        "GRANT SELECT ON TABLE D.S.NOPE TO ROLE READER",
        "GRANT USAGE ON FUNCTION D.S.F(NUMBER) TO ROLE READER",
        "GRANT USAGE ON INTEGRATION NOPE TO ROLE READER",
        "GRANT USAGE ON WAREHOUSE W TO ROLE NOPE",
        "SHOW GRANTS ON TABLE D.S.NOPE",
    ],
)
def test_a_missing_object_does_not_exist_or_is_not_authorized(place: Any, statement: str) -> None:
    with pytest.raises(DoesNotExistError, match="does not exist or not authorized"):
        place(statement)


def test_nothing_of_a_failed_grant_is_kept(place: Any) -> None:
    with pytest.raises(SnowflakeError):
        place("GRANT USAGE, SELECT ON WAREHOUSE W TO ROLE READER")
    assert held(place) == set()


def test_the_owner_is_the_grantor_whoever_manages_grants(place: Any, client: Any) -> None:
    place("GRANT OWNERSHIP ON WAREHOUSE W TO ROLE SYSADMIN")
    security = client(place.account, role="SECURITYADMIN")
    security("USE SECONDARY ROLES NONE", "GRANT USAGE ON WAREHOUSE W TO ROLE READER")
    rows = place("SHOW GRANTS TO ROLE READER")
    assert [row["granted_by"] for row in rows] == ["SYSADMIN"]


def test_the_grant_option_lets_a_role_pass_the_privilege_on(place: Any, client: Any) -> None:
    place("CREATE USER BOB PASSWORD = 'p' DEFAULT_ROLE = READER", "GRANT ROLE READER TO USER BOB")
    place("GRANT USAGE ON WAREHOUSE W TO ROLE READER WITH GRANT OPTION")
    client(place.account, "BOB", "p")("GRANT USAGE ON WAREHOUSE W TO ROLE WRITER")
    rows = place("SHOW GRANTS TO ROLE WRITER")
    assert [(row["granted_by"], row["grant_option"]) for row in rows] == [("READER", "false")]


@pytest.fixture
def passed_on(place: Any, client: Any) -> Any:
    """READER may pass USAGE on W on, and gave it to WRITER."""
    place("CREATE USER BOB PASSWORD = 'p' DEFAULT_ROLE = READER", "GRANT ROLE READER TO USER BOB")
    place("GRANT USAGE ON WAREHOUSE W TO ROLE READER WITH GRANT OPTION")
    client(place.account, "BOB", "p")("GRANT USAGE ON WAREHOUSE W TO ROLE WRITER")
    return place


def test_what_was_passed_on_stops_a_revoke(passed_on: Any) -> None:
    for form in ("USAGE", "GRANT OPTION FOR USAGE"):
        with pytest.raises(SnowflakeError, match="Dependent grant"):
            passed_on(f"REVOKE {form} ON WAREHOUSE W FROM ROLE READER")
    assert held(passed_on) == {("USAGE", "WAREHOUSE", "W")}


def test_cascade_takes_back_what_was_passed_on(passed_on: Any) -> None:
    passed_on("REVOKE USAGE ON WAREHOUSE W FROM ROLE READER CASCADE")
    assert held(passed_on) == held(passed_on, "WRITER") == set()


def test_the_grant_option_alone_can_be_revoked(place: Any) -> None:
    place("GRANT USAGE ON WAREHOUSE W TO ROLE READER WITH GRANT OPTION")
    place("REVOKE GRANT OPTION FOR USAGE ON WAREHOUSE W FROM ROLE READER")
    rows = place("SHOW GRANTS TO ROLE READER")
    assert [row["grant_option"] for row in rows] == ["false"]


def test_a_second_grant_gives_the_option_and_keeps_one_row(place: Any) -> None:
    place("GRANT USAGE ON WAREHOUSE W TO ROLE READER")
    place("GRANT USAGE ON WAREHOUSE W TO ROLE READER WITH GRANT OPTION")
    rows = place("SHOW GRANTS TO ROLE READER")
    assert [row["grant_option"] for row in rows] == ["true"]


def test_a_database_role_holds_privileges_and_sees_its_database(place: Any) -> None:
    place("CREATE DATABASE ROLE D.R", "GRANT SELECT ON TABLE D.S.T TO DATABASE ROLE D.R")
    rows = place("SHOW GRANTS TO DATABASE ROLE D.R")
    assert {(row["privilege"], row["name"], row["granted_to"]) for row in rows} == {
        ("USAGE", "D", "DATABASE_ROLE"),
        ("SELECT", "D.S.T", "DATABASE_ROLE"),
    }
    assert {row["grantee_name"] for row in rows} == {"R"}


def test_grants_follow_a_renamed_object_and_end_with_it(place: Any) -> None:
    place("GRANT USAGE ON WAREHOUSE W TO ROLE READER", "ALTER WAREHOUSE W RENAME TO W2")
    assert held(place) == {("USAGE", "WAREHOUSE", "W2")}
    place("DROP WAREHOUSE W2", "CREATE WAREHOUSE W2")
    assert held(place) == set()


def test_grants_inside_a_dropped_database_end(place: Any) -> None:
    place("GRANT SELECT ON TABLE D.S.T TO ROLE READER", "DROP DATABASE D")
    assert held(place) == set()


def test_grants_made_by_a_dropped_role_end(passed_on: Any) -> None:
    passed_on("DROP ROLE READER")
    assert held(passed_on, "WRITER") == set()


def test_copy_grants_keeps_grants_of_a_replaced_table(place: Any) -> None:
    place("GRANT SELECT ON TABLE D.S.T TO ROLE READER")
    place.object("D.S.T", action="replace", copy_grants=True)
    assert held(place) == {("SELECT", "TABLE", "D.S.T")}
    place.object("D.S.T", action="replace")
    assert held(place) == set()


def test_a_membership_reads_as_usage_on_the_role(place: Any) -> None:
    place("GRANT ROLE WRITER TO ROLE READER")
    assert held(place) == {("USAGE", "ROLE", "WRITER")}


def test_names_that_need_quotes_are_quoted(place: Any) -> None:
    place('CREATE SCHEMA D."odd name"', 'GRANT USAGE ON SCHEMA D."odd name" TO ROLE READER')
    assert held(place) == {("USAGE", "SCHEMA", 'D."odd name"')}


def test_rows_can_be_limited_and_filtered(place: Any) -> None:
    place("GRANT ALL ON WAREHOUSE W TO ROLE READER", "GRANT USAGE ON DATABASE D TO ROLE READER")
    assert len(place("SHOW GRANTS TO ROLE READER LIMIT 2")) == 2
    assert place.column("name", "SHOW GRANTS LIKE 'd' TO ROLE READER") == ["D"]


@pytest.mark.parametrize("stage_first", [True, False])
def test_a_bulk_grant_gives_what_has_a_meaning_whichever_came_first(
    sql: Any, stage_first: bool
) -> None:
    sql("CREATE DATABASE D", "CREATE SCHEMA D.S", "CREATE ROLE READER")
    stage = "CREATE STAGE D.S.UPLOADS"
    grants = [
        f"GRANT {privilege} ON {those} STAGES IN SCHEMA D.S TO ROLE READER"
        for those in ("ALL", "FUTURE")
        for privilege in ("READ", "USAGE")
    ]
    sql(*([stage, *grants] if stage_first else [*grants, stage]))
    assert held(sql) == {("READ", "STAGE", "D.S.UPLOADS")}
