"""Which account a stack talks to, and how `leap` itself connects to it.

A sandbox stack uses the connection file that the sandbox wrote. A stack of a real account uses the
connection of that name (or the default one) in Snowflake's own `connections.toml`:
https://docs.snowflake.com/en/developer-guide/python-connector/python-connector-connect
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from cli.errors import BadInputError, NotUsableError
from cli.paths import ROOT

if TYPE_CHECKING:
    from snowflake.connector import SnowflakeConnection

    from sandbox.connection import Connection

SANDBOX: Final = "sandbox"
START_IT: Final = "Start it: leap sandbox start"
TRIES: Final = 10
"""Of a request that a running sandbox does not answer."""
LOOPBACK: Final = "127.0.0.1"
"""Where a sandbox answers, and no real account."""


@dataclass(frozen=True, slots=True)
class Rows:
    """What a statement returned."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]

    def dicts(self) -> list[dict[str, Any]]:
        """Each row by column name, lower case."""
        names = [name.lower() for name in self.columns]
        return [dict(zip(names, row, strict=True)) for row in self.rows]


def running_sandbox() -> Connection:
    """How to reach the sandbox.

    Raises:
        NotUsableError: it does not run.
    """
    from sandbox import process

    status = process.status(ROOT)
    if not status.running or status.connection is None:
        raise NotUsableError("The sandbox is not running.", START_IT)
    return status.connection


def sandbox_runs() -> bool:
    """Whether the sandbox of this clone is up."""
    from sandbox import process

    return process.status(ROOT).running


def where(connection: Connection) -> str:
    """The two addresses of the sandbox, in words."""
    return f"Snowflake on port {connection.snowflake.port}, AWS at {connection.aws.endpoint_url}"


def sandbox_login(user: str | None = None, role: str | None = None) -> dict[str, Any]:
    """Connector arguments for a person of the sandbox; without a name, for its administrator."""
    connection = running_sandbox()
    snowflake = connection.snowflake
    password = snowflake.people_password if user else snowflake.admin.password
    return {
        "account": snowflake.account,
        "host": snowflake.host,
        "port": snowflake.port,
        "protocol": snowflake.protocol,
        "user": user or snowflake.admin.user,
        "password": password,
        "role": role or (None if user else "ACCOUNTADMIN"),
    }


def login(target: str) -> dict[str, Any]:
    """Connector arguments for `leap`'s own questions to the target of a stack."""
    if target == SANDBOX:
        return sandbox_login()
    return {"connection_name": os.environ.get("SNOWFLAKE_DEFAULT_CONNECTION_NAME", "default")}


@contextmanager
def connected(arguments: Mapping[str, Any]) -> Iterator[SnowflakeConnection]:
    """A connector connection that is closed at the end.

    Raises:
        NotUsableError: nobody answers, or the login is refused.
    """
    import snowflake.connector
    from snowflake.connector.errors import Error

    given = {key: value for key, value in arguments.items() if value is not None}
    if given.get("host") == LOOPBACK:
        given["backoff_policy"] = while_it_runs
    try:
        connection = snowflake.connector.connect(
            **given, session_parameters={"QUERY_TAG": "leap"}, login_timeout=15
        )
    except (Error, OSError) as error:
        raise NotUsableError(f"No connection to Snowflake: {error}", _way_on(given)) from error
    try:
        yield connection
    finally:
        connection.close()


def while_it_runs() -> Iterator[int]:
    """Seconds before each new try of a request that nobody answered: none once the process is gone.

    The connector itself tries for ever, and its `network_timeout` would end long statements too.
    https://docs.snowflake.com/en/developer-guide/python-connector/python-connector-api#connect

    Raises:
        NotUsableError: the sandbox ended, or is silent.
    """
    yield 1  # before anything was tried
    for _ in range(TRIES):
        if not sandbox_runs():
            raise NotUsableError("The sandbox ended in the middle.", START_IT)
        yield 1
    raise NotUsableError("The sandbox runs and does not answer.", "Look: leap sandbox status")


def ask(connection: SnowflakeConnection, statement: str, parameters: Sequence[Any] = ()) -> Rows:
    """Run one statement and fetch everything.

    Raises:
        BadInputError: Snowflake refused it; the text is Snowflake's own.
        NotUsableError: nobody answers any more.
    """
    from snowflake.connector.errors import OperationalError, ProgrammingError

    with connection.cursor() as cursor:
        try:
            cursor.execute(statement, parameters or None)
        except ProgrammingError as error:
            raise BadInputError(str(error.msg or error)) from error
        except OperationalError as error:
            words = f"Snowflake does not answer any more (error {error.errno})."
            raise NotUsableError(words, _way_on({"host": connection.host})) from error
        columns = tuple(column.name for column in cursor.description or ())
        return Rows(columns, tuple(tuple(row) for row in cursor.fetchall()))


def _way_on(arguments: Mapping[str, Any]) -> str:
    """What to do where nobody answers."""
    if arguments.get("host") == LOOPBACK:
        return START_IT
    return "Look at it in connections.toml; SNOWFLAKE_DEFAULT_CONNECTION_NAME names another."
