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
from functools import partial
from pathlib import Path
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
    from sandbox.snowflake.account import Account
    from sandbox.snowflake.pipe_queue import PipeQueues

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
        app = stack.enter_context(_account(place, ready, aws))
        stack.enter_context(_front(app, front_socket))
        github = stack.enter_context(_github(place, ready))
        stack.enter_context(_front(github, github_socket))
        yield ready


@contextmanager
def _account(place: Place, ready: Connection, aws: AwsServer) -> Iterator[Starlette]:
    """Open the account, and let its pipes listen to the queues of the local AWS."""
    from sandbox.aws.clients import Clients
    from sandbox.snowflake.account import Account, Identity
    from sandbox.snowflake.files import StageFiles
    from sandbox.snowflake.pipe_files import PipeFiles
    from sandbox.snowflake.pipe_queue import PipeQueues
    from sandbox.snowflake.pipe_worker import PipeWorker
    from sandbox.snowflake.pipes import Pipes
    from sandbox.snowflake.replication import standby
    from sandbox.snowflake.sharing import marketplace
    from sandbox.snowflake.sharing.organization import Organization
    from sandbox.snowflake.transport import create_app

    facts = ready.snowflake
    identity = Identity(
        organization=facts.organization,
        name=facts.account_name,
        aws_account_id=ready.aws.account_id,
        admin_user=facts.admin.user,
        admin_password=facts.admin.password,
    )
    clients = Clients(ready.aws)
    stages = partial(StageFiles, clients=clients, stages=place.stages, cache=place.cache)
    queues = PipeQueues(clients, identity.locator)
    clock = Clock(place.clock)
    account = Account(
        place.snowflake, identity, clock.now, stages, queues.channel_for, outbox=place.outbox
    )
    market = partial(
        marketplace.open_account, place.snowflake / "accounts", identity, clock.now, stages
    )
    other_queues = PipeQueues(clients, standby.LOCATOR)
    other = standby.standby(
        place.snowflake / "accounts",
        identity,
        clock.now,
        partial(
            StageFiles,
            clients=clients,
            stages=place.snowflake / "accounts" / standby.NAME.lower() / "stages",
            cache=place.cache,
        ),
        channel_for=other_queues.channel_for,
        equip=partial(_equip, queues=other_queues, aws=aws),
    )
    organization = Organization(account, {marketplace.NAME: market}, other)
    with (
        closing(account),
        closing(organization),
        closing(PipeFiles(place.snowflake / "pipes.sqlite")) as files,
    ):
        assert isinstance(account.files, StageFiles)
        pipes = Pipes(account, account.files, files, aws.wake)
        account.pipes = pipes
        with PipeWorker(pipes, queues, aws), account.scheduler.running(clock):
            yield create_app(account)


def _equip(account: Account, folder: Path, *, queues: PipeQueues, aws: AwsServer) -> None:
    """Let the pipes of another account listen to queues of their own."""
    from sandbox.snowflake.files import StageFiles
    from sandbox.snowflake.pipe_files import PipeFiles
    from sandbox.snowflake.pipe_worker import PipeWorker
    from sandbox.snowflake.pipes import Pipes

    assert isinstance(account.files, StageFiles)
    files = account.belongings.enter_context(closing(PipeFiles(folder / "pipes.sqlite")))
    pipes = Pipes(account, account.files, files, aws.wake)
    account.pipes = pipes
    account.belongings.enter_context(PipeWorker(pipes, queues, aws))


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
