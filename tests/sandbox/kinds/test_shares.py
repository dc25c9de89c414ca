"""Shares in both directions, between the sandbox's two accounts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from sandbox.aws.clients import Clients
from sandbox.connection import Aws
from sandbox.snowflake.account import Account, Identity
from sandbox.snowflake.errors import CompilationError, DoesNotExistError, SnowflakeError
from sandbox.snowflake.files import StageFiles
from sandbox.snowflake.kinds.share import AccountNotAddedError
from sandbox.snowflake.sharing import marketplace
from sandbox.snowflake.sharing.imports import (
    ImportedPrivilegesError,
    ReadOnlyError,
    ShareGoneError,
)
from sandbox.snowflake.sharing.organization import Organization
from sandbox.snowflake.sharing.shares import NotSecureError, OneDatabaseError

SHARE = '"LEAP"."MARKETPLACE"."US_OPEN_CENSUS_DATA"'
LogIn = Callable[[Account], Any]


@pytest.fixture
def organization(account: Account, tmp_path: Path) -> Iterator[Organization]:
    """The account with the Marketplace's beside it."""
    clients = Clients(Aws(endpoint_url="http://127.0.0.1:9"))
    files = partial(
        StageFiles, clients=clients, stages=tmp_path / "stages", cache=tmp_path / "cache"
    )
    identity = Identity(admin_password="secret")
    market = partial(
        marketplace.open_account, tmp_path / "accounts", identity, lambda: datetime.now(UTC), files
    )
    known = Organization(account, {marketplace.NAME: market})
    yield known
    known.close()


@pytest.fixture
def provider(organization: Organization, sql: Any) -> Any:
    """A session in the provider's account."""
    account = organization.of_login("LEAP-MARKETPLACE")
    assert account is not None
    assert account.identity.name == "MARKETPLACE"
    client = type(sql)(
        account, account.log_in({"LOGIN_NAME": "LEAP_ADMIN", "PASSWORD": "secret"}, {})
    )
    client("CREATE WAREHOUSE THEIR_WH", "USE SCHEMA US_OPEN_CENSUS.PUBLIC")
    return client


@pytest.fixture
def census(provider: Any, sql: Any) -> Any:
    """A session of the home account, with the share imported as CENSUS."""
    sql(f"CREATE DATABASE CENSUS FROM SHARE {SHARE} COMMENT = 'open census'")
    return sql


def test_an_inbound_share_is_shown(provider: Any, sql: Any) -> None:
    rows = {row["name"]: row for row in sql("SHOW SHARES")}
    assert set(rows) == {"ACCOUNT_USAGE", "US_OPEN_CENSUS_DATA"}
    row = rows["US_OPEN_CENSUS_DATA"]
    assert (row["kind"], row["owner_account"]) == ("INBOUND", "LEAP.MARKETPLACE")
    assert (row["database_name"], row["to"], row["owner"]) == ("", "", "")
    assert "SYNTHETIC" in row["comment"]
    sql(f"CREATE DATABASE CENSUS FROM SHARE {SHARE}")
    assert sql.one("SHOW SHARES LIKE 'us_open%'")["database_name"] == "CENSUS"


def test_a_database_from_a_share_is_read(census: Any) -> None:
    row = census.one("SHOW DATABASES LIKE 'CENSUS'")
    assert (row["origin"], row["kind"]) == (
        "LEAP.MARKETPLACE.US_OPEN_CENSUS_DATA",
        "IMPORTED DATABASE",
    )
    assert row["comment"] == "open census"
    names = {row["name"] for row in census("SHOW TABLES IN SCHEMA CENSUS.PUBLIC")}
    assert names == {
        "METADATA_CBG_FIPS_CODES",
        "CBG_POPULATION_2020",
        "CBG_INCOME_2020",
        "DATA_VERSION",
    }
    assert census.one("SHOW VIEWS IN SCHEMA CENSUS.PUBLIC")["is_secure"] == "true"
    assert census.query("SELECT COUNT(*) FROM CENSUS.PUBLIC.CBG_SUMMARY_2020") == [(240,)]
    columns = {row["name"]: row for row in census("DESCRIBE TABLE CENSUS.PUBLIC.CBG_INCOME_2020")}
    assert columns["MEDIAN_HOUSEHOLD_INCOME"]["type"] == "NUMBER(9,0)"
    assert columns["CENSUS_BLOCK_GROUP"]["comment"] == "GEOID"
    found = census.query(
        "SELECT TABLE_TYPE, COUNT(*) FROM CENSUS.INFORMATION_SCHEMA.TABLES "
        "WHERE TABLE_SCHEMA = 'PUBLIC' GROUP BY 1 ORDER BY 1"
    )
    assert found == [("BASE TABLE", 4), ("VIEW", 1)]


