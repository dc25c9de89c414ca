"""The life of a sandbox process: start, stop, kill, reset, and everything that can go wrong."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sandbox import connection, process
from sandbox.connection import Connection, compose
from sandbox.identity import birth_of
from sandbox.place import Place
from sandbox.ports import Ports, listen
from sandbox.process import SandboxError

pytestmark = pytest.mark.sandbox


@pytest.fixture
def root(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path
    process.stop(tmp_path)


def start(root: Path) -> Connection:
    return process.start(root, port=0, aws_port=0)


def ask(reached: Connection, statement: str) -> list[Any]:
    import snowflake.connector

    facts = reached.snowflake
    with snowflake.connector.connect(
        account=facts.account,
        user=facts.admin.user,
        password=facts.admin.password,
        host=facts.host,
        port=facts.port,
        protocol=facts.protocol,
        warehouse="W",
    ) as client:
        cursor = client.cursor()
        cursor.execute(statement)
        return list(cursor.fetchall())


def kill(reached: Connection) -> None:
    os.kill(reached.pid, signal.SIGKILL)
    while birth_of(reached.pid) is not None:
        time.sleep(0.01)


def test_a_sandbox_starts_serves_and_stops(root: Path) -> None:
    reached = start(root)
    assert process.status(root).running
    assert ask(reached, "SELECT CURRENT_USER()") == [("LEAP_ADMIN",)]
    assert process.stop(root)
    stopped = process.status(root)
    assert (stopped.running, stopped.connection) == (False, reached)
    assert not process.stop(root)


def test_its_log_is_clean(root: Path) -> None:
    ask(start(root), "SELECT 1")
    process.stop(root)
    lines = Place(root).log.read_text().splitlines()
    assert [line.split(" INFO sandbox: ")[1].split(" ")[0] for line in lines] == [
        "ready",
        "stopping",
        "stopped",
    ]


def test_it_takes_less_than_400_mb(root: Path) -> None:
    reached = start(root)
    ask(reached, "SELECT 1")
    status = Path(f"/proc/{reached.pid}/status")
    if not status.exists():
        pytest.skip("memory is read from /proc")
    kilobytes = next(
        int(line.split()[1]) for line in status.read_text().splitlines() if "VmRSS" in line
    )
    assert kilobytes < 400 * 1024


def test_a_second_start_finds_the_first(root: Path) -> None:
    reached = start(root)
    assert process.start(root) == reached
    with pytest.raises(SandboxError, match="already runs on"):
        process.start(root, port=reached.snowflake.port + 1)


def test_of_two_starts_at_once_one_wins(root: Path) -> None:
    script = (
        "import sys, pathlib\n"
        "from sandbox import process\n"
        "print(process.start(pathlib.Path(sys.argv[1]), port=0, aws_port=0).pid)\n"
    )
    command = [sys.executable, "-c", script, str(root)]
    starters = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    pids = {starter.communicate()[0] for starter in starters}
    assert len(pids) == 1
    assert [starter.returncode for starter in starters] == [0, 0]


def test_the_state_outlives_a_kill(root: Path) -> None:
    first = start(root)
    ask(first, "CREATE WAREHOUSE W")
    ask(first, "CREATE DATABASE KEPT")
    ask(first, "CREATE TABLE KEPT.PUBLIC.T AS SELECT 7 AS N")
    kill(first)
    assert not process.status(root).running
    second = process.start(root)
    assert second.snowflake == first.snowflake
    assert ask(second, "SELECT N FROM KEPT.PUBLIC.T") == [(7,)]


def test_a_reset_empties_and_keeps_ports_and_passwords(root: Path) -> None:
    first = start(root)
    ask(first, "CREATE DATABASE GONE")
    second = process.reset(root)
    assert second is not None
    assert second.pid != first.pid
    assert second.aws == first.aws
    since = second.snowflake.created_on
    assert second.snowflake == first.snowflake.model_copy(update={"created_on": since})
    assert (since,) == ask(second, "SHOW USERS LIKE 'LEAP_ADMIN'")[0][1:2]
    assert first.snowflake.created_on != since
    assert ask(second, "SHOW DATABASES LIKE 'GONE'") == []


def test_a_reset_leaves_a_stopped_sandbox_stopped(root: Path) -> None:
    start(root)
    process.stop(root)
    assert process.reset(root) is None
    assert not process.status(root).running
    assert not Place(root).snowflake.exists()


def test_another_process_with_the_kept_number_is_left_alone(root: Path) -> None:
    place = Place(root)
    place.prepare()
    stale = compose(Ports(1, 2, 3), pid=os.getpid(), birth="long ago", earlier=None)
    connection.write(place.connection, stale)
    assert not process.status(root).running
    assert not process.stop(root)
    assert process.reset(root) is None


def test_damaged_state_is_told_with_the_end_of_the_log(root: Path) -> None:
    place = Place(root)
    place.prepare()
    place.aws.mkdir()
    (place.aws / "state.db").write_text("this is no database")
    with pytest.raises(SandboxError, match="file is not a database") as failure:
        start(root)
    assert "leap sandbox reset" in failure.value.way_on
    assert not process.status(root).running
    process.reset(root)
    assert start(root).pid


def test_state_of_another_moto_is_not_guessed_at(root: Path) -> None:
    import sqlite3

    start(root)
    process.stop(root)
    with sqlite3.connect(Place(root).aws / "state.db") as database:
        database.execute("UPDATE facts SET value = '1.0' WHERE name = 'moto'")
    database.close()
    with pytest.raises(SandboxError, match=r"is of moto 1\.0"):
        process.start(root)


def test_a_kept_port_that_is_taken_is_told_with_a_way_on(root: Path) -> None:
    reached = start(root)
    process.stop(root)
    with (
        listen(reached.snowflake.port),
        pytest.raises(SandboxError, match="is taken by another program") as failure,
    ):
        process.start(root)
    assert "--port 0" in failure.value.way_on


def test_two_repositories_have_a_sandbox_each(root: Path, tmp_path_factory: Any) -> None:
    other = tmp_path_factory.mktemp("other")
    one = start(root)
    try:
        two = start(other)
        ask(one, "CREATE DATABASE ONLY_HERE")
        assert ask(two, "SHOW DATABASES LIKE 'ONLY_HERE'") == []
        assert process.reset(other) is not None
        assert len(ask(one, "SHOW DATABASES LIKE 'ONLY_HERE'")) == 1
    finally:
        process.stop(other)


def test_the_users_aws_settings_steer_nothing(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    assert ask(start(root), "SELECT 1") == [(1,)]
