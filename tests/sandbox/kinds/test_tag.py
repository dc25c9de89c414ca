"""Tags: values, where they are set, what inherits them, and the policies that come with them."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.snowflake.errors import DoesNotExistError, SnowflakeError
from sandbox.snowflake.governance.policies import AlreadyAttachedError, PolicyInUseError
from sandbox.snowflake.governance.tags import InvalidTagValueError
from sandbox.snowflake.kinds.tag import TagWithPolicyError


def value(client: Any, target: str, domain: str, tag: str = "DB.RAW.PII") -> Any:
    return client.one(f"SELECT SYSTEM$GET_TAG('{tag}', '{target}', '{domain}') AS \"TAG\"")["TAG"]


@pytest.fixture
def tagged(lake: Any) -> Any:
    """A table of two columns, a tag of two values, and masks for text and numbers."""
    lake(
        "CREATE TABLE DB.RAW.T (A VARCHAR, B NUMBER)",
        "CREATE TAG DB.RAW.PII ALLOWED_VALUES 'name', 'email' COMMENT = 'personal'",
        "CREATE MASKING POLICY DB.RAW.M AS (V VARCHAR) RETURNS VARCHAR -> '*'",
        "CREATE MASKING POLICY DB.RAW.N AS (V NUMBER) RETURNS NUMBER -> 0",
    )
    return lake


def test_a_tag_is_shown_with_its_values(tagged: Any) -> None:
    row = tagged.one("SHOW TAGS LIKE 'pii' IN SCHEMA DB.RAW")
    assert (row["comment"], row["allowed_values"]) == ("personal", '["email","name"]')
    tagged("ALTER TAG DB.RAW.PII ADD ALLOWED_VALUES 'phone'")
    tagged("ALTER TAG DB.RAW.PII DROP ALLOWED_VALUES 'name', 'email'")
    assert tagged.one("SHOW TAGS IN SCHEMA DB.RAW")["allowed_values"] == '["phone"]'
    tagged("ALTER TAG DB.RAW.PII UNSET ALLOWED_VALUES", "ALTER TAG DB.RAW.PII UNSET COMMENT")
    row = tagged.one("SHOW TAGS IN SCHEMA DB.RAW")
    assert (row["comment"], row["allowed_values"]) == ("", None)


def test_a_column_inherits_from_its_table_schema_database_and_account(tagged: Any) -> None:
    tagged("ALTER TAG DB.RAW.PII UNSET ALLOWED_VALUES")
    for level in ("ACCOUNT", "DATABASE DB", "SCHEMA DB.RAW", "TABLE DB.RAW.T"):
        name = level.split()[0]
        tagged(f"ALTER {level} SET TAG DB.RAW.PII = '{name}'")
        assert value(tagged, "DB.RAW.T.A", "COLUMN") == name
    tagged("ALTER TABLE DB.RAW.T MODIFY COLUMN A SET TAG DB.RAW.PII = 'own'")
    assert value(tagged, '"DB"."RAW"."T"."A"', "COLUMN") == "own"
    assert value(tagged, "DB.RAW.T.B", "COLUMN") == "TABLE"
    tagged("ALTER TABLE DB.RAW.T MODIFY COLUMN A UNSET TAG DB.RAW.PII")
    tagged("ALTER TABLE DB.RAW.T UNSET TAG DB.RAW.PII")
    assert value(tagged, "DB.RAW.T.A", "COLUMN") == "SCHEMA"


def test_a_tag_goes_on_any_object_and_follows_its_renames(tagged: Any) -> None:
    tagged("CREATE WAREHOUSE W WITH TAG (DB.RAW.PII = 'name')", "CREATE USER U")
    tagged("ALTER USER U SET TAG DB.RAW.PII = 'email'", "ALTER TAG DB.RAW.PII RENAME TO DB.RAW.P2")
    assert value(tagged, "W", "WAREHOUSE", "DB.RAW.P2") == "name"
    assert value(tagged, "U", "USER", "DB.RAW.P2") == "email"
    assert value(tagged, "W", "WAREHOUSE") is None
    tagged("DROP TAG DB.RAW.P2", "CREATE TAG DB.RAW.P2")
    assert value(tagged, "W", "WAREHOUSE", "DB.RAW.P2") is None


def test_only_known_tags_take_only_allowed_values(tagged: Any) -> None:
    with pytest.raises(InvalidTagValueError, match="email, name"):
        tagged("ALTER TABLE DB.RAW.T SET TAG DB.RAW.PII = 'else'")
    with pytest.raises(DoesNotExistError):
        tagged("ALTER TABLE DB.RAW.T SET TAG DB.RAW.NOPE = 'x'")
    with pytest.raises(DoesNotExistError):
        tagged("ALTER TABLE DB.RAW.T MODIFY COLUMN NOPE SET TAG DB.RAW.PII = 'name'")


def test_tag_references_tell_the_level(tagged: Any) -> None:
    tagged("USE DATABASE DB", "ALTER SCHEMA DB.RAW SET TAG DB.RAW.PII = 'name'")
    tagged("ALTER TABLE DB.RAW.T MODIFY COLUMN A SET TAG DB.RAW.PII = 'email'")
    text = (
        "SELECT COLUMN_NAME, TAG_VALUE, LEVEL, APPLY_METHOD FROM "
        "TABLE(INFORMATION_SCHEMA.TAG_REFERENCES_ALL_COLUMNS('DB.RAW.T', 'TABLE')) ORDER BY 1"
    )
    assert rows(tagged, text) == [
        ("A", "email", "COLUMN", "MANUAL"),
        ("B", "name", "SCHEMA", "INHERITED"),
    ]


def rows(client: Any, text: str) -> list[tuple[Any, ...]]:
    """The rows of a query, which the data plane answers in Arrow."""
    return list(client.query(text))


def test_a_tag_carries_one_masking_policy_for_each_type(tagged: Any) -> None:
    tagged("ALTER TAG DB.RAW.PII SET MASKING POLICY DB.RAW.M, MASKING POLICY DB.RAW.N")
    tagged("ALTER TABLE DB.RAW.T SET TAG DB.RAW.PII = 'name'")
    text = (
        "SELECT REF_COLUMN_NAME, POLICY_NAME, TAG_NAME FROM TABLE(DB.INFORMATION_SCHEMA."
        "POLICY_REFERENCES(REF_ENTITY_NAME => 'DB.RAW.T', REF_ENTITY_DOMAIN => 'TABLE')) ORDER BY 1"
    )
    assert rows(tagged, text) == [("A", "M", "PII"), ("B", "N", "PII")]
    tagged("CREATE MASKING POLICY DB.RAW.M2 AS (V VARCHAR) RETURNS VARCHAR -> '**'")
    with pytest.raises(AlreadyAttachedError):
        tagged("ALTER TAG DB.RAW.PII SET MASKING POLICY DB.RAW.M2")
    tagged("ALTER TAG DB.RAW.PII SET MASKING POLICY DB.RAW.M2 FORCE")
    assert [row[1] for row in rows(tagged, text)] == ["M2", "N"]


def test_a_tag_with_a_policy_and_a_policy_on_a_tag_stay(tagged: Any) -> None:
    tagged("ALTER TAG DB.RAW.PII SET MASKING POLICY DB.RAW.M")
    with pytest.raises(TagWithPolicyError):
        tagged("DROP TAG DB.RAW.PII")
    with pytest.raises(PolicyInUseError):
        tagged("DROP MASKING POLICY DB.RAW.M")
    tagged("ALTER TAG DB.RAW.PII UNSET MASKING POLICY DB.RAW.M")
    tagged("DROP MASKING POLICY DB.RAW.M", "DROP TAG DB.RAW.PII")


def test_tags_outlive_a_restart(tagged: Any, restarted: Any) -> None:
    tagged("ALTER TABLE DB.RAW.T MODIFY COLUMN A SET TAG DB.RAW.PII = 'name'")
    assert value(restarted(), "DB.RAW.T.A", "COLUMN") == "name"


def test_an_unknown_domain_is_refused(tagged: Any) -> None:
    with pytest.raises(SnowflakeError, match="Invalid domain"):
        value(tagged, "DB.RAW.T", "THING")


def test_apply_on_a_tag_is_granted(tagged: Any) -> None:
    tagged("CREATE ROLE R", "GRANT APPLY ON TAG DB.RAW.PII TO ROLE R")
    shown = {row["privilege"] for row in tagged("SHOW GRANTS ON TAG DB.RAW.PII")}
    assert shown == {"APPLY", "OWNERSHIP"}