def test_what_the_provider_changes_is_there_at_once(census: Any, provider: Any) -> None:
    provider(
        "ALTER TABLE CBG_INCOME_2020 ADD COLUMN GINI FLOAT",
        "UPDATE DATA_VERSION SET VERSION = '2020.2'",
        "CREATE TABLE CBG_RENT_2021 (CENSUS_BLOCK_GROUP TEXT)",
    )
    columns = "SELECT COUNT(*) FROM CENSUS.INFORMATION_SCHEMA.COLUMNS WHERE COLUMN_NAME = 'GINI'"
    assert census.query(columns) == [(1,)]
    assert census.query("SELECT VERSION FROM CENSUS.PUBLIC.DATA_VERSION") == [("2020.2",)]
    with pytest.raises(SnowflakeError, match="does not exist or not authorized"):
        census("SELECT * FROM CENSUS.PUBLIC.CBG_RENT_2021")
    provider("GRANT SELECT ON TABLE CBG_RENT_2021 TO SHARE US_OPEN_CENSUS_DATA")
    assert census.query("SELECT COUNT(*) FROM CENSUS.PUBLIC.CBG_RENT_2021") == [(0,)]
    provider("REVOKE SELECT ON TABLE CBG_RENT_2021 FROM SHARE US_OPEN_CENSUS_DATA")
    assert len(census("SHOW TABLES IN SCHEMA CENSUS.PUBLIC")) == 4


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO CENSUS.PUBLIC.DATA_VERSION VALUES ('x', NULL)",
        "DELETE FROM CENSUS.PUBLIC.DATA_VERSION",
        "DROP TABLE CENSUS.PUBLIC.DATA_VERSION",
        "ALTER TABLE CENSUS.PUBLIC.DATA_VERSION ADD COLUMN X TEXT",
        "CREATE TABLE CENSUS.PUBLIC.MINE (A TEXT)",
        "CREATE SCHEMA CENSUS.MINE",
        "DROP SCHEMA CENSUS.PUBLIC",
        "CREATE TAG CENSUS.PUBLIC.T",
    ],
)
def test_an_imported_database_is_read_only(census: Any, statement: str) -> None:
    with pytest.raises(ReadOnlyError, match="Insufficient privileges"):
        census(statement)


def test_imported_privileges_are_the_only_ones(census: Any) -> None:
    census("CREATE ROLE R", "CREATE DATABASE OWN")
    census("GRANT IMPORTED PRIVILEGES ON DATABASE CENSUS TO ROLE R")
    census("GRANT IMPORTED PRIVILEGES ON DATABASE SNOWFLAKE TO ROLE R")
    rows = census("SHOW GRANTS TO ROLE R")
    assert [(row["privilege"], row["name"]) for row in rows] == [
        ("USAGE", "CENSUS"),
        ("USAGE", "SNOWFLAKE"),
    ]
    for statement in (
        "USAGE ON DATABASE CENSUS",
        "SELECT ON TABLE CENSUS.PUBLIC.DATA_VERSION",
        "IMPORTED PRIVILEGES ON DATABASE OWN",
    ):
        with pytest.raises(ImportedPrivilegesError):
            census(f"GRANT {statement} TO ROLE R")
    census("REVOKE IMPORTED PRIVILEGES ON DATABASE CENSUS FROM ROLE R")
    assert len(census("SHOW GRANTS TO ROLE R")) == 1


def test_a_share_that_is_withdrawn_leaves_a_database_that_says_so(
    census: Any, provider: Any
) -> None:
    provider("ALTER SHARE US_OPEN_CENSUS_DATA REMOVE ACCOUNTS = LEAP.SANDBOX")
    with pytest.raises(ShareGoneError, match="no longer available"):
        census("SELECT * FROM CENSUS.PUBLIC.DATA_VERSION")
    census("DROP DATABASE CENSUS")
    with pytest.raises(DoesNotExistError):
        census(f"CREATE DATABASE CENSUS FROM SHARE {SHARE}")


