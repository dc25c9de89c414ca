"""HTTP to GitHub: what waits is waited for, what breaks is tried again, what is refused is told.

GitHub answers 404 where a right is missing, so "there is none" and "you may not see it" are one
error here; a caller that has another proof may tell them apart.

https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

import urllib3
from urllib3.exceptions import HTTPError

GITHUB: Final = "https://api.github.com"
ATTEMPTS: Final = 4
LONGEST_WAIT_S: Final = 60.0
"""For a limit that ends later, the command ends and says when."""
TIMEOUT_S: Final = 30.0
PER_PAGE: Final = 100
_VERSION: Final = "2022-11-28"
_LIMITED: Final = (403, 429)


class GithubError(Exception):
    """GitHub gave no answer that can be worked with."""


class UnreachableError(GithubError):
    """Nobody answers, or only with errors of the server."""


class LimitedError(GithubError):
    """The token has used up its requests for longer than is waited."""


class LoginError(GithubError):
    """The token is none."""


class RefusedError(GithubError):
    """An answer of 4xx: a missing right, an unknown thing, or a request that cannot be meant."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(f"GitHub answers {status}: {message}")
        self.status = status
        self.message = message

    @property
    def may_be_a_right(self) -> bool:
        """Whether a token with more rights could get another answer."""
        return self.status in (403, 404)


@dataclass
class Api:
    """One GitHub, as one token sees it. ``requests`` counts what was sent."""

    token: str = field(repr=False)
    base_url: str | None = None
    """Of a GitHub that is not github.com, the sandbox's for instance: without a path."""
    sleep: Callable[[float], None] = time.sleep
    requests: int = 0

    def __post_init__(self) -> None:
        self._pool = urllib3.PoolManager(timeout=TIMEOUT_S, retries=False)
        self._rest = f"{self.base_url}/api/v3" if self.base_url else GITHUB
        self._graphql = f"{self.base_url}/api/graphql" if self.base_url else f"{GITHUB}/graphql"

    def get(self, path: str) -> Any:
        """The body of an answer; None where it has none.

        Raises:
            GithubError: by its kind.
        """
        return self._ask("GET", self._rest + path, None)

    def send(self, method: str, path: str, body: Mapping[str, Any]) -> Any:
        """The body of the answer to a request that changes something; never sent twice by itself.

        Raises:
            GithubError: by its kind.
        """
        return self._ask(method, self._rest + path, body, attempts=1)

    def every(self, path: str, key: str = "") -> list[Any]:
        """All items of a list over its pages; ``key``: the member of the answer that holds them.

        Raises:
            GithubError: by its kind.
        """
        found: list[Any] = []
        joined = "&" if "?" in path else "?"
        for page in range(1, 1000):
            answer = self.get(f"{path}{joined}per_page={PER_PAGE}&page={page}")
            items = answer[key] if key else answer
            found += items
            if len(items) < PER_PAGE:
                break
        return found

    def query(self, text: str, **variables: Any) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        """Data and errors of a GraphQL query; a part that is refused is null and has an error.

        Raises:
            GithubError: by its kind.
        """
        for attempt in range(1, ATTEMPTS + 1):
            body = {"query": text, "variables": variables}
            answer = self._ask("POST", self._graphql, body)
            errors = list(answer.get("errors") or ())
            if all(error.get("type") != "RATE_LIMITED" for error in errors):
                return answer.get("data") or {}, errors
            if attempt < ATTEMPTS:
                self.sleep(2.0**attempt)
        raise LimitedError(f"GitHub: {errors[0].get('message')}")

    def _ask(
        self, method: str, url: str, body: Mapping[str, Any] | None, attempts: int = ATTEMPTS
    ) -> Any:
        trouble = ""
        for attempt in range(1, attempts + 1):
            self.requests += 1
            try:
                answer = self._pool.request(
                    method,
                    url,
                    body=None if body is None else json.dumps(body),
                    headers=self._headers(),
                    redirect=True,
                )
            except HTTPError as error:
                trouble = " ".join(str(error).split())
            else:
                if answer.status < 400:
                    return json.loads(answer.data) if answer.data else None
                told = _message(answer.data)
                wait = _limit(answer.status, answer.headers, told, attempt)
                if wait is None and answer.status < 500:
                    raise _refusal(answer.status, told)
                trouble = f"{answer.status} {told}"
                if wait is not None:
                    self._wait(wait, trouble, last=attempt == attempts)
                    continue
            if attempt < attempts:
                self.sleep(2.0 ** (attempt - 1))
        where = self.base_url or GITHUB
        raise UnreachableError(f"GitHub at {where} does not answer: {trouble}")

    def _headers(self) -> dict[str, str]:
        return {
            "Accept": "application/vnd.github+json",
            "Authorization": f"Bearer {self.token}",
            "Content-Type": "application/json",
            "User-Agent": "leap",
            "X-GitHub-Api-Version": _VERSION,
        }

    def _wait(self, seconds: float, trouble: str, *, last: bool) -> None:
        if last or seconds > LONGEST_WAIT_S:
            until = datetime.fromtimestamp(time.time() + seconds, UTC)
            raise LimitedError(
                f"GitHub lets this token ask again at {until:%Y-%m-%d %H:%M} UTC ({trouble})."
            )
        self.sleep(seconds)


def _limit(status: int, headers: Mapping[str, str], message: str, attempt: int) -> float | None:
    """How many seconds a limit asks to wait; None where the answer is no limit.

    https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
    """
    if status not in _LIMITED:
        return None
    if after := headers.get("retry-after"):
        return float(after)
    if headers.get("x-ratelimit-remaining") == "0" and "rate limit" in message.lower():
        return max(1.0, float(headers.get("x-ratelimit-reset", "0")) - time.time() + 1)
    return 2.0**attempt if status == 429 or "secondary rate limit" in message.lower() else None


def _refusal(status: int, message: str) -> GithubError:
    if status == 401:
        return LoginError(f"GitHub refuses the token: {message}")
    return RefusedError(status, message)


def _message(body: bytes) -> str:
    try:
        told = json.loads(body)
    except ValueError:
        return "no reason given"
    if not isinstance(told, dict):
        return "no reason given"
    more = [one.get("message") or one.get("code") for one in _mappings(told.get("errors"))]
    return ": ".join([str(told.get("message", "")), *(str(word) for word in more if word)])


def _mappings(value: Any) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
