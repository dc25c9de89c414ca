"""Two accounts of one organization in this process, with the real data plane."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from sandbox.aws.clients import Clients
from sandbox.connection import Aws
from sandbox.snowflake.account import Account, Identity
from sandbox.snowflake.files import StageFiles
from sandbox.snowflake.replication import standby
from sandbox.snowflake.result import ArrowResult, Result
from sandbox.snowflake.session import Session
from sandbox.snowflake.sharing.organization import Organization

PASSWORD = "a-test's password"


@dataclass
class Clock:
    """Real time, and how far a test has moved it."""

    ahead: timedelta = timedelta()

    def now(self) -> datetime:
        """The time of both accounts."""
        return datetime.now(UTC) + self.ahead


class Client:
    """A session that answers rows as dictionaries."""

    def __init__(
        self, account: Account, user: str = "LEAP_ADMIN", password: str = PASSWORD
    ) -> None:
        self.account = account
        login = {"LOGIN_NAME": user, "PASSWORD": password}
        self.session: Session = account.log_in(login, {})

    def __call__(self, *statements: str) -> list[dict[str, Any]]:
        """Run statements; the rows of the last."""
        rows: list[dict[str, Any]] = []
        for text in statements:
            rows = _rows(self.account.execute(self.session, text)[1])
        return rows

    def values(self, text: str) -> list[tuple[Any, ...]]:
        """The rows of a statement without their names."""
        return [tuple(row.values()) for row in self(text)]


def _rows(result: Any) -> list[dict[str, Any]]:
    if isinstance(result, ArrowResult):
        if not result.row_count:
            return []
        table = pa.ipc.open_stream(base64.b64decode(result.ipc_base64)).read_all()
        names = [column["name"] for column in result.rowtype]
        return [dict(zip(names, row, strict=True)) for row in zip(*_columns(table), strict=True)]
    assert isinstance(result, Result)
    names = [column.name for column in result.columns]
    return [dict(zip(names, row, strict=True)) for row in result.rows]


def _columns(table: pa.Table) -> list[list[Any]]:
    return [column.to_pylist() for column in table.columns]


class Pair:
    """Both accounts; `reopen` does what a restart does."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.clock = Clock()
        self.open()

    def open(self) -> None:
        """Open the home account; the other one is opened when it is needed."""
        clients = Clients(Aws(endpoint_url="http://127.0.0.1:9"))
        files = partial(
            StageFiles,
            clients=clients,
            stages=self._folder / "stages",
            cache=self._folder / "cache",
        )
        identity = Identity(admin_password=PASSWORD)
        self.home = Account(
            self._folder / "home",
            identity,
            self.clock.now,
            files,
            lambda url: f"arn:aws:sqs:us-east-1:1:{url[5:]}",
        )
        other = standby.standby(
            self._folder / "accounts",
            identity,
            self.clock.now,
            files,
            channel_for=lambda url: f"arn:aws:sqs:us-west-2:1:{url[5:]}",
        )
        self.organization = Organization(self.home, {}, other)

    @property
    def other(self) -> Account:
        """The account in the second region."""
        found = self.organization.account(standby.NAME)
        assert found is not None
        return found

    def close(self) -> None:
        """Stop."""
        self.organization.close()
        self.home.close()

    def reopen(self) -> None:
        """Stop and start again."""
        self.close()
        self.open()


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[Pair]:
    """Two new accounts."""
    both = Pair(tmp_path)
    yield both
    both.close()


@pytest.fixture
def home(pair: Pair) -> Client:
    """The administrator in the home account, with a warehouse."""
    client = Client(pair.home)
    client("CREATE WAREHOUSE WH")
    return client


@pytest.fixture
def other(pair: Pair) -> Client:
    """The administrator in the second account, with a warehouse of its own."""
    client = Client(pair.other)
    client("CREATE WAREHOUSE DR_WH")
    return client
