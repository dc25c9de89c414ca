"""Killing an update at a random point, by the process ids of its own tree and of its own sandbox.

A point is a victim and a moment: so many steps of the engine begun, or so many seconds where the
engine is run by hand. Points come from a seed, so that one that fails can be had again.
"""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from tests.end_to_end.conftest import Clone

STACK: Final = "dev"
VICTIMS: Final = ("engine", "plugin", "sandbox", "leap", "everything")
BY_HAND: Final = ("engine", "plugin", "sandbox", "everything")
MOST_STEPS: Final = 200
FEW_STEPS: Final = 12
MOST_SECONDS: Final = 9.0
PATIENCE_SECONDS: Final = 120.0


@dataclass(frozen=True)
class Point:
    """One kill. `steps` are counted in the event log; by hand, `seconds` count."""

    command: str
    victim: str
    steps: int
    seconds: float
    by_hand: bool

    def __str__(self) -> str:
        when = f"{self.seconds:.1f} s" if self.by_hand else f"{self.steps} steps"
        who = "pulumi" if self.by_hand else "leap"
        return f"{who} {self.command}, {self.victim} after {when}"


def points(count: int, seed: int) -> list[Point]:
    """Deployments, changes and removals, one after the other; every third by hand."""
    commands = ("apply", "change", "destroy")
    found = []
    for number in range(count):
        by_hand = _chance(seed, number, "who") < 1 / 3
        command = commands[number % len(commands)]
        victims = BY_HAND if by_hand else VICTIMS
        most = MOST_STEPS if command != "change" else FEW_STEPS
        found.append(
            Point(
                command,
                victims[int(_chance(seed, number, "victim") * len(victims))],
                1 + int(_chance(seed, number, "steps") * most),
                1.0 + _chance(seed, number, "seconds") * MOST_SECONDS,
                by_hand,
            )
        )
    return found


def _chance(*of: object) -> float:
    """A number below 1 that is always the same for the same question."""
    digest = hashlib.sha256(repr(of).encode()).digest()
    return int.from_bytes(digest[:6]) / 2**48


def kill_at(clone: Clone, point: Point) -> bool:
    """Run the point's command and kill its victim; whether it was still running then."""
    command = "destroy" if point.command == "destroy" else "apply"
    events = clone.folder / ".leap" / "logs" / f"{STACK}-{engine_word(command)}.events.jsonl"
    events.unlink(missing_ok=True)
    process = start_by_hand(clone, command) if point.by_hand else start(clone, command)
    deadline = time.monotonic() + PATIENCE_SECONDS
    began = time.monotonic()
    while process.poll() is None and time.monotonic() < deadline:
        if point.by_hand:
            due = time.monotonic() - began >= point.seconds
        else:
            due = begun(events) >= point.steps
        if due:
            break
        time.sleep(0.02)
    running = process.poll() is None
    if running:
        for victim in chosen(clone, process.pid, point.victim):
            with suppress(ProcessLookupError):
                os.kill(victim, signal.SIGKILL)
    try:
        process.communicate(timeout=PATIENCE_SECONDS)
    except subprocess.TimeoutExpired:
        for victim in [*tree(process.pid), process.pid]:
            with suppress(ProcessLookupError):
                os.kill(victim, signal.SIGKILL)
        process.communicate()
    return running


def engine_word(command: str) -> str:
    """The engine's command for one of ours."""
    return "destroy" if command == "destroy" else "up"


def start(clone: Clone, command: str) -> subprocess.Popen[str]:
    """Start `leap`."""
    return clone.start(command, "--stack", STACK, "--yes", start_new_session=True)


def start_by_hand(clone: Clone, command: str) -> subprocess.Popen[str]:
    """Start the bare `pulumi`, as a person does after `leap env`."""
    line = ["pulumi", engine_word(command), "--stack", STACK, "--yes", "--skip-preview"]
    return subprocess.Popen(
        [*line, "--non-interactive", "--color", "never"],
        cwd=clone.folder,
        env={**clone.variables, **clone.facts("env")},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def begun(events: Path) -> int:
    """How many steps that change something the engine has begun."""
    if not events.exists():
        return 0
    count = 0
    for line in events.read_text(encoding="utf-8", errors="replace").splitlines():
        if '"resourcePreEvent"' in line and '"op": "same"' not in line.replace('":"', '": "'):
            count += 1
    return count


def chosen(clone: Clone, process: int, victim: str) -> list[int]:
    """The processes of a victim."""
    below = tree(process)
    if victim == "sandbox":
        return [sandbox_process(clone)]
    if victim == "leap":
        return [process]
    if victim == "everything":
        return [process, *below]
    word = "pulumi" if victim == "engine" else "pulumi-resource"
    named = [pid for pid in [process, *below] if _name(pid)[: len(word)] == word]
    return [pid for pid in named if victim == "plugin" or _name(pid) == "pulumi"]


def sandbox_process(clone: Clone) -> int:
    """The process of the clone's own sandbox."""
    kept = clone.folder / ".leap" / "sandbox" / "connection.json"
    return int(json.loads(kept.read_text(encoding="utf-8"))["pid"])


def tree(process: int) -> list[int]:
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
