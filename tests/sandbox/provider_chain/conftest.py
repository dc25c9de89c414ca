"""The real engine and provider plugin against a scratch account.

A test module names its program in `PROGRAM` and what it makes in `SHOWN`; its tests share one
account and one stack, and run in order.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import uvicorn

import engine
from sandbox.aws.clients import Clients
from sandbox.connection import Aws
from sandbox.snowflake.account import Account, Identity
from sandbox.snowflake.files import StageFiles
from sandbox.snowflake.replication import standby
from sandbox.snowflake.result import Result
from sandbox.snowflake.sharing import marketplace
from sandbox.snowflake.sharing.organization import Organization
from sandbox.snowflake.transport import create_app

ROOT = Path(__file__).resolve().parents[3]
PASSWORD = "of-the-scratch-account"
PROJECT = f"""\
name: chain
runtime:
  name: python
  options:
    virtualenv: {sys.prefix}
"""


class Chain:
    """The scratch account, and the stack that the engine keeps in it."""

    def __init__(
        self, account: Account, folder: Path, variables: dict[str, str], shown: tuple[str, ...]
    ) -> None:
        self.account = account
        self._folder = folder
        self._variables = variables
        self._shown = shown
        self._session = account.system_session()

    def pulumi(self, *arguments: str, step: int = 2, code: int = 0) -> str:
        """What a command prints; it must end with `code`."""
        done = subprocess.run(
            ["pulumi", *arguments, "--non-interactive", "--color", "never"],
            cwd=self._folder,
            env=self._variables | {"STEP": str(step)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout

    def plan(self, *options: str, step: int = 2) -> dict[str, set[str]]:
        """The resources that a plan would make, change, replace or drop: names by what is done."""
        found: dict[str, set[str]] = {}
        for item in json.loads(self.pulumi("preview", "--json", *options, step=step))["steps"]:
            if item["op"] not in {"same", "refresh"}:
                found.setdefault(item["op"], set()).add(item["urn"].rpartition("::")[2])
        return found

    def sql(self, text: str) -> list[dict[str, Any]]:
        """The rows of a statement that somebody runs by hand."""
        result = self.account.execute(self._session, text)[1]
        if not isinstance(result, Result):
            return [{"rows": result.row_count}]
        names = [column.name for column in result.columns]
        return [dict(zip(names, row, strict=True)) for row in result.rows]

    def standing(self) -> set[str]:
        """The objects of the kinds that the program makes; the vendor has a database, too."""
        shown = {str(row["name"]) for kind in self._shown for row in self.sql(f"SHOW {kind}")}
        return shown - {"SNOWFLAKE"}


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    """An account with the real data plane, whose pipes stand idle."""
    folder = tmp_path_factory.mktemp("account")
    clients = Clients(Aws(endpoint_url="http://127.0.0.1:9"))
    files = partial(StageFiles, clients=clients, stages=folder / "stages", cache=folder / "cache")
    identity = Identity(admin_password=PASSWORD)
    opened = Account(
        folder,
        identity,
        lambda: datetime.now(UTC),
        files,
        lambda url: f"arn:aws:sqs:us-east-1:123456789012:queue-of-{url.split('/')[2]}",
    )
    market = partial(
        marketplace.open_account, folder / "accounts", identity, lambda: datetime.now(UTC), files
    )
    other = standby.standby(folder / "accounts", identity, lambda: datetime.now(UTC), files)
    organization = Organization(opened, {marketplace.NAME: market}, other)
    yield opened
    organization.close()
    opened.close()


@pytest.fixture(scope="module")
def port(account: Account) -> Iterator[int]:
    """Where the account is served."""
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(create_app(account), log_config=None, lifespan="off", ws="none")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.005)
    yield int(listener.getsockname()[1])
    server.should_exit = True
    thread.join(timeout=10)
    listener.close()


@pytest.fixture(scope="module")
def chain(
    account: Account,
    port: int,
    tmp_path_factory: pytest.TempPathFactory,
    request: pytest.FixtureRequest,
) -> Chain:
    """A stack that was not run yet."""
    folder = tmp_path_factory.mktemp("project")
    (folder / "Pulumi.yaml").write_text(PROJECT)
    shutil.copy(Path(__file__).with_name(request.module.PROGRAM), folder / "__main__.py")
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("PULUMI_", "SNOWFLAKE_"))}
    variables = kept | engine.install().environment(folder)
    variables |= {
        "PULUMI_BACKEND_URL": f"file://{folder / '.leap' / 'state'}",
        "HOME": str(folder),
        "SANDBOX_PORT": str(port),
        "SANDBOX_PASSWORD": PASSWORD,
        "PYTHONPATH": str(ROOT),
    }
    made = Chain(account, folder, variables, request.module.SHOWN)
    made.pulumi("stack", "init", "chain")
    return made
