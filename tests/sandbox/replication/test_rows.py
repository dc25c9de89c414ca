"""Whatever happens to rows between two refreshes, both sides end up the same."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import pytest

from sandbox.snowflake.data.model import ObjectName
from sandbox.snowflake.data.past.images import Images
from sandbox.snowflake.errors import SnowflakeError
from tests.sandbox.replication.conftest import Client, Pair

GROUP = (
    "CREATE FAILOVER GROUP FG OBJECT_TYPES = DATABASES, WAREHOUSES ALLOWED_DATABASES = DB "
    "ALLOWED_ACCOUNTS = LEAP.SANDBOX_DR"
)
ROWS = "SELECT ID, N, T, TO_JSON(L) FROM DB.S.R ORDER BY ID, N, T"


T = TypeVar("T")


class Chance:
    """The same choices for the same seed."""

    def __init__(self, seed: int) -> None:
        self._state = str(seed)

    def randint(self, least: int, most: int) -> int:
        """A whole number."""
        self._state = hashlib.sha256(self._state.encode()).hexdigest()
        return least + int(self._state, 16) % (most - least + 1)

    def choice(self, of: Sequence[T]) -> T:
        """One of them."""
        return of[self.randint(0, len(of) - 1)]


def _insert(chance: Chance, number: int) -> str:
    first = number * 100
    return (
        f"INSERT INTO DB.S.R (ID, N, T, L) "
        f"SELECT {first} + SEQ, SEQ % 7, 't' || SEQ, ARRAY_CONSTRUCT(SEQ) "
        f"FROM (SELECT ROW_NUMBER() OVER (ORDER BY 1) AS SEQ "
        f"FROM TABLE(GENERATOR(ROWCOUNT => {chance.randint(1, 30)})))"
    )


def _update(chance: Chance, number: int) -> str:
    return f"UPDATE DB.S.R SET T = 'u{number}' WHERE N = {chance.randint(0, 6)}"


def _update_list(chance: Chance, number: int) -> str:
    return f"UPDATE DB.S.R SET L = ARRAY_CONSTRUCT({number}) WHERE N = {chance.randint(0, 6)}"


def _delete(chance: Chance, number: int) -> str:
    return f"DELETE FROM DB.S.R WHERE MOD(ID, {chance.randint(3, 9)}) = 1"


def _merge(chance: Chance, number: int) -> str:
    return (
        f"MERGE INTO DB.S.R AS T USING (SELECT {chance.randint(1, number) * 100 + 1} AS ID) AS S "
        f"ON T.ID = S.ID WHEN MATCHED THEN UPDATE SET N = N + 1 "
        f"WHEN NOT MATCHED THEN INSERT (ID, N) VALUES (S.ID, 3)"
    )


def _reshape(chance: Chance, number: int) -> str:
    return f"ALTER TABLE DB.S.R ADD COLUMN X{number} INT"


def _overwrite(chance: Chance, number: int) -> str:
    return "INSERT OVERWRITE INTO DB.S.R SELECT * FROM DB.S.R WHERE N < 5"


CHANGES: tuple[Callable[[Chance, int], str], ...] = (
    *(_insert, _insert, _insert, _update, _update_list, _delete, _merge, _overwrite),
    _reshape,
)


def _numbers(client: Client) -> list[int]:
    """The numbers of the rows, as Time Travel and streams know them."""
    images = Images(client.account.data.replicas._store.cursor(), ObjectName("DB", "S", "R"))
    found = images._fetch(f'SELECT "_leap_row" FROM ({images.numbered()}) ORDER BY 1')
    return [number for (number,) in found]


@pytest.mark.parametrize("seed", range(4))
def test_any_changes_make_both_sides_the_same(home: Client, pair: Pair, seed: int) -> None:
    chance = Chance(seed)
    home(
        "CREATE DATABASE DB",
        "CREATE SCHEMA DB.S",
        "CREATE TABLE DB.S.R (ID INT, N INT, T TEXT DEFAULT 'd', L ARRAY)",
        _insert(chance, 1),
        GROUP,
    )
    other = Client(pair.other)
    other("CREATE FAILOVER GROUP FG AS REPLICA OF LEAP.SANDBOX.FG")
    primary, secondary = home, other
    for number in range(2, 16):
        for _ in range(chance.randint(0, 3)):
            primary(chance.choice(CHANGES)(chance, number))
            number += 20
        secondary("ALTER FAILOVER GROUP FG REFRESH", "USE WAREHOUSE WH")
        assert primary.values(ROWS) == secondary.values(ROWS)
        assert _numbers(primary) == _numbers(secondary)
        if chance.randint(1, 3) == 1:
            secondary("ALTER FAILOVER GROUP FG PRIMARY")
            primary, secondary = secondary, primary


def test_a_table_that_did_not_change_is_not_touched(home: Client, pair: Pair) -> None:
    home(
        "CREATE DATABASE DB",
        "CREATE TABLE DB.PUBLIC.ONE AS SELECT 1 AS A",
        "CREATE TABLE DB.PUBLIC.TWO AS SELECT 2 AS A",
        GROUP,
    )
    other = Client(pair.other)
    refresh = "ALTER FAILOVER GROUP FG REFRESH"
    other("CREATE FAILOVER GROUP FG AS REPLICA OF LEAP.SANDBOX.FG", refresh)
    home("INSERT INTO DB.PUBLIC.TWO VALUES (3)")
    other(refresh, refresh)
    history = list(pair.other.refreshes.history.all())
    told = [(one.copied, one.followed, one.rows) for one in history]
    assert told == [(0, 0, 0), (0, 1, 1), (2, 0, 2)]


def test_many_rows_of_two_tables_keep_their_order_and_leave_no_file(
    home: Client, pair: Pair
) -> None:
    made = "AS SELECT SEQ8() + {first} AS ID, 'r' || SEQ8() AS NAME FROM TABLE(GENERATOR("
    home(
        "CREATE DATABASE DB",
        *(
            f"CREATE TABLE DB.PUBLIC.{name} {made.format(first=0)}ROWCOUNT => 1000))"
            for name in ("ONE", "TWO")
        ),
        GROUP,
    )
    other = Client(pair.other)
    refresh = "ALTER FAILOVER GROUP FG REFRESH"
    other("CREATE FAILOVER GROUP FG AS REPLICA OF LEAP.SANDBOX.FG", refresh)
    for name in ("ONE", "TWO"):
        home(
            f"INSERT INTO DB.PUBLIC.{name} SELECT SEQ8() + 1000, 'n' || SEQ8() "
            "FROM TABLE(GENERATOR(ROWCOUNT => 300000))",
            f"UPDATE DB.PUBLIC.{name} SET NAME = 'changed' WHERE MOD(ID, 100) = 7",
            f"DELETE FROM DB.PUBLIC.{name} WHERE MOD(ID, 100) = 8",
        )
    other(refresh)
    last = next(pair.other.refreshes.history.all())
    assert (last.copied, last.followed) == (0, 2)
    for name in ("ONE", "TWO"):
        assert _as_stored(home, name) == _as_stored(other, name)
    assert _arriving(other) == []


def _as_stored(client: Client, name: str) -> list[tuple[int, str]]:
    cursor = client.account.data.replicas._store.cursor()
    return cursor.execute(f"SELECT * FROM DB.PUBLIC.{name} ORDER BY rowid").fetchall()


def _arriving(client: Client) -> list[Path]:
    """The files of rows that wait to come in."""
    return sorted(client.account.data.replicas._store.folder.rglob("*.arrow"))


def test_a_canceled_refresh_leaves_no_file(
    home: Client, pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    home("CREATE DATABASE DB", "CREATE TABLE DB.PUBLIC.T AS SELECT 1 AS A", GROUP)
    other, refresh = Client(pair.other), "ALTER FAILOVER GROUP FG REFRESH"
    other("CREATE FAILOVER GROUP FG AS REPLICA OF LEAP.SANDBOX.FG", refresh, "USE WAREHOUSE WH")
    home("INSERT INTO DB.PUBLIC.T VALUES (2)")
    replicas, staged = pair.other.data.replicas, []
    stage = replicas.stage

    def stage_and_cancel(*given: Any) -> Any:
        done = stage(*given)
        staged.extend(_arriving(other))
        other("ALTER FAILOVER GROUP FG SUSPEND IMMEDIATE")
        return done

    with monkeypatch.context() as patch:
        patch.setattr(replicas, "stage", stage_and_cancel)
        with pytest.raises(SnowflakeError, match="was canceled"):
            Client(pair.other)(refresh)
    assert staged
    assert _arriving(other) == []
    assert other.values("SELECT A FROM DB.PUBLIC.T") == [(1,)]
    other("ALTER FAILOVER GROUP FG RESUME", refresh)
    assert other.values("SELECT A FROM DB.PUBLIC.T") == [(1,), (2,)]


def test_renames_swaps_drops_and_comments_follow(home: Client, pair: Pair) -> None:
    home(
        "CREATE DATABASE DB",
        "USE SCHEMA DB.PUBLIC",
        "CREATE TABLE DB.PUBLIC.ONE AS SELECT 1 AS A",
        "CREATE TABLE DB.PUBLIC.TWO AS SELECT 2 AS A",
        "CREATE TABLE DB.PUBLIC.GONE AS SELECT 3 AS A",
        "CREATE VIEW DB.PUBLIC.V AS SELECT A FROM ONE",
        "CREATE SCHEMA DB.OLD",
        "CREATE TABLE DB.OLD.T AS SELECT 4 AS A",
        GROUP,
    )
    other = Client(pair.other)
    refresh = "ALTER FAILOVER GROUP FG REFRESH"
    other("CREATE FAILOVER GROUP FG AS REPLICA OF LEAP.SANDBOX.FG", refresh, "USE WAREHOUSE WH")
    home(
        "ALTER TABLE DB.PUBLIC.ONE SWAP WITH DB.PUBLIC.TWO",
        "DROP TABLE DB.PUBLIC.GONE",
        "ALTER SCHEMA DB.OLD RENAME TO DB.NEW",
        "COMMENT ON TABLE DB.PUBLIC.ONE IS 'told'",
        "CREATE OR REPLACE VIEW DB.PUBLIC.V AS SELECT A * 10 AS A FROM ONE",
        "CREATE TRANSIENT TABLE DB.PUBLIC.TR AS SELECT 5 AS A",
        "CREATE TEMPORARY TABLE DB.PUBLIC.TEMP AS SELECT 6 AS A",
        "ALTER DATABASE DB RENAME TO DB2",
    )
    other(refresh)
    assert other.values("SELECT A FROM DB2.PUBLIC.V") == [(20,)]
    assert other.values("SELECT A FROM DB2.NEW.T") == [(4,)]
    names = {row["name"]: row for row in other("SHOW TABLES IN DATABASE DB2")}
    assert set(names) == {"ONE", "TWO", "TR", "T"}
    assert names["ONE"]["comment"] == "told"
    assert [row["name"] for row in other("SHOW DATABASES")] == ["DB2", "SNOWFLAKE"]
    other(refresh)
    last = next(pair.other.refreshes.history.all())
    assert (last.copied, last.followed) == (0, 0)


def test_time_travel_begins_with_the_refresh_and_streams_go_on(home: Client, pair: Pair) -> None:
    home(
        "CREATE DATABASE DB",
        "CREATE TABLE DB.PUBLIC.T AS SELECT 1 AS A",
        "CREATE STREAM DB.PUBLIC.ST ON TABLE DB.PUBLIC.T",
        "INSERT INTO DB.PUBLIC.T VALUES (2)",
        GROUP,
    )
    other = Client(pair.other)
    other("CREATE FAILOVER GROUP FG AS REPLICA OF LEAP.SANDBOX.FG")
    other("ALTER FAILOVER GROUP FG REFRESH", "USE WAREHOUSE WH")
    home("INSERT INTO DB.PUBLIC.T VALUES (3)", "CREATE TABLE DB.PUBLIC.SINK (A INT)")
    other("ALTER FAILOVER GROUP FG REFRESH")
    assert other.values("SELECT A FROM DB.PUBLIC.ST ORDER BY A") == [(2,), (3,)]
    other("ALTER FAILOVER GROUP FG PRIMARY")
    other("INSERT INTO DB.PUBLIC.SINK SELECT A FROM DB.PUBLIC.ST")
    assert other.values("SELECT A FROM DB.PUBLIC.ST") == []
    home("ALTER FAILOVER GROUP FG REFRESH")
    assert home.values("SELECT A FROM DB.PUBLIC.ST") == []
    assert home.values("SELECT A FROM DB.PUBLIC.SINK ORDER BY A") == [(2,), (3,)]
