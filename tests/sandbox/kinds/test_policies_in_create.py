"""CREATE TABLE, CREATE VIEW and ADD COLUMN that set policies and tags at once."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.snowflake.errors import CompilationError, DoesNotExistError, SnowflakeError
from sandbox.snowflake.governance.policies import (
    AlreadyFilteredError,
    AlreadyMaskedError,
    ColumnTakenError,
)

TABLE = (
    "CREATE TABLE T (A VARCHAR(20) NOT NULL WITH MASKING POLICY M WITH TAG (PII = 'mail') "
    "COMMENT 'who', R VARCHAR TAG (PII = 'area', PII = 'place'), N NUMBER MASKING POLICY DB.RAW.C "
    "USING (N, A2), A2 VARCHAR) COMMENT = 'people' WITH ROW ACCESS POLICY P ON (R) "
    "WITH TAG (DB.RAW.OWNER = 'sales')"
)


@pytest.fixture
def ready(lake: Any) -> Any:
    """Policies and tags in the session's schema."""
    lake(
        "USE SCHEMA DB.RAW",
        "CREATE TAG PII",
        "CREATE TAG OWNER",
        "CREATE MASKING POLICY M AS (V VARCHAR) RETURNS VARCHAR -> '***'",
        "CREATE MASKING POLICY C AS (V NUMBER, O VARCHAR) RETURNS NUMBER -> IFF(O = 'x', V, 0)",
        "CREATE ROW ACCESS POLICY P AS (R VARCHAR) RETURNS BOOLEAN -> R <> 'hidden'",
    )
    return lake


def tag(client: Any, name: str, target: str, domain: str) -> Any:
    return client.one(f"SELECT SYSTEM$GET_TAG('{name}', '{target}', '{domain}') AS T")["T"]


def policies(client: Any, target: str) -> list[Any]:
    return list(
        client.query(
            "SELECT POLICY_NAME, REF_COLUMN_NAME FROM TABLE(DB.INFORMATION_SCHEMA."
            f"POLICY_REFERENCES(REF_ENTITY_NAME => '{target}', REF_ENTITY_DOMAIN => 'TABLE')) "
            "ORDER BY 1"
        )
    )


def test_a_table_is_born_protected_and_tagged(ready: Any) -> None:
    ready(TABLE, "INSERT INTO T VALUES ('ann', 'EU', 7, 'x'), ('bob', 'hidden', 8, 'x')")
    assert policies(ready, "T") == [("C", "N"), ("M", "A"), ("P", None)]
    assert ready.query("SELECT A, R, N FROM T") == [("***", "EU", 7)]
    assert tag(ready, "PII", "T.A", "COLUMN") == "mail"
    assert tag(ready, "PII", "T.R", "COLUMN") == "place"
    assert tag(ready, "OWNER", "T.R", "COLUMN") == "sales", "inherited from the table"
    assert tag(ready, "OWNER", "T", "TABLE") == "sales"
    described = {row["name"]: row for row in ready("DESCRIBE TABLE T")}
    assert (described["A"]["comment"], described["A"]["policy name"]) == ("who", "DB.RAW.M")


def test_account_usage_tells_tags_and_policies(ready: Any) -> None:
    ready(TABLE, "ALTER ACCOUNT SET TAG OWNER = 'all'")
    usage = "SNOWFLAKE.ACCOUNT_USAGE"
    assert ready.query(
        f"SELECT TAG_NAME, TAG_VALUE, OBJECT_NAME, DOMAIN, COLUMN_NAME FROM {usage}.TAG_REFERENCES "
        "ORDER BY DOMAIN, TAG_VALUE"
    ) == [
        ("OWNER", "all", "SANDBOX", "ACCOUNT", None),
        ("PII", "mail", "T", "COLUMN", "A"),
        ("PII", "place", "T", "COLUMN", "R"),
        ("OWNER", "sales", "T", "TABLE", None),
    ]
    assert ready.query(
        f"SELECT POLICY_NAME, REF_COLUMN_NAME FROM {usage}.POLICY_REFERENCES ORDER BY 1"
    ) == [("C", "N"), ("M", "A"), ("P", None)]
    assert ready.query(f"SELECT TAG_NAME FROM {usage}.TAGS ORDER BY 1") == [("OWNER",), ("PII",)]


def test_a_view_is_born_protected_and_tagged(ready: Any) -> None:
    ready(
        "CREATE TABLE B (A VARCHAR, R VARCHAR)",
        "INSERT INTO B VALUES ('ann', 'EU'), ('bob', 'hidden')",
        'CREATE OR REPLACE VIEW V ("A" MASKING POLICY M COMMENT \'who\', "R") COPY GRANTS '
        "COMMENT = 'seen' ROW ACCESS POLICY P ON (R) TAG (OWNER = 'sales') AS SELECT * FROM B",
    )
    assert ready.query("SELECT * FROM V") == [("***", "EU")]
    assert tag(ready, "OWNER", "V", "TABLE") == "sales"
    assert ready.one("SHOW VIEWS IN SCHEMA DB.RAW")["comment"] == "seen"


def test_a_column_is_added_with_its_policy(ready: Any) -> None:
    ready("CREATE TABLE T (A NUMBER)")
    ready("ALTER TABLE T ADD COLUMN E VARCHAR WITH MASKING POLICY M WITH TAG (PII = 'mail')")
    assert policies(ready, "T") == [("M", "E")]
    with pytest.raises(CompilationError, match="mismatch"):
        ready("ALTER TABLE T ADD COLUMN F NUMBER MASKING POLICY M")
    assert [row["name"] for row in ready("DESCRIBE TABLE T")] == ["A", "E"]


@pytest.mark.parametrize(
    ("statement", "error"),
    [
        ("CREATE TABLE T (A VARCHAR WITH MASKING POLICY NOPE)", DoesNotExistError),
        ("CREATE TABLE T (A VARCHAR WITH TAG (NOPE = '1'))", DoesNotExistError),
        ("CREATE TABLE T (A NUMBER WITH MASKING POLICY M)", CompilationError),
        ("CREATE TABLE T (A NUMBER) ROW ACCESS POLICY P ON (A)", CompilationError),
        (
            "CREATE TABLE T (A VARCHAR MASKING POLICY M) ROW ACCESS POLICY P ON (A)",
            ColumnTakenError,
        ),
        ("CREATE TABLE T (A VARCHAR WITH PROJECTION POLICY X)", SnowflakeError),
    ],
)
def test_a_table_whose_policies_do_not_fit_is_not_there(
    ready: Any, statement: str, error: Any
) -> None:
    with pytest.raises(error):
        ready(statement)
    assert ready("SHOW TABLES IN SCHEMA DB.RAW") == []
    ready("CREATE TABLE T (A VARCHAR)")


def test_a_second_policy_is_refused_in_snowflakes_words(ready: Any) -> None:
    ready(TABLE)
    with pytest.raises(AlreadyMaskedError, match="cannot be attached to multiple masking"):
        ready("ALTER TABLE T MODIFY COLUMN A SET MASKING POLICY M")
    with pytest.raises(AlreadyFilteredError, match="Only one ROW_ACCESS_POLICY"):
        ready("ALTER TABLE T ADD ROW ACCESS POLICY P ON (A2)")
