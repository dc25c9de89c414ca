"""Over the ordinary connector: masks and filters by role, files of stages, logins, shares."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from cli.deployment import removal
from cli.deployment.objects import Named
from sandbox import process

if TYPE_CHECKING:
    from snowflake.connector import SnowflakeConnection

    from sandbox.connection import Snowflake

pytestmark = pytest.mark.sandbox
WAREHOUSE = "EVERYBODYS_WH"


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Snowflake]:
    """How to reach a sandbox of its own."""
    root = tmp_path_factory.mktemp("governed")
    try:
        reached = process.start(root, port=0, aws_port=0).snowflake
        for account in (reached.account, "LEAP-MARKETPLACE"):
            with connect(reached, account=account) as admin:
                run(admin, f"CREATE WAREHOUSE {WAREHOUSE}")
                run(admin, f"GRANT USAGE ON WAREHOUSE {WAREHOUSE} TO ROLE PUBLIC")
        yield reached
    finally:
        process.stop(root)


def connect(sandbox: Snowflake, **given: Any) -> SnowflakeConnection:
    import snowflake.connector

    wanted = {
        "account": sandbox.account,
        "user": sandbox.admin.user,
        "password": sandbox.admin.password,
        "warehouse": WAREHOUSE,
        **given,
    }
    return snowflake.connector.connect(
        host=sandbox.host, port=sandbox.port, protocol=sandbox.protocol, **wanted
    )


def run(connection: SnowflakeConnection, *statements: str) -> list[Any]:
    with connection.cursor() as cursor:
        for text in statements:
            cursor.execute(text)
        return list(cursor.fetchall())


def test_a_masked_column_is_plain_to_the_role_that_may_and_masked_to_others(
    sandbox: Snowflake,
) -> None:
    with connect(sandbox) as admin:
        run(
            admin,
            "CREATE DATABASE HR",
            "CREATE ROLE STEWARD",
            "CREATE ROLE READER",
            "CREATE TAG HR.PUBLIC.PII",
            "CREATE MASKING POLICY HR.PUBLIC.M AS (V VARCHAR) RETURNS VARCHAR -> "
            "CASE WHEN IS_ROLE_IN_SESSION('STEWARD') THEN V ELSE '***' END",
            "ALTER TAG HR.PUBLIC.PII SET MASKING POLICY HR.PUBLIC.M",
            "CREATE TABLE HR.PUBLIC.PEOPLE (ID NUMBER, EMAIL VARCHAR WITH TAG "
            "(HR.PUBLIC.PII = 'email'))",
            "INSERT INTO HR.PUBLIC.PEOPLE VALUES (1, 'ann@x.org')",
            "CREATE VIEW HR.PUBLIC.V AS SELECT EMAIL FROM HR.PUBLIC.PEOPLE",
        )
        for role in ("STEWARD", "READER"):
            run(
                admin,
                f"CREATE USER {role}_USER TYPE = PERSON PASSWORD = 'Plain-Enough-1' "
                f"DEFAULT_ROLE = {role}",
                f"GRANT ROLE {role} TO USER {role}_USER",
                f"GRANT USAGE ON DATABASE HR TO ROLE {role}",
                f"GRANT USAGE ON SCHEMA HR.PUBLIC TO ROLE {role}",
                f"GRANT SELECT ON ALL TABLES IN SCHEMA HR.PUBLIC TO ROLE {role}",
                f"GRANT SELECT ON ALL VIEWS IN SCHEMA HR.PUBLIC TO ROLE {role}",
            )
    for role, seen in (("STEWARD", "ann@x.org"), ("READER", "***")):
        with connect(sandbox, user=f"{role}_USER", password="Plain-Enough-1") as person:
            assert run(person, "SELECT EMAIL FROM HR.PUBLIC.PEOPLE") == [(seen,)]
            assert run(person, "SELECT MAX(EMAIL) FROM HR.PUBLIC.V") == [(seen,)]


def test_files_are_put_listed_loaded_fetched_and_removed(
    sandbox: Snowflake, tmp_path: Path
) -> None:
    source = tmp_path / "some rows.csv"
    source.write_text("1,one\n2,two\n")
    with connect(sandbox) as admin:
        run(admin, "CREATE DATABASE FILES", "CREATE STAGE BOX", "CREATE TABLE T (A INT, B TEXT)")
        (row,) = run(admin, f"PUT 'file://{source}' @BOX/in")
        assert (row[0], row[1], row[6]) == ("some rows.csv", "some rows.csv.gz", "UPLOADED")
        (row,) = run(admin, f"PUT 'file://{source}' @FILES.PUBLIC.BOX AUTO_COMPRESS = FALSE")
        assert row[6] == "UPLOADED"
        (row,) = run(admin, f"PUT 'file://{source}' @BOX/in")
        # deviation: with Snowflake a file that is there is SKIPPED unless OVERWRITE = TRUE
        assert row[6] == "UPLOADED"
        names = [row[0] for row in run(admin, "LIST @BOX")]
        assert names == ["box/in/some rows.csv.gz", "box/some rows.csv"]
        run(admin, "COPY INTO T FROM @BOX/in FILE_FORMAT = (TYPE = CSV)")
        assert run(admin, "SELECT SUM(A), MAX(B) FROM T") == [(3, "two")]
        target = tmp_path / "out"
        target.mkdir()
        run(admin, f"GET @BOX/in 'file://{target}'")
        assert gzip.decompress((target / "some rows.csv.gz").read_bytes()) == source.read_bytes()
        assert len(run(admin, "REMOVE @BOX PATTERN = '.*gz'")) == 1
        assert [row[0] for row in run(admin, "LIST @BOX")] == ["box/some rows.csv"]


def test_an_address_that_is_not_allowed_is_refused_in_snowflakes_words(
    sandbox: Snowflake,
) -> None:
    from snowflake.connector.errors import DatabaseError

    with connect(sandbox) as admin:
        run(
            admin,
            "CREATE NETWORK POLICY FAR ALLOWED_IP_LIST = ('10.0.0.0/8')",
            "CREATE USER FARAWAY PASSWORD = 'Plain-Enough-1' NETWORK_POLICY = 'FAR'",
        )
    with pytest.raises(DatabaseError, match=r"390422.*IP/Token 127\.0\.0\.1 is not allowed"):
        connect(sandbox, user="FARAWAY", password="Plain-Enough-1")


def test_a_second_factor_is_asked_for_and_taken(sandbox: Snowflake) -> None:
    from snowflake.connector.errors import DatabaseError

    with connect(sandbox) as admin:
        run(
            admin,
            "CREATE DATABASE SAFE",
            "CREATE AUTHENTICATION POLICY SAFE.PUBLIC.MFA MFA_ENROLLMENT = REQUIRED",
            "CREATE USER CAREFUL PASSWORD = 'Plain-Enough-1'",
            "ALTER USER CAREFUL SET AUTHENTICATION POLICY SAFE.PUBLIC.MFA",
        )
    person = {"user": "CAREFUL", "password": "Plain-Enough-1"}
    with pytest.raises(DatabaseError, match="Multi-factor authentication is required"):
        connect(sandbox, **person)
    with connect(
        sandbox, **person, authenticator="username_password_mfa", passcode="000000"
    ) as safe:
        assert run(safe, "SELECT CURRENT_USER()") == [("CAREFUL",)]


def test_a_provider_changes_its_share_and_the_consumer_sees_it(sandbox: Snowflake) -> None:
    with connect(sandbox) as home, connect(sandbox, account="LEAP-MARKETPLACE") as provider:
        share = "LEAP.MARKETPLACE.US_OPEN_CENSUS_DATA"
        run(home, f"CREATE DATABASE CENSUS FROM SHARE {share}")
        assert run(provider, "SELECT CURRENT_ACCOUNT_NAME()") == [("MARKETPLACE",)]
        columns = (
            "SELECT COUNT(*) FROM CENSUS.INFORMATION_SCHEMA.COLUMNS "
            "WHERE TABLE_NAME = 'CBG_INCOME_2020'"
        )
        assert run(home, columns) == [(2,)]
        table = "US_OPEN_CENSUS.PUBLIC.CBG_INCOME_2020"
        run(provider, f"ALTER TABLE {table} ADD COLUMN GINI FLOAT")
        assert run(home, columns) == [(3,)]


def test_a_killed_runs_tag_and_its_policies_can_be_taken_away(sandbox: Snowflake) -> None:
    made = [
        Named("TAG", ("LEFT_BEHIND", "PUBLIC", "T")),
        Named("MASKING POLICY", ("LEFT_BEHIND", "PUBLIC", "M")),
    ]
    with connect(sandbox) as admin:
        run(
            admin,
            "CREATE DATABASE LEFT_BEHIND",
            *("CREATE TAG T", "CREATE TABLE HELD (A VARCHAR)", "CREATE TAG ANOTHERS"),
            "CREATE MASKING POLICY M AS (V VARCHAR) RETURNS VARCHAR -> 'x'",
            "CREATE MASKING POLICY ANOTHERS AS (V VARCHAR) RETURNS VARCHAR -> 'x'",
            *("ALTER TAG T SET MASKING POLICY M", "ALTER TAG ANOTHERS SET MASKING POLICY ANOTHERS"),
            "ALTER TABLE HELD MODIFY COLUMN A SET MASKING POLICY M",
        )
        removal.take_away(admin, made)
        assert run(admin, "SHOW TAGS LIKE 'T' IN DATABASE LEFT_BEHIND") == []
        assert run(admin, "SHOW MASKING POLICIES LIKE 'M' IN DATABASE LEFT_BEHIND") == []
        left = "SELECT POLICY_NAME FROM SNOWFLAKE.ACCOUNT_USAGE.POLICY_REFERENCES"
        assert run(admin, f"{left} WHERE POLICY_DB = 'LEFT_BEHIND'") == [("ANOTHERS",)]


def test_a_killed_runs_import_goes_and_what_holds_rows_of_ours_is_kept(sandbox: Snowflake) -> None:
    share = "LEAP.MARKETPLACE.US_OPEN_CENSUS_DATA"
    with connect(sandbox) as admin:
        run(
            admin,
            "DROP DATABASE IF EXISTS CENSUS",
            f"CREATE DATABASE IMPORTED FROM SHARE {share}",
            *("CREATE DATABASE OURS", "CREATE TABLE OURS.PUBLIC.T AS SELECT 1 AS A"),
        )
        removal.take_away(admin, [Named("DATABASE", (name,)) for name in ("IMPORTED", "OURS")])
        assert run(admin, "SHOW DATABASES LIKE 'IMPORTED%'") == []
        assert run(admin, "SHOW DATABASES LIKE 'OURS__KEPT_%'") != []
        run(admin, f"CREATE DATABASE IMPORTED FROM SHARE {share}", "DROP DATABASE IMPORTED")
