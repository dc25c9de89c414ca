"""Faults on demand, for tests of what retries: the next statements that match fail as told.

Off unless the process was started with `LEAP_SANDBOX_FAULTS` naming a JSON file: a list of rules
`{"match": <regular expression>, "with": <fault>, "skip": 0, "times": 1, "after": false}`; the first
`skip` statements that match pass. A rule with `after` lets the statement run and spoils its answer.
The fault `hold` spoils nothing: the statement, or its answer, waits until the file is changed; a
line in its neighbour `….held` tells which. `kill` ends the process as `kill -9` does. A refresh of
replication can be held or killed at its phases: they match as `replication phase: <PHASE> of
<GROUP>`. The file may be changed at any time; each rule counts
for itself, from the moment at which the file was last written.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import threading
import time
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
HOLD: Final = "hold"
KILL: Final = "kill"
_LOOK_SECONDS: Final = 0.02


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
        self._passing: list[int] = []
        self._lock = threading.Lock()

    @classmethod
    def asked_for(cls) -> Faults:
        """Those of the environment; none without it."""
        path = os.environ.get(VARIABLE)
        return cls(Path(path) if path else None)

    async def strike(self, statement: str, *, after: bool) -> Response | None:
        """The spoilt answer to a statement, if a rule says so; one that is held waits here."""
        if self._path is None:
            return None
        with self._lock:
            self._look()
            stamp, fault = self._stamp, self._fault_for(statement, after=after)
        if fault == KILL:
            _die()
        if fault != HOLD:
            return _answer(fault) if fault else None
        self._tell(statement)
        while _stamp(self._path) == stamp:
            await asyncio.sleep(_LOOK_SECONDS)
        return None

    def strike_now(self, step: str) -> None:
        """Hold, or end the process, at a step of the sandbox's own work, if a rule says so."""
        if self._path is None:
            return
        with self._lock:
            self._look()
            stamp, fault = self._stamp, self._fault_for(step, after=False)
        if fault == KILL:
            _die()
        if fault == HOLD:
            self._tell(step)
            while _stamp(self._path) == stamp:
                time.sleep(_LOOK_SECONDS)

    def _tell(self, held: str) -> None:
        assert self._path is not None
        with held_by(self._path).open("a", encoding="utf-8") as file:
            file.write(f"{' '.join(held.split())}\n")

    def _fault_for(self, statement: str, *, after: bool) -> str | None:
        for number, rule in enumerate(self._rules):
            if rule.after is not after or not self._left[number]:
                continue
            if not rule.match.search(statement):
                continue
            if self._passing[number]:
                self._passing[number] -= 1
                continue
            self._left[number] -= 1
            return rule.fault
        return None

    def _look(self) -> None:
        assert self._path is not None
        stamp = _stamp(self._path)
        if stamp == self._stamp:
            return
        self._stamp = stamp
        told: list[dict[str, Any]] = json.loads(self._path.read_text()) if stamp else []
        self._rules = [
            _Rule(re.compile(t["match"], re.IGNORECASE), t["with"], bool(t.get("after")))
            for t in told
        ]
        self._left = [int(t.get("times", 1)) for t in told]
        self._passing = [int(t.get("skip", 0)) for t in told]


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def held_by(path: Path) -> Path:
    """Where it is told which statements a file of rules holds."""
    return path.with_name(f"{path.name}.held")


def _stamp(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except FileNotFoundError:
        return 0


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
