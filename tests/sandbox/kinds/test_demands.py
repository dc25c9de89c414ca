"""Every verb states the privileges that it needs, so that a guard can decide.

https://docs.snowflake.com/en/user-guide/security-access-control-privileges
"""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.snowflake.access.guard import Demand
from sandbox.snowflake.account import Account
from sandbox.snowflake.catalog.record import Record
from sandbox.snowflake.context import Context
from sandbox.snowflake.sql.names import dotted


class _Notebook:
    """Permits everything and remembers what was asked."""

    def __init__(self) -> None:
        self.asked: set[tuple[str, str]] = set()

    def permit(self, context: Context, demand: Demand) -> None:
        name = dotted(demand.record.path) if demand.record is not None else "ACCOUNT"
        self.asked.add((demand.privilege, name))

    def sees(self, context: Context, record: Record) -> bool:
        return True


@pytest.fixture
def stocked(lake: Any) -> Any:
    """One of each kind."""
    lake(
        "CREATE WAREHOUSE WH",
        "CREATE RESOURCE MONITOR RM",
        "CREATE FILE FORMAT DB.RAW.F TYPE = CSV",
        "CREATE STAGE DB.RAW.S URL = 's3://lake/in/' STORAGE_INTEGRATION = LAKE",
        "CREATE STAGE DB.RAW.I",
        "CREATE TABLE DB.RAW.T (A INT)",
        "CREATE PIPE DB.RAW.P AS COPY INTO T FROM @S",
    )
    return lake


@pytest.mark.parametrize(
    ("statement", "needs"),
    [
        ("CREATE WAREHOUSE W2", {("CREATE WAREHOUSE", "ACCOUNT")}),
        ("CREATE SCHEMA DB.S2", {("CREATE SCHEMA", "DB")}),
        (
            "CREATE STORAGE INTEGRATION I2 TYPE = EXTERNAL_STAGE STORAGE_PROVIDER = 'GCS' "
            "ENABLED = TRUE STORAGE_ALLOWED_LOCATIONS = ('*')",
            {("CREATE STORAGE INTEGRATION", "ACCOUNT")},
        ),
        (
            "CREATE STAGE DB.RAW.S2 URL = 's3://lake/in/' STORAGE_INTEGRATION = LAKE "
            "FILE_FORMAT = (FORMAT_NAME = 'F')",
            {("CREATE STAGE", "DB.RAW"), ("USAGE", "LAKE"), ("USAGE", "DB.RAW.F")},
        ),
        (
            "CREATE PIPE DB.RAW.P2 AS COPY INTO T FROM @I",
            {
                ("CREATE PIPE", "DB.RAW"),
                ("READ", "DB.RAW.I"),
                ("INSERT", "DB.RAW.T"),
                ("SELECT", "DB.RAW.T"),
            },
        ),
        ("ALTER WAREHOUSE WH SET COMMENT = 'x'", {("MODIFY", "WH")}),
        ("ALTER WAREHOUSE WH SUSPEND", {("OPERATE", "WH")}),
        ("ALTER WAREHOUSE WH RENAME TO W2", {("OWNERSHIP", "WH")}),
        ("ALTER RESOURCE MONITOR RM NOTIFY_USERS = ()", {("MODIFY", "RM")}),
        ("ALTER DATABASE DB SET COMMENT = 'x'", {("MODIFY", "DB")}),
        ("ALTER SCHEMA DB.RAW UNSET COMMENT", {("MODIFY", "DB.RAW")}),
        ("ALTER FILE FORMAT DB.RAW.F SET COMMENT = 'x'", {("OWNERSHIP", "DB.RAW.F")}),
        ("ALTER PIPE DB.RAW.P REFRESH", {("OPERATE", "DB.RAW.P")}),
        ("SELECT SYSTEM$PIPE_STATUS('DB.RAW.P')", {("MONITOR", "DB.RAW.P")}),
        ("DROP STAGE DB.RAW.S", {("OWNERSHIP", "DB.RAW.S")}),
        ("USE WAREHOUSE WH", {("USAGE", "WH")}),
    ],
)
def test_a_statement_states_what_it_needs(
    stocked: Any, account: Account, statement: str, needs: set[tuple[str, str]]
) -> None:
    guard = account.guard = _Notebook()
    stocked(statement)
    assert guard.asked == needs
