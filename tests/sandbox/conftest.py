"""An account in this process, without the data plane: what most tests of the catalogue need.

Statements about rows fail here; tests of those open the real data plane.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest

from sandbox.snowflake.account import Account, Identity
from sandbox.snowflake.context import Context
from sandbox.snowflake.data.model import Effect, EffectAction, EffectKind, ObjectName
from sandbox.snowflake.data.plane import DataPlane
from sandbox.snowflake.dispatch import statement_of
from sandbox.snowflake.kinds.stage import StageStore
from sandbox.snowflake.result import Result
from sandbox.snowflake.session import Session
from sandbox.snowflake.verbs.data import apply

PASSWORD = "a-test's password"


class _NoSession:
    def close(self) -> None:
        """Nothing is open."""

    def remember(self, statement_id: str, table: object) -> None:
        """No result is kept."""


class _NoFiles:
    def drop(self, stage: object) -> None:
        """No stage has files."""


class _NoShelf:
    def __getattr__(self, name: str) -> Callable[..., str]:
        if not name.startswith(("keep_", "restore_", "purge_")):
            raise AttributeError(name)
        return lambda *arguments: "nowhere"


class _NoData:
    """Takes every change to databases and schemas, and knows no rows."""

    def __init__(self, *parts: object) -> None:
        self.parts = parts
        self.shelf = _NoShelf()
        self.replicas = self

    def open_session(self) -> _NoSession:
        return _NoSession()

    def __getattr__(self, name: str) -> Callable[..., None]:
        if not name.startswith(("create_", "drop_", "rename_", "recover", "close", "forget_")):
            raise AttributeError(name)
        return lambda *arguments: None


def open_account(folder: Path) -> Account:
    """An account kept in `folder`; opened twice, it is the same account."""
    return Account(
        folder,
        Identity(admin_password=PASSWORD),
        lambda: datetime.now(UTC),
        lambda store: cast("StageStore", _NoFiles()),
        lambda url: f"arn:aws:sqs:us-east-1:123456789012:{url}",
        data=cast("Callable[..., DataPlane]", _NoData),
    )


@dataclass
class Client:
    """A session that answers rows as dictionaries."""

    account: Account
    user: str = "LEAP_ADMIN"
    password: str = PASSWORD
    role: str | None = None
    session: Session = field(init=False)

    def __post_init__(self) -> None:
        login = {"LOGIN_NAME": self.user, "PASSWORD": self.password}
        self.session = self.account.log_in(login, {"role": self.role})

    def __call__(self, *statements: str) -> list[dict[str, Any]]:
        """Run statements; the rows of the last."""
        rows: list[dict[str, Any]] = []
        for text in statements:
            result = self.account.execute(self.session, text)[1]
            assert isinstance(result, Result)
            names = [column.name for column in result.columns]
            rows = [dict(zip(names, row, strict=True)) for row in result.rows]
        return rows

    def column(self, name: str, text: str) -> list[Any]:
        """One column of a statement's rows."""
        return [row[name] for row in self(text)]

    def object(
        self, name: str, *, kind: EffectKind = "TABLE", action: EffectAction = "create", **more: Any
    ) -> None:
        """What the data plane would report after a statement on a table or view."""
        context = Context(self.account, self.session, statement_of(self.account, ""))
        database, schema, last = name.split(".")
        with self.account.store.transaction():
            apply(context, Effect(action, kind, ObjectName(database, schema, last), **more))


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
    """The administrator's session."""
    return Client(account)


@pytest.fixture
def client() -> type[Client]:
    """For tests that log in as somebody else."""
    return Client


@pytest.fixture
def reopen(opened: list[Account], tmp_path: Path) -> Callable[[], Account]:
    """Closes the account and opens its folder again, as a restart does."""

    def again() -> Account:
        opened[-1].close()
        opened.append(open_account(tmp_path / "account"))
        return opened[-1]

    return again
