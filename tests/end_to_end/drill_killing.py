"""Killing the failover drill, or the sandbox under it, at a chosen point of its work.

A point is counted in the drill's own progress: so many lines of its journal, and so many statements
(or phases of a refresh) after the last of them. The reads of BI, which go on beside it, do not
count. Points come from a seed and a number, so that one that fails can be had again.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from ingestion.dice import dice
from sandbox.snowflake.faults import held_by
from tests.end_to_end.killing import sandbox_process, told_faults

if TYPE_CHECKING:
    from tests.end_to_end.conftest import Clone

COMMAND, SANDBOX, BOTH = "the command", "the sandbox", "both"
STATEMENT, ANSWER = "statement", "answer"
LINES: Final = 31
"""Lines of a whole drill's journal before its last."""
MOST: Final = 6
"""Statements after a line; what a step has less of is counted in the next."""
OWN: Final = r"^(?!SELECT CURRENT_ACCOUNT_NAME\(\) AS ACCOUNT, COUNT|USE SECONDARY)"
"""The drill's statements, and phases of refreshes, without what BI asks."""
PATIENCE_SECONDS: Final = 300.0
"""Only what hangs for good meets this end."""


class Point(NamedTuple):
    """One kill, and what is done then. `waits`: the sandbox comes back when the command is over."""

    line: int
    more: int
    moment: str
    victim: str
    way: str
    waits: bool
    again: int
    """The statement of the way on at which that is killed too; 0 for not at all."""

    def __str__(self) -> str:
        where = f"line {self.line}" + (f", {self.moment} {self.more}" if self.more else "")
        twice = f", killed at {self.again} too" if self.again else ""
        return f"{self.victim} at {where}, then {self.way}{twice}"


def points(count: int, seed: int) -> list[Point]:
    """Points by chance."""
    found = []
    for number in range(count):
        chance = dice(seed, "failover", str(number))
        found.append(
            Point(
                line=chance.randint(1, LINES),
                more=chance.randint(0, MOST),
                moment=chance.choice((STATEMENT, ANSWER)),
                victim=chance.choice((COMMAND, SANDBOX, BOTH)),
                way=chance.choice(("resume", "back")),
                waits=chance.random() < 0.5,
                again=chance.randint(1, 12) if chance.random() < 0.33 else 0,
            )
        )
    return found


class Ended(NamedTuple):
    """How a command ended: by itself with a code, in so many seconds after the kill."""

    code: int
    said: str
    seconds: float


def kill_at(clone: Clone, point: Point) -> Ended:
    """Run the drill, kill the point's victim, and have the sandbox run again."""
    faults = told_faults(clone)
    before = set(_journals(clone))
    _tell(faults, [])
    process = clone.start("drill", "run", "failover")
    until(process, lambda: _lines(clone, before) >= point.line)
    _hold(faults, point.moment, point.more)
    until(process, lambda: not point.more or held_by(faults).exists())
    return _kill(clone, process, point.victim, waits=point.waits)


def kill_the_way_on(clone: Clone, way: str, victim: str, number: int) -> Ended:
    """Run `leap drill resume` or `back`, and kill it at one of its statements."""
    faults = told_faults(clone)
    _hold(faults, STATEMENT, number)
    process = clone.start("drill", way)
    until(process, lambda: held_by(faults).exists())
    return _kill(clone, process, victim, waits=True)


def _kill(clone: Clone, process: subprocess.Popen[str], victim: str, *, waits: bool) -> Ended:
    sandbox = sandbox_process(clone) if victim in (SANDBOX, BOTH) else 0
    for number in (process.pid if victim in (COMMAND, BOTH) else 0, sandbox):
        with suppress(ProcessLookupError):
            if number:
                os.kill(number, signal.SIGKILL)
    began = time.monotonic()
    _tell(told_faults(clone), [])
    if sandbox and not waits:
        start(clone)
    out, err = process.communicate(timeout=PATIENCE_SECONDS)
    seconds = time.monotonic() - began
    if sandbox and waits:
        start(clone)
    return Ended(process.returncode, out + err, seconds)


def start(clone: Clone) -> None:
    """Have the sandbox run."""
    done = clone.leap("sandbox", "start")
    assert done.returncode == 0, done.stderr


def until(process: subprocess.Popen[str], is_due: Callable[[], bool]) -> None:
    """Wait for the moment, or for the end of the run."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while process.poll() is None and not is_due():
        assert time.monotonic() < deadline, "the run neither ended nor came to its point"
        time.sleep(0.01)


def _hold(faults: Path, moment: str, number: int) -> None:
    rule = {"match": OWN, "with": "hold", "skip": number - 1, "after": moment == ANSWER}
    _tell(faults, [rule] if number else [])


def _tell(faults: Path, rules: list[dict[str, object]]) -> None:
    held_by(faults).unlink(missing_ok=True)
    faults.parent.mkdir(parents=True, exist_ok=True)
    faults.write_text(json.dumps(rules))


def _journals(clone: Clone) -> list[Path]:
    return list((clone.folder / ".leap" / "drills").glob("failover-*/journal.jsonl"))


def _lines(clone: Clone, before: set[Path]) -> int:
    new = [path for path in _journals(clone) if path not in before]
    return new[0].read_text(encoding="utf-8").count("\n") if new else 0
