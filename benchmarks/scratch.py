"""A sandbox of its own for a benchmark, on free ports, gone at the end."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sandbox import process

if TYPE_CHECKING:
    from snowflake.connector import SnowflakeConnection

    from sandbox.connection import Connection


@contextmanager
def sandbox() -> Iterator[tuple[Connection, Path]]:
    """A running, empty sandbox and the folder that it lives in."""
    os.environ.pop("LEAP_SANDBOX_CONNECTION", None)
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        try:
            yield process.start(root, port=0, aws_port=0, github_port=0), root
        finally:
            process.stop(root)


def connect(connection: Connection, **more: Any) -> SnowflakeConnection:
    """The ordinary connector, logged in as the administrator."""
    import snowflake.connector

    account = connection.snowflake
    given = {
        "account": account.account,
        "host": account.host,
        "port": account.port,
        "protocol": account.protocol,
        "user": account.admin.user,
        "password": account.admin.password,
        "role": "ACCOUNTADMIN",
    }
    return snowflake.connector.connect(**{**given, **more})
