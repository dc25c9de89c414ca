"""What a role without more than it was given may do, statement by statement, with real rows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from sandbox.aws.clients import Clients
from sandbox.connection import Aws
from sandbox.snowflake.account import Account, Identity
from sandbox.snowflake.errors import SnowflakeError
from sandbox.snowflake.files import StageFiles
from sandbox.snowflake.session import Session

STOCK = (
    "CREATE WAREHOUSE W",
    "CREATE DATABASE D",
    "CREATE SCHEMA D.S",
    "CREATE TABLE D.S.T (A INT, B TEXT)",
    "CREATE TABLE D.S.U (A INT)",
    "CREATE VIEW D.S.V AS SELECT A FROM D.S.T",
    "CREATE STAGE D.S.FILES",
    "CREATE FILE FORMAT D.S.F TYPE = CSV",
    "CREATE TAG D.S.TAG",
    "CREATE MASKING POLICY D.S.M AS (X TEXT) RETURNS TEXT -> '***'",
    "CREATE PROCEDURE D.S.OWNED() RETURNS INT AS 'BEGIN RETURN (SELECT COUNT(*) FROM D.S.T); END'",
    "CREATE PROCEDURE D.S.CALLED() RETURNS INT EXECUTE AS CALLER AS "
    "'BEGIN RETURN (SELECT COUNT(*) FROM D.S.T); END'",
    "CREATE ROLE R",
    "CREATE ROLE BELOW",
    "CREATE USER PERSON PASSWORD = 'of-a-person-1' DEFAULT_ROLE = R",
    "GRANT ROLE R TO USER PERSON",
)
IN = ("USAGE ON DATABASE D", "USAGE ON SCHEMA D.S")
AT_WORK = (*IN, "USAGE ON WAREHOUSE W")


class Need(NamedTuple):
    """A statement, all that it needs, and the numbers of its refusals."""

    statement: str
    grants: tuple[str, ...]
    codes: frozenset[str] = frozenset(("002003", "003001"))


SEEN_NOT = frozenset(("002003", "002043", "003001", "000606"))
NEEDS = (
    Need("SELECT * FROM D.S.T", (*AT_WORK, "SELECT ON TABLE D.S.T"), SEEN_NOT),
    Need("SELECT * FROM D.S.V", (*AT_WORK, "SELECT ON VIEW D.S.V"), SEEN_NOT),
    Need("INSERT INTO D.S.T VALUES (1, 'x')", (*AT_WORK, "INSERT ON TABLE D.S.T"), SEEN_NOT),
    Need(
        "INSERT INTO D.S.T SELECT A, 'x' FROM D.S.U",
        (*AT_WORK, "INSERT ON TABLE D.S.T", "SELECT ON TABLE D.S.U"),
        SEEN_NOT,
    ),
    Need("UPDATE D.S.T SET A = 2", (*AT_WORK, "UPDATE ON TABLE D.S.T"), SEEN_NOT),
    Need("DELETE FROM D.S.T WHERE A = 9", (*AT_WORK, "DELETE ON TABLE D.S.T"), SEEN_NOT),
    Need("TRUNCATE TABLE D.S.T", (*IN, "TRUNCATE ON TABLE D.S.T")),
    Need(
        "MERGE INTO D.S.T USING D.S.U ON T.A = U.A WHEN MATCHED THEN UPDATE SET A = 3",
        (*AT_WORK, "UPDATE ON TABLE D.S.T", "SELECT ON TABLE D.S.U"),
        SEEN_NOT,
    ),
    Need("SET X = (SELECT MAX(A) FROM D.S.T)", (*AT_WORK, "SELECT ON TABLE D.S.T"), SEEN_NOT),
    Need(
        "CREATE TABLE D.S.NEW AS SELECT A FROM D.S.T",
        (*AT_WORK, "CREATE TABLE ON SCHEMA D.S", "SELECT ON TABLE D.S.T"),
        SEEN_NOT,
    ),
    Need(
        "CREATE TABLE D.S.TWIN CLONE D.S.T",
        (*IN, "CREATE TABLE ON SCHEMA D.S", "SELECT ON TABLE D.S.T"),
    ),
    Need(
        "CREATE VIEW D.S.W AS SELECT A FROM D.S.T",
        (*IN, "CREATE VIEW ON SCHEMA D.S", "SELECT ON TABLE D.S.T"),
    ),
    Need("CREATE STAGE D.S.NEW_STAGE", (*IN, "CREATE STAGE ON SCHEMA D.S")),
    Need("CREATE SCHEMA D.NEW", ("USAGE ON DATABASE D", "CREATE SCHEMA ON DATABASE D")),
    Need("LIST @D.S.FILES", (*IN, "READ ON STAGE D.S.FILES")),
    Need(
        "COPY INTO D.S.T FROM @D.S.FILES FILE_FORMAT = (FORMAT_NAME = 'D.S.F')",
        (
            *AT_WORK,
            *("INSERT ON TABLE D.S.T", "READ ON STAGE D.S.FILES", "USAGE ON FILE FORMAT D.S.F"),
        ),
        SEEN_NOT,
    ),
    Need("CALL D.S.OWNED()", (*AT_WORK, "USAGE ON PROCEDURE D.S.OWNED()"), SEEN_NOT | {"002140"}),
    Need("USE WAREHOUSE W", ("USAGE ON WAREHOUSE W",), SEEN_NOT),
    Need("USE SCHEMA D.S", IN, SEEN_NOT),
    Need("ALTER WAREHOUSE W SUSPEND", ("OPERATE ON WAREHOUSE W",)),
    Need("ALTER WAREHOUSE W SET COMMENT = 'x'", ("MODIFY ON WAREHOUSE W",)),
    Need("CREATE DATABASE OWN", ("CREATE DATABASE ON ACCOUNT",)),
    Need("CREATE ROLE OWN_ROLE", ("CREATE ROLE ON ACCOUNT",)),
    Need("GRANT ROLE BELOW TO ROLE R", ("MANAGE GRANTS ON ACCOUNT",)),
    Need("GRANT SELECT ON FUTURE TABLES IN SCHEMA D.S TO ROLE R", ("MANAGE GRANTS ON ACCOUNT",)),
    Need("ALTER TABLE D.S.T SET TAG D.S.TAG = 'v'", (*IN, "APPLY TAG ON ACCOUNT")),
    Need(
        "ALTER TABLE D.S.T MODIFY COLUMN B SET MASKING POLICY D.S.M",
        (*IN, "APPLY MASKING POLICY ON ACCOUNT"),
    ),
)
NEVER = (
    "DROP TABLE D.S.T",
    "ALTER TABLE D.S.T ADD COLUMN C INT",
    "CREATE OR REPLACE TABLE D.S.T (A INT)",
    "DROP SCHEMA D.S",
    "DROP DATABASE D",
    "GRANT SELECT ON TABLE D.S.T TO ROLE PUBLIC",
    "GRANT OWNERSHIP ON TABLE D.S.T TO ROLE R",
    "ALTER WAREHOUSE W SET RESOURCE_MONITOR = NONE_SUCH",
    "CREATE RESOURCE MONITOR OWN_MONITOR",
    "ALTER ACCOUNT SET TIMEZONE = 'UTC'",
    "ALTER USER LEAP_ADMIN SET COMMENT = 'x'",
    "SELECT * FROM SNOWFLAKE.ACCOUNT_USAGE.QUERY_HISTORY",
)
"""What no grant of a privilege allows, but ownership or a system role."""


class Estate:
    """An account of its own, its administrator, and a person who has the role R."""

    def __init__(self, folder: Path) -> None:
        clients = Clients(Aws(endpoint_url="http://127.0.0.1:9"))
        files = partial(
            StageFiles, clients=clients, stages=folder / "stages", cache=folder / "cache"
        )
        self.account = Account(
            folder, Identity(admin_password="secret"), lambda: datetime.now(UTC), files, str
        )
        self.admin = self.log_in("LEAP_ADMIN", "secret")
        self.run(self.admin, *STOCK)
        self.person = self.log_in("PERSON", "of-a-person-1")

    def log_in(self, user: str, password: str) -> Session:
        """A session of somebody."""
        return self.account.log_in({"LOGIN_NAME": user, "PASSWORD": password}, {})

    def run(self, session: Session, *statements: str) -> Any:
        """Run statements; the answer of the last."""
        answer: Any = None
        for text in statements:
            answer = self.account.execute(session, text)[1]
        return answer

    def grant(self, *grants: str) -> None:
        """Give the role something."""
        self.run(self.admin, *(f"GRANT {grant} TO ROLE R" for grant in grants))

    def refusal(self, statement: str) -> str | None:
        """The number of the refusal; None where the person's statement ran."""
        self.person.warehouse = "W"
        try:
            self.run(self.person, statement)
        except SnowflakeError as error:
            return error.code
        return None


