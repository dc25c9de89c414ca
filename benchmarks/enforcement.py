"""What the guard adds to a statement in an account with 10,000 grants; the budget is 1 ms.

The same statements run in one process, in turns, with the guard and with one that permits
everything; the difference of the medians is what enforcement costs.
"""

from __future__ import annotations

import secrets
import tempfile
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from benchmarks.measure import Timing, repeat, say
from sandbox.aws.clients import Clients
from sandbox.connection import Aws
from sandbox.snowflake.access.guard import Demand, RoleGuard
from sandbox.snowflake.account import Account, Identity
from sandbox.snowflake.catalog.record import Record
from sandbox.snowflake.context import Context
from sandbox.snowflake.files import StageFiles
from sandbox.snowflake.session import Session

GRANTS = 10_000
TABLES = 100
TURNS = 6
CALLS = 100
PASSWORD = secrets.token_hex()
STATEMENTS = (
    "SELECT * FROM D.S.T0",
    "SELECT * FROM D.S.V",
    "INSERT INTO D.S.T1 VALUES (1)",
    "DESCRIBE TABLE D.S.T2",
)


class OpenGuard:
    """Permits everything: the other side of the comparison."""

    def permit(self, context: Context, demand: Demand) -> None:
        """Permit."""

    def sees(self, context: Context, record: Record) -> bool:
        """Everything is seen."""
        return True


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        account = _open(Path(folder))
        session = _fill(account)
        for statement in STATEMENTS:
            _compare(account, session, statement)
        account.close()


def _compare(account: Account, session: Session, statement: str) -> None:
    seconds: dict[bool, list[float]] = {True: [], False: []}
    for _ in range(TURNS):
        for guarded, found in seconds.items():
            account.guard = RoleGuard() if guarded else OpenGuard()
            found += repeat(lambda: account.execute(session, statement), CALLS).seconds
    closed, opened = Timing(tuple(seconds[True])), Timing(tuple(seconds[False]))
    say(
        f"{statement}, with {GRANTS:,} grants (budget: 1 ms more at the median)",
        f"with the guard: {closed.in_words()}",
        f"without it: {opened.in_words()}",
        f"added: {closed.median - opened.median:.3f} ms; "
        f"ratio of the medians: {closed.median / opened.median:.3f}",
    )


def _open(folder: Path) -> Account:
    clients = Clients(Aws(endpoint_url="http://127.0.0.1:9"))
    return Account(
        folder,
        Identity(admin_password=PASSWORD),
        lambda: datetime.now(UTC),
        partial(StageFiles, clients=clients, stages=folder / "stages", cache=folder / "cache"),
        str,
    )


def _fill(account: Account) -> Session:
    """A reader under fifty roles, and 10,000 grants on a hundred tables."""
    admin = account.log_in({"LOGIN_NAME": "LEAP_ADMIN", "PASSWORD": PASSWORD}, {})
    for text in ("CREATE WAREHOUSE W", "CREATE DATABASE D", "CREATE SCHEMA D.S"):
        account.execute(admin, text)
    for number in range(TABLES):
        account.execute(admin, f"CREATE TABLE D.S.T{number} (A INT)")
    account.execute(admin, "CREATE VIEW D.S.V AS SELECT A FROM D.S.T0")
    roles = [f"R{number}" for number in range(GRANTS // TABLES // 2)]
    for name in roles:
        account.execute(admin, f"CREATE ROLE {name}")
        account.execute(admin, f"GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA D.S TO ROLE {name}")
    for child, parent in zip(roles[1:], roles, strict=False):
        account.execute(admin, f"GRANT ROLE {child} TO ROLE {parent}")
    for text in (
        f"CREATE USER READER PASSWORD = '{PASSWORD}' DEFAULT_ROLE = R0 DEFAULT_WAREHOUSE = W",
        "GRANT ROLE R0 TO USER READER",
        "GRANT USAGE ON DATABASE D TO ROLE R0",
        "GRANT USAGE ON SCHEMA D.S TO ROLE R0",
        "GRANT USAGE ON WAREHOUSE W TO ROLE R0",
        "GRANT SELECT ON VIEW D.S.V TO ROLE R0",
    ):
        account.execute(admin, text)
    return account.log_in({"LOGIN_NAME": "READER", "PASSWORD": PASSWORD}, {})


if __name__ == "__main__":
    main()
