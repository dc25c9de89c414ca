"""GitHub's limits and faults: waited for, tried again, or explained."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ops.github import transport
from ops.github.transport import Api, LimitedError, LoginError, RefusedError, UnreachableError
from tests.ops.github.conftest import LAKE, Lake
from tests.sandbox.github.conftest import Serving

pytestmark = pytest.mark.sandbox


def _fault(lake: Lake, kind: str, times: int) -> None:
    rule = {"match": "GET .*/lake$", "with": kind, "times": times}
    lake.github.faults.write_text(json.dumps([rule]))


@pytest.mark.parametrize(("kind", "slept"), [("broken", [1.0, 2.0]), ("slow down", [1.0, 1.0])])
def test_what_passes_is_tried_again(lake: Lake, kind: str, slept: list[float]) -> None:
    _fault(lake, kind, 2)
    assert lake.api().get(LAKE)["name"] == "lake"
    assert lake.slept == slept


def test_what_does_not_pass_is_explained(lake: Lake) -> None:
    _fault(lake, "broken", 99)
    with pytest.raises(UnreachableError, match="does not answer: 502 Server Error"):
        lake.api().get(LAKE)
    assert len(lake.slept) == transport.ATTEMPTS - 1


def test_a_limit_that_does_not_end_soon_says_when(tmp_path: Path) -> None:
    with Serving(tmp_path, hourly=1) as github:
        api = Api("owner", github.url, lambda _: None)
        api.get("/user")
        with pytest.raises(LimitedError, match=r"ask again at 20\d\d-.* UTC \(403 API rate limit"):
            api.get("/user")


def test_a_token_that_is_none_is_refused(lake: Lake) -> None:
    with pytest.raises(LoginError, match="Bad credentials"):
        lake.api("wrong").get(LAKE)


def test_a_missing_right_is_not_tried_again(lake: Lake) -> None:
    api = lake.api("stranger")
    with pytest.raises(RefusedError, match="404: Not Found"):
        api.get(LAKE)
    assert (api.requests, lake.slept) == (1, [])


def test_a_request_that_changes_something_is_sent_once(lake: Lake) -> None:
    rule = {"match": "POST .*/labels$", "with": "broken", "times": 99}
    lake.github.faults.write_text(json.dumps([rule]))
    api = lake.api()
    with pytest.raises(UnreachableError):
        api.send("POST", f"{LAKE}/labels", {"name": "x"})
    assert api.requests == 1


def test_a_list_is_read_to_its_last_page(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "PER_PAGE", 2)
    for number in range(4):
        lake.github.ask("POST", f"{LAKE}/labels", {"name": f"l{number}"})
    assert len(lake.api().every(f"{LAKE}/labels")) == 5


def test_a_limit_of_graphql_is_waited_for_and_then_told(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    limited = {"errors": [{"type": "RATE_LIMITED", "message": "API rate limit exceeded"}]}
    answers: list[dict[str, Any]] = [limited, {"data": {"viewer": {"login": "olga"}}}]
    monkeypatch.setattr(Api, "_ask", lambda *_: answers.pop(0))
    assert Api("t", None, slept.append).query("{viewer{login}}") == (
        {"viewer": {"login": "olga"}},
        [],
    )
    assert slept == [2.0]
    answers = [limited] * transport.ATTEMPTS
    with pytest.raises(LimitedError, match="API rate limit exceeded"):
        Api("t", None, slept.append).query("{viewer{login}}")


def test_nobody_there_is_told() -> None:
    with pytest.raises(UnreachableError, match="does not answer"):
        Api("t", "http://127.0.0.1:1", lambda _: None).get("/user")


def test_the_token_is_never_shown() -> None:
    assert "secret-token" not in repr(Api("secret-token"))
