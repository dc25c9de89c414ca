"""Streams on views and CHANGES of them: what changed in what the view shows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ingestion.dice import dice as dice_of
from sandbox.snowflake.data.past.streams import NotTrackedError, SourceGoneError, StaleStreamError
from sandbox.snowflake.errors import CompilationError, InsufficientPrivilegesError, SnowflakeError
from tests.sandbox.operations.conftest import Estate, open_estate

INSERTED = ("INSERT", False)
DELETED = ("DELETE", False)
WAS = ("DELETE", True)
IS = ("INSERT", True)


@pytest.fixture
def joined(orders: Estate) -> Estate:
    """T (orders) and NAMES (of their letters), the view V of both and the stream VS behind it."""
    orders(
        "CREATE TABLE NAMES (B VARCHAR, NAME VARCHAR)",
        "INSERT INTO NAMES VALUES ('a', 'Ann'), ('b', 'Bob')",
        "CREATE VIEW V AS SELECT T.A, N.NAME FROM T JOIN NAMES N ON T.B = N.B WHERE T.A < 100",
        "CREATE STREAM VS ON VIEW V",
    )
    return orders


def told(estate: Estate, stream: str = "VS") -> list[tuple[Any, ...]]:
    """The rows of a stream of which the first two columns tell all."""
    kind = ("METADATA$ACTION", "METADATA$ISUPDATE")
    rows = estate(f"SELECT * FROM {stream}")
    return sorted((*list(row.values())[:2], *(row[name] for name in kind)) for row in rows)


def test_changes_on_both_sides_of_a_join_are_told(joined: Estate) -> None:
    assert told(joined) == []
    joined("INSERT INTO T VALUES (4, 'a'), (500, 'a')", "DELETE FROM T WHERE A = 2")
    joined("UPDATE NAMES SET NAME = 'Anna' WHERE B = 'a'", "INSERT INTO NAMES VALUES ('c', 'Cy')")
    assert told(joined) == [
        (1, "Ann", *WAS),
        (1, "Anna", *IS),
        (2, "Bob", *DELETED),
        (3, "Cy", *INSERTED),
        (4, "Anna", *INSERTED),
    ]
    (row,) = joined("SELECT * FROM VS WHERE A = 4")
    assert list(row) == ["A", "NAME", "METADATA$ACTION", "METADATA$ISUPDATE", "METADATA$ROW_ID"]
    ids = joined.query("SELECT METADATA$ROW_ID FROM VS WHERE A = 1")
    assert ids[0] == ids[1]
    assert len(ids[0][0]) == 40
    assert joined.query("SELECT COUNT(DISTINCT METADATA$ROW_ID) FROM VS") == [(4,)]


def test_a_row_that_leaves_and_enters_the_filter(joined: Estate) -> None:
    joined("UPDATE T SET A = A + 200 WHERE A = 1", "INSERT INTO T VALUES (300, 'b')")
    assert told(joined) == [(1, "Ann", *DELETED)]
    joined("UPDATE T SET A = 9 WHERE A = 300")
    assert told(joined) == [(1, "Ann", *DELETED), (9, "Bob", *INSERTED)]
    joined("UPDATE T SET A = 1 WHERE A = 201", "DELETE FROM T WHERE A = 9")
    assert told(joined) == []


def test_it_is_consumed_with_the_statement_that_reads_it(joined: Estate) -> None:
    has_data = "SELECT SYSTEM$STREAM_HAS_DATA('VS')"
    joined("INSERT INTO T VALUES (4, 'a')", "SELECT * FROM VS")
    assert joined.query(has_data) == [(True,)]
    joined("INSERT INTO OUT_T SELECT A, NAME FROM VS")
    assert (told(joined), joined.query(has_data)) == ([], [(False,)])
    joined("BEGIN", "UPDATE NAMES SET NAME = 'X'", "INSERT INTO OUT_T SELECT A, NAME FROM VS")
    assert told(joined) == []
    joined("COMMIT")
    assert {row[1] for row in told(joined)} == {"Ann", "Bob", "X"}
    joined("BEGIN", "INSERT INTO OUT_T SELECT A, NAME FROM VS", "ROLLBACK")
    assert len(told(joined)) == 6


def test_append_only_tells_what_came_as_it_came(joined: Estate) -> None:
    joined("CREATE STREAM N ON VIEW V APPEND_ONLY = TRUE", "INSERT INTO T VALUES (4, 'a')")
    joined("UPDATE NAMES SET NAME = 'x'", "DELETE FROM T WHERE A = 4")
    joined("INSERT INTO NAMES VALUES ('c', 'Cy')")
    assert told(joined, "N") == [(3, "Cy", *INSERTED), (4, "Ann", *INSERTED)]


def test_initial_rows_and_beginnings_in_the_past(joined: Estate) -> None:
    joined.wait(hours=1)
    joined("INSERT INTO T VALUES (4, 'a')")
    joined.wait(hours=1)
    joined("CREATE STREAM W ON VIEW V SHOW_INITIAL_ROWS = TRUE", "DELETE FROM T WHERE A = 1")
    assert [row[0] for row in told(joined, "W")] == [1, 2, 4]
    joined("INSERT INTO OUT_T SELECT A, NAME FROM W")
    assert told(joined, "W") == [(1, "Ann", *DELETED)]
    joined("CREATE STREAM EARLY ON VIEW V AT (OFFSET => -4000)")
    joined("CREATE STREAM SAME ON VIEW V AT (STREAM => 'W')")
    assert told(joined, "EARLY") == [(1, "Ann", *DELETED), (4, "Ann", *INSERTED)]
    assert told(joined, "SAME") == [(1, "Ann", *DELETED)]
    changes = "V CHANGES(INFORMATION => DEFAULT) AT(OFFSET => -4000) END(OFFSET => -60)"
    assert told(joined, changes) == [(4, "Ann", *INSERTED)]


def test_nested_views_common_tables_and_unions(joined: Estate) -> None:
    joined(
        "CREATE VIEW U (K, L) AS WITH O AS (SELECT A, NAME FROM V) "
        "SELECT * FROM O UNION ALL SELECT A + 1000, S.B FROM (SELECT * FROM T WHERE A > 1) AS S",
        "CREATE STREAM US ON VIEW U",
        "INSERT INTO T VALUES (4, 'b')",
        "UPDATE NAMES SET NAME = 'Zoe' WHERE B = 'a'",
    )
    assert told(joined, "US") == [
        (1, "Ann", *WAS),
        (1, "Zoe", *IS),
        (4, "Bob", *INSERTED),
        (1004, "b", *INSERTED),
    ]
    assert joined("SHOW STREAMS LIKE 'US'")[0]["base_tables"] == "DB.OPS.NAMES,DB.OPS.T"


def test_a_table_beside_itself_and_a_natural_join(joined: Estate) -> None:
    joined(
        "CREATE VIEW P AS SELECT X.*, Y.A AS OTHER FROM T X, T Y WHERE X.A = Y.A + 1",
        "CREATE VIEW Q AS SELECT * FROM T NATURAL JOIN NAMES",
        "CREATE STREAM PS ON VIEW P",
        "CREATE STREAM QS ON VIEW Q",
        "UPDATE T SET B = 'b' WHERE A = 1",
        "DELETE FROM T WHERE A = 3",
    )
    rows = joined.query("SELECT A, B, OTHER, METADATA$ACTION FROM PS ORDER BY 1, 2, 4")
    assert rows == [(3, "c", 2, "DELETE")]
    # it is a pair of other rows now, so not the same row with another name
    assert joined.query(
        "SELECT A, NAME, METADATA$ACTION, METADATA$ISUPDATE FROM QS ORDER BY 2"
    ) == [
        (1, "Ann", *DELETED),
        (1, "Bob", *INSERTED),
    ]


STATEMENTS: tuple[Callable[[Any, int], str], ...] = (
    lambda dice, n: f"INSERT INTO T VALUES ({n}, '{dice.choice('abcd')}'), ({n + 1}, 'a')",
    lambda dice, n: f"INSERT INTO NAMES VALUES ('{dice.choice('abcd')}', 'n{n}')",
    lambda dice, n: f"UPDATE T SET B = '{dice.choice('abcd')}' WHERE A % 3 = {dice.randint(0, 2)}",
    lambda dice, n: f"UPDATE T SET A = A + {dice.choice((0, 40))} WHERE B = 'a'",
    lambda dice, n: f"UPDATE NAMES SET NAME = 'u{n}' WHERE B = '{dice.choice('abcd')}'",
    lambda dice, n: f"DELETE FROM T WHERE A % 5 = {dice.randint(0, 4)}",
    lambda dice, n: f"DELETE FROM NAMES WHERE B = '{dice.choice('abcd')}' AND NAME <> 'Ann'",
    lambda dice, n: (
        f"MERGE INTO T USING (SELECT {dice.randint(1, n)} AS A) S ON T.A = S.A WHEN "
        "MATCHED THEN UPDATE SET B = 'd' WHEN NOT MATCHED THEN INSERT VALUES (S.A, 'c')"
    ),
)


@pytest.mark.parametrize("seed", range(3))
def test_a_copy_that_follows_the_stream_is_always_the_view(joined: Estate, seed: int) -> None:
    """The difference that is told, added to what was, gives what is."""
    dice = dice_of(seed, "view streams")
    joined(
        "CREATE VIEW W AS SELECT A, NAME FROM V UNION ALL SELECT -A, B FROM T",
        "CREATE STREAM WS ON VIEW W",
    )
    seen = Counter(joined.query("SELECT * FROM W"))
    for number in range(20, 32):
        for _ in range(dice.randint(1, 3)):
            joined(dice.choice(STATEMENTS)(dice, number * 3))
        for a, name, action, _ in told(joined, "WS"):
            seen[(a, name)] += 1 if action == "INSERT" else -1
        assert +seen == Counter(joined.query("SELECT * FROM W"))
        assert min(seen.values(), default=0) >= 0
        joined("CREATE OR REPLACE TABLE CONSUMED AS SELECT * FROM WS")


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("SELECT B, COUNT(*) AS N FROM T GROUP BY B", "with GROUP BY"),
        ("SELECT MAX(A) AS M FROM T", "containing the function 'MAX'"),
        ("SELECT DISTINCT A FROM T", "with DISTINCT"),
        ("SELECT A FROM T LIMIT 2", "with LIMIT"),
        ("SELECT A FROM T QUALIFY ROW_NUMBER() OVER (ORDER BY A) = 1", "with QUALIFY"),
        ("SELECT A, ROW_NUMBER() OVER (ORDER BY A) AS R FROM T", "with window functions"),
        ("SELECT A FROM T WHERE A IN (SELECT A FROM OUT_T)", "with subquery expressions"),
        (
            "SELECT A FROM T WHERE EXISTS (SELECT 1 FROM OUT_T O WHERE O.A = T.A)",
            "with correlated subquery expressions",
        ),
        ("SELECT T.A FROM T LEFT JOIN OUT_T O ON T.A = O.A", "with LEFT JOIN"),
        ("SELECT A FROM T UNION SELECT A FROM OUT_T", "with UNION"),
        ("SELECT X FROM VALUES (1) AS V(X)", "with 'VALUES'"),
        ("SELECT A, CURRENT_DATE() AS D FROM T", "non-deterministic functions"),
    ],
)
def test_what_cannot_be_tracked(orders: Estate, query: str, words: str) -> None:
    orders(f"CREATE VIEW X AS {query}")
    with pytest.raises(CompilationError) as refused:
        orders("CREATE STREAM XS ON VIEW X")
    assert words in str(refused.value)
    assert "hange tracking is not supported on queries" in str(refused.value)
    assert orders("SHOW STREAMS LIKE 'XS'") == []


def test_a_view_whose_table_is_gone_or_another_has_no_changes(joined: Estate) -> None:
    joined("ALTER TABLE NAMES RENAME TO KEPT")
    with pytest.raises(SnowflakeError):
        joined("SELECT * FROM VS")
    joined("ALTER TABLE KEPT RENAME TO NAMES", "INSERT INTO T VALUES (4, 'b')")
    assert told(joined) == [(4, "Bob", *INSERTED)]
    joined("CREATE OR REPLACE TABLE NAMES AS SELECT 'a' AS B, 'New' AS NAME")
    with pytest.raises(SourceGoneError, match=r"DB.OPS.NAMES.* dropped, cannot read"):
        joined("SELECT * FROM VS")


def test_a_replaced_view_and_an_unread_stream(joined: Estate) -> None:
    joined("ALTER TABLE T SET MAX_DATA_EXTENSION_TIME_IN_DAYS = 20")
    joined("ALTER TABLE NAMES SET MAX_DATA_EXTENSION_TIME_IN_DAYS = 3")
    joined.wait(days=4)
    with pytest.raises(StaleStreamError):
        told(joined)
    joined("CREATE OR REPLACE VIEW V AS SELECT A, B FROM T")
    with pytest.raises(SourceGoneError):
        told(joined)


def test_who_may_make_and_read_a_stream_on_a_view(joined: Estate) -> None:
    joined(
        "CREATE TABLE SECRET (A INT)",
        "CREATE VIEW OVER AS SELECT A FROM SECRET",
        "CREATE ROLE R",
        "GRANT ROLE R TO USER LEAP_ADMIN",
        "GRANT USAGE ON DATABASE DB TO ROLE R",
        "GRANT USAGE, CREATE STREAM ON SCHEMA DB.OPS TO ROLE R",
        "GRANT USAGE ON WAREHOUSE W TO ROLE R",
        "GRANT SELECT ON STREAM VS TO ROLE R",
        "GRANT SELECT ON VIEW OVER TO ROLE R",
    )
    as_r = ("USE ROLE R", "USE SECONDARY ROLES NONE")
    joined(*as_r)
    with pytest.raises(SnowflakeError, match=r"not authorized|does not exist"):
        joined("SELECT * FROM VS")
    with pytest.raises(InsufficientPrivilegesError, match="without CHANGE_TRACKING enabled 'OVER'"):
        joined("CREATE STREAM MINE ON VIEW OVER")
    joined("USE ROLE ACCOUNTADMIN", "GRANT SELECT ON VIEW V TO ROLE R", *as_r)
    assert told(joined) == []
    joined("CREATE STREAM MINE ON VIEW V")
    joined("USE ROLE ACCOUNTADMIN")
    joined.wait(hours=1)
    with pytest.raises(NotTrackedError):
        joined("SELECT * FROM OVER CHANGES(INFORMATION => DEFAULT) AT(OFFSET => 0)")
    joined("ALTER VIEW OVER SET CHANGE_TRACKING = TRUE")
    joined("ALTER TABLE SECRET SET CHANGE_TRACKING = TRUE")
    assert joined.query("SELECT * FROM OVER CHANGES(INFORMATION => DEFAULT) AT(OFFSET => 0)") == []


def test_policies_of_tables_and_of_the_view_hold(joined: Estate) -> None:
    joined(
        "CREATE MASKING POLICY HIDE AS (V VARCHAR) RETURNS VARCHAR -> '***'",
        "CREATE ROW ACCESS POLICY ODD AS (I INT) RETURNS BOOLEAN -> I % 2 = 1",
        "ALTER TABLE T ADD ROW ACCESS POLICY ODD ON (A)",
        "ALTER VIEW V MODIFY COLUMN NAME SET MASKING POLICY HIDE",
        "INSERT INTO T VALUES (4, 'a'), (5, 'a')",
    )
    assert told(joined) == [(5, "***", *INSERTED)]
    joined("CREATE VIEW OUTER_V AS SELECT * FROM V", "CREATE STREAM OUTER_S ON VIEW OUTER_V")
    joined("INSERT INTO T VALUES (6, 'a'), (7, 'a')")
    assert told(joined, "OUTER_S") == [(7, "***", *INSERTED)]


def test_a_cloned_schema_has_its_own(joined: Estate) -> None:
    joined("INSERT INTO T VALUES (4, 'a')", "CREATE SCHEMA DB.COPIED CLONE DB.OPS")
    joined("USE SCHEMA DB.OPS", "INSERT INTO DB.COPIED.T VALUES (5, 'b')")
    assert told(joined) == [(4, "Ann", *INSERTED)]
    assert told(joined, "DB.COPIED.VS") == [(5, "Bob", *INSERTED)]


def test_it_is_read_on_after_a_restart(joined: Estate, tmp_path: Path) -> None:
    joined("INSERT INTO T VALUES (4, 'a')", "INSERT INTO OUT_T SELECT A, NAME FROM VS")
    joined("UPDATE NAMES SET NAME = 'Bo' WHERE B = 'b'")
    joined.account.close()
    again = open_estate(tmp_path / "account", joined.clock)
    again("USE SCHEMA DB.OPS", "USE WAREHOUSE W")
    assert told(again) == [(2, "Bo", *IS), (2, "Bob", *WAS)]
    again.account.close()
    joined.account = open_estate(tmp_path / "account", joined.clock).account
