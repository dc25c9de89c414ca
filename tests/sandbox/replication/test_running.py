"""Two accounts of a running sandbox over the ordinary connector: schedules, a refresh that is held,
and one whose process is killed at each of its phases.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import snowflake.connector
from snowflake.connector.errors import Error, ProgrammingError

from sandbox import process
from sandbox.connection import Connection
from sandbox.identity import birth_of
from sandbox.snowflake.faults import VARIABLE, held_by
from sandbox.snowflake.replication.history import Phase

pytestmark = pytest.mark.sandbox

PATIENCE = 30.0
BOTH = "SELECT (SELECT count(*) FROM ONE.PUBLIC.T), (SELECT count(*) FROM TWO.PUBLIC.T)"
PHASES = tuple(phase for phase in Phase if phase not in (Phase.FAILED, Phase.CANCELED))


def connect(reached: Connection, account: str = "LEAP-SANDBOX") -> Any:
    facts = reached.snowflake
    return snowflake.connector.connect(
        account=account,
        user=facts.admin.user,
        password=facts.admin.password,
        host=facts.host,
        port=facts.port,
        protocol=facts.protocol,
        role="ACCOUNTADMIN",
        warehouse="WH",
        network_timeout=5,
    )


def ask(client: Any, *statements: str) -> list[Any]:
    rows: list[Any] = []
    for text in statements:
        rows = client.cursor().execute(text).fetchall()
    return rows


def _refresh_and_die(client: Any) -> None:
    with suppress(Error, OSError):
        ask(client, "ALTER FAILOVER GROUP FG REFRESH")


def until(said: Any) -> None:
    """Wait until it is so."""
    deadline = time.monotonic() + PATIENCE
    while not said():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.fixture(scope="module")
def faults(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The file of rules that the sandbox looks at."""
    path = tmp_path_factory.mktemp("faults") / "faults.json"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(VARIABLE, str(path))
        yield path


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory, faults: Path) -> Iterator[Path]:
    """A sandbox whose second account follows two databases of the first, every ten minutes."""
    root = tmp_path_factory.mktemp("repository")
    client = connect(process.start(root, port=0, aws_port=0, github_port=0))
    ask(
        client,
        "CREATE WAREHOUSE WH",
        "CREATE DATABASE ONE",
        "CREATE TABLE ONE.PUBLIC.T AS SELECT 1 AS A",
        "CREATE DATABASE TWO",
        "CREATE TABLE TWO.PUBLIC.T AS SELECT 1 AS A",
        "CREATE FAILOVER GROUP FG OBJECT_TYPES = DATABASES, WAREHOUSES "
        "ALLOWED_DATABASES = ONE, TWO ALLOWED_ACCOUNTS = LEAP.SANDBOX_DR "
        "REPLICATION_SCHEDULE = '10 MINUTE'",
    )
    client.close()
    yield root
    process.stop(root)


@pytest.fixture
def reached(root: Path, faults: Path) -> Iterator[Connection]:
    yield process.start(root)
    faults.unlink(missing_ok=True)
    held_by(faults).unlink(missing_ok=True)


def test_a_new_secondary_refreshes_itself_and_then_by_the_clock(reached: Connection) -> None:
    home, other = connect(reached), connect(reached, "leap-sandbox_dr")
    ask(other, "CREATE FAILOVER GROUP FG AS REPLICA OF LEAP.SANDBOX.FG")
    history = "SELECT count(*) FROM SNOWFLAKE.ACCOUNT_USAGE.REPLICATION_GROUP_REFRESH_HISTORY"
    done = f"{history} WHERE PHASE_NAME = 'COMPLETED'"
    until(lambda: ask(other, done) == [(1,)])
    ask(other, "USE WAREHOUSE WH")
    assert ask(other, BOTH) == [(1, 1)]
    ask(home, "INSERT INTO ONE.PUBLIC.T VALUES (2)", "INSERT INTO TWO.PUBLIC.T VALUES (2)")
    assert ask(other, BOTH) == [(1, 1)]
    ask(home, "SELECT SYSTEM$WAIT(11, 'MINUTES')")
    assert ask(other, BOTH) == [(2, 2)]


def test_a_held_refresh_keeps_the_promotion_out_and_nobody_else(
    reached: Connection, faults: Path
) -> None:
    home, other, third = (
        connect(reached),
        connect(reached, "LEAP-SANDBOX_DR"),
        connect(reached, "SANDBOX2"),
    )
    before = ask(other, BOTH)
    ask(home, "INSERT INTO ONE.PUBLIC.T VALUES (3)", "INSERT INTO TWO.PUBLIC.T VALUES (3)")
    rule = {"match": f"replication phase: {Phase.ARRIVING} of FG", "with": "hold"}
    faults.write_text(json.dumps([rule]))
    refresh = threading.Thread(
        target=lambda: ask(third, "ALTER FAILOVER GROUP FG REFRESH"), daemon=True
    )
    refresh.start()
    until(lambda: held_by(faults).exists())
    with pytest.raises(ProgrammingError, match="refresh operation is in progress") as refused:
        ask(other, "ALTER FAILOVER GROUP FG PRIMARY")
    assert refused.value.errno == 3130
    with pytest.raises(ProgrammingError, match="in progress"):
        ask(other, "ALTER FAILOVER GROUP FG REFRESH")
    assert ask(other, BOTH) == before
    ask(home, "INSERT INTO ONE.PUBLIC.T VALUES (4)", "INSERT INTO TWO.PUBLIC.T VALUES (4)")
    faults.write_text("[]")
    refresh.join(timeout=PATIENCE)
    assert ask(other, BOTH) == [(before[0][0] + 1, before[0][1] + 1)]


@pytest.mark.parametrize("phase", PHASES)
def test_a_refresh_that_is_killed_shows_the_old_snapshot_or_the_new(
    reached: Connection, root: Path, faults: Path, phase: Phase
) -> None:
    home, other = connect(reached), connect(reached, "LEAP-SANDBOX_DR")
    ask(other, "ALTER FAILOVER GROUP FG REFRESH")
    before = ask(other, BOTH)[0]
    ask(home, "INSERT INTO ONE.PUBLIC.T VALUES (9)", "DELETE FROM TWO.PUBLIC.T WHERE A = 1")
    ask(home, "INSERT INTO TWO.PUBLIC.T VALUES (1)", "INSERT INTO TWO.PUBLIC.T VALUES (9)")
    now = ask(home, BOTH)[0]
    rule = {"match": f"replication phase: {phase} of FG", "with": "kill"}
    faults.write_text(json.dumps([rule]))
    threading.Thread(target=_refresh_and_die, args=(other,), daemon=True).start()
    until(lambda: birth_of(reached.pid) != reached.birth)
    faults.write_text("[]")
    again = process.start(root)
    other = connect(again, "LEAP-SANDBOX_DR")
    late = phase in (Phase.DOWNLOADING, Phase.COMPLETED)
    assert ask(other, BOTH)[0] == (now if late else before)
    state = "SELECT PHASE_NAME FROM SNOWFLAKE.ACCOUNT_USAGE.REPLICATION_GROUP_REFRESH_HISTORY "
    last = ask(other, f"{state} ORDER BY START_TIME DESC LIMIT 1")
    assert last == [("COMPLETED" if late else "FAILED",)]
    assert not list(root.rglob("*.arrow"))
    ask(other, "ALTER FAILOVER GROUP FG REFRESH")
    assert ask(other, BOTH)[0] == now
