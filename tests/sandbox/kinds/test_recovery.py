"""A kill between the commit of the rows and that of the catalogue: at the next start they agree.

The account's files are copied at that very moment, which is what a kill leaves; a start on the copy
is the start after it.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from sandbox.snowflake.errors import SnowflakeError
from tests.sandbox.kinds.conftest import Client, log_in, open_account

Killed = Callable[..., Client]


class Spy:
    """The catalogue's database, which has a function called before each COMMIT."""

    def __init__(self, inner: Any, called: Callable[[], None]) -> None:
        self._inner, self._called = inner, called

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def execute(self, sql: str, *more: Any) -> Any:
        if sql == "COMMIT":
            self._called()
        return self._inner.execute(sql, *more)


@pytest.fixture
def killed(lake: Client, tmp_path: Path) -> Iterator[Killed]:
    """Runs a statement, the process dying before the catalogue's commit; a session after it."""
    opened: list[Client] = []

    def die(statement: str, *before: str) -> Client:
        lake(*before)
        store, copy = lake.account.store, tmp_path / f"copy{len(opened)}"

        def snapshot() -> None:
            # the last commit of the statement is the one that matters
            shutil.rmtree(copy, ignore_errors=True)
            shutil.copytree(tmp_path / "account", copy)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(store, "database", Spy(store.database, snapshot))
            lake(statement)
        again = log_in(open_account(copy))
        opened.append(again)
        again("USE SCHEMA DB.RAW")
        return again

    lake(
        "USE SCHEMA DB.RAW",
        "CREATE TABLE T (A INT, B VARCHAR)",
        "INSERT INTO T VALUES (1, 'one'), (2, 'two')",
        "CREATE VIEW V AS SELECT A FROM T",
        "CREATE ROLE READER",
        "GRANT SELECT ON TABLE T TO ROLE READER",
        "CREATE MASKING POLICY HIDE AS (X VARCHAR) RETURNS VARCHAR -> '***'",
    )
    yield die
    for client in opened:
        client.account.close()


def rows(client: Client, name: str = "DB.RAW.T") -> list[Any]:
    return client.query(f"SELECT A FROM {name} ORDER BY A")


def agree(client: Client) -> None:
    """Every table and view of the catalogue can be read, and no other is there."""
    data, store = client.account.data, client.account.store
    standing = {tuple(item.name) for name in data.databases() for item in data.objects(name)}
    known = {record.path for kind in ("TABLE", "VIEW") for record in store.all(kind)}
    assert standing == known
    schemas = {(name, item) for name in data.databases() for item in data.schemas(name)}
    kept = {(name, item) for name in data.databases() for item in data.shelf.kept_schemas(name)}
    public = {record.path for record in store.all("SCHEMA") if record.path[0] != "SNOWFLAKE"}
    assert schemas - kept == public
    names = {record.name for record in store.all("DATABASE")} - {"SNOWFLAKE"}
    assert set(data.databases()) == names
    assert len(kept) == len(client.account.graves.of("SCHEMA"))
    for record in store.all("TABLE"):
        client.query(f"SELECT COUNT(*) FROM {'.'.join(record.path)}")


def test_what_a_statement_on_tables_did_is_completed(killed: Killed) -> None:
    again = killed("CREATE TABLE N (A INT, B VARCHAR WITH MASKING POLICY HIDE) COMMENT = 'new'")
    assert again.one("SHOW TABLES LIKE 'N' IN SCHEMA DB.RAW")["comment"] == "new"
    again("INSERT INTO N VALUES (7, 'seen')")
    assert again.query("SELECT * FROM N") == [(7, "***")]
    agree(again)


def test_a_table_made_of_a_query_is_there_with_its_owner_and_rows(killed: Killed) -> None:
    again = killed(
        "CREATE TABLE N AS SELECT A FROM T",
        "GRANT ROLE SYSADMIN TO ROLE ACCOUNTADMIN",
        "GRANT USAGE, CREATE TABLE ON SCHEMA DB.RAW TO ROLE SYSADMIN",
        "GRANT USAGE ON DATABASE DB TO ROLE SYSADMIN",
        "GRANT SELECT ON TABLE T TO ROLE SYSADMIN",
        "USE ROLE SYSADMIN",
    )
    assert rows(again, "DB.RAW.N") == [(1,), (2,)]
    assert again.one("SHOW TABLES LIKE 'N' IN SCHEMA DB.RAW")["owner"] == "SYSADMIN"
    agree(again)


def test_a_dropped_table_can_be_undropped(killed: Killed) -> None:
    again = killed("DROP TABLE T")
    with pytest.raises(SnowflakeError, match="does not exist"):
        rows(again)
    again("UNDROP TABLE T")
    assert rows(again) == [(1,), (2,)]
    granted = [row["grantee_name"] for row in again("SHOW GRANTS ON TABLE T")]
    assert "READER" in granted
    agree(again)


def test_a_replaced_table_is_the_new_one_and_the_old_is_kept(killed: Killed) -> None:
    again = killed("CREATE OR REPLACE TABLE T AS SELECT 9 AS A")
    assert rows(again) == [(9,)]
    again("ALTER TABLE T RENAME TO U", "UNDROP TABLE T")
    assert rows(again) == [(1,), (2,)]
    agree(again)


def test_a_renamed_table_keeps_its_mask(killed: Killed) -> None:
    again = killed("ALTER TABLE T RENAME TO U", "ALTER TABLE T ALTER B SET MASKING POLICY HIDE")
    assert again.query("SELECT B FROM U LIMIT 1") == [("***",)]


