"""What Time Travel and a stream add to ordinary statements; the budget is a ratio of 1.2.

The same statements run in one process, in turns: with what is kept of the past, without it (changes
are committed and nothing is noted), and with a stream on the table. At last, what a stream costs
that has one changed row of many to tell.
"""

from __future__ import annotations

import secrets
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Final
from unittest import mock

from benchmarks.measure import Timing, repeat, say
from sandbox.aws.clients import Clients
from sandbox.connection import Aws
from sandbox.snowflake.account import Account, Identity
from sandbox.snowflake.data.session import DataSession
from sandbox.snowflake.files import StageFiles

TURNS: Final = 4
PASSWORD: Final = secrets.token_hex()
STATEMENTS: Final = (
    ("SELECT 1", 100),
    ("INSERT INTO D.S.T SELECT * FROM D.S.MANY", 1),
    ("INSERT INTO D.S.T VALUES (1, 'x')", 20),
    ("UPDATE D.S.MANY SET B = B || 'x' WHERE A = 77", 5),
    ("CREATE OR REPLACE TABLE D.S.NEW (A INT)", 5),
)
_NOTE: Final = DataSession.note


def _nothing(*arguments: Any, **more: Any) -> None:
    """Keeps nothing of a change."""


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        account = _open(Path(folder))
        session = account.log_in({"LOGIN_NAME": "LEAP_ADMIN", "PASSWORD": PASSWORD}, {})
        ask: Callable[[str], Any] = partial(account.execute, session)
        _fill(ask)
        for statement, calls in STATEMENTS:
            _compare(ask, statement, calls)
        _stream(ask)
        account.log_out(session.token)
        account.close()


def _compare(ask: Callable[[str], Any], statement: str, calls: int) -> None:
    seconds: dict[str, list[float]] = {"with the past": [], "without": [], "and a stream": []}
    for _ in range(TURNS):
        for kind, found in seconds.items():
            if kind == "and a stream":
                ask("CREATE OR REPLACE STREAM D.S.NEWS ON TABLE D.S.T")
            noted = _nothing if kind == "without" else _NOTE
            with mock.patch.object(DataSession, "note", noted):
                found += repeat(lambda: ask(statement), calls, warm_up=1).seconds
        ask("DROP STREAM D.S.NEWS")
    timings = {kind: Timing(tuple(values)) for kind, values in seconds.items()}
    plain = min(timings["without"].seconds)
    say(
        f"{statement} (budget: 1.2 times what it takes without)",
        *(
            f"{kind}: {timing.in_words()}, ratio of the fastest {min(timing.seconds) / plain:.2f}"
            for kind, timing in timings.items()
        ),
    )


def _stream(ask: Callable[[str], Any]) -> None:
    ask("CREATE STREAM D.S.ONE ON TABLE D.S.MANY")
    ask("UPDATE D.S.MANY SET B = 'changed' WHERE A = 78")
    for statement in ("SELECT * FROM D.S.ONE", "SELECT SYSTEM$STREAM_HAS_DATA('D.S.ONE')"):
        timing = repeat(partial(ask, statement), 10)
        say(f"{statement}, one row of 1,000,000 changed", timing.in_words())


def _open(folder: Path) -> Account:
    clients = Clients(Aws(endpoint_url="http://127.0.0.1:9"))
    return Account(
        folder,
        Identity(admin_password=PASSWORD),
        lambda: datetime.now(UTC),
        partial(StageFiles, clients=clients, stages=folder / "stages", cache=folder / "cache"),
        lambda url: url,
    )


def _fill(ask: Callable[[str], Any]) -> None:
    for statement in (
        "CREATE WAREHOUSE W",
        "CREATE DATABASE D",
        "CREATE SCHEMA D.S",
        "CREATE TABLE D.S.MANY AS SELECT SEQ4() AS A, 'row ' || SEQ4() AS B "
        "FROM TABLE(GENERATOR(ROWCOUNT => 1000000))",
        "CREATE TABLE D.S.T (A INT, B VARCHAR)",
    ):
        ask(statement)


if __name__ == "__main__":
    main()
