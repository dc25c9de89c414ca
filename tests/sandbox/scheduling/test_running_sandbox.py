"""Procedures and tasks in a running sandbox, over the ordinary connector; also after a kill -9."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest
import snowflake.connector
from snowflake.connector.errors import ProgrammingError

from sandbox import process
from sandbox.connection import Connection
from sandbox.identity import birth_of

pytestmark = pytest.mark.sandbox

PATIENCE = 30.0


def connect(reached: Connection) -> Any:
    facts = reached.snowflake
    return snowflake.connector.connect(
        account=facts.account,
        user=facts.admin.user,
        password=facts.admin.password,
        host=facts.host,
        port=facts.port,
        protocol=facts.protocol,
        role="ACCOUNTADMIN",
        warehouse="W",
    )


def ask(client: Any, *statements: str) -> list[Any]:
    rows: list[Any] = []
    for text in statements:
        rows = client.cursor().execute(text).fetchall()
    return rows


def advance(reached: Connection, client: Any, seconds: float) -> list[bytes]:
    """Move the clock by the sandbox's own route; its lines, or none when it died on the way."""
    http = HTTPConnection(reached.snowflake.host, reached.snowflake.port)
    headers = {"Authorization": f'Snowflake Token="{client.rest.token}"'}
    http.request("POST", "/leap/clock", f'{{"advance_seconds": {seconds}}}', headers)
    try:
        return list(http.getresponse())
    except OSError:
        return []
    finally:
        http.close()


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The place of a sandbox with the hourly task TICK, which writes into DB.OPS.LOG."""
    root = tmp_path_factory.mktemp("repository")
    client = connect(process.start(root, port=0, aws_port=0))
    ask(
        client,
        "CREATE DATABASE DB",
        "CREATE SCHEMA DB.OPS",
        "CREATE WAREHOUSE W",
        "USE SCHEMA DB.OPS",
        "CREATE TABLE LOG (AT TIMESTAMP_NTZ)",
        "CREATE TASK TICK WAREHOUSE = W SCHEDULE = 'USING CRON 0 * * * * UTC' AS "
        "INSERT INTO DB.OPS.LOG SELECT SYSDATE()",
        "ALTER TASK TICK RESUME",
        "CREATE PROCEDURE ADD_UP(A NUMBER, B NUMBER DEFAULT 10) RETURNS NUMBER LANGUAGE SQL AS "
        "$$ BEGIN RETURN A + B; END $$",
    )
    client.close()
    yield root
    process.stop(root)


@pytest.fixture
def reached(root: Path) -> Connection:
    return process.start(root)


@pytest.fixture
def client(reached: Connection) -> Iterator[Any]:
    opened = connect(reached)
    yield opened
    opened.close()


def test_a_procedure_is_called_with_values_of_the_client(client: Any) -> None:
    cursor = client.cursor().execute("CALL DB.OPS.ADD_UP(%s, %s)", (1, 2))
    assert (cursor.fetchone()[0], cursor.description[0].name) == (3, "ADD_UP")


def test_a_block_is_sent_as_it_is(client: Any) -> None:
    cursor = client.cursor().execute("BEGIN LET x := 'it works'; RETURN x; END")
    assert (cursor.fetchone()[0], cursor.description[0].name) == ("it works", "anonymous block")
    with pytest.raises(ProgrammingError, match="Uncaught exception of type 'STATEMENT_ERROR'") as e:
        ask(client, "BEGIN\nSELECT * FROM DB.OPS.NOPE;\nEND")
    assert (e.value.errno, e.value.sqlstate) == (2003, "42S02")


def test_an_advance_runs_tasks_and_tells_each(reached: Connection, client: Any) -> None:
    before = ask(client, "SELECT COUNT(*) FROM DB.OPS.LOG")[0][0]
    lines = advance(reached, client, 3 * 3600)
    assert sum(b"TICK" in line and b"SUCCEEDED" in line for line in lines) == 3
    assert ask(client, "SELECT COUNT(*) FROM DB.OPS.LOG")[0][0] == before + 3


def test_only_the_administrator_moves_the_clock(reached: Connection, client: Any) -> None:
    ask(client, "USE ROLE PUBLIC")
    (line,) = advance(reached, client, 3600)
    assert b"Insufficient privileges" in line


def test_nothing_runs_twice_when_the_process_is_killed(root: Path, reached: Connection) -> None:
    client = connect(reached)
    ask(client, "DELETE FROM DB.OPS.LOG")
    mover = threading.Thread(target=advance, args=(reached, client, 500 * 3600), daemon=True)
    mover.start()
    deadline = time.monotonic() + PATIENCE
    while ask(client, "SELECT COUNT(*) FROM DB.OPS.LOG")[0][0] < 5:
        assert time.monotonic() < deadline
    os.kill(reached.pid, signal.SIGKILL)
    while birth_of(reached.pid) == reached.birth and time.monotonic() < deadline:
        time.sleep(0.01)
    mover.join(timeout=PATIENCE)
    again = process.start(root)
    client = connect(again)
    advance(again, client, 5 * 3600)
    rows = ask(client, "SELECT COUNT(*), COUNT(DISTINCT DATE_TRUNC('HOUR', AT)) FROM DB.OPS.LOG")
    assert rows[0][0] == rows[0][1] >= 9
    executing = (
        "SELECT COUNT(*) FROM SNOWFLAKE.ACCOUNT_USAGE.TASK_HISTORY WHERE STATE = 'EXECUTING'"
    )
    assert ask(client, executing) == [(0,)]
    client.close()
