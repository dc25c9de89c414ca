"""Killing a run at a chosen point of its work, by the process ids of its own tree and sandbox.

A point is a victim and a moment, and moments are counted in the run's own progress, never in time:
so many statements that change the account (the sandbox holds the next one, or its answer, until the
victim is dead), or so many steps in the engine's event log. Points come from a seed and a number,
so that one that fails can be had again.
"""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sandbox.snowflake.faults import VARIABLE, held_by

if TYPE_CHECKING:
    from tests.end_to_end.conftest import Clone

STACK: Final = "dev"
PERSON: Final = "kim"
WORKSPACE: Final = f"dev-{PERSON}"
VICTIMS: Final = ("engine", "plugin", "sandbox", "leap", "everything")
BY_HAND: Final = ("engine", "plugin", "sandbox", "everything")
WITHOUT_THE_ENGINE: Final = ("sandbox", "leap", "everything")
APPLY: Final = ("apply", "--stack", STACK, "--yes")
LINES: Final[Mapping[str, tuple[str, ...]]] = {
    "apply": APPLY,
    "change": APPLY,
    "replace": APPLY,
    "destroy": ("destroy", "--stack", STACK, "--yes"),
    "new": ("dev", "new", PERSON, "--on", STACK),
    "renew": ("dev", "up", PERSON, "--days", "14", "--credits", "7"),
    "down": ("dev", "down", PERSON, "--on", STACK, "--yes"),
    "undo": ("undo", "--stack", STACK),
}
"""What is killed, by the name of a point's command."""
PLATFORM: Final = ("apply", "change", "replace", "destroy")
CORNER: Final = ("new", "renew", "down")
DOWN: Final = frozenset({"destroy", "down"})
MOMENTS: Final = ("statement", "answer", "step")
MOST: Final[Mapping[str, int]] = {
    "apply": 280,
    "change": 6,
    "replace": 90,
    "destroy": 250,
    "new": 9,
    "renew": 2,
    "down": 8,
    "undo": 1,
}
"""Statements that change something in a whole run, about; a point beyond the end kills nobody."""
CHANGING: Final = r"^\s*(CREATE|ALTER|DROP|UNDROP|GRANT|REVOKE|CALL)\b"
PATIENCE_SECONDS: Final = 900.0
"""Only a run that hangs for good meets this end."""


@dataclass(frozen=True)
class Point:
    """One kill: at the `count`-th statement, or its answer, or step of a command."""

    command: str
    victim: str
    moment: str
    count: int
    by_hand: bool = False

    def __str__(self) -> str:
        who = "pulumi" if self.by_hand else "leap"
        return f"{who} {self.command}, {self.victim} at {self.moment} {self.count}"


def points(numbers: range, seed: int, commands: Sequence[str]) -> list[Point]:
    """One command after the other; of those of the platform about every third by hand."""
    found = []
    for number in numbers:
        command = commands[number % len(commands)]
        by_hand = command in PLATFORM and _chance(seed, number, "who") < 1 / 3
        victims = BY_HAND if by_hand else WITHOUT_THE_ENGINE if command == "undo" else VICTIMS
        moments = MOMENTS[:2] if command == "undo" else MOMENTS
        found.append(
            Point(
                command,
                victims[int(_chance(seed, number, "victim") * len(victims))],
                moments[int(_chance(seed, number, "moment") * len(moments))],
                1 + int(_chance(seed, number, "count") * MOST[command]),
                by_hand,
            )
        )
    return found


def _chance(*of: object) -> float:
    """A number below 1 that is always the same for the same question."""
    digest = hashlib.sha256(repr(of).encode()).digest()
    return int.from_bytes(digest[:6]) / 2**48


def told_faults(clone: Clone) -> Path:
    """The file by which the clone's sandbox is told what to hold; it has to be started with it."""
    path = clone.folder / ".leap" / "faults.json"
    clone.variables[VARIABLE] = str(path)
    return path


def kill_at(clone: Clone, point: Point) -> bool:
    """Run the point's command and kill its victim; whether it was still running then."""
    with held_at(clone, point) as process:
        running = process.poll() is None
        for victim in _chosen(clone, process.pid, point.victim) if running else ():
            with suppress(ProcessLookupError):
                os.kill(victim, signal.SIGKILL)
    if running and point.victim in {"sandbox", "everything"}:
        assert clone.leap("sandbox", "start").returncode == 0
    _end(process)
    assert running or process.returncode == 0, "the run failed before anything was killed"
    return running


