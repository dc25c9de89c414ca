"""What is said where nobody answers, or answers any more."""

from __future__ import annotations

from types import TracebackType
from typing import Any, Self

import pytest
from snowflake.connector.errors import OperationalError

from cli import target
from cli.drill_hands import Polls
from cli.errors import BadInputError, NotUsableError
from ops.restore.account import RefusedError


class Gone:
    """A connection, and its own cursor, to an account that was there at the login."""

    def __init__(self, host: str) -> None:
        self.host = host

    def cursor(self) -> Self:
        """A cursor."""
        return self

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Nothing is open."""

    def execute(self, *_: Any) -> None:
        """Nobody is there."""
        raise OperationalError(msg="HTTPConnectionPool(host=…): Max retries", errno=250003)


@pytest.mark.parametrize(
    ("host", "way_on"),
    [("127.0.0.1", target.START_IT), ("my.snowflakecomputing.com", "connections.toml")],
)
def test_an_account_that_went_away_is_no_bad_input(host: str, way_on: str) -> None:
    gone: Any = Gone(host)
    with pytest.raises(NotUsableError, match="does not answer any more") as found:
        target.ask(gone, "SELECT 1")
    assert not isinstance(found.value, BadInputError)
    assert way_on in str(found.value)


def test_a_read_of_bi_that_finds_no_sandbox_is_not_answered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def stopped() -> None:
        raise NotUsableError("The sandbox is not running.", target.START_IT)

    monkeypatch.setattr(target, "running_sandbox", stopped)
    with pytest.raises(RefusedError, match="not running"):
        Polls(target.SANDBOX)("LEAP-ANALYTICS", "REPORTER", "BI_WH", "SELECT 1")


@pytest.mark.parametrize(
    ("runs", "words"), [(False, "ended in the middle"), (True, "runs and does not answer")]
)
def test_a_sandbox_is_asked_again_while_it_runs_and_not_for_ever(
    monkeypatch: pytest.MonkeyPatch, runs: bool, words: str
) -> None:
    monkeypatch.setattr(target, "sandbox_runs", lambda: runs)
    with pytest.raises(NotUsableError, match=words):
        list(target.while_it_runs())
    again = target.while_it_runs()
    assert next(again) == 1
    if runs:
        assert [next(again) for _ in range(target.TRIES)] == [1] * target.TRIES


def test_a_connection_to_a_port_where_nobody_is_ends_with_what_to_start(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(target, "sandbox_runs", lambda: False)
    nobody = {"host": target.LOOPBACK, "port": 9, "protocol": "http", "account": "A"}
    with (
        pytest.raises(NotUsableError, match="leap sandbox start"),
        target.connected({**nobody, "user": "U", "password": "P"}),
    ):
        pass
