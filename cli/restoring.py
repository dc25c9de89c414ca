"""The live account as `ops.restore` asks it, and where recipes are kept."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from cli.errors import BadInputError
from cli.paths import STATE
from cli.target import ask, connected
from ops.restore.account import Ask, RefusedError

if TYPE_CHECKING:
    from cli.workbench import Workbench

UNDO: Final = STATE / "undo"


@contextmanager
def asking(bench: Workbench) -> Iterator[Ask]:
    """A connection to the stack's account that raises `RefusedError` for what is refused."""
    with connected(bench.login()) as connection:

        def question(statement: str) -> Sequence[dict[str, Any]]:
            try:
                return ask(connection, statement).dicts()
            except BadInputError as error:
                raise RefusedError(str(error)) from error

        yield question


def server_time(question: Ask) -> datetime:
    """The account's own present moment, in UTC: time travel is told in it."""
    rows = question("SELECT CURRENT_TIMESTAMP() AS moment")
    moment = rows[0]["moment"]
    found = moment if isinstance(moment, datetime) else datetime.fromisoformat(str(moment))
    return found.astimezone(UTC)
