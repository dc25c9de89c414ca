"""Faults on demand, for tests of what retries: the next statements that match fail as told.

Off unless the process was started with `LEAP_SANDBOX_FAULTS` naming a JSON file: a list of rules
`{"match": <regular expression>, "with": <fault>, "times": <number>, "after": <true or false>}`. A
rule with `after` lets the statement run and spoils its answer. The file may be changed at any time;
each rule counts for itself, from the moment at which the file was last written.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import threading
from operator import attrgetter
from pathlib import Path
from typing import Any, Final, NamedTuple

from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

VARIABLE: Final = "LEAP_SANDBOX_FAULTS"
_CODES: Final = {
    "session expired": ("390112", "08001", "Your session has expired. Please login again."),
    "login expired": ("390114", "08001", "Authentication token has expired."),
    "lock": ("000625", "57014", "Statement has waited for a lock for too long and was aborted."),
    "timeout": ("000630", "57014", "Statement reached its timeout and was canceled."),
    "refused": ("003001", "42501", "SQL access control error:\nInsufficient privileges."),
}
_STATUS: Final = {"busy": 503, "broken": 500}
RESET: Final = "connection reset"


class _Rule(NamedTuple):
    match: re.Pattern[str]
    fault: str
    after: bool


class Faults:
    """The rules of the file, with how often each may still strike."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._stamp = 0
        self._rules: list[_Rule] = []
        self._left: list[int] = []
        self._lock = threading.Lock()

    @classmethod
    def asked_for(cls) -> Faults:
        """Those of the environment; none without it."""
        path = os.environ.get(VARIABLE)
        return cls(Path(path) if path else None)

    def strike(self, statement: str, *, after: bool) -> Response | None:
        """The spoilt answer to a statement, if a rule says so."""
        if self._path is None:
            return None
        with self._lock:
            self._look()
            for number, rule in enumerate(self._rules):
                if rule.after is after and self._left[number] and rule.match.search(statement):
                    self._left[number] -= 1
                    return _answer(rule.fault)
        return None

    def _look(self) -> None:
        assert self._path is not None
        stamp = self._path.stat().st_mtime_ns if self._path.exists() else 0
        if stamp == self._stamp:
            return
        self._stamp = stamp
        told: list[dict[str, Any]] = json.loads(self._path.read_text()) if stamp else []
        self._rules = [
            _Rule(re.compile(t["match"], re.IGNORECASE), t["with"], bool(t.get("after")))
            for t in told
        ]
        self._left = [int(t.get("times", 1)) for t in told]


def _answer(fault: str) -> Response:
    if fault == RESET:
        return _Reset()
    if fault in _STATUS:
        return Response(status_code=_STATUS[fault])
    code, sqlstate, message = _CODES[fault]
    data = {"errorCode": code, "sqlState": sqlstate, "queryId": "", "internalError": False}
    return JSONResponse({"success": False, "code": code, "message": message, "data": data})


class _Reset(Response):
    """No answer: the connection is dropped at once. The server's own object has the socket."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Drop it, and give the loop a turn to notice."""
        attrgetter("__self__.transport")(receive).abort()  # uvicorn's request cycle
        await asyncio.sleep(0)
