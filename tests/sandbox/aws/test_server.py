"""What cannot be kept is not acknowledged, and reads cost no write."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, cast

import pytest

from sandbox.aws.request import Request
from sandbox.aws.server import Durable
from sandbox.aws.state import AwsState


class _State:
    """Counts what it is asked to keep, or cannot keep it."""

    def __init__(self, error: Exception | None = None) -> None:
        self.kept = 0
        self._error = error

    def keep(self, environ: dict[str, Any]) -> int:
        if self._error is not None:
            raise self._error
        self.kept += 1
        return 1


def app(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    start_response("200 OK", [])
    return [b"done"]


def call(state: _State, method: str) -> tuple[str, bytes, int]:
    """Status, body, and how many messages were announced."""
    statuses: list[str] = []
    announced: list[int] = []
    durable = Durable(app, cast(AwsState, state), announced.append)

    def start_response(status: str, *rest: object) -> Any:
        statuses.append(status)
        return bytes

    body = b"".join(durable({"REQUEST_METHOD": method}, start_response))
    return statuses[-1], body, sum(announced)


def test_a_change_is_kept_and_announced() -> None:
    state = _State()
    assert call(state, "PUT") == ("200 OK", b"done", 1)
    assert state.kept == 1


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_read_keeps_nothing(method: str) -> None:
    state = _State()
    assert call(state, method) == ("200 OK", b"done", 0)
    assert state.kept == 0


def test_a_full_disk_fails_the_request_with_the_reason() -> None:
    status, body, announced = call(_State(OSError(28, "No space left on device")), "PUT")
    assert status == "507 Insufficient Storage"
    assert b"No space left on device" in body
    assert announced == 0


def _signed(service: str, path: str = "/") -> dict[str, Any]:
    scope = f"Credential=key/20260101/us-east-1/{service}/aws4_request, SignedHeaders=host"
    return {"HTTP_AUTHORIZATION": f"AWS4-HMAC-SHA256 {scope}", "PATH_INFO": path}


@pytest.mark.parametrize(
    ("environ", "request_"),
    [
        (_signed("sqs"), Request("sqs")),
        (_signed("s3"), Request("s3")),
        (_signed("s3", "/bucket"), Request("s3", "bucket")),
        (_signed("s3", "/bucket/"), Request("s3", "bucket")),
        (_signed("s3", "/bucket/a/b c"), Request("s3", "bucket", "a/b c")),
        (_signed("s3", "/bucket/\u00c3\u00a9"), Request("s3", "bucket", "é")),
        ({"PATH_INFO": "/bucket/key"}, Request()),
    ],
)
def test_the_envelope_tells_what_may_have_changed(
    environ: dict[str, Any], request_: Request
) -> None:
    assert Request.of(environ) == request_


def test_an_unsigned_request_may_concern_every_service() -> None:
    assert Request().concerns("s3")
    assert Request("sqs").concerns("s3", "sqs")
    assert not Request("iam").concerns("s3", "sqs")


@pytest.mark.parametrize(("service", "at_once"), [("s3", 1), ("sqs", 4)])
def test_writes_to_s3_take_turns_and_long_polls_do_not(service: str, at_once: int) -> None:
    running: list[None] = []
    most: list[int] = []
    arrived = threading.Barrier(at_once)

    def slow(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        running.append(None)
        most.append(len(running))
        arrived.wait(timeout=5)
        running.pop()
        return [b"done"]

    durable = Durable(slow, cast(AwsState, _State()), lambda messages: None)
    environ = {"REQUEST_METHOD": "PUT", **_signed(service, "/bucket/key")}
    with ThreadPoolExecutor(max_workers=4) as threads:
        answers = list(threads.map(lambda _: durable(environ, cast(Any, None)), range(4)))
    assert answers == [[b"done"]] * 4
    assert max(most) == at_once
