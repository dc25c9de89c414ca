"""Masking and row access policies hold for every way in which a session reads or changes rows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from sandbox.snowflake.errors import SnowflakeError


@pytest.fixture
def people(lake: Any) -> Any:
    """PEOPLE with a masked e-mail and a region filter; ADMIN_R sees all, EU_R the EU, masked."""
    lake(
        "CREATE TABLE DB.RAW.PEOPLE (ID NUMBER, EMAIL VARCHAR, REGION VARCHAR, PAY NUMBER(10,2))",
        "INSERT INTO DB.RAW.PEOPLE VALUES (1,'ann@x.org','EU',10.5),(2,'bob@x.org','US',20),"
        "(3,'cy@x.org','EU',30)",
        "CREATE TABLE DB.RAW.SEES (ROLE_NAME VARCHAR, REGION VARCHAR)",
        "INSERT INTO DB.RAW.SEES VALUES ('EU_R', 'EU')",
        "CREATE ROLE ADMIN_R",
        "CREATE ROLE EU_R",
        "CREATE MASKING POLICY DB.RAW.MASK AS (VAL VARCHAR) RETURNS VARCHAR -> "
        "CASE WHEN CURRENT_ROLE() IN ('ADMIN_R') THEN VAL ELSE '***' END",
    )
    for role in ("ADMIN_R", "EU_R"):
        lake(
            f"GRANT ROLE {role} TO USER LEAP_ADMIN",
            f"GRANT USAGE ON DATABASE DB TO ROLE {role}",
            f"GRANT ALL ON SCHEMA DB.RAW TO ROLE {role}",
            f"GRANT ALL ON ALL TABLES IN SCHEMA DB.RAW TO ROLE {role}",
            f"GRANT ALL ON FUTURE TABLES IN SCHEMA DB.RAW TO ROLE {role}",
            f"GRANT ALL ON FUTURE VIEWS IN SCHEMA DB.RAW TO ROLE {role}",
        )
    lake("USE SECONDARY ROLES NONE", "USE SCHEMA DB.RAW")
    return lake


@pytest.fixture
def masked(people: Any) -> Any:
    """The same with the mask on EMAIL."""
    people("ALTER TABLE DB.RAW.PEOPLE MODIFY COLUMN EMAIL SET MASKING POLICY DB.RAW.MASK")
    return people


@pytest.fixture
def filtered(people: Any) -> Any:
    """The same with the row filter."""
    people(
        "CREATE ROW ACCESS POLICY DB.RAW.REGIONS AS (R VARCHAR) RETURNS BOOLEAN -> "
        "IS_ROLE_IN_SESSION('ADMIN_R') OR EXISTS (SELECT 1 FROM SEES S "
        "WHERE S.ROLE_NAME = CURRENT_ROLE() AND S.REGION = R)",
        "ALTER TABLE DB.RAW.PEOPLE ADD ROW ACCESS POLICY DB.RAW.REGIONS ON (REGION)",
    )
    return people


def as_role(client: Any, role: str, text: str) -> list[tuple[Any, ...]]:
    """The rows that a role gets."""
    client(f"USE ROLE {role}")
    try:
        return list(client.query(text))
    finally:
        client("USE ROLE ACCOUNTADMIN")


@pytest.mark.parametrize(
    "text",
    [
        "SELECT EMAIL FROM PEOPLE WHERE ID = 1",
        "SELECT P.EMAIL FROM DB.RAW.PEOPLE P WHERE P.ID = 1",
        "SELECT DB.RAW.PEOPLE.EMAIL FROM DB.RAW.PEOPLE WHERE RAW.PEOPLE.ID = 1",
        "SELECT email FROM (SELECT * FROM PEOPLE) Q WHERE Q.ID = 1",
        "WITH C AS (SELECT EMAIL, ID FROM PEOPLE) SELECT EMAIL FROM C WHERE ID = 1",
        "SELECT B.EMAIL FROM SEES A JOIN PEOPLE B ON A.REGION = B.REGION WHERE B.ID = 1",
        "SELECT (SELECT MAX(EMAIL) FROM PEOPLE WHERE ID = 1) AS E",
        "SELECT EMAIL FROM PEOPLE WHERE ID = 1 UNION SELECT EMAIL FROM PEOPLE WHERE ID = 1",
        "SELECT MAX(EMAIL) AS M FROM PEOPLE GROUP BY ID HAVING ID = 1",
        "SELECT EMAIL FROM PEOPLE QUALIFY ROW_NUMBER() OVER (ORDER BY ID) = 1",
    ],
)
def test_a_masked_column_is_plain_to_one_role_and_masked_to_another(masked: Any, text: str) -> None:
    assert as_role(masked, "ADMIN_R", text) == [("ann@x.org",)]
    assert as_role(masked, "EU_R", text) == [("***",)]
    assert masked.query(text) == [("***",)], "also to an administrator and owner"


def test_conditions_meet_the_masked_value(masked: Any) -> None:
    text = "SELECT COUNT(*) FROM PEOPLE WHERE EMAIL = 'ann@x.org'"
    assert as_role(masked, "ADMIN_R", text) == [(1,)]
    assert as_role(masked, "EU_R", text) == [(0,)]


def test_a_view_over_a_masked_table_masks(masked: Any) -> None:
    masked(
        "CREATE VIEW DB.RAW.V (WHO, MAIL) AS SELECT ID, EMAIL FROM PEOPLE",
        "CREATE VIEW DB.RAW.VV AS SELECT V.MAIL FROM DB.RAW.V WHERE WHO = 1",
    )
    for text in ("SELECT MAIL FROM V WHERE WHO = 1", "SELECT * FROM DB.RAW.VV X"):
        assert as_role(masked, "ADMIN_R", text) == [("ann@x.org",)]
        assert as_role(masked, "EU_R", text) == [("***",)]
    masked("ALTER TABLE DB.RAW.PEOPLE MODIFY COLUMN EMAIL UNSET MASKING POLICY")
    assert as_role(masked, "EU_R", "SELECT * FROM VV") == [("ann@x.org",)]


def test_a_views_own_policy_masks_what_its_table_does_not(people: Any) -> None:
    people(
        "CREATE VIEW DB.RAW.V AS SELECT ID, EMAIL FROM PEOPLE",
        "ALTER VIEW DB.RAW.V MODIFY COLUMN EMAIL SET MASKING POLICY DB.RAW.MASK",
    )
    assert as_role(people, "EU_R", "SELECT EMAIL FROM V WHERE ID = 1") == [("***",)]
    assert as_role(people, "EU_R", "SELECT EMAIL FROM PEOPLE WHERE ID = 1") == [("ann@x.org",)]


def test_the_invoker_of_a_views_table_is_the_views_owner(people: Any) -> None:
    people(
        "CREATE MASKING POLICY DB.RAW.BY_OWNER AS (V VARCHAR) RETURNS VARCHAR -> "
        "CASE WHEN INVOKER_ROLE() = 'ACCOUNTADMIN' THEN V ELSE '***' END",
        "CREATE VIEW DB.RAW.V AS SELECT ID, EMAIL FROM PEOPLE",
        "ALTER TABLE DB.RAW.PEOPLE MODIFY COLUMN EMAIL SET MASKING POLICY DB.RAW.BY_OWNER",
    )
    assert as_role(people, "EU_R", "SELECT EMAIL FROM V WHERE ID = 1") == [("ann@x.org",)]
    assert as_role(people, "EU_R", "SELECT EMAIL FROM PEOPLE WHERE ID = 1") == [("***",)]


def test_what_is_copied_is_what_is_seen(masked: Any) -> None:
    masked("USE ROLE EU_R", "CREATE TABLE DB.RAW.T1 AS SELECT * FROM PEOPLE")
    masked("CREATE TABLE DB.RAW.T2 (E VARCHAR)", "INSERT INTO T2 SELECT EMAIL FROM PEOPLE")
    masked("USE ROLE ADMIN_R")
    assert masked.query("SELECT DISTINCT EMAIL FROM T1") == [("***",)]
    assert masked.query("SELECT DISTINCT E FROM T2") == [("***",)]


def test_a_condition_on_another_column_decides(people: Any) -> None:
    people(
        "CREATE MASKING POLICY DB.RAW.BY_REGION AS (P NUMBER, R VARCHAR) RETURNS NUMBER -> "
        "CASE WHEN R = 'US' THEN P ELSE NULL END",
        "ALTER TABLE DB.RAW.PEOPLE MODIFY COLUMN PAY SET MASKING POLICY DB.RAW.BY_REGION "
        "USING (PAY, REGION)",
    )
    found = people.query("SELECT ID, PAY FROM PEOPLE ORDER BY ID")
    assert [(number, pay is None) for number, pay in found] == [(1, True), (2, False), (3, True)]


def test_a_role_sees_its_rows_only(filtered: Any) -> None:
    text = "SELECT COUNT(*) FROM PEOPLE"
    assert as_role(filtered, "ADMIN_R", text) == [(3,)]
    assert as_role(filtered, "EU_R", text) == [(2,)]
    assert filtered.query(text) == [(0,)]
    joined = "SELECT A.ID FROM PEOPLE A JOIN PEOPLE B ON A.ID = B.ID ORDER BY 1"
    assert as_role(filtered, "EU_R", joined) == [(1,), (3,)]


def test_an_inherited_role_and_a_secondary_role_count_as_in_session(filtered: Any) -> None:
    filtered("CREATE ROLE UPPER_R", "GRANT ROLE ADMIN_R TO ROLE UPPER_R")
    filtered("GRANT ROLE UPPER_R TO USER LEAP_ADMIN", "GRANT USAGE ON DATABASE DB TO ROLE UPPER_R")
    assert as_role(filtered, "UPPER_R", "SELECT COUNT(*) FROM DB.RAW.PEOPLE") == [(3,)]
    filtered("USE SECONDARY ROLES ALL")
    assert filtered.query("SELECT COUNT(*) FROM PEOPLE") == [(3,)]


def test_hidden_rows_are_neither_changed_nor_deleted(filtered: Any) -> None:
    filtered("USE ROLE EU_R")
    changed = filtered.one("UPDATE PEOPLE SET PAY = PAY + 1")
    assert changed["number of rows updated"] == 2
    assert filtered.one("DELETE FROM PEOPLE WHERE PAY < 12")["number of rows deleted"] == 1
    used = "DELETE FROM PEOPLE P USING SEES S WHERE P.REGION = S.REGION AND S.REGION = 'US'"
    assert filtered.one(used)["number of rows deleted"] == 0
    filtered("USE ROLE ADMIN_R")
    found = filtered.query("SELECT ID, PAY::FLOAT FROM PEOPLE ORDER BY ID")
    assert found == [(2, 20.0), (3, 31.0)]


def test_an_update_reads_masked_values(masked: Any) -> None:
    masked("USE ROLE EU_R")
    masked("UPDATE PEOPLE P SET REGION = P.EMAIL FROM SEES S WHERE P.ID = 1 AND S.REGION = 'EU'")
    masked("USE ROLE ADMIN_R")
    assert masked.query("SELECT REGION, EMAIL FROM PEOPLE WHERE ID = 1") == [("***", "ann@x.org")]


def test_a_merge_does_not_match_what_is_hidden_or_masked(filtered: Any) -> None:
    filtered("ALTER TABLE DB.RAW.PEOPLE MODIFY COLUMN EMAIL SET MASKING POLICY DB.RAW.MASK")
    text = (
        "MERGE INTO PEOPLE P USING (SELECT COLUMN1 AS ID, COLUMN2 AS EMAIL FROM "
        "VALUES (1, 'ann@x.org'), (2, 'bob@x.org')) S ON P.ID = S.ID "
        "WHEN MATCHED AND P.EMAIL = '***' THEN UPDATE SET REGION = P.EMAIL "
        "WHEN NOT MATCHED THEN INSERT (ID, EMAIL) VALUES (S.ID, S.EMAIL)"
    )
    filtered("USE ROLE EU_R")
    row = filtered.one(text)
    assert (row["number of rows inserted"], row["number of rows updated"]) == (1, 1)


def test_a_tag_masks_the_columns_of_its_type_below_it(people: Any) -> None:
    people(
        "CREATE TAG DB.RAW.PII",
        "ALTER TAG DB.RAW.PII SET MASKING POLICY DB.RAW.MASK",
        "ALTER SCHEMA DB.RAW SET TAG DB.RAW.PII = 'yes'",
    )
    text = "SELECT ID, EMAIL, REGION FROM PEOPLE WHERE ID = 1"
    assert as_role(people, "EU_R", text) == [(1, "***", "***")]
    assert as_role(people, "ADMIN_R", text) == [(1, "ann@x.org", "EU")]
    people("ALTER SCHEMA DB.RAW UNSET TAG DB.RAW.PII")
    people("ALTER TABLE DB.RAW.PEOPLE MODIFY COLUMN EMAIL SET TAG DB.RAW.PII = 'yes'")
    assert as_role(people, "EU_R", text) == [(1, "***", "EU")]


def test_a_columns_own_policy_goes_before_its_tags(people: Any) -> None:
    people(
        "CREATE TAG DB.RAW.PII",
        "ALTER TAG DB.RAW.PII SET MASKING POLICY DB.RAW.MASK",
        "CREATE MASKING POLICY DB.RAW.STARS AS (V VARCHAR) RETURNS VARCHAR -> '+'",
        "ALTER TABLE DB.RAW.PEOPLE SET TAG DB.RAW.PII = 'yes'",
        "ALTER TABLE DB.RAW.PEOPLE MODIFY COLUMN EMAIL SET MASKING POLICY DB.RAW.STARS",
    )
    assert people.query("SELECT EMAIL, REGION FROM PEOPLE WHERE ID = 1") == [("+", "***")]
    people("ALTER ACCOUNT SET TAG DB.RAW.PII = 'all'")
    assert people.query("SELECT ROLE_NAME FROM SEES") == [("***",)]


def test_a_changed_body_and_a_restart_count_at_once(
    masked: Any, restarted: Callable[[], Any]
) -> None:
    text = "SELECT EMAIL FROM DB.RAW.PEOPLE WHERE ID = 1"
    assert masked.query(text) == [("***",)]
    masked("ALTER MASKING POLICY DB.RAW.MASK SET BODY -> SHA2(VAL)")
    assert len(masked.query(text)[0][0]) == 64
    assert len(restarted().query(text)[0][0]) == 64


def test_a_body_that_does_not_run_fails_the_query(people: Any) -> None:
    people(
        "CREATE MASKING POLICY DB.RAW.WRONG AS (V VARCHAR) RETURNS VARCHAR -> NOWHERE",
        "ALTER TABLE DB.RAW.PEOPLE MODIFY COLUMN EMAIL SET MASKING POLICY DB.RAW.WRONG",
    )
    with pytest.raises(SnowflakeError, match="NOWHERE"):
        people.query("SELECT EMAIL FROM PEOPLE")


def test_a_views_short_names_are_those_of_its_own_schema(masked: Any) -> None:
    masked("CREATE SCHEMA DB.OTHER", "USE SCHEMA DB.OTHER")
    masked("CREATE VIEW DB.RAW.SHORT AS SELECT EMAIL FROM PEOPLE WHERE ID = 1")
    assert masked.query("SELECT * FROM DB.RAW.SHORT") == [("***",)]
    masked("ALTER TABLE DB.RAW.PEOPLE MODIFY COLUMN EMAIL UNSET MASKING POLICY")
    assert masked.query("SELECT * FROM DB.RAW.SHORT") == [("ann@x.org",)]
