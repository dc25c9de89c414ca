"""Streams: the change rows of a table, how they are consumed, and by how many at once."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from sandbox.snowflake.data.failure import LockedError
from sandbox.snowflake.data.past.streams import NotTrackedError
from sandbox.snowflake.errors import (
    SnowflakeError,
)
from tests.sandbox.operations.conftest import Estate

CHANGES = "SELECT A, B, METADATA$ACTION, METADATA$ISUPDATE FROM S ORDER BY A, 3"
INSERTED = ("INSERT", False)
DELETED = ("DELETE", False)
WAS = ("DELETE", True)
IS = ("INSERT", True)


def has_data(estate: Any) -> bool:
    answer: bool = estate.query("SELECT SYSTEM$STREAM_HAS_DATA('S')")[0][0]
    return answer


def test_a_stream_tells_the_net_change(orders: Any) -> None:
    assert orders.query(CHANGES) == []
    orders(
        "INSERT INTO T VALUES (4, 'd'), (5, 'e')",
        "UPDATE T SET B = 'B' WHERE A = 2",
        "DELETE FROM T WHERE A IN (3, 5)",
        "UPDATE T SET B = 'D' WHERE A = 4",
        "UPDATE T SET B = 'x' WHERE A = 1",
        "UPDATE T SET B = 'a' WHERE A = 1",
    )
    assert orders.query(CHANGES) == [
        (2, "b", *WAS),
        (2, "B", *IS),
        (3, "c", *DELETED),
        (4, "D", *INSERTED),
    ]
    (row,) = orders("SELECT * FROM S WHERE A = 4")
    assert list(row) == ["A", "B", "METADATA$ACTION", "METADATA$ISUPDATE", "METADATA$ROW_ID"]
    ids = orders.query("SELECT METADATA$ROW_ID FROM S WHERE A = 2")
    assert ids[0] == ids[1]
    assert len(ids[0][0]) == 40
    assert orders.query("SELECT COUNT(DISTINCT METADATA$ROW_ID) FROM S") == [(3,)]


def test_every_way_of_changing_rows_is_told(orders: Any) -> None:
    orders(
        "MERGE INTO T USING (SELECT 1 AS A, 'm' AS B UNION ALL SELECT 9, 'n') V ON T.A = V.A "
        "WHEN MATCHED THEN UPDATE SET B = V.B WHEN NOT MATCHED THEN INSERT VALUES (V.A, V.B)",
    )
    assert orders.query(CHANGES) == [(1, "a", *WAS), (1, "m", *IS), (9, "n", *INSERTED)]
    orders("INSERT OVERWRITE INTO T SELECT 7, 'over'")
    assert orders.query(CHANGES) == [
        (1, "a", *DELETED),
        (2, "b", *DELETED),
        (3, "c", *DELETED),
        (7, "over", *INSERTED),
    ]
    orders("TRUNCATE TABLE T")
    assert {row[2] for row in orders.query(CHANGES)} == {"DELETE"}


def test_an_append_only_stream_tells_what_came_as_it_came(orders: Any) -> None:
    orders(
        "CREATE STREAM N ON TABLE T APPEND_ONLY = TRUE",
        "INSERT INTO T VALUES (4, 'd'), (5, 'e')",
        "UPDATE T SET B = 'x'",
        "ALTER TABLE T ADD COLUMN C INT DEFAULT 7",
        "INSERT INTO T VALUES (6, 'f', 1)",
        "DELETE FROM T",
    )
    read = "SELECT A, B, C, METADATA$ACTION, METADATA$ISUPDATE FROM N ORDER BY A"
    assert orders.query(read) == [
        (4, "d", 7, *INSERTED),
        (5, "e", 7, *INSERTED),
        (6, "f", 1, *INSERTED),
    ]
    orders("CREATE TABLE GONE AS SELECT A FROM N")
    assert orders.query("SELECT * FROM N") == []


def test_only_a_change_that_reads_the_stream_moves_it(orders: Any) -> None:
    orders("INSERT INTO T VALUES (4, 'd')", "SELECT * FROM S", "INSERT INTO OUT_T VALUES (0, '')")
    assert has_data(orders)
    orders("INSERT INTO OUT_T SELECT A, B FROM S")
    assert not has_data(orders)
    assert orders.query("SELECT A FROM OUT_T ORDER BY A") == [(0,), (4,)]
    orders("INSERT INTO OUT_T SELECT A, B FROM S")
    assert orders.query("SELECT COUNT(*) FROM OUT_T") == [(2,)]


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO OUT_T SELECT A, B FROM S WHERE FALSE",
        "CREATE OR REPLACE TABLE OUT_T AS SELECT A, B FROM S",
        "CREATE TEMPORARY TABLE EMPTIED AS SELECT * FROM S WHERE 1 = 0",
        "DELETE FROM OUT_T WHERE A IN (SELECT A FROM S)",
        "UPDATE OUT_T SET B = S.B FROM S WHERE OUT_T.A = S.A",
        "INSERT INTO T SELECT A + 100, B FROM S",
    ],
)
def test_each_of_these_consumes(orders: Any, statement: str) -> None:
    orders("INSERT INTO T VALUES (4, 'd')", statement)
    assert (4, "d", *INSERTED) not in orders.query(CHANGES)


def test_a_merge_out_of_a_stream_keeps_a_copy_in_step(orders: Any) -> None:
    orders("CREATE TABLE COPIED AS SELECT * FROM T")
    merge = (
        "MERGE INTO COPIED C USING (SELECT * FROM S WHERE NOT (METADATA$ACTION = 'DELETE' AND "
        "METADATA$ISUPDATE)) V ON C.A = V.A "
        "WHEN MATCHED AND V.METADATA$ACTION = 'DELETE' THEN DELETE "
        "WHEN MATCHED THEN UPDATE SET B = V.B "
        "WHEN NOT MATCHED AND V.METADATA$ACTION = 'INSERT' THEN INSERT (A, B) VALUES (V.A, V.B)"
    )
    for change in (
        "INSERT INTO T VALUES (4, 'd'), (5, 'e')",
        "UPDATE T SET B = UPPER(B) WHERE A <> 4",
        "DELETE FROM T WHERE A < 3",
        "INSERT INTO T SELECT A + 10, B FROM T",
    ):
        orders(change, merge)
        same = [orders.query(f"SELECT * FROM {name} ORDER BY A") for name in ("T", "COPIED")]
        assert same[0] == same[1], change
        assert not has_data(orders)


def test_a_transaction_reads_one_and_the_same_and_moves_on_when_committed(
    orders: Any, beside: Callable[[], Estate]
) -> None:
    other = beside()
    orders("INSERT INTO T VALUES (4, 'd')", "BEGIN", "INSERT INTO T VALUES (5, 'e')")
    orders("INSERT INTO OUT_T SELECT A, B FROM S")
    other("INSERT INTO T VALUES (6, 'f')")
    orders("INSERT INTO OUT_T SELECT A, B FROM S")
    assert orders.query(CHANGES) == [(4, "d", *INSERTED)]
    assert [row[0] for row in other.query(CHANGES)] == [4, 6]
    orders("COMMIT")
    assert orders.query("SELECT A FROM OUT_T") == [(4,), (4,)]
    assert [row[0] for row in orders.query(CHANGES)] == [5, 6]


def test_what_is_rolled_back_was_not_read(orders: Any) -> None:
    orders("INSERT INTO T VALUES (4, 'd')", "BEGIN", "INSERT INTO OUT_T SELECT A, B FROM S")
    orders("ROLLBACK")
    with pytest.raises(SnowflakeError):
        orders("INSERT INTO OUT_T SELECT A, 1 / (A - A) FROM S")
    assert [row[0] for row in orders.query(CHANGES)] == [4]


def test_of_two_transactions_on_one_stream_the_first_wins(
    orders: Any, beside: Callable[[], Estate]
) -> None:
    other = beside()
    orders("INSERT INTO T VALUES (4, 'd')")
    for session in (orders, other):
        session("BEGIN", "INSERT INTO OUT_T SELECT A, B FROM S")
    orders("COMMIT")
    with pytest.raises(LockedError):
        other("COMMIT")
    assert orders.query("SELECT A FROM OUT_T") == [(4,)]


def test_many_readers_at_once_get_each_row_once(orders: Any, beside: Callable[[], Estate]) -> None:
    sessions = [beside() for _ in range(4)]

    def work(number: int) -> None:
        session = sessions[number]
        for step in range(5):
            session(f"INSERT INTO T VALUES ({100 * number + step + 10}, 'x')")
            session("INSERT INTO OUT_T SELECT A, B FROM S")

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    orders("INSERT INTO OUT_T SELECT A, B FROM S")
    assert orders.query("SELECT COUNT(*), COUNT(DISTINCT A) FROM OUT_T") == [(20, 20)]


def test_the_rows_of_the_beginning_are_shown_once(orders: Any) -> None:
    orders("CREATE OR REPLACE STREAM S ON TABLE T SHOW_INITIAL_ROWS = TRUE")
    orders("INSERT INTO T VALUES (4, 'd')", "DELETE FROM T WHERE A = 1")
    assert [(row[0], row[2]) for row in orders.query(CHANGES)] == [
        (1, "INSERT"),
        (2, "INSERT"),
        (3, "INSERT"),
    ]
    orders("INSERT INTO OUT_T SELECT A, B FROM S")
    assert orders.query(CHANGES) == [(1, "a", *DELETED), (4, "d", *INSERTED)]


def test_columns_that_come_and_go_are_those_of_today(orders: Any) -> None:
    orders("DELETE FROM T WHERE A = 1", "UPDATE T SET B = 'z' WHERE A = 2")
    orders("ALTER TABLE T ADD COLUMN C INT DEFAULT 5", "ALTER TABLE T RENAME COLUMN B TO D")
    orders("INSERT INTO T VALUES (8, 'h', 1)")
    read = "SELECT A, D, C, METADATA$ACTION, METADATA$ISUPDATE FROM S ORDER BY A, 4"
    assert orders.query(read) == [
        (1, "a", 5, *DELETED),
        (2, "b", 5, *WAS),
        (2, "z", 5, *IS),
        (8, "h", 1, *INSERTED),
    ]
    orders("ALTER TABLE T DROP COLUMN D")
    told = orders.query("SELECT A, METADATA$ACTION FROM S ORDER BY A")
    assert told == [(1, "DELETE"), (8, "INSERT")]


def test_changes_of_a_table_since_a_time(orders: Any) -> None:
    orders.wait(hours=1)
    orders("INSERT INTO T VALUES (4, 'd')", "DELETE FROM T WHERE A = 1")
    orders.wait(hours=1)
    orders("UPDATE T SET B = 'D' WHERE A = 4")
    read = "SELECT A, B, METADATA$ACTION FROM T CHANGES(INFORMATION => {}) {} ORDER BY A"
    since = "AT(OFFSET => -5400)"
    assert orders.query(read.format("DEFAULT", since)) == [(1, "a", "DELETE"), (4, "D", "INSERT")]
    assert orders.query(read.format("APPEND_ONLY", since)) == [(4, "d", "INSERT")]
    until = f"{since} END(OFFSET => -60)"
    assert orders.query(read.format("DEFAULT", until)) == [(1, "a", "DELETE"), (4, "d", "INSERT")]
    with pytest.raises(NotTrackedError):
        orders("SELECT * FROM OUT_T CHANGES(INFORMATION => DEFAULT) AT(OFFSET => -1)")
