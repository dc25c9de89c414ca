"""What goes along beside rows: account objects, databases by themselves, what runs."""

from __future__ import annotations

import pytest

from sandbox.snowflake.replication.errors import (
    HasSecondariesError,
    NotPrimaryError,
    PrimaryGoneError,
    ReplicationError,
    SecondaryReadOnlyError,
)
from tests.sandbox.replication.conftest import Client, Pair

TO = "ALLOWED_ACCOUNTS = LEAP.SANDBOX_DR"
REPLICA = "CREATE FAILOVER GROUP FG AS REPLICA OF LEAP.SANDBOX.FG"
REFRESH = "ALTER FAILOVER GROUP FG REFRESH"


def test_account_objects_follow_with_what_is_set_on_them(
    home: Client, other: Client, pair: Pair
) -> None:
    home(
        "CREATE DATABASE DB",
        "CREATE RESOURCE MONITOR RM WITH CREDIT_QUOTA = 10 TRIGGERS ON 90 PERCENT DO NOTIFY",
        "ALTER WAREHOUSE WH SET RESOURCE_MONITOR = RM WAREHOUSE_SIZE = LARGE",
        "CREATE NETWORK RULE DB.PUBLIC.ANY TYPE = IPV4 MODE = INGRESS VALUE_LIST = ('0.0.0.0/0')",
        "CREATE NETWORK POLICY NP ALLOWED_NETWORK_RULE_LIST = ('DB.PUBLIC.ANY')",
        "CREATE STORAGE INTEGRATION SI TYPE = EXTERNAL_STAGE STORAGE_PROVIDER = 'S3' "
        "ENABLED = TRUE "
        "STORAGE_AWS_ROLE_ARN = 'arn:aws:iam::123456789012:role/r' "
        "STORAGE_ALLOWED_LOCATIONS = ('s3://landing/')",
        "CREATE NOTIFICATION INTEGRATION MAIL TYPE = EMAIL ENABLED = TRUE",
        "ALTER ACCOUNT SET STATEMENT_TIMEOUT_IN_SECONDS = 77",
        f"CREATE FAILOVER GROUP FG OBJECT_TYPES = DATABASES, WAREHOUSES, RESOURCE MONITORS, "
        f"NETWORK POLICIES, INTEGRATIONS, ACCOUNT PARAMETERS ALLOWED_DATABASES = DB "
        f"ALLOWED_INTEGRATION_TYPES = STORAGE INTEGRATIONS {TO}",
    )
    other(REPLICA, REFRESH)
    warehouse = other("SHOW WAREHOUSES LIKE 'WH'")[0]
    assert (warehouse["size"], warehouse["state"]) == ("Large", "SUSPENDED")
    assert warehouse["resource_monitor"] == "RM"
    assert other("SHOW RESOURCE MONITORS")[0]["credit_quota"] == "10.00"
    assert [row["name"] for row in other("SHOW NETWORK POLICIES")] == ["NP"]
    assert [row["name"] for row in other("SHOW INTEGRATIONS")] == ["SI"]
    ids = [
        {row["property"]: row["property_value"] for row in side("DESCRIBE INTEGRATION SI")}
        for side in (home, other)
    ]
    assert ids[0]["STORAGE_AWS_EXTERNAL_ID"] != ids[1]["STORAGE_AWS_EXTERNAL_ID"]
    level = other("SHOW PARAMETERS LIKE 'STATEMENT_TIMEOUT_IN_SECONDS' IN ACCOUNT")[0]
    assert level["value"] == "77"
    # the local warehouse is of a replicated kind: gone
    assert [row["name"] for row in other("SHOW WAREHOUSES")] == ["WH"]
    home("ALTER WAREHOUSE WH SET WAREHOUSE_SIZE = SMALL", "DROP INTEGRATION SI")
    other("ALTER WAREHOUSE WH RESUME", REFRESH)
    warehouse = other("SHOW WAREHOUSES LIKE 'WH'")[0]
    assert (warehouse["size"], warehouse["state"]) == ("Small", "STARTED")
    assert other("SHOW INTEGRATIONS") == []