@pytest.fixture
def estate(tmp_path: Path) -> Iterator[Estate]:
    """A new one for each test: statements that run change it."""
    made = Estate(tmp_path / "account")
    yield made
    made.account.close()


@pytest.mark.parametrize("need", NEEDS, ids=lambda need: need.statement)
def test_a_statement_runs_with_all_that_it_needs_and_not_before(estate: Estate, need: Need) -> None:
    for grant in need.grants:
        assert estate.refusal(need.statement) in need.codes
        estate.grant(grant)
    assert estate.refusal(need.statement) is None


def test_no_privilege_stands_for_ownership_or_a_system_role(estate: Estate) -> None:
    estate.grant(*AT_WORK, "ALL ON DATABASE D", "ALL ON SCHEMA D.S", "ALL ON TABLE D.S.T")
    estate.grant("ALL ON WAREHOUSE W")
    refused = {text: estate.refusal(text) for text in NEVER}
    assert {text for text, code in refused.items() if code not in ("003001", "002003")} == set()


def test_without_a_warehouse_nothing_computes(estate: Estate) -> None:
    estate.grant(*AT_WORK, "SELECT ON TABLE D.S.T")
    estate.person.warehouse = None
    with pytest.raises(SnowflakeError, match="No active warehouse selected") as caught:
        estate.run(estate.person, "SELECT * FROM D.S.T")
    assert caught.value.code == "000606"


