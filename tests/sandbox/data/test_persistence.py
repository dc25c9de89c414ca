"""Rows outlive the process: closed, renamed, or killed in the middle of its work."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest

from sandbox.snowflake.data.model import FileSource, ObjectName, QueryContext
from sandbox.snowflake.data.plane import DataPlane
from sandbox.snowflake.errors import SnowflakeError

if TYPE_CHECKING:
    from tests.sandbox.data.conftest import Client, LocalFiles

CONTEXT = QueryContext("DB", "S", user="U", role="R")
WORKER = """
import os, sys, time
from pathlib import Path
from sandbox.snowflake.data.model import ObjectName, QueryContext, StagedFile
from sandbox.snowflake.data.plane import DataPlane

plane = DataPlane(Path(sys.argv[1]), None)
plane.create_database("DB")
plane.create_schema("DB", "S")
session = plane.open_session()
context = QueryContext("DB", "S", user="U", role="R")
plane.execute(session, "create table t (a int not null comment 'kept', v varchar(9))", context)
plane.execute(session, "create view w as select a from t", context)
for n in range(50):
    plane.execute(session, f"insert into t values ({n}, 'x')", context)
plane.execute(session, "begin", context)
plane.execute(session, "insert into t values (1000, 'open')", context)
print("ready", flush=True)
time.sleep(60)
"""


def reopened(folder: Path) -> DataPlane:
    return DataPlane(folder, cast("FileSource", None))


def test_what_was_committed_is_there_after_a_kill(tmp_path: Path) -> None:
    worker = subprocess.Popen(
        [sys.executable, "-c", WORKER, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    assert worker.stdout is not None
    assert worker.stdout.readline() == "ready\n"
    os.kill(worker.pid, signal.SIGKILL)
    worker.wait()
    worker.stdout.close()

    plane = reopened(tmp_path)
    session = plane.open_session()

    assert plane.databases() == ("DB",)
    assert plane.row_count(ObjectName("DB", "S", "T")) == 50
    assert [c.type for c in plane.columns(ObjectName("DB", "S", "T"))] == [
        "NUMBER(38,0)",
        "VARCHAR(9)",
    ]
    assert plane.execute(session, "select * from w", CONTEXT).result.row_count == 50
    plane.close()


def test_a_restart_keeps_everything(tmp_path: Path, files: LocalFiles) -> None:
    first = DataPlane(tmp_path / "d", files)
    first.create_database("DB")
    first.create_schema("DB", "S")
    session = first.open_session()
    first.execute(session, "create table t (a number)", CONTEXT)
    files.put("1.csv", "1\n")
    first.execute(session, "copy into t from @s", CONTEXT)
    session.close()
    first.close()

    second = DataPlane(tmp_path / "d", files)
    session = second.open_session()
    again = second.execute(session, "copy into t from @s", CONTEXT)

    assert again.loads == ()
    assert second.row_count(ObjectName("DB", "S", "T")) == 1
    second.close()


def test_a_database_is_renamed_with_its_views(ask: Client) -> None:
    ask("create table t as select 1 as a")
    ask("create view v as select a, haversine(0, 0, 0, a) as d from t")

    ask.plane.rename_database("LEAP", "OTHER")

    assert ask.plane.databases() == ("OTHER",)
    assert ask("select a from other.marts.v") == [(1,)]


def test_a_schema_is_renamed_with_its_tables_and_views(ask: Client) -> None:
    ask("create table t (a int not null comment 'c')")
    ask("insert into t values (1)")
    ask("create view v as select a from t")

    ask.plane.rename_schema("LEAP", "MARTS", "GOLD")

    assert ask("select a from gold.v") == [(1,)]
    assert ask.dicts("describe table gold.t")[0]["comment"] == "c"
    assert ask.plane.schemas("LEAP") == ["GOLD", "RAW", "STAGING"]


def test_a_dropped_database_is_gone(ask: Client, tmp_path: Path) -> None:
    ask.plane.drop_database("LEAP")

    assert ask.plane.databases() == ()
    assert list((tmp_path / "data").glob("*.duckdb*")) == []
    with pytest.raises(SnowflakeError, match="Database 'LEAP' does not exist"):
        ask("select * from t")


def test_a_database_is_made_again_while_a_session_holds_the_old_one(ask: Client) -> None:
    ask("create table t as select 1 as a")
    ask("begin")
    ask("insert into t values (2)")

    ask.plane.drop_database("LEAP")
    ask.plane.create_database("LEAP")
    ask.plane.create_schema("LEAP", "MARTS")
    ask("rollback")

    with pytest.raises(SnowflakeError, match="does not exist"):
        ask("select * from t")


def test_a_database_is_not_renamed_under_an_open_change(ask: Client) -> None:
    ask("create table t as select 1 as a")
    ask("begin")
    ask("insert into t values (2)")

    with pytest.raises(SnowflakeError, match="Statement was aborted"):
        ask.plane.rename_database("LEAP", "OTHER")

    ask("commit")
    ask.plane.rename_database("LEAP", "OTHER")
    assert ask("select count(*) from other.marts.t") == [(2,)]


def test_a_dropped_schema_takes_its_tables(ask: Client) -> None:
    ask("create table raw.t (a int)")

    ask.plane.drop_schema("LEAP", "RAW")

    with pytest.raises(SnowflakeError, match=r"Schema 'LEAP\.RAW' does not exist"):
        ask("select * from raw.t")


@pytest.mark.parametrize("name", ["a-b", "with space", "lower", "ÄÖ", 'quo"te', "a.b/c"])
def test_a_name_may_have_any_letters(tmp_path: Path, name: str) -> None:
    plane = reopened(tmp_path)
    plane.create_database(name)
    plane.create_schema(name, name)
    plane.close()

    again = reopened(tmp_path)
    assert again.databases() == (name,)
    assert again.schemas(name) == [name]
    again.close()


def test_a_taken_name_is_refused(ask: Client) -> None:
    with pytest.raises(SnowflakeError, match="already exists"):
        ask.plane.create_database("LEAP")
    with pytest.raises(SnowflakeError, match="already exists"):
        ask.plane.create_schema("LEAP", "RAW")
