"""By hand over the ordinary connector: it is in the drift with its maker, and nothing else is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

import pytest

from benchmarks.scratch import connect
from cli.errors import BadInputError
from cli.target import ask as run
from ops.access.account import Ask, ReadRefusedError
from ops.access.names import Securable
from ops.drift import account, undoing
from ops.drift.code import Code
from ops.drift.compare import compare
from ops.drift.finding import Finding
from ops.drift.origin import origins
from sandbox import process
from tests.ops.drift.conftest import DEPLOYED

pytestmark = pytest.mark.sandbox

MADE: Final = (
    "USE ROLE SYSADMIN",
    "CREATE DATABASE D DATA_RETENTION_TIME_IN_DAYS = 7",
    "DROP SCHEMA D.PUBLIC",
    "CREATE SCHEMA D.S",
    "CREATE TABLE D.S.T (A INT)",
    "CREATE WAREHOUSE W WAREHOUSE_SIZE = XSMALL AUTO_SUSPEND = 60 INITIALLY_SUSPENDED = TRUE",
    "USE ROLE USERADMIN",
    "CREATE ROLE READER",
    "CREATE ROLE BUILDER",
    "CREATE ROLE S_WRITE",
    "CREATE USER ANN DEFAULT_ROLE = READER",
    "USE ROLE SECURITYADMIN",
    "GRANT ROLE READER TO USER ANN",
    "GRANT ROLE S_WRITE TO ROLE BUILDER",
    "GRANT USAGE ON SCHEMA D.S TO ROLE READER",
    "GRANT USAGE, CREATE TABLE ON SCHEMA D.S TO ROLE S_WRITE",
    "GRANT SELECT ON ALL TABLES IN SCHEMA D.S TO ROLE READER",
    "GRANT SELECT ON FUTURE TABLES IN SCHEMA D.S TO ROLE READER",
    "USE ROLE ACCOUNTADMIN",
)
"""What the deployment of these tests made."""


class Platform:
    """The account, and what is held against it."""

    def __init__(self, ask: Ask, administrator: str) -> None:
        self.ask = ask
        self._code = Code({"local": DEPLOYED}, [Securable("USER", (administrator,))])

    def drift(self) -> list[Finding]:
        """All findings."""
        return compare(self._code, account.read(self.ask))

    def __call__(self, *statements: str) -> None:
        """Do something by hand."""
        for statement in statements:
            self.ask(statement)


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """A sandbox of its own on which the deployment of these tests stands."""
    root = tmp_path_factory.mktemp("by-hand")
    connection = process.start(root, port=0, aws_port=0)
    try:
        with connect(connection) as opened:

            def ask(statement: str) -> Sequence[dict[str, Any]]:
                try:
                    return run(opened, statement).dicts()
                except BadInputError as error:
                    raise ReadRefusedError(str(error)) from error

            made = Platform(ask, connection.snowflake.admin.user)
            made(*MADE)
            yield made
    finally:
        process.stop(root)


def test_what_was_deployed_has_no_drift(platform: Platform) -> None:
    assert platform.drift() == []


BY_HAND: Final[tuple[tuple[str, tuple[str, ...], str], ...]] = (
    ("CREATE ROLE BY_HAND", ("DROP ROLE BY_HAND",), "role BY_HAND"),
    (
        "GRANT DELETE ON TABLE D.S.T TO ROLE READER",
        ("REVOKE DELETE ON TABLE D.S.T FROM ROLE READER",),
        "DELETE on table D.S.T to role READER",
    ),
    ("CREATE TABLE D.S.SCRATCH (A INT)", ("DROP TABLE D.S.SCRATCH",), "table D.S.SCRATCH"),
    (
        "GRANT ROLE BUILDER TO USER ANN",
        ("REVOKE ROLE BUILDER FROM USER ANN",),
        "role BUILDER to user ANN",
    ),
    (
        "GRANT INSERT ON FUTURE TABLES IN SCHEMA D.S TO ROLE READER",
        ("REVOKE INSERT ON FUTURE TABLES IN SCHEMA D.S FROM ROLE READER",),
        "INSERT on future table objects in D.S to role READER",
    ),
    (
        "ALTER WAREHOUSE W SET AUTO_SUSPEND = 600",
        ("ALTER WAREHOUSE W SET AUTO_SUSPEND = 60",),
        "auto_suspend of warehouse W",
    ),
)


@pytest.mark.parametrize(("statement", "back", "what"), BY_HAND, ids=[w for _, _, w in BY_HAND])
def test_what_is_done_by_hand_is_the_only_drift_and_its_maker_is_known(
    platform: Platform, statement: str, back: tuple[str, ...], what: str
) -> None:
    platform(statement)
    try:
        (finding,) = platform.drift()
        assert finding.what == what
        now = platform.ask("SELECT CURRENT_TIMESTAMP() AS NOW")[0]["now"]
        found, unread = origins([finding], platform.ask, now)
        assert unread == []
        maker = found[finding]
        assert (maker.user, maker.role) == ("LEAP_ADMIN", "ACCOUNTADMIN")
        assert maker.statement == statement
    finally:
        platform(*back)
    assert platform.drift() == []


@pytest.mark.parametrize(
    "makes",
    [
        "CREATE ROLE BY_HAND",
        "CREATE WAREHOUSE HAND_WH",
        "CREATE SCHEMA D.HAND",
        "CREATE TABLE D.S.SCRATCH (A INT)",
        "GRANT ROLE BUILDER TO USER ANN",
        "GRANT MANAGE GRANTS ON ACCOUNT TO ROLE READER",
        "GRANT INSERT ON FUTURE TABLES IN SCHEMA D.S TO ROLE READER",
    ],
)
def test_the_statement_that_takes_it_back_does(platform: Platform, makes: str) -> None:
    platform(makes)
    (finding,) = platform.drift()
    platform(undoing.revoke(finding).rstrip(";"))
    assert platform.drift() == []


@pytest.mark.parametrize(
    "breaks",
    [
        "REVOKE SELECT ON TABLE D.S.T FROM ROLE READER",
        "REVOKE ROLE READER FROM USER ANN",
        "REVOKE SELECT ON FUTURE TABLES IN SCHEMA D.S FROM ROLE READER",
        "ALTER WAREHOUSE W SET AUTO_SUSPEND = 600",
        "GRANT OWNERSHIP ON TABLE D.S.T TO ROLE ACCOUNTADMIN COPY CURRENT GRANTS",
    ],
)
def test_the_statement_that_puts_it_back_does(platform: Platform, breaks: str) -> None:
    platform(breaks)
    found = platform.drift()
    assert found != []
    for finding in found:
        platform(undoing.put_back(finding, "local").rstrip(";"))
    assert platform.drift() == []


def test_what_a_builder_makes_by_its_right_is_no_drift(platform: Platform) -> None:
    platform(
        "GRANT USAGE ON DATABASE D TO ROLE S_WRITE",
        "GRANT ROLE BUILDER TO USER LEAP_ADMIN",
        "USE ROLE BUILDER",
        "CREATE TABLE D.S.MODEL (A INT)",
        "USE ROLE ACCOUNTADMIN",
    )
    try:
        told = [finding.what for finding in platform.drift()]
        assert "table D.S.MODEL" not in told
        assert all("MODEL" not in what for what in told)
    finally:
        platform(
            "DROP TABLE D.S.MODEL",
            "REVOKE ROLE BUILDER FROM USER LEAP_ADMIN",
            "REVOKE USAGE ON DATABASE D FROM ROLE S_WRITE",
        )


def test_statements_grow_with_roles_and_not_with_grants(platform: Platform) -> None:
    before = account.read(platform.ask).statements
    tables = [f"D.S.MANY_{number}" for number in range(8)]
    platform(*(f"CREATE TABLE {name} (A INT)" for name in tables))
    platform(*(f"GRANT INSERT, UPDATE ON TABLE {name} TO ROLE READER" for name in tables))
    try:
        assert account.read(platform.ask).statements == before
        platform("CREATE ROLE MORE")
        assert account.read(platform.ask).statements == before + 3
    finally:
        platform("DROP ROLE IF EXISTS MORE", *(f"DROP TABLE {name}" for name in tables))
