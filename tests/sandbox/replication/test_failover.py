"""A failover group through its life: refresh, promotion, fail-back, with real rows."""

from __future__ import annotations

import pytest

from sandbox.snowflake.errors import SnowflakeError
from sandbox.snowflake.replication.errors import SecondaryReadOnlyError
from tests.sandbox.replication.conftest import Client, Pair

GROUP = (
    "CREATE FAILOVER GROUP FG OBJECT_TYPES = DATABASES, ROLES, USERS, WAREHOUSES "
    "ALLOWED_DATABASES = DB ALLOWED_ACCOUNTS = LEAP.SANDBOX_DR REPLICATION_SCHEDULE = '10 MINUTE'"
)
REPLICA = 'CREATE FAILOVER GROUP FG AS REPLICA OF "LEAP"."SANDBOX"."FG"'
ROWS = "SELECT * FROM DB.S.T ORDER BY A"


@pytest.fixture
def estate(home: Client) -> Client:
    """A database, a role and a person, in a failover group."""
    home(
        "CREATE DATABASE DB",
        "CREATE SCHEMA DB.S",
        "CREATE TABLE DB.S.T (A INT, B TEXT)",
        "INSERT INTO DB.S.T SELECT 1, 'x' UNION ALL SELECT 2, 'y' UNION ALL SELECT 3, 'z'",
        "CREATE VIEW DB.S.V AS SELECT A + 1 AS C FROM DB.S.T",
        "CREATE ROLE R",
        "GRANT USAGE ON DATABASE DB TO ROLE R",
        "GRANT USAGE ON SCHEMA DB.S TO ROLE R",
        "GRANT SELECT ON ALL TABLES IN SCHEMA DB.S TO ROLE R",
        "GRANT USAGE ON WAREHOUSE WH TO ROLE R",
        "CREATE USER U PASSWORD = 'Abc-123-long-enough' DEFAULT_ROLE = R DEFAULT_WAREHOUSE = WH",
        "GRANT ROLE R TO USER U",
        GROUP,
    )
    return home


def _follow(pair: Pair, *, warehouse: str = "WH") -> Client:
    other = Client(pair.other)
    other(REPLICA, "ALTER FAILOVER GROUP FG REFRESH", f"USE WAREHOUSE {warehouse}")
    return other


def test_a_refresh_brings_rows_views_people_and_grants(estate: Client, pair: Pair) -> None:
    other = _follow(pair)
    assert other.values(ROWS) == [(1, "x"), (2, "y"), (3, "z")]
    assert other.values("SELECT sum(C) FROM DB.S.V") == [(9,)]
    person = Client(pair.other, "U", "Abc-123-long-enough")
    assert person.values("SELECT CURRENT_ROLE(), count(*) FROM DB.S.T") == [("R", 3)]
    with pytest.raises(SnowflakeError):
        person("SELECT * FROM DB.S.V")


def test_a_later_refresh_brings_what_changed_and_nothing_else(estate: Client, pair: Pair) -> None:
    other = _follow(pair)
    estate(
        "UPDATE DB.S.T SET B = 'yy' WHERE A = 2",
        "DELETE FROM DB.S.T WHERE A = 1",
        "INSERT INTO DB.S.T VALUES (4, 'w')",
    )
    assert other.values(ROWS) == [(1, "x"), (2, "y"), (3, "z")]
    other("ALTER FAILOVER GROUP FG REFRESH")
    assert other.values(ROWS) == [(2, "yy"), (3, "z"), (4, "w")]
    last, first = list(pair.other.refreshes.history.all())
    assert (first.copied, first.followed, first.rows) == (1, 0, 3)
    assert (last.copied, last.followed, last.rows) == (0, 1, 3)


def test_a_secondary_is_read_only(estate: Client, pair: Pair) -> None:
    other = _follow(pair)
    for text in (
        "INSERT INTO DB.S.T VALUES (9, 'no')",
        "DROP TABLE DB.S.T",
        "CREATE TABLE DB.S.NEW (A INT)",
        "CREATE SCHEMA DB.NEW",
        "ALTER ROLE R SET COMMENT = 'x'",
        "DROP USER U",
        "GRANT SELECT ON VIEW DB.S.V TO ROLE R",
        "GRANT ROLE R TO ROLE SYSADMIN",
        "ALTER WAREHOUSE WH SET WAREHOUSE_SIZE = LARGE",
    ):
        with pytest.raises(SecondaryReadOnlyError):
            other(text)


def test_the_promoted_side_is_written_and_the_old_one_is_not(estate: Client, pair: Pair) -> None:
    other = _follow(pair)
    other("ALTER FAILOVER GROUP FG PRIMARY", "INSERT INTO DB.S.T VALUES (5, 'dr')")
    with pytest.raises(SecondaryReadOnlyError):
        estate("INSERT INTO DB.S.T VALUES (9, 'no')")
    shown = {row["account_name"]: row for row in estate("SHOW FAILOVER GROUPS")}
    assert [shown[name]["is_primary"] for name in ("SANDBOX", "SANDBOX_DR")] == ["false", "true"]
    assert shown["SANDBOX"]["primary"] == "LEAP.SANDBOX_DR.FG"
    assert shown["SANDBOX"]["secondary_state"] == "SUSPENDED"