@contextmanager
def held_at(clone: Clone, point: Point) -> Iterator[subprocess.Popen[str]]:
    """The point's command, come to its moment or to its end; then it goes on."""
    faults, events = told_faults(clone), _events(clone, point)
    events.unlink(missing_ok=True)
    held_by(faults).unlink(missing_ok=True)
    after = point.moment == "answer"
    rule = {"match": CHANGING, "with": "hold", "skip": point.count - 1, "after": after}
    faults.write_text(json.dumps([] if point.moment == "step" else [rule]))
    process = _start_by_hand(clone, point) if point.by_hand else _start(clone, point)

    def is_due() -> bool:
        if point.moment == "step":
            return begun(events) >= point.count
        return held_by(faults).exists()

    try:
        _wait(process, is_due)
        yield process
    finally:
        faults.write_text("[]")


def _wait(process: subprocess.Popen[str], is_due: Callable[[], bool]) -> None:
    """Wait for the moment, or for the end of the run."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while process.poll() is None:
        assert time.monotonic() < deadline, "the run neither ended nor came to its point"
        if is_due():
            return
        time.sleep(0.1)


def _end(process: subprocess.Popen[str]) -> None:
    """Wait for the end of what was not killed."""
    try:
        process.communicate(timeout=PATIENCE_SECONDS)
    except subprocess.TimeoutExpired:
        for left in [*_tree(process.pid), process.pid]:
            with suppress(ProcessLookupError):
                os.kill(left, signal.SIGKILL)
        process.communicate()
        raise


def _engine_word(command: str) -> str:
    """The engine's command for one of ours."""
    return "destroy" if command in DOWN else "up"


def _events(clone: Clone, point: Point) -> Path:
    logs = clone.folder / ".leap" / "logs"
    who = "by-hand" if point.by_hand else WORKSPACE if point.command in CORNER else STACK
    return logs / f"{who}-{_engine_word(point.command)}.events.jsonl"


def _start(clone: Clone, point: Point) -> subprocess.Popen[str]:
    return clone.start(*LINES[point.command], start_new_session=True)


def _start_by_hand(clone: Clone, point: Point) -> subprocess.Popen[str]:
    """Start the bare `pulumi`, as a person does after `leap env`."""
    line = ["pulumi", _engine_word(point.command), "--stack", STACK, "--yes", "--skip-preview"]
    return subprocess.Popen(
        [*line, "--non-interactive", "--event-log", str(_events(clone, point))],
        cwd=clone.folder,
        env={
            **clone.variables,
            **clone.facts("env", "--stack", STACK),
            "PULUMI_DEBUG_COMMANDS": "1",
        },
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def begun(events: Path) -> int:
    """How many steps that change something the engine tells that it has begun."""
    if not events.exists():
        return 0
    lines = events.read_text(encoding="utf-8", errors="replace").splitlines()
    return sum('"resourcePreEvent"' in line and '"op":"same"' not in line for line in lines)


def _chosen(clone: Clone, process: int, victim: str) -> list[int]:
    """The processes of a victim."""
    below = _tree(process)
    if victim == "sandbox":
        return [sandbox_process(clone)]
    if victim == "leap":
        return [process]
    if victim == "everything":
        return [process, *below, sandbox_process(clone)]
    engine = [pid for pid in [process, *below] if _name(pid) == "pulumi"]
    plugins = [pid for pid in below if _name(pid).startswith("pulumi-resource")]
    return engine if victim == "engine" else plugins


def sandbox_process(clone: Clone) -> int:
    """The process of the clone's own sandbox."""
    kept = clone.folder / ".leap" / "sandbox" / "connection.json"
    return int(json.loads(kept.read_text(encoding="utf-8"))["pid"])


def _tree(process: int) -> list[int]:
    """All processes below one."""
    parents = dict(_parents())
    found = [process]
    for pid in found:
        found += [child for child, parent in parents.items() if parent == pid]
    return found[1:]


def _parents() -> Iterator[tuple[int, int]]:
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError, ValueError, IndexError):
            text = (entry / "stat").read_text()
            yield int(entry.name), int(text.rpartition(")")[2].split()[1])


def _name(process: int) -> str:
    try:
        return (Path("/proc") / str(process) / "comm").read_text().strip()
    except OSError:
        return ""