def test_a_revoked_grant_goes_and_a_local_one_stays(home: Client, pair: Pair) -> None:
    home(
        "CREATE DATABASE DB",
        "CREATE ROLE R",
        "GRANT USAGE ON DATABASE DB TO ROLE R",
        "GRANT CREATE DATABASE ON ACCOUNT TO ROLE R",
        f"CREATE FAILOVER GROUP FG OBJECT_TYPES = DATABASES, ROLES ALLOWED_DATABASES = DB {TO}",
    )
    other = Client(pair.other)
    other("CREATE DATABASE OWN", REPLICA, REFRESH, "GRANT USAGE ON DATABASE OWN TO ROLE R")
    home(
        "REVOKE CREATE DATABASE ON ACCOUNT FROM ROLE R",
        "GRANT MODIFY ON DATABASE DB TO ROLE R",
        "CREATE DATABASE ROLE DB.READER",
        "GRANT DATABASE ROLE DB.READER TO ROLE R",
    )
    other(REFRESH)
    held = {(row["privilege"], row["name"]) for row in other("SHOW GRANTS TO ROLE R")}
    assert held == {
        ("USAGE", "DB"),
        ("MODIFY", "DB"),
        ("USAGE", "OWN"),
        ("USAGE", "DB.READER"),
    }
    assert other("SHOW DATABASES LIKE 'DB'")[0]["owner"] == "ACCOUNTADMIN"


def test_pipes_and_tasks_wait_for_the_promotion(home: Client, other: Client, pair: Pair) -> None:
    home(
        "CREATE DATABASE DB",
        "CREATE TABLE DB.PUBLIC.T (A INT)",
        "CREATE STAGE DB.PUBLIC.LANDING URL = 's3://landing/'",
        "CREATE PIPE DB.PUBLIC.P AUTO_INGEST = TRUE AS COPY INTO DB.PUBLIC.T FROM "
        "@DB.PUBLIC.LANDING",
        "CREATE TASK DB.PUBLIC.TK WAREHOUSE = WH SCHEDULE = '10 MINUTE' AS SELECT 1",
        "ALTER TASK DB.PUBLIC.TK RESUME",
        "CREATE FAILOVER GROUP FG OBJECT_TYPES = DATABASES, WAREHOUSES "
        f"ALLOWED_DATABASES = DB {TO}",
    )
    other(REPLICA, REFRESH)
    channels = [
        side("SHOW PIPES IN DATABASE DB")[0]["notification_channel"] for side in (home, other)
    ]
    assert channels == ["arn:aws:sqs:us-east-1:1:landing/", "arn:aws:sqs:us-west-2:1:landing/"]
    assert other("SHOW TASKS IN DATABASE DB")[0]["state"] == "started"
    assert (len(list(pair.home.tasks.ahead())), len(list(pair.other.tasks.ahead()))) == (1, 0)
    with pytest.raises(SecondaryReadOnlyError):
        other("EXECUTE TASK DB.PUBLIC.TK")
    other("ALTER FAILOVER GROUP FG PRIMARY")
    assert (len(list(pair.home.tasks.ahead())), len(list(pair.other.tasks.ahead()))) == (0, 1)


def test_a_database_is_replicated_by_itself(home: Client, other: Client) -> None:
    home(
        "CREATE DATABASE DB",
        "CREATE TABLE DB.PUBLIC.T AS SELECT 1 AS A",
        'ALTER DATABASE "DB" ENABLE REPLICATION TO ACCOUNTS "LEAP"."SANDBOX_DR" '
        "IGNORE EDITION CHECK",
        'ALTER DATABASE "DB" ENABLE FAILOVER TO ACCOUNTS "LEAP"."SANDBOX_DR"',
    )
    other('CREATE DATABASE "COPY" AS REPLICA OF "LEAP"."SANDBOX"."DB"')
    assert other("SHOW SCHEMAS IN DATABASE COPY LIKE 'PUBLIC'") == []
    other("ALTER DATABASE COPY REFRESH")
    assert other.values("SELECT A FROM COPY.PUBLIC.T") == [(1,)]
    rows = other('SHOW REPLICATION DATABASES WITH PRIMARY "LEAP"."SANDBOX"."DB"')
    assert [(row["name"], row["is_primary"]) for row in rows] == [("COPY", "false"), ("DB", "true")]
    assert rows[1]["failover_allowed_to_accounts"] == "LEAP.SANDBOX_DR"
    with pytest.raises(SecondaryReadOnlyError):
        other("INSERT INTO COPY.PUBLIC.T VALUES (2)")
    with pytest.raises(HasSecondariesError):
        home("DROP DATABASE DB")
    with pytest.raises(NotPrimaryError):
        other("ALTER DATABASE COPY ENABLE REPLICATION TO ACCOUNTS LEAP.SANDBOX")
    other("ALTER DATABASE COPY PRIMARY", "INSERT INTO COPY.PUBLIC.T VALUES (2)")
    home("ALTER DATABASE DB REFRESH")
    assert home.values("SELECT A FROM DB.PUBLIC.T ORDER BY A") == [(1,), (2,)]
    home("ALTER DATABASE DB SET COMMENT = 'mine'", "DROP DATABASE DB")