def test_a_secondary_role_reads_and_makes_nothing(estate: Estate) -> None:
    estate.run(estate.admin, "GRANT ROLE BELOW TO USER PERSON")
    estate.grant(*AT_WORK, "CREATE TABLE ON SCHEMA D.S")
    estate.run(estate.admin, "GRANT SELECT ON TABLE D.S.T TO ROLE BELOW")
    assert estate.refusal("SELECT * FROM D.S.T") is None
    assert estate.refusal("CREATE TABLE D.S.COPY AS SELECT * FROM D.S.T") == "003001"
    estate.run(estate.person, "USE SECONDARY ROLES NONE")
    assert estate.refusal("SELECT * FROM D.S.T") == "002003"


def test_the_callers_procedure_has_the_callers_rights(estate: Estate) -> None:
    estate.grant(*AT_WORK, "USAGE ON PROCEDURE D.S.CALLED()", "USAGE ON PROCEDURE D.S.OWNED()")
    assert estate.refusal("CALL D.S.OWNED()") is None
    assert estate.refusal("CALL D.S.CALLED()") == "002003"


def test_a_view_whose_owner_may_not_read_fails(estate: Estate) -> None:
    estate.run(estate.admin, "CREATE ROLE OWNER", "GRANT OWNERSHIP ON VIEW D.S.V TO ROLE OWNER")
    estate.grant(*AT_WORK, "SELECT ON TABLE D.S.T")
    estate.run(estate.admin, "GRANT SELECT ON VIEW D.S.V TO ROLE R")
    assert estate.refusal("SELECT * FROM D.S.V") == "002037"


def test_what_is_not_seen_is_in_no_list(estate: Estate) -> None:
    estate.grant(*AT_WORK, "SELECT ON TABLE D.S.U")
    shown = estate.run(estate.person, "SHOW TABLES IN SCHEMA D.S")
    assert [row[1] for row in shown.rows] == ["U"]
    for view in ("TABLES", "COLUMNS"):
        text = f"SELECT 1 FROM D.INFORMATION_SCHEMA.{view} WHERE TABLE_NAME = 'T'"
        assert estate.run(estate.person, text).row_count == 0
    assert estate.refusal("DESCRIBE TABLE D.S.T") == "002003"
    assert estate.refusal("SHOW GRANTS ON TABLE D.S.T") == "002003"


def test_in_a_managed_schema_the_schemas_owner_grants(estate: Estate) -> None:
    estate.run(
        estate.admin,
        "CREATE SCHEMA D.M WITH MANAGED ACCESS",
        "CREATE TABLE D.M.T (A INT)",
        "GRANT OWNERSHIP ON TABLE D.M.T TO ROLE R",
    )
    estate.grant("USAGE ON DATABASE D", "USAGE ON SCHEMA D.M")
    assert estate.refusal("GRANT SELECT ON TABLE D.M.T TO ROLE BELOW") == "003001"
    estate.run(estate.admin, "GRANT OWNERSHIP ON SCHEMA D.M TO ROLE R REVOKE CURRENT GRANTS")
    assert estate.refusal("GRANT SELECT ON TABLE D.M.T TO ROLE BELOW") is None
