"""The life of streams: where they begin, who may read them, when they are lost, tasks on them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sandbox.snowflake.data.past.moment import NoDataThenError
from sandbox.snowflake.data.past.streams import SourceGoneError, StaleStreamError
from sandbox.snowflake.errors import (
    CompilationError,
    InsufficientPrivilegesError,
    SnowflakeError,
    UnsupportedError,
)
from tests.sandbox.operations.conftest import open_estate

CHANGES = "SELECT A, B, METADATA$ACTION, METADATA$ISUPDATE FROM S ORDER BY A, 3"
INSERTED = ("INSERT", False)
DELETED = ("DELETE", False)
WAS = ("DELETE", True)
IS = ("INSERT", True)


def has_data(estate: Any) -> bool:
    answer: bool = estate.query("SELECT SYSTEM$STREAM_HAS_DATA('S')")[0][0]
    return answer


def test_a_stream_begins_in_the_past_or_where_another_stands(orders: Any) -> None:
    orders.wait(hours=1)
    orders("INSERT INTO T VALUES (4, 'd')")
    orders.wait(hours=1)
    orders("CREATE STREAM S1 ON TABLE T AT (OFFSET => -4000)")
    orders("CREATE STREAM S2 ON TABLE T BEFORE (OFFSET => -60)", "CREATE STREAM S3 CLONE S1")
    orders("CREATE STREAM S4 ON TABLE T AT (STREAM => 'S')")
    counts = {n: orders.query(f"SELECT COUNT(*) FROM S{n}")[0][0] for n in range(1, 5)}
    assert counts == {1: 1, 2: 0, 3: 1, 4: 1}
    orders("INSERT INTO OUT_T SELECT A, B FROM S1", "CREATE STREAM S5 CLONE S1")
    orders("CREATE STREAM S6 ON TABLE T BEFORE (STREAM => 'S1')")
    assert [orders.query(f"SELECT COUNT(*) FROM S{n}")[0][0] for n in (3, 5, 6)] == [1, 0, 0]
    with pytest.raises(NoDataThenError):
        orders("CREATE STREAM S7 ON TABLE T AT (OFFSET => -86400)")


def test_a_stream_that_nobody_reads_gets_stale(orders: Any) -> None:
    orders("ALTER TABLE T SET MAX_DATA_EXTENSION_TIME_IN_DAYS = 2")
    orders("INSERT INTO T VALUES (4, 'd')")
    orders.wait(days=1)
    assert len(orders.query(CHANGES)) == 1
    (row,) = orders("SHOW STREAMS")
    assert (row["stale"], row["stale_after"].day) == ("false", 7)
    orders("INSERT INTO OUT_T SELECT A, B FROM S")
    orders.wait(days=1, hours=12)
    assert not has_data(orders)
    assert orders("DESCRIBE STREAM S")[0]["stale_after"].day == 9
    orders.wait(days=1, hours=12)
    orders("INSERT INTO T VALUES (5, 'e')")
    assert has_data(orders)
    orders.wait(days=2)
    assert orders("SHOW STREAMS")[0]["stale"] == "true"
    for read in (CHANGES, "SELECT SYSTEM$STREAM_HAS_DATA('S')"):
        with pytest.raises(StaleStreamError):
            orders(read)


def test_a_longer_retention_keeps_a_stream_longer(orders: Any) -> None:
    orders("ALTER TABLE T SET DATA_RETENTION_TIME_IN_DAYS = 20", "INSERT INTO T VALUES (4, 'd')")
    orders.wait(days=19)
    assert len(orders.query(CHANGES)) == 1
    assert orders("SHOW STREAMS")[0]["stale_after"].day == 25


def test_a_stream_follows_its_table_but_not_its_replacement(orders: Any) -> None:
    orders("INSERT INTO T VALUES (4, 'd')", "ALTER TABLE T RENAME TO U")
    assert len(orders.query(CHANGES)) == 1
    orders("DROP TABLE U")
    with pytest.raises(SourceGoneError, match=r"DB.OPS.T.* dropped, cannot read from the stream"):
        orders(CHANGES)
    orders("UNDROP TABLE U", "INSERT INTO U VALUES (5, 'e')")
    assert len(orders.query(CHANGES)) == 2
    orders("CREATE OR REPLACE TABLE U (A INT, B VARCHAR)")
    with pytest.raises(SourceGoneError):
        orders(CHANGES)
    assert orders("SHOW STREAMS")[0]["stale"] == "true"


def test_a_cloned_schema_has_streams_that_begin_with_it(orders: Any) -> None:
    orders("INSERT INTO T VALUES (4, 'd')", "CREATE SCHEMA DB.COPIED CLONE DB.OPS")
    orders("USE SCHEMA DB.OPS", "INSERT INTO DB.COPIED.T VALUES (5, 'e')")
    assert [row[0] for row in orders.query(CHANGES)] == [4]
    assert orders.query("SELECT A, METADATA$ACTION FROM DB.COPIED.S") == [(5, "INSERT")]
    assert orders("SHOW STREAMS IN SCHEMA DB.COPIED")[0]["table_name"] == "DB.COPIED.T"


def test_the_role_needs_the_stream_and_its_table(orders: Any) -> None:
    orders(
        "CREATE ROLE R",
        "GRANT ROLE R TO USER LEAP_ADMIN",
        "GRANT USAGE ON DATABASE DB TO ROLE R",
        "GRANT USAGE, CREATE STREAM, CREATE TABLE ON SCHEMA DB.OPS TO ROLE R",
        "GRANT USAGE ON WAREHOUSE W TO ROLE R",
        "GRANT SELECT ON STREAM S TO ROLE R",
    )
    as_r = ("USE ROLE R", "USE SECONDARY ROLES NONE")
    orders(*as_r)
    for read in (
        CHANGES,
        "SELECT SYSTEM$STREAM_HAS_DATA('S')",
        "CREATE TABLE X AS SELECT * FROM S",
    ):
        with pytest.raises(SnowflakeError, match=r"not authorized|does not exist"):
            orders(read)
    orders("USE ROLE ACCOUNTADMIN", "GRANT SELECT ON TABLE T TO ROLE R", *as_r)
    assert orders.query(CHANGES) == []
    orders("CREATE STREAM MINE ON TABLE T")
    orders("USE ROLE ACCOUNTADMIN", "GRANT SELECT ON TABLE OUT_T TO ROLE R", *as_r)
    with pytest.raises(InsufficientPrivilegesError):
        orders("CREATE STREAM FIRST ON TABLE OUT_T")
    orders("USE ROLE ACCOUNTADMIN", "ALTER TABLE OUT_T SET CHANGE_TRACKING = TRUE", *as_r)
    orders("CREATE STREAM FIRST ON TABLE OUT_T")


def test_policies_hold_for_the_rows_of_a_stream(orders: Any) -> None:
    orders(
        "CREATE MASKING POLICY HIDE AS (V VARCHAR) RETURNS VARCHAR -> '***'",
        "CREATE ROW ACCESS POLICY ODD AS (I INT) RETURNS BOOLEAN -> I % 2 = 1",
        "ALTER TABLE T MODIFY COLUMN B SET MASKING POLICY HIDE",
        "ALTER TABLE T ADD ROW ACCESS POLICY ODD ON (A)",
        "INSERT INTO T VALUES (4, 'd'), (5, 'e')",
    )
    assert orders.query(CHANGES) == [(5, "***", *INSERTED)]
    orders("INSERT INTO OUT_T SELECT A, B FROM S")
    assert orders.query("SELECT * FROM OUT_T") == [(5, "***")]


def test_a_stream_is_read_on_after_a_restart(orders: Any, tmp_path: Path) -> None:
    orders("CREATE DATABASE FAR", "CREATE TABLE FAR.PUBLIC.TO_T (A INT)", "USE SCHEMA DB.OPS")
    orders("INSERT INTO T VALUES (4, 'd')", "INSERT INTO FAR.PUBLIC.TO_T SELECT A FROM S")
    orders("INSERT INTO T VALUES (5, 'e')", "DROP DATABASE FAR")
    orders.account.close()
    again = open_estate(tmp_path / "account", orders.clock)
    again("USE SCHEMA DB.OPS", "USE WAREHOUSE W")
    assert [row[0] for row in again.query(CHANGES)] == [5]
    again.account.close()
    orders.account = open_estate(tmp_path / "account", orders.clock).account


@pytest.mark.parametrize(
    ("statement", "error"),
    [
        ("CREATE VIEW V AS SELECT * FROM S", UnsupportedError),
        ("INSERT INTO S VALUES (1)", SnowflakeError),
        ("SELECT * FROM S AT(OFFSET => -60)", UnsupportedError),
        ("SELECT SYSTEM$STREAM_HAS_DATA('NOPE')", SnowflakeError),
        ("SELECT SYSTEM$STREAM_HAS_DATA()", CompilationError),
        ("CREATE STREAM X ON TABLE OUT_T AT (STREAM => 'S')", CompilationError),
    ],
)
def test_what_a_stream_cannot_do(orders: Any, statement: str, error: Any) -> None:
    with pytest.raises(error):
        orders(statement)


def test_a_task_runs_when_its_stream_has_data(orders: Any) -> None:
    orders(
        "CREATE TASK DRAIN WAREHOUSE = W SCHEDULE = '1 MINUTE' WHEN SYSTEM$STREAM_HAS_DATA('S') "
        "AS INSERT INTO OUT_T SELECT A, B FROM S",
        "ALTER TASK DRAIN RESUME",
    )
    assert {ran.state for ran in orders.pass_time(minutes=3)} == {"SKIPPED"}
    orders("INSERT INTO T VALUES (4, 'd')")
    assert [ran.state for ran in orders.pass_time(minutes=2)] == ["SUCCEEDED", "SKIPPED"]
    assert orders.query("SELECT A FROM OUT_T") == [(4,)]


def test_a_triggered_task_looks_at_its_stream(orders: Any) -> None:
    orders(
        "CREATE TASK DRAIN WAREHOUSE = W WHEN SYSTEM$STREAM_HAS_DATA('DB.OPS.S') "
        "AS INSERT INTO OUT_T SELECT A, B FROM S",
        "ALTER TASK DRAIN RESUME",
        "INSERT INTO T VALUES (4, 'd')",
    )
    orders.pass_time(minutes=1)
    assert orders.query("SELECT A FROM OUT_T") == [(4,)]
