"""BI reads through the client connection while a drill runs: a login and a query, again and again.

Every answer is a line of a file, so that the summary also has what a killed process saw. A gap is
the time between two answers of one process: while nobody asks, nothing is known.
"""

from __future__ import annotations

import json
import os
import threading
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

from ops.drill.step import DrillFailedError
from ops.restore.account import RefusedError

NAME: Final = "reads.jsonl"
PAUSE_SECONDS: Final = 0.2
_RUNNING: Final[dict[Path, Reading]] = {}


class Reading:
    """One thread that asks."""

    def __init__(self, folder: Path, poll: Callable[[], str]) -> None:
        self._path = folder / NAME
        self._poll = poll
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        """Ask once, so that a reader that cannot begin is noticed, and then go on."""
        self._once()
        self._thread.start()

    def stop(self) -> None:
        """Ask once more, and end."""
        self._end.set()
        self._thread.join()
        self._once()

    def _run(self) -> None:
        while not self._end.wait(PAUSE_SECONDS):
            self._once()

    def _once(self) -> None:
        began = time.monotonic()
        try:
            said = {"account": self._poll()}
        except (RefusedError, DrillFailedError) as error:
            said = {"error": " ".join(str(error).split())[:200]}
        seconds = round(time.monotonic() - began, 4)
        line = {"at": datetime.now(UTC).isoformat(), "pid": os.getpid(), "took": seconds, **said}
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")


def begin(folder: Path, poll: Callable[[], str]) -> None:
    """Have a drill watched in this process; one that is watched already stays so."""
    if folder not in _RUNNING:
        _RUNNING[folder] = Reading(folder, poll)
        _RUNNING[folder].start()


def end(folder: Path) -> None:
    """Stop watching it."""
    if (reading := _RUNNING.pop(folder, None)) is not None:
        reading.stop()


def summary(folder: Path) -> dict[str, Any]:
    """What all readers of a drill saw."""
    lines = [line for line in _lines(folder / NAME) if "account" in line or "error" in line]
    good = [line for line in lines if "account" in line]
    gaps = [
        (datetime.fromisoformat(after["at"]) - datetime.fromisoformat(before["at"])).total_seconds()
        for before, after in pairwise(good)
        if before["pid"] == after["pid"]
    ]
    errors = Counter(line["error"] for line in lines if "error" in line)
    return {
        "asked": len(lines),
        "answered": len(good),
        "longest_gap_seconds": round(max(gaps, default=0.0), 3),
        "answered_by": dict(Counter(line["account"] for line in good)),
        "errors": dict(errors),
    }


def _lines(path: Path) -> list[dict[str, Any]]:
    found = []
    for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else ():
        try:
            found.append(json.loads(line))
        except ValueError:
            continue  # cut off by a kill
    return found
