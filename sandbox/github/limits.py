"""The hourly limit of requests of each token, and what the headers say of it.

An answer of "not modified" counts for nothing, as on GitHub.
https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
"""

from __future__ import annotations

import threading
import time
from typing import Final

from sandbox.github.errors import RateLimitedError

HOURLY: Final = 5000
_HOUR: Final = 3600


class Limits:
    """Counts by login."""

    def __init__(self, hourly: int = HOURLY) -> None:
        self._hourly = hourly
        self._lock = threading.Lock()
        self._used: dict[str, tuple[float, int]] = {}

    def headers(self, login: str) -> dict[str, str]:
        """`X-RateLimit-…` of a login."""
        with self._lock:
            reset, used = self._window(login)
        return {
            "X-RateLimit-Limit": str(self._hourly),
            "X-RateLimit-Remaining": str(max(0, self._hourly - used)),
            "X-RateLimit-Used": str(used),
            "X-RateLimit-Reset": str(int(reset)),
            "X-RateLimit-Resource": "core",
        }

    def allow(self, login: str) -> None:
        """Raises RateLimitedError when nothing remains of the hour."""
        with self._lock:
            _, used = self._window(login)
        if used >= self._hourly:
            raise RateLimitedError(login, self.headers(login))

    def count(self, login: str) -> None:
        """One more request."""
        with self._lock:
            reset, used = self._window(login)
            self._used[login] = (reset, used + 1)

    def _window(self, login: str) -> tuple[float, int]:
        now = time.time()
        reset, used = self._used.get(login, (0.0, 0))
        if reset <= now:
            reset, used = now + _HOUR, 0
            self._used[login] = (reset, used)
        return reset, used
