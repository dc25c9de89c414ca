"""Databases, schemas, tables and views: one life on both planes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from sandbox.snowflake.errors import (
    AlreadyExistsError,
    DoesNotExistError,
    SnowflakeError,
    UnsupportedError,
)


def names(client: Any, show: str) -> list[str]:
    return [row["name"] for row in client(show)]


def test_a_new_database_has_a_public_schema_and_is_current(sql: Any) -> None:
    sql("CREATE DATABASE DB COMMENT = 'Facts' DATA_RETENTION_TIME_IN_DAYS = 3")
    row = sql.one("SHOW DATABASES LIKE 'DB'")
    wanted = {"comment": "Facts", "retention_time": "3", "options": "", "is_current": "Y"}
    assert wanted.items() <= row.items()
    assert "PUBLIC" in names(sql, "SHOW SCHEMAS IN DATABASE DB")
    assert (sql.session.database, sql.session.schema) == ("DB", "PUBLIC")


def test_a_database_is_renamed_with_all_that_is_in_it(sql: Any) -> None:
    sql(
        "CREATE DATABASE DB",
        "CREATE TABLE DB.PUBLIC.T (A INT)",
        "INSERT INTO DB.PUBLIC.T VALUES (1)",
        "ALTER DATABASE DB RENAME TO DB2",
    )
    assert names(sql, "SHOW TABLES IN SCHEMA DB2.PUBLIC") == ["T"]
    assert sql.one("SHOW TABLES IN SCHEMA DB2.PUBLIC")["rows"] == 1
    assert sql.session.database == "DB2"
    with pytest.raises(DoesNotExistError, match="Database 'DB'"):
        sql("SHOW SCHEMAS IN DATABASE DB")


def test_dropping_a_database_empties_both_planes(sql: Any) -> None:
    sql(
        "CREATE DATABASE DB",
        "CREATE TABLE DB.PUBLIC.T (A INT)",
        "CREATE STAGE DB.PUBLIC.S",
        "DROP DATABASE DB",
        "CREATE DATABASE DB",
    )
    assert sql("SHOW TABLES IN ACCOUNT") == []
    assert sql("SHOW STAGES IN ACCOUNT") == []
    with pytest.raises(SnowflakeError, match="does not exist"):
        sql("SELECT * FROM DB.PUBLIC.T")


def test_names_that_differ_in_case_only_are_refused(sql: Any) -> None:
    sql("CREATE DATABASE DB", "CREATE SCHEMA DB.RAW")
    with pytest.raises(AlreadyExistsError, match="does not tell case apart"):
        sql('CREATE DATABASE "db"')
    with pytest.raises(AlreadyExistsError, match="does not tell case apart"):
        sql('CREATE SCHEMA DB."raw"')


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER DATABASE DB SWAP WITH DB2",
    ],
)
def test_what_the_sandbox_lacks_is_said(sql: Any, statement: str) -> None:
    sql("CREATE DATABASE DB")
    with pytest.raises(UnsupportedError, match="LEAP sandbox does not support"):
        sql(statement)


def test_a_schema_shows_its_options(lake: Any) -> None:
    lake("CREATE TRANSIENT SCHEMA DB.S WITH MANAGED ACCESS COMMENT = 'a'")
    row = lake.one("SHOW SCHEMAS LIKE 'S' IN DATABASE DB")
    assert (row["options"], row["comment"]) == ("TRANSIENT, MANAGED ACCESS", "a")
    lake("ALTER SCHEMA DB.S DISABLE MANAGED ACCESS", "ALTER SCHEMA DB.S UNSET COMMENT")
    row = lake.one("SHOW SCHEMAS LIKE 'S' IN DATABASE DB")
    assert (row["options"], row["comment"]) == ("TRANSIENT", "")


def test_retention_is_inherited_from_the_database(lake: Any) -> None:
    lake("ALTER DATABASE DB SET DATA_RETENTION_TIME_IN_DAYS = 5", "CREATE TABLE DB.RAW.T (A INT)")
    assert lake.one("SHOW SCHEMAS LIKE 'RAW' IN DATABASE DB")["retention_time"] == "5"
    assert lake.one("SHOW TABLES IN SCHEMA DB.RAW")["retention_time"] == "5"
    shown = "SHOW PARAMETERS LIKE 'DATA_RETENTION_TIME_IN_DAYS' IN TABLE DB.RAW.T"
    assert lake.one(shown)["level"] == "DATABASE"
    lake("ALTER TABLE DB.RAW.T SET DATA_RETENTION_TIME_IN_DAYS = 1")
    assert (lake.one(shown)["value"], lake.one(shown)["level"]) == ("1", "TABLE")


def test_a_schema_describes_what_is_in_it(lake: Any) -> None:
    lake("CREATE TABLE DB.RAW.T (A INT)", "CREATE FILE FORMAT DB.RAW.F TYPE = CSV")
    assert {(row["name"], row["kind"]) for row in lake("DESCRIBE SCHEMA DB.RAW")} == {
        ("T", "TABLE"),
        ("F", "FILE FORMAT"),
    }


def test_show_filters_by_pattern_scope_start_and_limit(lake: Any) -> None:
    lake("CREATE SCHEMA DB.OTHER", *(f"CREATE STAGE DB.RAW.S{n}" for n in (1, 2, 3)))
    lake("CREATE STAGE DB.OTHER.S4")
    assert names(lake, "SHOW STAGES LIKE 's%' IN SCHEMA DB.RAW") == ["S1", "S2", "S3"]
    assert names(lake, "SHOW STAGES IN DATABASE DB") == ["S1", "S2", "S3", "S4"]
    assert names(lake, "SHOW STAGES IN DB.RAW") == ["S1", "S2", "S3"]
    assert names(lake, "SHOW STAGES LIKE 'S_' IN ACCOUNT") == ["S1", "S2", "S3", "S4"]
    assert names(lake, "SHOW TERSE SCHEMAS IN DATABASE DB STARTS WITH 'O'") == ["OTHER"]
    assert names(lake, "SHOW SCHEMAS IN DATABASE DB LIMIT 1 FROM 'OTHER'") == ["PUBLIC"]


@pytest.mark.parametrize(
    "statement",
    [
        "SHOW STAGES IN SCHEMA NONE.RAW",
        "SHOW STAGES IN SCHEMA DB.NONE",
        "DESCRIBE STAGE DB.NONE.S",
        "DROP STAGE IF EXISTS NONE.RAW.S",
        "CREATE STAGE DB.NONE.S",
        "ALTER SCHEMA DB.NONE SET COMMENT = 'x'",
    ],
)
def test_a_missing_parent_is_an_error_that_the_provider_knows(lake: Any, statement: str) -> None:
    with pytest.raises(DoesNotExistError, match="does not exist or not authorized"):
        lake(statement)


def test_a_table_and_a_view_show_what_the_data_plane_reports(lake: Any) -> None:
    lake(
        "CREATE TABLE DB.RAW.T (ID INT NOT NULL) CLUSTER BY (ID) CHANGE_TRACKING = TRUE "
        "COMMENT = 'Rows'",
        "CREATE SECURE VIEW DB.RAW.V COMMENT = 'Looks' AS SELECT ID FROM DB.RAW.T",
        "INSERT INTO DB.RAW.T VALUES (1), (2)",
    )
    table = lake.one("SHOW TABLES IN SCHEMA DB.RAW")
    wanted = {
        "kind": "TABLE",
        "rows": 2,
        "cluster_by": "LINEAR(ID)",
        "automatic_clustering": "ON",
        "change_tracking": "ON",
        "comment": "Rows",
        "owner": "ACCOUNTADMIN",
    }
    assert wanted.items() <= table.items()
    view = lake.one("SHOW VIEWS IN SCHEMA DB.RAW")
    assert (view["is_secure"], view["comment"]) == ("true", "Looks")
    assert view["text"].startswith("CREATE SECURE VIEW")
    lake("ALTER VIEW DB.RAW.V UNSET SECURE", "ALTER TABLE DB.RAW.T RENAME TO DB.RAW.T2")
    assert lake.one("SHOW VIEWS IN SCHEMA DB.RAW")["is_secure"] == "false"
    assert names(lake, "SHOW OBJECTS IN SCHEMA DB.RAW") == ["T2", "V"]


def test_a_replaced_table_starts_anew(lake: Any) -> None:
    lake(
        "CREATE TABLE DB.RAW.T (A INT) COMMENT = 'old'",
        "CREATE OR REPLACE TRANSIENT TABLE DB.RAW.T (B INT)",
    )
    row = lake.one("SHOW TABLES IN SCHEMA DB.RAW")
    assert (row["kind"], row["comment"]) == ("TRANSIENT", "")


def test_everything_outlives_a_restart(lake: Any, restarted: Callable[[], Any]) -> None:
    lake(
        "CREATE TABLE DB.RAW.T (A INT)",
        "INSERT INTO DB.RAW.T VALUES (7)",
        "CREATE TEMPORARY STAGE DB.RAW.SHORT",
        "CREATE STAGE DB.RAW.LONG",
    )
    client = restarted()
    assert client.one("SHOW TABLES IN SCHEMA DB.RAW")["rows"] == 1
    assert names(client, "SHOW STAGES IN SCHEMA DB.RAW") == ["LONG"]
    assert names(client, "SHOW INTEGRATIONS") == ["LAKE"]
