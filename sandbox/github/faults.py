"""Faults on demand, for tests of what retries: the next requests that match fail as told.

Off unless the process was started with `LEAP_SANDBOX_GITHUB_FAULTS` naming a JSON file: a list of
rules `{"match": <regular expression over "METHOD /path">, "with": <fault>, "times": <number>}`. The
file may be changed at any time; its rules then count anew.
"""

from __future__ import annotations

import json
import os
import re
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from sandbox.github.errors import GithubError, NotFoundError, SecondaryLimitError

VARIABLE: Final = "LEAP_SANDBOX_GITHUB_FAULTS"


class _BrokenError(GithubError):
    status = 502

    def __init__(self) -> None:
        super().__init__("Server Error")


_FAULTS: Final[dict[str, Callable[[], GithubError]]] = {
    "broken": _BrokenError,
    "slow down": lambda: SecondaryLimitError(1),
    "missing right": NotFoundError,
}


class Faults:
    """The rules of the file, with how often each may still strike."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._stamp = 0
        self._rules: list[dict[str, Any]] = []
        self._lock = threading.Lock()

    @classmethod
    def asked_for(cls) -> Faults:
        """Those of the environment; none without it."""
        path = os.environ.get(VARIABLE)
        return cls(Path(path) if path else None)

    def strike(self, request: str) -> None:
        """Raises the fault of the first rule that matches and has times left."""
        if self._path is None:
            return
        with self._lock:
            stamp = self._path.stat().st_mtime_ns if self._path.exists() else 0
            if stamp != self._stamp:
                self._stamp = stamp
                self._rules = json.loads(self._path.read_text()) if stamp else []
            for rule in self._rules:
                left = rule.setdefault("times", 1)
                if left > 0 and re.search(rule["match"], request):
                    rule["times"] = left - 1
                    raise _FAULTS[rule["with"]]()
