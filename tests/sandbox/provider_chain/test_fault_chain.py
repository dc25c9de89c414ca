"""Statements that fail once, or for good: what the real clients make of it.

The connector and the provider's driver try again after an expired session, a busy server and a
connection that was reset. A lock or a timeout is the statement's own failure: the rest is done, and
the next run completes it. The tests share one account and run in this order.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import snowflake.connector
from snowflake.connector.errors import ProgrammingError

from sandbox.snowflake.account import Account
from sandbox.snowflake.faults import VARIABLE
from tests.sandbox.provider_chain.conftest import PASSWORD

pytestmark = [pytest.mark.engine, pytest.mark.sandbox]

PROGRAM = "program.py"
SHOWN = ("WAREHOUSES", "DATABASES", "TABLES IN ACCOUNT")
AGAIN = ("session expired", "busy", "connection reset")
Tell = Callable[..., None]


@pytest.fixture(scope="module", autouse=True)
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The file of the faults, known before the account is served."""
    path = tmp_path_factory.mktemp("faults") / "faults.json"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(VARIABLE, str(path))
        yield path


@pytest.fixture
def tell(told: Path) -> Iterator[Tell]:
    """Says which faults come; none after the test."""

    def say(*rules: dict[str, Any]) -> None:
        told.write_text(json.dumps(rules))

    yield say
    told.unlink(missing_ok=True)


@pytest.fixture
def connection(told: Path, port: int) -> Iterator[Any]:
    """The ordinary connector."""
    with snowflake.connector.connect(
        account="LEAP-SANDBOX",
        host="127.0.0.1",
        port=port,
        protocol="http",
        user="LEAP_ADMIN",
        password=PASSWORD,
        role="ACCOUNTADMIN",
    ) as opened:
        yield opened


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("fault", AGAIN)
def test_the_connector_tries_again_and_the_statement_runs_once(
    connection: Any, tell: Tell, fault: str, after: bool
) -> None:
    name = f"ONCE_{fault.replace(' ', '_')}_{after}".upper()
    tell({"match": f"CREATE DATABASE {name}", "with": fault, "after": after})
    connection.cursor().execute(f"CREATE DATABASE {name}")
    rows = connection.cursor().execute(f"SHOW DATABASES LIKE '{name}'").fetchall()
    assert len(rows) == 1
    connection.cursor().execute(f"DROP DATABASE {name}")


@pytest.mark.parametrize("fault", ["lock", "timeout", "refused"])
def test_a_failure_of_the_statement_is_not_repeated(
    connection: Any, tell: Tell, fault: str
) -> None:
    tell({"match": "CREATE DATABASE NEVER", "with": fault})
    with pytest.raises(ProgrammingError):
        connection.cursor().execute("CREATE DATABASE NEVER")
    assert not connection.cursor().execute("SHOW DATABASES LIKE 'NEVER'").fetchall()


def test_a_deployment_gets_through_what_fails_once(
    account: Account, chain: Any, tell: Tell
) -> None:
    tell(
        {"match": "^CREATE", "with": "session expired", "times": 2},
        {"match": "^CREATE WAREHOUSE", "with": "busy"},
        {"match": "^CREATE TABLE", "with": "busy", "after": True},
        {"match": "^SHOW", "with": "busy", "times": 2},
        {"match": "^CREATE SCHEMA", "with": "connection reset", "after": True},
    )
    chain.pulumi("up", "--yes", "--skip-preview", step=1)
    assert chain.plan("--refresh", step=1) == {}


def test_what_fails_for_good_leaves_the_rest_done_and_is_completed_by_the_next_run(
    chain: Any, tell: Tell
) -> None:
    chain.pulumi("destroy", "--yes", "--skip-preview")
    tell({"match": "^CREATE WAREHOUSE", "with": "lock", "times": 1})
    chain.pulumi("up", "--yes", "--skip-preview", "--continue-on-error", step=1, code=1)
    assert "FACTS" in chain.standing()
    left = chain.plan(step=1)
    assert len(left.pop("create")) >= 1
    assert left == {}
    chain.pulumi("up", "--yes", "--skip-preview", step=1)
    assert chain.plan("--refresh", step=1) == {}
