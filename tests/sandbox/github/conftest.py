"""A scratch GitHub in this process, served over HTTP."""

from __future__ import annotations

import json
import socket
import threading
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

import pytest
import uvicorn

from sandbox.github.app import Site, create_app
from sandbox.github.call import Actor, Right
from sandbox.github.faults import Faults
from sandbox.github.limits import Limits
from sandbox.github.store import Store

OWNER = "acme"
TOKENS = {
    "owner": Actor("olga", 1, Right.ADMIN),
    "reader": Actor("rita", 2, Right.READ),
    "stranger": Actor("sam", 3, Right.NOTHING),
}


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    body: Any
    headers: dict[str, str]


@dataclass(frozen=True)
class Github:
    """The address, and how to ask it without a library of GitHub's."""

    url: str
    faults: Path

    def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        who: str = "owner",
        headers: dict[str, str] | None = None,
    ) -> Answer:
        """One REST request, with the token of that name."""
        return self._send(method, f"/api/v3{path}", body, who, headers or {})

    def query(self, text: str, who: str = "owner", **variables: Any) -> Any:
        """One GraphQL request; the whole answer."""
        given = {"query": text, "variables": variables}
        return self._send("POST", "/api/graphql", given, who, {}).body

    def _send(self, method: str, path: str, body: Any, who: str, headers: dict[str, str]) -> Answer:
        data = None if body is None else json.dumps(body).encode()
        told = {"Authorization": f"Bearer {who}"} if who else {}
        request = urllib.request.Request(self.url + path, data, {**told, **headers}, method=method)
        try:
            with urllib.request.urlopen(request) as answer:
                text, status, got = answer.read(), answer.status, answer.headers
        except HTTPError as error:
            with error:
                text, status, got = error.read(), error.code, error.headers
        return Answer(status, json.loads(text) if text else None, dict(got))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where it keeps its state."""
    return tmp_path_factory.mktemp("github")


@pytest.fixture(scope="module")
def github(folder: Path) -> Iterator[Github]:
    """An organization without anything in it."""
    with Serving(folder) as made:
        yield made


class Serving:
    """Serves what a folder keeps, for as long as it is entered."""

    def __init__(self, folder: Path, hourly: int = 5000) -> None:
        self._folder = folder
        self._hourly = hourly

    def __enter__(self) -> Github:
        listener = socket.create_server(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        faults = self._folder / "faults.json"
        self._store = Store(self._folder / "documents.sqlite")
        site = Site(self._store, OWNER, url, TOKENS, Limits(self._hourly), Faults(faults))
        config = uvicorn.Config(create_app(site), log_config=None, lifespan="off", ws="none")
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [listener]}, daemon=True
        )
        self._thread.start()
        while not self._server.started:
            time.sleep(0.005)
        return Github(url, faults)

    def __exit__(self, *_: object) -> None:
        self._server.should_exit = True
        self._thread.join(timeout=10)
        self._store.close()