def test_a_share_is_imported_once(census: Any) -> None:
    with pytest.raises(CompilationError, match="already imported as database 'CENSUS'"):
        census("CREATE DATABASE AGAIN FROM SHARE LEAP.MARKETPLACE.US_OPEN_CENSUS_DATA")
    census("ALTER DATABASE CENSUS RENAME TO OPEN_CENSUS", "DROP DATABASE OPEN_CENSUS")
    census("CREATE DATABASE AGAIN FROM SHARE LEAP.MARKETPLACE.US_OPEN_CENSUS_DATA")


def test_a_renamed_import_is_still_read(census: Any) -> None:
    census("ALTER DATABASE CENSUS RENAME TO C2")
    assert census.query("SELECT COUNT(*) FROM C2.PUBLIC.CBG_SUMMARY_2020") == [(240,)]


def test_an_outbound_share_is_granted_to_and_consumed(lake: Any, provider: Any) -> None:
    lake(
        "CREATE TABLE DB.RAW.T (A NUMBER)",
        "INSERT INTO DB.RAW.T VALUES (1)",
        "CREATE SHARE OUT COMMENT = 'ours'",
    )
    with pytest.raises(CompilationError, match="before a database is granted"):
        lake("ALTER SHARE OUT ADD ACCOUNTS = LEAP.MARKETPLACE")
    lake(
        "GRANT USAGE ON DATABASE DB TO SHARE OUT",
        "GRANT USAGE ON SCHEMA DB.RAW TO SHARE OUT",
        "GRANT SELECT ON TABLE DB.RAW.T TO SHARE OUT",
        "ALTER SHARE OUT SET ACCOUNTS = LEAP.MARKETPLACE, PARTNERS.OTHER",
    )
    row = lake.one("SHOW SHARES LIKE 'OUT'")
    assert (row["kind"], row["database_name"]) == ("OUTBOUND", "DB")
    assert row["to"] == "LEAP.MARKETPLACE,PARTNERS.OTHER"
    assert [row["name"] for row in lake("DESCRIBE SHARE OUT")] == ["DB", "DB.RAW", "DB.RAW.T"]
    held = lake("SHOW GRANTS TO SHARE OUT")
    assert {(row["privilege"], row["granted_to"]) for row in held} == {
        ("SELECT", "SHARE"),
        ("USAGE", "SHARE"),
    }
    (row,) = [r for r in lake("SHOW GRANTS ON TABLE DB.RAW.T") if r["granted_to"] == "SHARE"]
    assert row["grantee_name"] == "SANDBOX1.OUT"
    provider("CREATE DATABASE THEIRS FROM SHARE LEAP.SANDBOX.OUT")
    assert provider.query("SELECT A FROM THEIRS.RAW.T") == [(1,)]
    lake("INSERT INTO DB.RAW.T VALUES (2)")
    assert provider.query("SELECT COUNT(*) FROM THEIRS.RAW.T") == [(2,)]
    assert [row["grantee_name"] for row in lake("SHOW GRANTS OF SHARE OUT")] == ["LEAP.MARKETPLACE"]


def test_a_share_takes_secure_views_of_one_database(lake: Any, organization: Organization) -> None:
    lake("CREATE SHARE OUT", "CREATE DATABASE TWO", "CREATE TABLE TWO.PUBLIC.T (A NUMBER)")
    lake("CREATE VIEW DB.RAW.V AS SELECT 1 AS A", "GRANT USAGE ON DATABASE DB TO SHARE OUT")
    for statement, error in (
        ("GRANT USAGE ON DATABASE TWO TO SHARE OUT", OneDatabaseError),
        ("GRANT SELECT ON TABLE TWO.PUBLIC.T TO SHARE OUT", OneDatabaseError),
        ("GRANT SELECT ON VIEW DB.RAW.V TO SHARE OUT", NotSecureError),
        ("ALTER SHARE OUT ADD ACCOUNTS = LEAP.NOWHERE", AccountNotAddedError),
    ):
        with pytest.raises(error):
            lake(statement)
    lake("GRANT REFERENCE_USAGE ON DATABASE TWO TO SHARE OUT")
    assert len(lake("SHOW GRANTS TO SHARE OUT")) == 1
