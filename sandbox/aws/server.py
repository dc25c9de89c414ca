"""AWS on 127.0.0.1: moto's S3, SQS, IAM and STS, whose state outlives the process.

Every request that may change something is kept on disk before it is answered (`AwsState`), so what
a client was told survives a restart and a kill. Other moto services answer too, but are not kept.
Lifecycle rules are stored and read back; nothing expires by them.
"""

from __future__ import annotations

import logging
import os
import socket
import sqlite3
import sys
import threading
from collections.abc import Callable, Iterable
from contextlib import nullcontext
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self

from moto.moto_server.werkzeug_app import (
    DomainDispatcherApplication,
    MotoRequestHandler,
    create_backend_app,
)
from werkzeug.serving import make_server

from sandbox.aws import bucket_policy
from sandbox.aws.request import Request
from sandbox.aws.state import AwsState
from sandbox.connection import HOST, Aws

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

log = logging.getLogger("sandbox.aws")

_READS: Final = frozenset({"GET", "HEAD", "OPTIONS"})


class AwsServer:
    """Serves while it is entered, and wakes who waits for messages on a queue."""

    def __init__(self, folder: Path, listener: socket.socket, facts: Aws) -> None:
        self.facts = facts
        self.arrivals = 0
        """How many messages have come to queues; see `wait_for_message`."""
        self._arrived = threading.Condition()
        self._state = AwsState(folder)
        self._listener = listener
        # moto fetches nothing and asks nobody; this keeps it from reading the user's profile
        os.environ.setdefault("AWS_EC2_METADATA_DISABLED", "true")

    def __enter__(self) -> Self:
        bucket_policy.install()
        self._state.restore()
        app = Durable(DomainDispatcherApplication(create_backend_app), self._state, self._announce)
        self._server = make_server(
            HOST,
            self._listener.getsockname()[1],
            app,
            threaded=True,
            request_handler=MotoRequestHandler,
            fd=self._listener.fileno(),
        )
        self._thread = threading.Thread(
            target=self._server.serve_forever,
            kwargs={"poll_interval": 0.1},
            name="aws",
            daemon=True,
        )
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._thread.join(timeout=5)
        self._server.server_close()
        self._state.close()

    def wait_for_message(self, seen: int, timeout: float) -> None:
        """Wait until `arrivals` is no more `seen`, or for so many seconds."""
        with self._arrived:
            self._arrived.wait_for(lambda: self.arrivals != seen, timeout=timeout)

    def wake(self) -> None:
        """End every wait now."""
        self._announce(1)

    def _announce(self, messages: int) -> None:
        if messages:
            with self._arrived:
                self.arrivals += messages
                self._arrived.notify_all()


class Durable:
    """WSGI: after moto has worked on a request, and before its answer leaves, keep what changed.

    Requests that write to S3 take turns: moto reads a new object's body from an open file without
    its lock, and keeping another part of the same upload would move that file's position.
    """

    def __init__(
        self, app: WSGIApplication, state: AwsState, announce: Callable[[int], None]
    ) -> None:
        self._app = app
        self._state = state
        self._announce = announce
        self._writing = threading.Lock()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] in _READS:
            return self._app(environ, start_response)
        with self._writing if Request.of(environ).concerns("s3") else nullcontext():
            return self._write(environ, start_response)

    def _write(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        answer = self._app(environ, start_response)
        try:
            messages = self._state.keep(environ)
        except (OSError, sqlite3.Error) as error:
            log.error("a change could not be kept: %s", error)
            start_response(
                "507 Insufficient Storage", [("Content-Type", "text/plain")], sys.exc_info()
            )
            return [f"The sandbox could not keep this change on disk: {error}".encode()]
        self._announce(messages)
        return answer
