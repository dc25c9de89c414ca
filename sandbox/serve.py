"""The sandbox's one process: Snowflake's front, AWS, the worker between them, and GitHub.

All sides listen on 127.0.0.1 only. The connection file is written last: a reader that finds our
process in it can connect at once. What is heavy is imported inside, so that a taken port or a bad
folder is told at once.
"""

from __future__ import annotations

import logging
import os
import signal
import socket
import sqlite3
import threading
import time
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Final

from sandbox import connection
from sandbox.clock import Clock
from sandbox.connection import Connection
from sandbox.errors import SandboxError
from sandbox.identity import own_birth
from sandbox.locking import exclusive
from sandbox.place import Place
from sandbox.ports import Ports, listen

if TYPE_CHECKING:
    from starlette.applications import Starlette

    from sandbox.aws.server import AwsServer

log = logging.getLogger("sandbox")

_READY: Final = 30.0
_FAILED: Final = 3


def serve(place: Place, ports: Ports) -> int:
    """Serve until SIGTERM or SIGINT; returns the exit code (3: the environment is not usable)."""
    _set_up_logging()
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    began = time.monotonic()
    try:
        with exclusive(place.serve_lock, wait=0), _parts(place, ports) as ready:
            connection.write(place.connection, ready)
            took = time.monotonic() - began
            log.info("ready after %.1f s: %s", took, ports)
            stopping.wait()
            log.info("stopping")
    except SandboxError as error:
        log.error("%s %s", error.message, error.way_on)
        return _FAILED
    except (OSError, sqlite3.Error) as error:
        log.error("The sandbox cannot use its ports or its folder %s: %s", place.folder, error)
        return _FAILED
    log.info("stopped")
    return 0


@contextmanager
def _parts(place: Place, ports: Ports) -> Iterator[Connection]:
    """Start every part, in order; end them in the opposite order."""
    with ExitStack() as stack:
        front_socket = stack.enter_context(listen(ports.snowflake))
        aws_socket = stack.enter_context(listen(ports.aws))
        github_socket = stack.enter_context(listen(ports.github))
        earlier = connection.read(place.connection)
        ready = connection.compose(ports, pid=os.getpid(), birth=own_birth(), earlier=earlier)
        from sandbox.aws.server import AwsServer

        aws = stack.enter_context(AwsServer(place.aws, aws_socket, ready.aws))
        app, created_on = stack.enter_context(_account(place, ready, aws))
        stack.enter_context(_front(app, front_socket))
        github = stack.enter_context(_github(place, ready))
        stack.enter_context(_front(github, github_socket))
        yield connection.made(ready, created_on)


@contextmanager
def _account(
    place: Place, ready: Connection, aws: AwsServer
) -> Iterator[tuple[Starlette, datetime]]:
    """Open the account, and know how to open those beside it; the second is when it was made."""
    from sandbox.accounts import Accounts
    from sandbox.snowflake.bootstrap import made_on
    from sandbox.snowflake.transport import create_app

    clock = Clock(place.clock)
    accounts = Accounts(place, ready, aws, clock.now)
    with (
        closing(accounts.home()) as account,
        closing(accounts.organization(account)),
        account.scheduler.running(clock),
    ):
        yield create_app(account), made_on(account)


@contextmanager
def _github(place: Place, ready: Connection) -> Iterator[Starlette]:
    """Open what the local GitHub keeps."""
    from sandbox.github.app import Site, create_app
    from sandbox.github.call import Actor, Right
    from sandbox.github.store import Store

    assert ready.github is not None
    facts = ready.github
    with closing(Store(place.github)) as store:
        tokens = {
            facts.token: Actor("leap-owner", 1, Right.ADMIN),
            facts.reader_token: Actor("leap-reader", 2, Right.READ),
        }
        yield create_app(Site(store, facts.owner, facts.base_url, tokens))


@contextmanager
def _front(app: Starlette, listener: socket.socket) -> Iterator[None]:
    """Serve an app by uvicorn in a thread of its own."""
    import uvicorn

    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        lifespan="off",
        ws="none",
        timeout_keep_alive=75,
        timeout_graceful_shutdown=3,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(
        target=server.run, kwargs={"sockets": [listener]}, name="front", daemon=True
    )
    thread.start()
    deadline = time.monotonic() + _READY
    while not server.started:
        if not thread.is_alive() or time.monotonic() >= deadline:
            raise SandboxError("A front of the sandbox did not start.", "See the lines above.")
        time.sleep(0.005)
    try:
        yield
    finally:
        server.should_exit = True
        thread.join(timeout=5)


def _set_up_logging() -> None:
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    for chatty in ("werkzeug", "botocore", "boto3", "urllib3", "uvicorn", "snowflake", "fakesnow"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    # the connector carries an old copy of requests that complains about today's urllib3
    warnings.filterwarnings("ignore", message="urllib3 .* doesn't match a supported version")
