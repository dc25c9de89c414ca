"""Masking and row access policies: their form, where they are attached, and that they stay."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.snowflake.errors import (
    AlreadyExistsError,
    CompilationError,
    DoesNotExistError,
    StatementSyntaxError,
)
from sandbox.snowflake.governance.policies import AlreadyMaskedError, PolicyInUseError

MASK = (
    'CREATE MASKING POLICY DB.RAW.M AS ("VAL" VARCHAR, "R" VARCHAR(10)) RETURNS VARCHAR -> '
    "CASE WHEN COMMENT = 'x' THEN VAL ELSE '***' END COMMENT = 'hides' EXEMPT_OTHER_POLICIES = true"
)


@pytest.fixture
def table(lake: Any) -> Any:
    """A table, and a policy of each kind."""
    lake(
        "CREATE TABLE DB.RAW.T (A VARCHAR, R VARCHAR, N NUMBER, Q VARCHAR)",
        MASK,
        "CREATE ROW ACCESS POLICY DB.RAW.P AS (R VARCHAR) RETURNS BOOLEAN -> R = 'X'",
    )
    return lake


def references(client: Any, target: str = "REF_ENTITY_NAME => 'DB.RAW.T'") -> list[Any]:
    domain = ", REF_ENTITY_DOMAIN => 'TABLE'" if "REF_" in target else ""
    return list(
        client.query(
            "SELECT POLICY_NAME, POLICY_KIND, REF_ENTITY_NAME, REF_COLUMN_NAME, "
            "REF_ARG_COLUMN_NAMES FROM TABLE(SNOWFLAKE.INFORMATION_SCHEMA.POLICY_REFERENCES("
            f"{target}{domain})) ORDER BY 1"
        )
    )


def test_a_masking_policy_is_described_as_it_was_written(table: Any) -> None:
    assert table.one("DESCRIBE MASKING POLICY DB.RAW.M") == {
        "name": "M",
        "signature": "(VAL VARCHAR, R VARCHAR)",
        "return_type": "VARCHAR(16777216)",
        "body": "CASE WHEN COMMENT = 'x' THEN VAL ELSE '***' END",
    }
    row = table.one("SHOW MASKING POLICIES IN SCHEMA DB.RAW")
    assert (row["kind"], row["comment"]) == ("MASKING_POLICY", "hides")
    assert row["options"] == '{"EXEMPT_OTHER_POLICIES": true}'


def test_a_body_and_a_comment_change_in_place(table: Any) -> None:
    table("ALTER MASKING POLICY DB.RAW.M SET BODY -> '+'")
    table("ALTER MASKING POLICY DB.RAW.M UNSET COMMENT")
    table("ALTER ROW ACCESS POLICY DB.RAW.P SET BODY -> true")
    table("ALTER ROW ACCESS POLICY DB.RAW.P RENAME TO DB.RAW.Q")
    assert table.one("DESC MASKING POLICY DB.RAW.M")["body"] == "'+'"
    assert table.one("SHOW MASKING POLICIES IN SCHEMA DB.RAW")["comment"] == ""
    assert table.one("DESC ROW ACCESS POLICY DB.RAW.Q")["body"] == "true"


def test_attached_policies_are_told_and_stay(table: Any) -> None:
    table("ALTER TABLE DB.RAW.T MODIFY COLUMN A SET MASKING POLICY DB.RAW.M USING (A, Q)")
    table("ALTER TABLE DB.RAW.T ADD ROW ACCESS POLICY DB.RAW.P ON (R)")
    assert references(table) == [
        ("M", "MASKING_POLICY", "T", "A", '["Q"]'),
        ("P", "ROW_ACCESS_POLICY", "T", None, '["R"]'),
    ]
    assert references(table, "POLICY_NAME => 'DB.RAW.P'")[0][2] == "T"
    columns = {row["name"]: row["policy name"] for row in table("DESCRIBE TABLE DB.RAW.T")}
    assert columns == {"A": "DB.RAW.M", "R": None, "N": None, "Q": None}
    for statement in (
        "DROP MASKING POLICY DB.RAW.M",
        "DROP ROW ACCESS POLICY IF EXISTS DB.RAW.P",
        MASK.replace("CREATE", "CREATE OR REPLACE"),
    ):
        with pytest.raises(PolicyInUseError, match=r"table DB\.RAW\.T"):
            table(statement)
    assert len(references(table)) == 2


def test_detached_policies_can_go(table: Any) -> None:
    table("ALTER TABLE DB.RAW.T MODIFY COLUMN A SET MASKING POLICY DB.RAW.M")
    table("ALTER TABLE IF EXISTS DB.RAW.T ADD ROW ACCESS POLICY DB.RAW.P ON (R)")
    table("ALTER TABLE DB.RAW.T MODIFY COLUMN A UNSET MASKING POLICY")
    table("ALTER TABLE DB.RAW.T DROP ROW ACCESS POLICY DB.RAW.P")
    table("DROP MASKING POLICY DB.RAW.M", "DROP ROW ACCESS POLICY DB.RAW.P")
    assert references(table) == []


def test_a_table_that_goes_lets_its_policies_go(table: Any) -> None:
    table("ALTER TABLE DB.RAW.T ADD ROW ACCESS POLICY DB.RAW.P ON (R)")
    table("DROP TABLE DB.RAW.T", "DROP ROW ACCESS POLICY DB.RAW.P")


def test_a_schema_goes_with_its_policies_and_tables(table: Any) -> None:
    table("ALTER TABLE DB.RAW.T ADD ROW ACCESS POLICY DB.RAW.P ON (R)", "DROP SCHEMA DB.RAW")
    assert table("SHOW ROW ACCESS POLICIES IN DATABASE DB") == []


def test_an_attachment_follows_a_renamed_column_and_ends_with_a_dropped_one(table: Any) -> None:
    table("ALTER TABLE DB.RAW.T MODIFY COLUMN A SET MASKING POLICY DB.RAW.M")
    table("ALTER TABLE DB.RAW.T RENAME COLUMN A TO B")
    assert [row[3] for row in references(table)] == ["B"]
    table("ALTER TABLE DB.RAW.T DROP COLUMN B")
    assert references(table) == []
    table("DROP MASKING POLICY DB.RAW.M")


@pytest.mark.parametrize(
    ("statement", "error"),
    [
        ("MODIFY COLUMN N SET MASKING POLICY DB.RAW.M", CompilationError),
        ("MODIFY COLUMN A SET MASKING POLICY DB.RAW.NOPE", DoesNotExistError),
        ("MODIFY COLUMN Z SET MASKING POLICY DB.RAW.M", DoesNotExistError),
        ("ADD ROW ACCESS POLICY DB.RAW.P ON (N)", CompilationError),
        ("DROP ROW ACCESS POLICY DB.RAW.P", CompilationError),
    ],
)
def test_what_does_not_fit_is_not_attached(table: Any, statement: str, error: Any) -> None:
    with pytest.raises(error):
        table(f"ALTER TABLE DB.RAW.T {statement}")


def test_a_second_policy_needs_force(table: Any) -> None:
    table("CREATE MASKING POLICY DB.RAW.M2 AS (V VARCHAR) RETURNS VARCHAR -> V")
    table("ALTER TABLE DB.RAW.T MODIFY COLUMN A SET MASKING POLICY DB.RAW.M")
    with pytest.raises(AlreadyMaskedError):
        table("ALTER TABLE DB.RAW.T MODIFY COLUMN A SET MASKING POLICY DB.RAW.M2")
    table("ALTER TABLE DB.RAW.T MODIFY COLUMN A SET MASKING POLICY DB.RAW.M2 FORCE")
    assert [row[0] for row in references(table)] == ["M2"]


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("MASKING POLICY DB.RAW.X AS (V VARCHAR) RETURNS NUMBER -> 1", CompilationError),
        ("ROW ACCESS POLICY DB.RAW.X AS (V VARCHAR) RETURNS VARCHAR -> V", CompilationError),
        ("MASKING POLICY DB.RAW.X AS (V VARCHAR) RETURNS VARCHAR ->", StatementSyntaxError),
        ("MASKING POLICY DB.RAW.X", CompilationError),
        ("MASKING POLICY DB.RAW.X AS (V TEXT) RETURNS TEXT -> CASE V", StatementSyntaxError),
        ("MASKING POLICY DB.RAW.M AS (V VARCHAR) RETURNS VARCHAR -> V", AlreadyExistsError),
    ],
)
def test_a_policy_needs_a_whole_function(table: Any, text: str, error: Any) -> None:
    with pytest.raises(error):
        table(f"CREATE {text}")
