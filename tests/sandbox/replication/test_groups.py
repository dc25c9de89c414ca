"""What groups are, what they refuse, and what SHOW and the views tell of them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from sandbox.snowflake.errors import (
    AlreadyExistsError,
    CompilationError,
    InsufficientPrivilegesError,
    InvalidValueError,
    SnowflakeError,
)
from sandbox.snowflake.replication.errors import (
    DanglingError,
    HasSecondariesError,
    NotPrimaryError,
    NotSecondaryError,
    PrimaryGoneError,
    ReplicationError,
    SecondaryReadOnlyError,
)
from sandbox.snowflake.replication.links import UnknownAccountError
from tests.sandbox.replication.conftest import Client, Pair

TO = "ALLOWED_ACCOUNTS = LEAP.SANDBOX_DR"
REPLICA = "CREATE FAILOVER GROUP FG AS REPLICA OF LEAP.SANDBOX.FG"
REFRESH = "ALTER FAILOVER GROUP FG REFRESH"


def _shown(client: Client, account: str = "SANDBOX") -> dict[str, Any]:
    return next(row for row in client("SHOW FAILOVER GROUPS") if row["account_name"] == account)


def test_what_the_provider_writes_is_read_back(home: Client) -> None:
    home(
        "CREATE DATABASE DB1",
        "CREATE DATABASE DB2",
        "CREATE SHARE SH",
        'CREATE FAILOVER GROUP IF NOT EXISTS "FG" OBJECT_TYPES = SHARES, DATABASES, INTEGRATIONS '
        'ALLOWED_DATABASES = "DB1" ALLOWED_SHARES = "SH" ALLOWED_INTEGRATION_TYPES = '
        'STORAGE INTEGRATIONS, NOTIFICATION INTEGRATIONS ALLOWED_ACCOUNTS = "LEAP"."SANDBOX_DR" '
        "IGNORE EDITION CHECK REPLICATION_SCHEDULE = '10 MINUTE'",
    )
    row = _shown(home)
    assert row["object_types"] == "DATABASES, INTEGRATIONS, SHARES"
    assert row["allowed_integration_types"] == "NOTIFICATION, STORAGE"
    assert row["allowed_accounts"] == "LEAP.SANDBOX_DR"
    assert (row["type"], row["replication_schedule"]) == ("FAILOVER", "10 MINUTE")
    home('ALTER FAILOVER GROUP "FG" ADD "DB2" TO ALLOWED_DATABASES')
    members = [row["name"] for row in home("SHOW DATABASES IN FAILOVER GROUP FG")]
    assert members == ["DB1", "DB2"]
    assert [row["name"] for row in home("SHOW SHARES IN FAILOVER GROUP FG")] == ["SH"]
    home(
        'ALTER FAILOVER GROUP "FG" REMOVE "DB1" FROM ALLOWED_DATABASES',
        "ALTER FAILOVER GROUP \"FG\" SET REPLICATION_SCHEDULE = 'USING CRON 0 0 * * * UTC'",
    )
    assert _shown(home)["replication_schedule"] == "USING CRON 0 0 * * * UTC"
    home('ALTER FAILOVER GROUP "FG" UNSET REPLICATION_SCHEDULE')
    assert _shown(home)["replication_schedule"] is None
    home('ALTER FAILOVER GROUP "FG" RENAME TO "FG3"', 'DROP FAILOVER GROUP IF EXISTS "FG3"')
    assert home("SHOW FAILOVER GROUPS") == []


def test_databases_and_shares_move_between_groups(home: Client) -> None:
    home(
        "CREATE DATABASE DB",
        f"CREATE FAILOVER GROUP ONE OBJECT_TYPES = DATABASES ALLOWED_DATABASES = DB {TO}",
        f"CREATE FAILOVER GROUP TWO OBJECT_TYPES = DATABASES {TO}",
        "ALTER FAILOVER GROUP ONE MOVE DATABASES DB TO FAILOVER GROUP TWO",
    )
    assert home("SHOW DATABASES IN FAILOVER GROUP ONE") == []
    assert [row["name"] for row in home("SHOW DATABASES IN FAILOVER GROUP TWO")] == ["DB"]


@pytest.mark.parametrize(
    ("text", "error"),
    [
        (f"OBJECT_TYPES = TABLES {TO}", InvalidValueError),
        (f"OBJECT_TYPES = ROLES ALLOWED_DATABASES = DB {TO}", CompilationError),
        (f"OBJECT_TYPES = INTEGRATIONS {TO}", CompilationError),
        (f"OBJECT_TYPES = DATABASES ALLOWED_DATABASES = NONE_SUCH {TO}", SnowflakeError),
        (f"OBJECT_TYPES = DATABASES ALLOWED_DATABASES = SNOWFLAKE {TO}", ReplicationError),
        ("OBJECT_TYPES = ROLES ALLOWED_ACCOUNTS = LEAP.NOWHERE", UnknownAccountError),
        ("OBJECT_TYPES = ROLES ALLOWED_ACCOUNTS = LEAP.SANDBOX", ReplicationError),
        (f"OBJECT_TYPES = ROLES {TO} REPLICATION_SCHEDULE = '0 MINUTE'", InvalidValueError),
        (f"OBJECT_TYPES = ROLES {TO} REPLICATION_SCHEDULE = 'often'", InvalidValueError),
        (f"OBJECT_TYPES = DATABASES ALLOWED_DATABASES = DB {TO}", ReplicationError),
        (f"OBJECT_TYPES = USERS {TO}", ReplicationError),
    ],
)
def test_what_a_group_cannot_be(home: Client, text: str, error: type[SnowflakeError]) -> None:
    home(
        "CREATE DATABASE DB",
        f"CREATE FAILOVER GROUP FIRST OBJECT_TYPES = DATABASES, ROLES ALLOWED_DATABASES = DB {TO}",
    )
    with pytest.raises(error):
        home(f"CREATE FAILOVER GROUP SECOND {text}")
    assert len(home("SHOW FAILOVER GROUPS")) == 1


def test_a_replication_group_is_refreshed_and_not_promoted(home: Client, other: Client) -> None:
    home(
        "CREATE DATABASE DB",
        "CREATE TABLE DB.PUBLIC.T AS SELECT 1 AS A",
        f"CREATE REPLICATION GROUP RG OBJECT_TYPES = DATABASES ALLOWED_DATABASES = DB {TO}",
    )
    other(
        "CREATE REPLICATION GROUP RG AS REPLICA OF LEAP.SANDBOX.RG",
        "ALTER REPLICATION GROUP RG REFRESH",
    )
    assert other.values("SELECT * FROM DB.PUBLIC.T") == [(1,)]
    with pytest.raises(ReplicationError, match="cannot be promoted"):
        other("ALTER REPLICATION GROUP RG PRIMARY")
    assert other("SHOW FAILOVER GROUPS") == []
    assert len(other("SHOW REPLICATION GROUPS")) == 2


def test_only_who_is_named_may_follow_and_the_primary_stays(home: Client, other: Client) -> None:
    home(
        "CREATE DATABASE DB",
        "CREATE FAILOVER GROUP FG OBJECT_TYPES = DATABASES ALLOWED_DATABASES = DB",
    )
    with pytest.raises(PrimaryGoneError):
        other(REPLICA)
    home("ALTER FAILOVER GROUP FG ADD LEAP.SANDBOX_DR TO ALLOWED_ACCOUNTS IGNORE EDITION CHECK")
    other(REPLICA)
    with pytest.raises(AlreadyExistsError):
        other(REPLICA)
    with pytest.raises(ReplicationError, match="already"):
        other("CREATE FAILOVER GROUP FG2 AS REPLICA OF LEAP.SANDBOX.FG")
    with pytest.raises(HasSecondariesError):
        home("DROP FAILOVER GROUP FG")
    with pytest.raises(HasSecondariesError):
        home("ALTER FAILOVER GROUP FG REMOVE LEAP.SANDBOX_DR FROM ALLOWED_ACCOUNTS")
    with pytest.raises(NotSecondaryError):
        home(REFRESH)
    with pytest.raises(NotSecondaryError):
        home("ALTER FAILOVER GROUP FG SUSPEND")
    with pytest.raises(NotPrimaryError):
        other("ALTER FAILOVER GROUP FG SET REPLICATION_SCHEDULE = '5 MINUTE'")
    with pytest.raises(ReplicationError, match="never refreshed"):
        other("ALTER FAILOVER GROUP FG PRIMARY")
    other("DROP FAILOVER GROUP FG")
    home("DROP FAILOVER GROUP FG")


def test_a_dropped_secondary_leaves_databases_that_can_be_written(
    home: Client, other: Client
) -> None:
    home(
        "CREATE DATABASE DB",
        "CREATE TABLE DB.PUBLIC.T AS SELECT 1 AS A",
        f"CREATE FAILOVER GROUP FG OBJECT_TYPES = DATABASES ALLOWED_DATABASES = DB {TO}",
    )
    other(REPLICA, REFRESH, "DROP FAILOVER GROUP FG", "INSERT INTO DB.PUBLIC.T VALUES (2)")
    assert other.values("SELECT * FROM DB.PUBLIC.T ORDER BY A") == [(1,), (2,)]


def test_a_local_database_in_the_way_is_refused_and_local_roles_go(
    home: Client, other: Client
) -> None:
    home(
        "CREATE DATABASE DB",
        "CREATE ROLE R",
        f"CREATE FAILOVER GROUP FG OBJECT_TYPES = DATABASES, ROLES ALLOWED_DATABASES = DB {TO}",
    )
    other("CREATE DATABASE DB", "CREATE ROLE LOCAL", "CREATE ROLE R", REPLICA)
    with pytest.raises(AlreadyExistsError):
        other(REFRESH)
    assert len([row for row in other("SHOW ROLES") if row["name"] in ("LOCAL", "R")]) == 2
    other("DROP DATABASE DB", REFRESH)
    assert [row["name"] for row in other("SHOW ROLES") if row["name"] in ("LOCAL", "R")] == ["R"]


def test_objects_that_are_linked_by_name_stay(home: Client, other: Client, pair: Pair) -> None:
    home(
        "CREATE USER U PASSWORD = 'Abc-123-long-enough'",
        f"CREATE FAILOVER GROUP FG OBJECT_TYPES = USERS, ROLES {TO}",
    )
    other("CREATE USER U PASSWORD = 'Another-1-password'", REPLICA)
    before = pair.other.store.find("USER", ("U",))
    answer = other.values("SELECT SYSTEM$LINK_ACCOUNT_OBJECTS_BY_NAME('FG')")
    assert answer == [("1 objects were linked.",)]
    other(REFRESH)
    after = pair.other.store.find("USER", ("U",))
    assert before is not None
    assert after is not None
    assert before.id == after.id
    Client(pair.other, "U", "Abc-123-long-enough")


def test_a_policy_of_a_database_that_stays_behind_stops_the_refresh(
    home: Client, other: Client
) -> None:
    home(
        "CREATE DATABASE DB",
        "CREATE DATABASE RULES",
        "CREATE MASKING POLICY RULES.PUBLIC.MASK AS (V TEXT) RETURNS TEXT -> '***'",
        "CREATE TABLE DB.PUBLIC.T (A TEXT)",
        "ALTER TABLE DB.PUBLIC.T MODIFY COLUMN A SET MASKING POLICY RULES.PUBLIC.MASK",
        "INSERT INTO DB.PUBLIC.T VALUES ('secret')",
        f"CREATE FAILOVER GROUP FG OBJECT_TYPES = DATABASES ALLOWED_DATABASES = DB {TO}",
    )
    other(REPLICA)
    told = "MASKING POLICY RULES.PUBLIC.MASK <- [TABLE DB.PUBLIC.T]"
    with pytest.raises(DanglingError) as refused:
        other(REFRESH)
    assert told in refused.value.message
    assert refused.value.code == "003131"
    home("USE SCHEMA DB.PUBLIC")
    rows = home(
        "SELECT * FROM TABLE(INFORMATION_SCHEMA.REPLICATION_GROUP_DANGLING_REFERENCES('FG'))"
    )
    assert rows[0]["REFERENCED_ENTITY_NAME"] == "RULES.PUBLIC.MASK"
    assert rows[0]["IS_BLOCKING_REFRESH"] == "TRUE"
    home("ALTER FAILOVER GROUP FG ADD RULES TO ALLOWED_DATABASES")
    other(REFRESH)
    assert other.values("SELECT A FROM DB.PUBLIC.T") == [("***",)]


def test_privileges_on_a_group(home: Client, other: Client, pair: Pair) -> None:
    home(
        "CREATE DATABASE DB",
        f"CREATE FAILOVER GROUP FG OBJECT_TYPES = DATABASES ALLOWED_DATABASES = DB {TO}",
    )
    other(
        REPLICA,
        "CREATE ROLE REFRESHER",
        "GRANT MONITOR, REPLICATE ON FAILOVER GROUP FG TO ROLE REFRESHER",
        "CREATE USER U PASSWORD = 'Abc-123-long-enough' DEFAULT_ROLE = REFRESHER",
        "GRANT ROLE REFRESHER TO USER U",
    )
    person = Client(pair.other, "U", "Abc-123-long-enough")
    person(REFRESH)
    with pytest.raises(InsufficientPrivilegesError):
        person("ALTER FAILOVER GROUP FG PRIMARY")
    with pytest.raises(InsufficientPrivilegesError):
        person("CREATE FAILOVER GROUP OWN OBJECT_TYPES = DATABASES")
    held = {row["privilege"] for row in other("SHOW GRANTS ON FAILOVER GROUP FG")}
    assert held == {"MONITOR", "OWNERSHIP", "REPLICATE"}
    other("GRANT FAILOVER ON FAILOVER GROUP FG TO ROLE REFRESHER")
    person("ALTER FAILOVER GROUP FG PRIMARY")


def test_suspended_secondaries_wait_and_the_history_is_told(
    home: Client, other: Client, pair: Pair
) -> None:
    home(
        "CREATE DATABASE DB",
        "CREATE TABLE DB.PUBLIC.T AS SELECT 1 AS A",
        f"CREATE FAILOVER GROUP FG OBJECT_TYPES = DATABASES ALLOWED_DATABASES = DB {TO} "
        "REPLICATION_SCHEDULE = '10 MINUTE'",
    )
    other(REPLICA, REFRESH, "ALTER FAILOVER GROUP FG SUSPEND")
    assert _shown(other, "SANDBOX_DR")["secondary_state"] == "SUSPENDED"
    assert _shown(other, "SANDBOX_DR")["next_scheduled_refresh"] is None
    other("ALTER FAILOVER GROUP FG RESUME")
    assert _shown(other, "SANDBOX_DR")["next_scheduled_refresh"] is not None
    other("USE DATABASE DB")
    rows = other("SELECT * FROM TABLE(INFORMATION_SCHEMA.REPLICATION_GROUP_REFRESH_HISTORY('FG'))")
    assert [row["PHASE_NAME"] for row in rows] == ["COMPLETED"]
    phases = other(
        "SELECT * FROM TABLE(INFORMATION_SCHEMA.REPLICATION_GROUP_REFRESH_PROGRESS('FG'))"
    )
    assert [row["PHASE_NAME"] for row in phases][-1] == "COMPLETED"
    assert len(phases) == 7
    usage = other("SELECT * FROM SNOWFLAKE.ACCOUNT_USAGE.REPLICATION_USAGE_HISTORY")
    assert usage[0]["DATABASE_NAME"] == "DB"
    assert usage[0]["BYTES_TRANSFERRED"] > 0
    pair.clock.ahead += timedelta(minutes=11)
    history = other(
        "SELECT * FROM TABLE(INFORMATION_SCHEMA.REPLICATION_USAGE_HISTORY("
        "DATE_RANGE_START => DATEADD('minute', -5, CURRENT_TIMESTAMP())))"
    )
    assert history == []


def test_a_dropped_database_leaves_its_group_and_the_secondary(home: Client, other: Client) -> None:
    home(
        "CREATE DATABASE DB",
        "CREATE DATABASE STAYS",
        "CREATE TABLE STAYS.PUBLIC.T AS SELECT 1 AS A",
        f"CREATE FAILOVER GROUP FG OBJECT_TYPES = DATABASES ALLOWED_DATABASES = DB, STAYS {TO}",
    )
    other(REPLICA, REFRESH)
    home("DROP DATABASE DB")
    assert [row["name"] for row in home("SHOW DATABASES IN FAILOVER GROUP FG")] == ["STAYS"]
    other(REFRESH)
    assert [row["name"] for row in other("SHOW DATABASES")] == ["SNOWFLAKE", "STAYS"]
    assert [row["name"] for row in other("SHOW DATABASES IN FAILOVER GROUP FG")] == ["STAYS"]


def test_what_is_promoted_twice_or_dropped_as_a_member_is_no_accident(
    home: Client, other: Client
) -> None:
    home(
        "CREATE DATABASE DB",
        f"CREATE FAILOVER GROUP FG OBJECT_TYPES = DATABASES ALLOWED_DATABASES = DB {TO}",
    )
    other(REPLICA, REFRESH)
    with pytest.raises(SecondaryReadOnlyError):
        other("DROP DATABASE DB")
    other("ALTER FAILOVER GROUP FG PRIMARY", "ALTER FAILOVER GROUP FG PRIMARY")
    home("ALTER FAILOVER GROUP FG PRIMARY")
    shown = [(row["account_name"], row["is_primary"]) for row in home("SHOW FAILOVER GROUPS")]
    assert shown == [("SANDBOX", "true"), ("SANDBOX_DR", "false")]


def test_an_open_transaction_of_the_old_primary_ends_with_the_promotion(
    home: Client, other: Client
) -> None:
    home(
        "CREATE DATABASE DB",
        "CREATE TABLE DB.PUBLIC.T AS SELECT 1 AS A",
        "CREATE FAILOVER GROUP FG OBJECT_TYPES = DATABASES, WAREHOUSES "
        f"ALLOWED_DATABASES = DB {TO}",
    )
    other(REPLICA, REFRESH)
    home("BEGIN", "INSERT INTO DB.PUBLIC.T VALUES (2)")
    other("ALTER FAILOVER GROUP FG PRIMARY")
    home("COMMIT")
    assert home.values("SELECT A FROM DB.PUBLIC.T") == [(1,)]
