"""Clones: what goes along, what stands still, who may, and that both sides are their own."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.snowflake.errors import CompilationError, SnowflakeError


@pytest.fixture
def lake(lake: Any) -> Any:
    """A schema with some of everything that a clone treats in its own way."""
    lake("USE SCHEMA DB.RAW", "CREATE ROLE R", "CREATE WAREHOUSE W", "CREATE TAG G")
    lake("CREATE TABLE T (A INT) COMMENT = 'numbers'", "INSERT INTO T VALUES (1), (2)")
    lake("GRANT SELECT ON TABLE T TO ROLE R", "GRANT USAGE ON SCHEMA DB.RAW TO ROLE R")
    lake("CREATE VIEW SHORT AS SELECT * FROM T", "CREATE VIEW A AS SELECT * FROM SHORT")
    lake("CREATE VIEW WHOLE AS SELECT * FROM DB.RAW.T", "ALTER TABLE T SET TAG G = 'v'")
    lake("CREATE STAGE INSIDE", "CREATE STAGE OUTSIDE URL = 's3://bucket/path/'")
    copy = "FILE_FORMAT = (TYPE = CSV)"
    lake(f"CREATE PIPE P AS COPY INTO T FROM @OUTSIDE {copy}")
    lake(f"CREATE PIPE PI AS COPY INTO T FROM @INSIDE {copy}")
    lake("CREATE STREAM ST ON TABLE T")
    lake("CREATE TASK TK WAREHOUSE = W SCHEDULE = '1 MINUTE' AS SELECT 1")
    return lake


def _grantees(sql: Any, what: str) -> set[tuple[str, str]]:
    return {(row["privilege"], row["grantee_name"]) for row in sql(f"SHOW GRANTS ON {what}")}


def _names(sql: Any, what: str) -> list[str]:
    return [row["name"] for row in sql(f"SHOW {what}")]


def test_a_cloned_schema_has_rows_of_its_own(lake: Any) -> None:
    assert lake.one("CREATE SCHEMA DB.C CLONE DB.RAW")["status"].startswith("Schema C")
    lake("INSERT INTO DB.C.T VALUES (3)", "DELETE FROM DB.RAW.T")
    assert lake.query("SELECT sum(A) FROM DB.C.A") == [(6,)]
    assert lake.query("SELECT count(*) FROM DB.C.WHOLE") == [(0,)], "a full name stays what it is"
    assert lake.one("SHOW TABLES IN SCHEMA DB.C")["comment"] == "numbers"
    tag = lake.one("SELECT SYSTEM$GET_TAG('DB.C.G', 'DB.C.T', 'TABLE')")
    assert list(tag.values()) == ["v"]


def test_grants_go_along_inside_but_not_on_the_clone_itself(lake: Any) -> None:
    lake("CREATE SCHEMA DB.C CLONE DB.RAW")
    assert ("SELECT", "R") in _grantees(lake, "TABLE DB.C.T")
    assert _grantees(lake, "SCHEMA DB.C") == {("OWNERSHIP", "ACCOUNTADMIN")}
    lake("CREATE DATABASE D2 CLONE DB")
    assert ("USAGE", "R") in _grantees(lake, "SCHEMA D2.RAW")


def test_what_runs_by_itself_stands_still_in_a_clone(lake: Any) -> None:
    lake("ALTER TASK TK RESUME", "CREATE SCHEMA DB.C CLONE DB.RAW")
    assert lake.one("SHOW TASKS IN SCHEMA DB.C")["state"] == "suspended"
    assert lake.one("SHOW STREAMS IN SCHEMA DB.C")["table_name"] == "DB.C.T"
    assert _names(lake, "STAGES IN SCHEMA DB.C") == ["OUTSIDE"]
    assert _names(lake, "PIPES IN SCHEMA DB.C") == ["P"]
    status = lake.one("SELECT SYSTEM$PIPE_STATUS('DB.C.P')")
    assert "PAUSED" in next(iter(status.values()))


def test_a_cloned_database_has_all_schemas(lake: Any) -> None:
    lake("CREATE TABLE DB.PUBLIC.P AS SELECT 4 AS N", "CREATE DATABASE D2 CLONE DB")
    assert _names(lake, "SCHEMAS IN DATABASE D2") == ["INFORMATION_SCHEMA", "PUBLIC", "RAW"]
    assert lake.query("SELECT N, (SELECT sum(A) FROM D2.RAW.A) FROM D2.PUBLIC.P") == [(4, 3)]
    assert lake.one("SELECT current_schema()") == {"CURRENT_SCHEMA()": "PUBLIC"}


def test_a_cloned_table_has_grants_only_when_asked(lake: Any) -> None:
    lake("CREATE TABLE T2 CLONE T", "CREATE TABLE T3 CLONE T COPY GRANTS")
    assert _grantees(lake, "TABLE T2") == {("OWNERSHIP", "ACCOUNTADMIN")}
    assert ("SELECT", "R") in _grantees(lake, "TABLE T3")
    assert lake.one("SHOW TABLES LIKE 'T2'")["comment"] == "numbers"


def test_stages_and_file_formats_are_cloned_alone(lake: Any) -> None:
    lake("CREATE FILE FORMAT F TYPE = JSON", "CREATE FILE FORMAT F2 CLONE F")
    assert lake.one("SHOW FILE FORMATS LIKE 'F2'")["type"] == "JSON"
    lake("CREATE STAGE OUT2 CLONE OUTSIDE")
    assert lake.one("SHOW STAGES LIKE 'OUT2'")["url"] == "s3://bucket/path/"
    with pytest.raises(CompilationError):
        lake("CREATE STAGE IN2 CLONE INSIDE")


def test_a_replacing_clone_can_be_undone(lake: Any) -> None:
    lake("CREATE SCHEMA DB.C", "CREATE TABLE DB.C.OLD AS SELECT 1 AS N")
    lake("CREATE OR REPLACE SCHEMA DB.C CLONE DB.RAW")
    with pytest.raises(SnowflakeError):
        lake("SELECT * FROM DB.C.OLD")
    lake("ALTER SCHEMA DB.C RENAME TO DB.D", "UNDROP SCHEMA DB.C")
    assert lake.query("SELECT N FROM DB.C.OLD") == [(1,)]


def test_a_schema_is_replaced_by_a_clone_of_itself(lake: Any) -> None:
    lake("CREATE SCHEMA DB.C", "CREATE TABLE DB.C.ONE AS SELECT 1 AS N")
    lake(
        "CREATE VIEW DB.C.SEEN AS SELECT * FROM DB.C.ONE",
        "CREATE OR REPLACE SCHEMA DB.C CLONE DB.C",
    )
    assert lake.query("SELECT N FROM DB.C.SEEN") == [(1,)]
    lake("DELETE FROM DB.C.ONE", "ALTER SCHEMA DB.C RENAME TO DB.D", "UNDROP SCHEMA DB.C")
    assert lake.query("SELECT N FROM DB.C.ONE") == [(1,)]


def test_a_database_is_replaced_by_a_clone_of_itself(lake: Any) -> None:
    lake("CREATE TABLE DB.RAW.ONE AS SELECT 1 AS N", "CREATE OR REPLACE DATABASE DB CLONE DB")
    assert lake.query("SELECT N FROM DB.RAW.ONE") == [(1,)]


def test_a_table_without_retention_is_replaced_by_a_clone_of_itself(lake: Any) -> None:
    lake("CREATE TABLE DB.RAW.ONE (N INT) DATA_RETENTION_TIME_IN_DAYS = 0")
    lake("INSERT INTO DB.RAW.ONE VALUES (1)", "CREATE OR REPLACE TABLE DB.RAW.ONE CLONE DB.RAW.ONE")
    assert lake.query("SELECT N FROM DB.RAW.ONE") == [(1,)]


def test_a_table_may_be_replaced_by_its_own_clone(lake: Any) -> None:
    lake(
        "USE SCHEMA DB.RAW",
        "CREATE TABLE OWN AS SELECT 1 AS A",
        "CREATE OR REPLACE TABLE OWN CLONE OWN",
    )
    assert lake.query("SELECT A FROM OWN") == [(1,)]
    lake("ALTER TABLE OWN RENAME TO NEXT", "UNDROP TABLE OWN")
    assert lake.query("SELECT A FROM OWN") == [(1,)]


def test_grants_without_a_type_are_on_a_table_or_view(lake: Any) -> None:
    lake("USE SCHEMA DB.RAW", "CREATE TABLE OWN (A INT)", "CREATE VIEW SEEN AS SELECT A FROM OWN")
    lake(
        "CREATE ROLE SEER",
        "GRANT SELECT ON OWN TO SEER",
        "GRANT SELECT ON DB.RAW.SEEN TO ROLE SEER",
    )
    for name in ("OWN", "DB.RAW.SEEN"):
        assert [row["grantee_name"] for row in lake(f"SHOW GRANTS ON {name}")][-1] == "SEER"
        lake(f"REVOKE SELECT ON {name} FROM SEER")
        assert "SEER" not in [row["grantee_name"] for row in lake(f"SHOW GRANTS ON {name}")]
