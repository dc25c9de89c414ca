"""Several sessions at once."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.sandbox.data.conftest import Client, LocalFiles


def test_sessions_create_and_fill_tables_at_once(connect: Callable[..., Client]) -> None:
    def work(number: int) -> int:
        client = connect()
        for step in range(5):
            client(f"create or replace table t_{number}_{step} as select {number} as a")
            client(f"insert into t_{number}_{step} select a from t_{number}_{step}")
        return int(client.value(f"select sum(a) from t_{number}_4"))

    with ThreadPoolExecutor(6) as pool:
        assert list(pool.map(work, range(6))) == [2 * number for number in range(6)]


def test_sessions_write_to_one_table_at_once(ask: Client, connect: Callable[..., Client]) -> None:
    ask("create table t (a int, n int)")
    ask("insert into t values (1, 0)")

    def work(number: int) -> None:
        client = connect()
        for _ in range(5):
            client(f"insert into t values ({number + 10}, 0)")
            client("update t set n = n + 1 where a = 1")

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))

    assert ask("select n from t where a = 1") == [(20,)]
    assert ask("select count(*) from t") == [(21,)]


def test_a_file_is_loaded_once_by_two_at_once(
    ask: Client, connect: Callable[..., Client], files: LocalFiles
) -> None:
    ask("create table t (a int)")
    files.put("1.csv", "1\n" * 1000)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: connect()("copy into t from @s"), range(4)))

    assert ask("select count(*) from t") == [(1000,)]


def test_a_closed_session_rolls_back(ask: Client, connect: Callable[..., Client]) -> None:
    ask("create table t (a int)")
    other = connect()
    other("begin")
    other("insert into t values (1)")

    other.session.close()

    assert ask("select count(*) from t") == [(0,)]


def test_variables_and_time_zones_are_each_sessions_own(connect: Callable[..., Client]) -> None:
    one, two = connect(), connect(timezone="America/New_York")
    one("set x = 1")
    two("set x = 2")

    assert (one("select $x"), two("select $x")) == ([(1,)], [(2,)])
    assert one("select current_timestamp()::timestamp_ntz") == [("2024-01-02T03:04:05",)]
    assert two("select current_timestamp()::timestamp_ntz") == [("2024-01-01T22:04:05",)]
