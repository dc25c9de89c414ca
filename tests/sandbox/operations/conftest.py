"""An account whose clock stands still until a test moves it, with its scheduler at work."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
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
from sandbox.snowflake.result import ArrowResult, Result
from sandbox.snowflake.scheduler import Ran
from sandbox.snowflake.session import Session

START = datetime(2026, 1, 5, 6, 0, tzinfo=UTC)


@dataclass
class StandingClock:
    """Moves when it is told to, and only then."""

    moment: datetime = START

    def now(self) -> datetime:
        return self.moment

    def move_to(self, moment: datetime) -> datetime:
        self.moment = max(self.moment, moment)
        return self.moment

    def reset(self) -> datetime:
        self.moment = START
        return self.moment


@dataclass
class Estate:
    """The administrator's session, and the clock."""

    account: Account
    clock: StandingClock
    session: Session

    def __call__(self, *statements: str) -> list[dict[str, Any]]:
        """Run statements; the rows of the last."""
        rows: list[dict[str, Any]] = []
        for text in statements:
            rows = _rows(self.account.execute(self.session, text)[1])
        return rows

    def query(self, text: str) -> list[tuple[Any, ...]]:
        """The rows of a query."""
        return [tuple(row.values()) for row in self(text)]

    def pass_time(self, **span: float) -> list[Ran]:
        """Move the clock, and tell what ran."""
        return list(self.account.scheduler.advance(timedelta(**span)))

    def wait(self, **span: float) -> None:
        """Move the clock as a statement would that takes so long."""
        self.clock.move_to(self.clock.now() + timedelta(**span))

    def sent(self) -> list[dict[str, Any]]:
        """The messages in the outbox."""
        return self.account.outbox.messages()


def _rows(result: Any) -> list[dict[str, Any]]:
    if isinstance(result, Result):
        names = [column.name for column in result.columns]
        return [dict(zip(names, row, strict=True)) for row in result.rows]
    if not isinstance(result, ArrowResult) or not result.row_count:
        return []
    with pa.ipc.open_stream(base64.b64decode(result.ipc_base64)) as stream:
        found: list[dict[str, Any]] = stream.read_all().to_pylist()
    return found


def open_estate(folder: Path, clock: StandingClock) -> Estate:
    """The account that is kept in `folder`, with a session of its administrator."""
    clients = Clients(Aws(endpoint_url="http://127.0.0.1:9"))
    account = Account(
        folder,
        Identity(admin_password="secret"),
        clock.now,
        partial(StageFiles, clients=clients, stages=folder / "stages", cache=folder / "cache"),
        lambda url: f"arn:aws:sqs:us-east-1:123456789012:queue-of-{url.split('/')[2]}",
    )
    login = {"LOGIN_NAME": "LEAP_ADMIN", "PASSWORD": "secret"}
    return Estate(account, clock, account.log_in(login, {}))


@pytest.fixture
def estate(tmp_path: Path) -> Iterator[Estate]:
    """DB.OPS with the e-mail integration MAIL and the warehouse W (XSMALL, 60 s)."""
    clock = StandingClock()
    made = open_estate(tmp_path / "account", clock)
    made(
        "CREATE WAREHOUSE W AUTO_SUSPEND = 60 INITIALLY_SUSPENDED = TRUE",
        "CREATE DATABASE DB",
        "CREATE SCHEMA DB.OPS",
        "USE SCHEMA DB.OPS",
        "CREATE NOTIFICATION INTEGRATION MAIL TYPE = EMAIL ENABLED = TRUE "
        "ALLOWED_RECIPIENTS = ('ops@leap.example') DEFAULT_RECIPIENTS = ('ops@leap.example')",
    )
    with made.account.scheduler.running(clock):
        yield made
    made.account.close()


@pytest.fixture
def orders(estate: Estate) -> Estate:
    """DB.OPS.T with three rows, stream S behind them, and an empty table OUT_T."""
    estate(
        "CREATE TABLE T (A INT, B VARCHAR)",
        "INSERT INTO T VALUES (1, 'a'), (2, 'b'), (3, 'c')",
        "CREATE STREAM S ON TABLE T",
        "CREATE TABLE OUT_T (A INT, B VARCHAR)",
        "USE WAREHOUSE W",
    )
    return estate


@pytest.fixture
def beside(orders: Estate) -> Callable[[], Estate]:
    """Another session of the administrator."""

    def opened() -> Estate:
        login = {"LOGIN_NAME": "LEAP_ADMIN", "PASSWORD": "secret"}
        other = Estate(orders.account, orders.clock, orders.account.log_in(login, {}))
        other("USE SCHEMA DB.OPS", "USE WAREHOUSE W")
        return other

    return opened
