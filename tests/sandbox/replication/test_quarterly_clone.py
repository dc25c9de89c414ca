"""LEAP's quarterly clone on the second account, by the statement that its task runs."""

from infra.model import regional_clone
from tests.sandbox.replication.conftest import Client

TO = "ALLOWED_ACCOUNTS = LEAP.SANDBOX_DR"


def names(client: Client) -> set[str]:
    """The databases of an account."""
    return {row["name"] for row in client("SHOW DATABASES")} - {"SNOWFLAKE"}


def test_a_replica_is_cloned_once_a_quarter_and_old_clones_go(home: Client, other: Client) -> None:
    home(
        "CREATE DATABASE DB",
        "CREATE TABLE DB.PUBLIC.T (A INT)",
        "CREATE STAGE DB.PUBLIC.LANDING URL = 's3://landing/'",
        "CREATE PIPE DB.PUBLIC.P AUTO_INGEST = TRUE AS COPY INTO DB.PUBLIC.T FROM "
        "@DB.PUBLIC.LANDING",
        "INSERT INTO DB.PUBLIC.T VALUES (1), (2)",
        f"CREATE FAILOVER GROUP FG OBJECT_TYPES = DATABASES ALLOWED_DATABASES = DB {TO}",
    )
    other("CREATE FAILOVER GROUP FG AS REPLICA OF LEAP.SANDBOX.FG")
    other("ALTER FAILOVER GROUP FG REFRESH")
    (now, before, old) = (
        other(
            f"SELECT 'DB_' || YEAR(DATEADD('MONTH', -3 * {back}, CURRENT_DATE())) || '_Q' || "
            f"QUARTER(DATEADD('MONTH', -3 * {back}, CURRENT_DATE())) AS NAME"
        )[0]["NAME"]
        for back in (0, 1, 2)
    )
    other(f"CREATE DATABASE {before}", f"CREATE DATABASE {old}")
    run = f"EXECUTE IMMEDIATE $$\n{regional_clone.statement(['DB'], keep=2)}\n$$"
    other(run)
    assert names(other) == {"DB", now, before}
    other(f"INSERT INTO {now}.PUBLIC.T VALUES (3)", run)
    assert other.values(f"SELECT COUNT(*) FROM {now}.PUBLIC.T") == [(3,)]
    assert other.values("SELECT COUNT(*) FROM DB.PUBLIC.T") == [(2,)]
    assert names(other) == {"DB", now, before}
