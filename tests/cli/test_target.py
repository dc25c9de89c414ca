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
    [("127.0.0.1", target.START_IT), ("my.snowflakecomputing.com", "Try again")],
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