def test_replication_that_is_taken_back_stops_the_refresh(home: Client, other: Client) -> None:
    enable = "ALTER DATABASE DB ENABLE REPLICATION TO ACCOUNTS LEAP.SANDBOX_DR"
    home("CREATE DATABASE DB", enable)
    other("CREATE DATABASE DB AS REPLICA OF LEAP.SANDBOX.DB", "ALTER DATABASE DB REFRESH")
    home("ALTER DATABASE DB DISABLE REPLICATION TO ACCOUNTS LEAP.SANDBOX_DR")
    with pytest.raises(PrimaryGoneError):
        other("ALTER DATABASE DB REFRESH")
    home(enable)
    with pytest.raises(ReplicationError, match=r"SYSTEM\$DISABLE_DATABASE_REPLICATION"):
        home(f"CREATE FAILOVER GROUP FG OBJECT_TYPES = DATABASES ALLOWED_DATABASES = DB {TO}")
    home("SELECT SYSTEM$DISABLE_DATABASE_REPLICATION('DB')")
    home(f"CREATE FAILOVER GROUP FG OBJECT_TYPES = DATABASES ALLOWED_DATABASES = DB {TO}")
    assert home("SHOW REPLICATION DATABASES") == []


def test_a_share_of_the_group_is_shared_from_the_second_account_too(
    home: Client, other: Client
) -> None:
    home(
        "CREATE DATABASE DB",
        "CREATE TABLE DB.PUBLIC.T AS SELECT 1 AS A",
        "CREATE SHARE SH",
        "GRANT USAGE ON DATABASE DB TO SHARE SH",
        "GRANT USAGE ON SCHEMA DB.PUBLIC TO SHARE SH",
        "GRANT SELECT ON TABLE DB.PUBLIC.T TO SHARE SH",
        f"CREATE FAILOVER GROUP FG OBJECT_TYPES = DATABASES, SHARES ALLOWED_DATABASES = DB "
        f"ALLOWED_SHARES = SH {TO}",
    )
    other(REPLICA, REFRESH)
    assert [row["name"] for row in other("SHOW SHARES IN FAILOVER GROUP FG")] == ["SH"]
    shared = {row["name"] for row in other("DESCRIBE SHARE SH")}
    assert shared == {"DB", "DB.PUBLIC", "DB.PUBLIC.T"}


def test_each_account_keeps_its_own_external_id_there_and_back(home: Client, other: Client) -> None:
    home(
        "CREATE STORAGE INTEGRATION LANDING TYPE = EXTERNAL_STAGE STORAGE_PROVIDER = 'S3' "
        "ENABLED = TRUE STORAGE_AWS_ROLE_ARN = 'arn:aws:iam::1:role/r' "
        "STORAGE_ALLOWED_LOCATIONS = ('s3://landing/')",
        "CREATE FAILOVER GROUP FG OBJECT_TYPES = INTEGRATIONS "
        f"ALLOWED_INTEGRATION_TYPES = STORAGE INTEGRATIONS {TO}",
    )
    other(REPLICA, REFRESH)

    def ids() -> list[str]:
        return [
            str(row["property_value"])
            for side in (home, other)
            for row in side("DESCRIBE INTEGRATION LANDING")
            if row["property"] == "STORAGE_AWS_EXTERNAL_ID"
        ]

    first = ids()
    assert len(set(first)) == 2
    other(REFRESH, "ALTER FAILOVER GROUP FG PRIMARY")
    home(REFRESH, "ALTER FAILOVER GROUP FG PRIMARY")
    other(REFRESH)
    assert ids() == first