def test_a_renamed_column_keeps_its_mask(killed: Killed) -> None:
    again = killed(
        "ALTER TABLE T RENAME COLUMN B TO C", "ALTER TABLE T ALTER B SET MASKING POLICY HIDE"
    )
    assert again.query("SELECT C FROM T LIMIT 1") == [("***",)]
    agree(again)


def test_a_swap_is_followed(killed: Killed) -> None:
    again = killed("ALTER TABLE T SWAP WITH U", "CREATE TABLE U AS SELECT 5 AS A")
    assert rows(again) == [(5,)]
    assert "READER" in [row["grantee_name"] for row in again("SHOW GRANTS ON TABLE U")]
    agree(again)


def test_a_clone_and_a_view_are_followed(killed: Killed) -> None:
    again = killed("CREATE TABLE C CLONE T", "ALTER TABLE T ALTER B SET MASKING POLICY HIDE")
    assert again.query("SELECT * FROM C WHERE A = 1") == [(1, "***")]
    agree(again)


def test_a_new_view_is_followed(killed: Killed) -> None:
    again = killed("CREATE OR REPLACE VIEW V AS SELECT A + 1 AS A FROM T")
    assert rows(again, "V") == [(2,), (3,)]
    agree(again)


def test_an_undrop_of_a_table_is_undone_and_may_be_said_again(killed: Killed) -> None:
    again = killed("UNDROP TABLE T", "DROP TABLE T")
    with pytest.raises(SnowflakeError, match="does not exist"):
        rows(again)
    again("UNDROP TABLE T")
    assert rows(again) == [(1,), (2,)]
    agree(again)


@pytest.mark.parametrize(
    "statement",
    [
        "DROP SCHEMA DB.RAW",
        "DROP DATABASE DB",
        "ALTER SCHEMA DB.RAW RENAME TO DB.OTHER",
        "ALTER DATABASE DB RENAME TO OTHER",
        "CREATE OR REPLACE SCHEMA DB.RAW",
        "CREATE OR REPLACE DATABASE DB",
        "CREATE OR REPLACE SCHEMA DB.RAW CLONE DB.RAW",
        "CREATE SCHEMA DB.COPIED CLONE DB.RAW",
        "CREATE DATABASE COPIED CLONE DB",
        "CREATE SCHEMA DB.NEW",
        "CREATE DATABASE NEW",
    ],
)
def test_a_statement_on_containers_is_undone_and_may_be_said_again(
    killed: Killed, statement: str
) -> None:
    again = killed(statement)
    agree(again)
    assert rows(again) == [(1,), (2,)]
    assert rows(again, "DB.RAW.V") == [(1,), (2,)]
    again(statement)
    agree(again)


@pytest.mark.parametrize("what", ["SCHEMA DB.RAW", "DATABASE DB"])
def test_an_undrop_of_a_container_is_undone_and_may_be_said_again(
    killed: Killed, lake: Client, what: str
) -> None:
    lake("CREATE DATABASE HOME")
    with pytest.raises(SnowflakeError, match="does not exist"):
        killed(f"UNDROP {what}", f"DROP {what}")


@pytest.mark.parametrize("what", ["SCHEMA DB.RAW", "DATABASE DB"])
def test_a_drop_without_retention_is_completed(killed: Killed, what: str) -> None:
    days = "DATA_RETENTION_TIME_IN_DAYS = 0"
    with pytest.raises(SnowflakeError, match="does not exist"):
        killed(f"DROP {what}", f"ALTER {what} SET {days}")


def test_a_start_after_a_whole_life_changes_nothing(lake: Client, restarted: Any) -> None:
    lake("USE SCHEMA DB.RAW", "CREATE TABLE T (A INT)", "DROP TABLE T", "CREATE TABLE T (B INT)")
    lake("CREATE SCHEMA DB.S", "DROP SCHEMA DB.S", "CREATE DATABASE E", "DROP DATABASE E")
    lake("USE SCHEMA DB.RAW")
    lake(*(f"CREATE OR REPLACE TABLE T (C{n} INT)" for n in range(60)))
    again = restarted()
    agree(again)
    assert [row["column_name"] for row in again("SHOW COLUMNS IN TABLE DB.RAW.T")] == ["C59"]
    again("UNDROP DATABASE E", "UNDROP SCHEMA DB.S")
    agree(again)


def test_a_process_that_is_really_killed(tmp_path: Path) -> None:
    script = """
import os, signal, sys
from pathlib import Path
from sandbox.snowflake.data.model import ObjectName
from tests.sandbox.kinds.conftest import log_in, open_account
from tests.sandbox.kinds.test_recovery import Spy

client = log_in(open_account(Path(sys.argv[1])))
client("CREATE DATABASE DB", "CREATE TABLE DB.PUBLIC.T AS SELECT 1 AS A")
store = client.account.store


def die():
    if not client.account.data.columns(ObjectName("DB", "PUBLIC", "T")):
        os.kill(os.getpid(), signal.SIGKILL)


store.database = Spy(store.database, die)
client("DROP TABLE DB.PUBLIC.T")
"""
    place = tmp_path / "killed"
    run = subprocess.run(
        [sys.executable, "-c", script, str(place)], cwd=Path.cwd(), env=os.environ, check=False
    )
    assert run.returncode == -signal.SIGKILL
    again = log_in(open_account(place))
    again("UNDROP TABLE DB.PUBLIC.T")
    assert rows(again, "DB.PUBLIC.T") == [(1,)]
    again.account.close()
