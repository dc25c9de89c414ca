"""Over the ordinary connector: streams that are consumed once, and tables as they were."""

from __future__ import annotations

import json
import os
import signal
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
MART = "MARTS.MART_GYM_ACCESSIBILITY"
AN_HOUR_AGO = f"AS SELECT * FROM {MART} AT(OFFSET => -3600)"


class Client:
    """A session of the administrator."""

    def __init__(self, reached: Connection, **more: Any) -> None:
        facts = reached.snowflake
        self.session: Any = snowflake.connector.connect(
            account=facts.account,
            user=facts.admin.user,
            password=facts.admin.password,
            host=facts.host,
            port=facts.port,
            protocol=facts.protocol,
            warehouse="W",
            **more,
        )
        self._address = facts.host, facts.port

    def __call__(self, *statements: str) -> list[Any]:
        rows: list[Any] = []
        for text in statements:
            rows = self.session.cursor().execute(text).fetchall()
        return rows

    def advance(self, seconds: int) -> list[dict[str, Any]]:
        """Move the sandbox's clock; what ran."""
        http = HTTPConnection(*self._address)
        headers = {"Authorization": f'Snowflake Token="{self.session.rest.token}"'}
        http.request("POST", "/leap/clock", json.dumps({"advance_seconds": seconds}), headers)
        with http.getresponse() as answer:
            told = [json.loads(line) for line in answer]
        http.close()
        return [line["ran"] for line in told if "ran" in line]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The place of a sandbox with DB.MARTS and warehouse W."""
    root = tmp_path_factory.mktemp("past")
    try:
        client = Client(process.start(root, port=0, aws_port=0))
        client("CREATE WAREHOUSE W", "CREATE DATABASE DB", "CREATE SCHEMA DB.MARTS")
        client.session.close()
        yield root
    finally:
        process.stop(root)


@pytest.fixture
def client(root: Path) -> Iterator[Client]:
    opened = Client(process.start(root), database="DB", schema="MARTS")
    yield opened
    opened.session.close()


def test_an_accidental_delete_is_undone_from_an_hour_ago(client: Client) -> None:
    client(
        f"CREATE OR REPLACE TABLE {MART} (GYM_ID INT, SCORE FLOAT)",
        f"INSERT INTO {MART} VALUES (1, 0.5), (2, 0.9)",
    )
    client.advance(2 * 3600)
    client(f"DELETE FROM {MART} WHERE GYM_ID = 2", f"UPDATE {MART} SET SCORE = 0")
    with pytest.raises(ProgrammingError, match="already exists") as refused:
        client(f"CREATE TABLE {MART} {AN_HOUR_AGO}")
    assert refused.value.errno == 2002
    assert client(f"SELECT * FROM {MART}") == [(1, 0.0)]
    client(f"CREATE OR REPLACE TABLE {MART} {AN_HOUR_AGO}")
    assert client(f"SELECT * FROM {MART} ORDER BY 1") == [(1, 0.5), (2, 0.9)]
    client(f"DELETE FROM {MART}")
    client(f"CREATE OR REPLACE TABLE {MART} CLONE {MART} AT(OFFSET => 0)")
    assert client(f"SELECT COUNT(*) FROM {MART}") == [(0,)]


def test_a_stream_feeds_a_task_that_waits_for_it(client: Client) -> None:
    client(
        "CREATE OR REPLACE TABLE EVENTS (ID INT)",
        "CREATE OR REPLACE TABLE SEEN (ID INT, WHAT VARCHAR)",
        "CREATE OR REPLACE STREAM NEWS ON TABLE EVENTS",
        "CREATE OR REPLACE TASK READ_NEWS WAREHOUSE = W SCHEDULE = '5 MINUTE' "
        "WHEN SYSTEM$STREAM_HAS_DATA('NEWS') "
        "AS INSERT INTO SEEN SELECT ID, METADATA$ACTION FROM NEWS",
        "ALTER TASK READ_NEWS RESUME",
    )
    assert client("SELECT SYSTEM$STREAM_HAS_DATA('NEWS')") == [(False,)]
    assert {ran["state"] for ran in client.advance(600)} == {"SKIPPED"}
    client("INSERT INTO EVENTS VALUES (1), (2)")
    cursor = client.session.cursor().execute("SELECT * FROM NEWS ORDER BY ID")
    assert [row[:3] for row in cursor.fetchall()] == [(1, "INSERT", False), (2, "INSERT", False)]
    assert [column.name for column in cursor.description][1:] == [
        "METADATA$ACTION",
        "METADATA$ISUPDATE",
        "METADATA$ROW_ID",
    ]
    assert [ran["state"] for ran in client.advance(600)] == ["SUCCEEDED", "SKIPPED"]
    assert client("SELECT * FROM SEEN ORDER BY ID") == [(1, "INSERT"), (2, "INSERT")]
    client("DROP TASK READ_NEWS")


def test_what_was_consumed_stays_consumed_after_a_kill(root: Path, client: Client) -> None:
    client(
        "CREATE OR REPLACE TABLE FROM_T (ID INT)",
        "CREATE OR REPLACE TABLE TO_T (ID INT)",
        "CREATE OR REPLACE STREAM S ON TABLE FROM_T",
        "INSERT INTO FROM_T VALUES (1), (2)",
        "INSERT INTO TO_T SELECT ID FROM S",
        "INSERT INTO FROM_T VALUES (3)",
        "BEGIN",
        "INSERT INTO TO_T SELECT ID FROM S",
    )
    reached = process.start(root)
    os.kill(reached.pid, signal.SIGKILL)
    deadline = time.monotonic() + PATIENCE
    while birth_of(reached.pid) == reached.birth:
        assert time.monotonic() < deadline
    again = Client(process.start(root), database="DB", schema="MARTS")
    assert again("SELECT ID FROM S") == [(3,)]
    assert again("SELECT ID FROM TO_T ORDER BY ID") == [(1,), (2,)]
    again.session.close()