def test_failing_back_copies_only_what_changed_since(estate: Client, pair: Pair) -> None:
    other = _follow(pair)
    other(
        "ALTER FAILOVER GROUP FG PRIMARY",
        "INSERT INTO DB.S.T VALUES (5, 'dr')",
        "UPDATE DB.S.T SET B = 'dr' WHERE A = 3",
    )
    estate("ALTER FAILOVER GROUP FG REFRESH")
    assert next(pair.home.refreshes.history.all()).rows == 2
    pair.reopen()
    home = Client(pair.home)
    home("ALTER FAILOVER GROUP FG PRIMARY", "USE WAREHOUSE WH")
    home("INSERT INTO DB.S.T VALUES (6, 'back')")
    other = Client(pair.other)
    other("ALTER FAILOVER GROUP FG REFRESH", "USE WAREHOUSE WH")
    expected = [(1, "x"), (2, "y"), (3, "dr"), (5, "dr"), (6, "back")]
    assert home.values(ROWS) == other.values(ROWS) == expected
    assert next(pair.other.refreshes.history.all()).rows == 1


def test_what_the_old_primary_did_after_the_last_refresh_is_given_up(
    estate: Client, pair: Pair
) -> None:
    other = _follow(pair)
    estate("INSERT INTO DB.S.T VALUES (100, 'lost')")
    other("ALTER FAILOVER GROUP FG PRIMARY", "INSERT INTO DB.S.T VALUES (5, 'dr')")
    assert (100, "lost") in estate.values(ROWS)
    estate("ALTER FAILOVER GROUP FG REFRESH")
    assert estate.values(ROWS) == [(1, "x"), (2, "y"), (3, "z"), (5, "dr")]


def test_both_accounts_survive_a_restart(estate: Client, pair: Pair) -> None:
    _follow(pair)
    pair.reopen()
    other = Client(pair.other)
    other("USE WAREHOUSE WH")
    assert other.values(ROWS) == [(1, "x"), (2, "y"), (3, "z")]
    with pytest.raises(SecondaryReadOnlyError):
        other("DELETE FROM DB.S.T")


def test_an_account_that_nobody_used_is_not_made(home: Client, pair: Pair) -> None:
    home("SHOW FAILOVER GROUPS", "SHOW SHARES", "SHOW CONNECTIONS", "SHOW REPLICATION DATABASES")
    assert pair.organization.standby is not None
    assert not pair.organization.standby.stands


def test_a_stream_goes_on_where_it_was_read_in_the_other_account(
    estate: Client, pair: Pair
) -> None:
    read = "SELECT A, METADATA$ACTION FROM DB.S.NEWS ORDER BY A"
    consume = "INSERT INTO DB.S.SEEN SELECT A FROM DB.S.NEWS"
    estate("CREATE TABLE DB.S.SEEN (A INT)", "CREATE STREAM DB.S.NEWS ON TABLE DB.S.T")
    estate("INSERT INTO DB.S.T VALUES (4, 'd')", consume, "INSERT INTO DB.S.T VALUES (5, 'e')")
    other = _follow(pair)
    assert other.values(read) == [(5, "INSERT")]
    other("ALTER FAILOVER GROUP FG PRIMARY", consume, "INSERT INTO DB.S.T VALUES (6, 'f')")
    estate("ALTER FAILOVER GROUP FG REFRESH", "ALTER FAILOVER GROUP FG PRIMARY")
    assert estate.values(read) == [(6, "INSERT")]
    estate(consume)
    assert estate.values("SELECT A FROM DB.S.SEEN ORDER BY A") == [(4,), (5,), (6,)]


def test_a_promotion_that_was_killed_in_the_middle_is_finished(estate: Client, pair: Pair) -> None:
    _follow(pair)
    group = pair.home.store.find("FAILOVER GROUP", ("FG",))
    assert group is not None
    with pair.home.store.transaction():
        # the old primary was told, and the process ended
        group.properties |= {"PRIMARY": ["LEAP", "SANDBOX_DR", "FG"], "TERM": 1}
        pair.home.store.save(group)
    pair.reopen()
    other = Client(pair.other)
    other("USE WAREHOUSE WH", "INSERT INTO DB.S.T VALUES (5, 'dr')")
    home = Client(pair.home)
    home("ALTER FAILOVER GROUP FG REFRESH", "USE WAREHOUSE WH")
    assert home.values(ROWS) == [(1, "x"), (2, "y"), (3, "z"), (5, "dr")]
    with pytest.raises(SecondaryReadOnlyError):
        home("DELETE FROM DB.S.T")
