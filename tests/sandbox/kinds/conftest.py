"""An account with the real data plane, whose stages are folders and whose pipes stand idle."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from sandbox.aws.clients import Clients
from sandbox.connection import Aws
from sandbox.snowflake.account import Account, Identity
from sandbox.snowflake.files import StageFiles
from sandbox.snowflake.result import ArrowResult, Result
from sandbox.snowflake.session import Session

Rows = list[dict[str, Any]]


class Client:
    """A session that answers rows as dictionaries."""

    def __init__(self, account: Account, session: Session) -> None:
        self.account = account
        self.session = session

    def __call__(self, *statements: str) -> Rows:
        """Run statements; the rows of the last."""
        rows: Rows = []
        for text in statements:
            result = self.account.execute(self.session, text)[1]
            rows = _rows(result) if isinstance(result, Result) else []
        return rows

    def one(self, text: str) -> dict[str, Any]:
        """The only row of a statement."""
        (row,) = self(text)
        return row

    def query(self, text: str) -> list[tuple[Any, ...]]:
        """The rows of a query that the data plane answers."""
        result = self.account.execute(self.session, text)[1]
        assert isinstance(result, ArrowResult)
        if not result.row_count:
            return []
        with pa.ipc.open_stream(base64.b64decode(result.ipc_base64)) as stream:
            rows = stream.read_all().to_pylist()
        return [tuple(row.values()) for row in rows]

    def properties(self, text: str) -> dict[str, str]:
        """A DESCRIBE's values by property."""
        return {row["property"]: row["property_value"] for row in self(text)}


def _rows(result: Result) -> Rows:
    names = [column.name for column in result.columns]
    return [dict(zip(names, row, strict=True)) for row in result.rows]


def open_account(folder: Path) -> Account:
    """The account that is kept in `folder`."""
    clients = Clients(Aws(endpoint_url="http://127.0.0.1:9"))
    files = partial(StageFiles, clients=clients, stages=folder / "stages", cache=folder / "cache")
    return Account(
        folder,
        Identity(admin_password="secret"),
        lambda: datetime.now(UTC),
        files,
        lambda url: f"arn:aws:sqs:us-east-1:123456789012:queue-of-{url.split('/')[2]}",
    )


def log_in(account: Account) -> Client:
    """A session of the first administrator, as ACCOUNTADMIN, with a warehouse for everybody."""
    client = Client(account, account.log_in({"LOGIN_NAME": "LEAP_ADMIN", "PASSWORD": "secret"}, {}))
    client(
        "CREATE WAREHOUSE IF NOT EXISTS TESTS_WH",
        "USE WAREHOUSE TESTS_WH",
        "GRANT USAGE ON WAREHOUSE TESTS_WH TO ROLE PUBLIC",
    )
    return client


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[list[Account]]:
    """The accounts of a test, the open one last."""
    accounts = [open_account(tmp_path / "account")]
    yield accounts
    accounts[-1].close()


@pytest.fixture
def account(opened: list[Account]) -> Account:
    """A new account."""
    return opened[0]


@pytest.fixture
def sql(account: Account) -> Client:
    """A session of ACCOUNTADMIN."""
    return log_in(account)


@pytest.fixture
def lake(sql: Client) -> Client:
    """The same, in schema DB.RAW, where a storage integration LAKE allows `s3://lake/in/`."""
    sql(
        "CREATE DATABASE DB",
        "CREATE SCHEMA DB.RAW",
        "CREATE STORAGE INTEGRATION LAKE TYPE = EXTERNAL_STAGE STORAGE_PROVIDER = 'S3' "
        "ENABLED = TRUE STORAGE_AWS_ROLE_ARN = 'arn:aws:iam::123456789012:role/lake' "
        "STORAGE_ALLOWED_LOCATIONS = ('s3://lake/in/') "
        "STORAGE_BLOCKED_LOCATIONS = ('s3://lake/in/secret/')",
    )
    return sql


@pytest.fixture
def restarted(opened: list[Account], tmp_path: Path) -> Callable[[], Client]:
    """Closes the account and opens its folder again; a session on it."""

    def again() -> Client:
        opened[-1].close()
        opened.append(open_account(tmp_path / "account"))
        return log_in(opened[-1])

    return again
