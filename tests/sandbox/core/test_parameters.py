"""Parameters: the table is sound, and values come from the right level."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.snowflake.errors import SnowflakeError
from sandbox.snowflake.kinds.registry import KINDS
from sandbox.snowflake.parameters import ACCOUNT_LEVEL, PARAMETERS, at_level


def value(sql: Any, name: str, where: str) -> tuple[str, str]:
    """Value and level of one parameter."""
    (row,) = sql(f"SHOW PARAMETERS LIKE '{name}' {where}")
    return row["value"], row["level"]


def test_every_default_is_a_value_that_the_parameter_takes() -> None:
    assert len(PARAMETERS) == 107
    for item in PARAMETERS.values():
        assert item.description
        assert item.levels
        if item.default:
            assert item.checked(item.default) == item.default


def test_every_parameter_of_a_kind_is_in_the_table() -> None:
    missing = {
        (kind.name, name)
        for kind in KINDS.kinds.values()
        for name in kind.parameters
        if name not in PARAMETERS or name not in ACCOUNT_LEVEL
    }
    assert missing == set()


@pytest.mark.parametrize("level", ["USER", "WAREHOUSE", "DATABASE", "SCHEMA", "TABLE"])
def test_a_kind_has_the_parameters_of_its_level(level: str) -> None:
    assert set(KINDS[level].parameters) == set(at_level(level))


def test_show_parameters_tells_six_columns_in_order_of_names(sql: Any) -> None:
    rows = sql("SHOW PARAMETERS IN ACCOUNT")
    assert list(rows[0]) == ["key", "value", "default", "level", "description", "type"]
    assert [row["key"] for row in rows] == sorted(ACCOUNT_LEVEL)


def test_a_session_inherits_from_its_user_and_the_account(sql: Any, client: Any) -> None:
    sql("CREATE USER ANN PASSWORD = 'p'")
    ann = client(sql.account, "ANN", "p")
    assert value(ann, "JSON_INDENT", "") == ("2", "")
    sql("ALTER ACCOUNT SET JSON_INDENT = 3")
    assert value(ann, "JSON_INDENT", "IN SESSION") == ("3", "ACCOUNT")
    sql("ALTER USER ANN SET JSON_INDENT = 4")
    assert value(ann, "JSON_INDENT", "FOR SESSION") == ("4", "USER")
    ann("ALTER SESSION SET JSON_INDENT = 5")
    assert value(ann, "JSON_INDENT", "IN SESSION") == ("5", "SESSION")
    ann("ALTER SESSION UNSET JSON_INDENT")
    sql("ALTER USER ANN UNSET JSON_INDENT", "ALTER ACCOUNT UNSET JSON_INDENT")
    assert value(ann, "JSON_INDENT", "") == ("2", "")


def test_a_table_inherits_from_schema_database_and_account(sql: Any) -> None:
    name, where = "DATA_RETENTION_TIME_IN_DAYS", "IN TABLE D.S.T"
    sql("CREATE DATABASE D", "CREATE SCHEMA D.S")
    sql.object("D.S.T")
    steps = [
        ("ALTER ACCOUNT SET DATA_RETENTION_TIME_IN_DAYS = 2", ("2", "ACCOUNT")),
        ("ALTER DATABASE D SET DATA_RETENTION_TIME_IN_DAYS = 3", ("3", "DATABASE")),
        ("ALTER SCHEMA D.S SET DATA_RETENTION_TIME_IN_DAYS = 4", ("4", "SCHEMA")),
        ("ALTER DATABASE D UNSET DATA_RETENTION_TIME_IN_DAYS", ("4", "SCHEMA")),
        ("ALTER SCHEMA D.S UNSET DATA_RETENTION_TIME_IN_DAYS", ("2", "ACCOUNT")),
    ]
    for statement, expected in steps:
        sql(statement)
        assert value(sql, name, where) == expected


def test_the_time_zone_of_a_new_account_is_utc(sql: Any) -> None:
    assert value(sql, "TIMEZONE", "IN ACCOUNT") == ("UTC", "ACCOUNT")


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("LOG_LEVEL = info", "INFO"),
        ("GEOGRAPHY_OUTPUT_FORMAT = 'GEOJSON'", "GeoJSON"),
        ("AUTOCOMMIT = FALSE", "false"),
        ("JSON_INDENT = '7'", "7"),
        ("INITIAL_REPLICATION_SIZE_LIMIT_IN_TB = 9.9", "9.9"),
        ("QUERY_TAG = 'a tag'", "a tag"),
    ],
)
def test_values_are_kept_in_snowflakes_spelling(sql: Any, given: str, kept: str) -> None:
    sql(f"ALTER ACCOUNT SET {given}")
    assert value(sql, given.split()[0], "IN ACCOUNT") == (kept, "ACCOUNT")


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER ACCOUNT SET NONSENSE = 1",
        "ALTER ACCOUNT SET JSON_INDENT = 'many'",
        "ALTER ACCOUNT SET AUTOCOMMIT = 3",
        "ALTER ACCOUNT SET LOG_LEVEL = LOUD",
        "ALTER ACCOUNT SET RESOURCE_MONITOR = NOPE",
        "ALTER ACCOUNT UNSET NONSENSE",
        "ALTER ACCOUNT SET PASSWORD POLICY D.S.P",
        "ALTER SESSION SET CLIENT_ENCRYPTION_KEY_SIZE = 256",
        "CREATE DATABASE D JSON_INDENT = 3",
    ],
)
def test_what_does_not_fit_is_refused(sql: Any, statement: str) -> None:
    with pytest.raises(SnowflakeError):
        sql(statement)


def test_an_account_takes_several_parameters_and_tags_at_once(sql: Any) -> None:
    sql("ALTER ACCOUNT SET JSON_INDENT = 3, LOCK_TIMEOUT = 5")
    sql("ALTER ACCOUNT UNSET JSON_INDENT, LOCK_TIMEOUT")
    sql("CREATE DATABASE D", "CREATE SCHEMA D.S", "CREATE TAG D.S.T")
    sql('ALTER ACCOUNT SET TAG "D"."S"."T" = \'v\'', 'ALTER ACCOUNT UNSET TAG "D"."S"."T"')
    assert value(sql, "LOCK_TIMEOUT", "IN ACCOUNT") == ("43200", "")


def test_an_unknown_parameter_is_no_row(sql: Any) -> None:
    assert sql("SHOW PARAMETERS LIKE 'NONSENSE' IN ACCOUNT") == []
