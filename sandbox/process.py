"""Starting, stopping and resetting the sandbox from the outside.

The sandbox is a detached process (`python -m sandbox serve`); this module starts it, waits until it
answers, and is sure to end only that very process. Starters, stoppers and resetters of one
repository take turns by a file lock. Nothing here knows Snowflake or AWS.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sandbox import connection, ports
from sandbox.connection import Connection
from sandbox.errors import SandboxError
from sandbox.identity import birth_of, is_alive
from sandbox.locking import exclusive, is_held
from sandbox.place import Place

__all__ = ["SandboxError", "Status", "reset", "start", "status", "stop"]

_TURN: Final = 90.0
_START: Final = 60.0
_GRACE: Final = 10.0
_POLL: Final = 0.02
_TAIL: Final = 15


@dataclass(frozen=True, slots=True)
class Status:
    """Whether the sandbox runs, and how it was last reached (kept after a stop)."""

    running: bool
    connection: Connection | None
    log: Path


def start(
    root: Path,
    *,
    port: int | None = None,
    aws_port: int | None = None,
    github_port: int | None = None,
) -> Connection:
    """Start the sandbox of a repository and wait until it answers; a running one is left alone.

    Args:
        root: the repository; the state lies in its `.leap/sandbox`.
        port: of the Snowflake side. None takes the port of the earlier starts, or 48080; 0 any.
        aws_port: of the AWS side; None as above, or 48081.
        github_port: of the GitHub side; None as above, or 48082.

    Raises:
        SandboxError: a port is taken, the folder cannot be written, or the sandbox did not get
            ready; the message then holds the end of its log.
    """
    place = Place(root)
    place.prepare()
    with exclusive(place.start_lock, wait=_TURN):
        return _start(place, ports.Wish(port, aws_port, github_port))


def stop(root: Path) -> bool:
    """Stop the sandbox; tells whether it was running. The state stays."""
    place = Place(root)
    if not place.folder.exists():
        return False
    with exclusive(place.start_lock, wait=_TURN):
        return _stop(place)


def reset(root: Path) -> Connection | None:
    """Empty the account and the AWS side; start again if it was running (then its connection).

    Ports and passwords stay as they are.
    """
    place = Place(root)
    place.prepare()
    with exclusive(place.start_lock, wait=_TURN):
        # what it would flush is removed anyway, so there is no need to be gentle
        was_running = _stop(place, gently=False)
        place.wipe()
        return _start(place, ports.Wish()) if was_running else None


def status(root: Path) -> Status:
    """Look, change nothing."""
    place = Place(root)
    kept = connection.read(place.connection)
    return Status(running=_runs(kept), connection=kept, log=place.log)


def _start(place: Place, wish: ports.Wish) -> Connection:
    kept = connection.read(place.connection)
    if kept is not None and _runs(kept):
        _check_same_ports(place, wish)
        return kept
    chosen = ports.settle(place, wish)
    log_start = place.log.stat().st_size if place.log.exists() else 0
    pid = _spawn(place, chosen)
    deadline = time.monotonic() + _START
    while time.monotonic() < deadline:
        kept = connection.read(place.connection)
        if kept is not None and _runs(kept):
            return kept
        if birth_of(pid) is None and not is_held(place.serve_lock):
            raise SandboxError(
                f"The sandbox ended while it started. The end of its log:\n"
                f"{_tail(place.log, log_start)}",
                f"The whole log: {place.log}. If its state is damaged: leap sandbox reset",
            )
        time.sleep(_POLL)
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
    raise SandboxError(
        f"The sandbox was not ready within {_START:.0f} s and was ended. The end of its log:\n"
        f"{_tail(place.log, log_start)}",
        f"Start it again; the whole log: {place.log}",
    )


def _stop(place: Place, *, gently: bool = True) -> bool:
    kept = connection.read(place.connection)
    if kept is None or not _runs(kept):
        return False
    os.kill(kept.pid, signal.SIGTERM if gently else signal.SIGKILL)
    if not _gone(kept, within=_GRACE):
        os.kill(kept.pid, signal.SIGKILL)
        if not _gone(kept, within=_GRACE):
            raise SandboxError(
                f"The sandbox (process {kept.pid}) does not end.",
                f"End it by hand: kill -9 {kept.pid}",
            )
    return True


def _gone(kept: Connection, *, within: float) -> bool:
    deadline = time.monotonic() + within
    while _runs(kept):
        if time.monotonic() >= deadline:
            return False
        time.sleep(_POLL)
    return True


def _runs(kept: Connection | None) -> bool:
    return kept is not None and is_alive(kept.pid, kept.birth)


def _check_same_ports(place: Place, wish: ports.Wish) -> None:
    if other := ports.differing(place, wish):
        option, asked, now = other
        raise SandboxError(
            f"{option}: {asked} was asked for, but the sandbox already runs on {now}.",
            "Stop it first: leap sandbox stop",
        )


def _spawn(place: Place, chosen: ports.Ports) -> int:
    """Start the detached process; its number is the one line that its parent prints."""
    command = [
        sys.executable,
        *("-m", "sandbox", "serve", "--detach"),
        *("--root", str(place.root.resolve())),
        *("--port", str(chosen.snowflake), "--aws-port", str(chosen.aws)),
        *("--github-port", str(chosen.github)),
    ]
    answer = subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        env=_environment(),
    )
    if answer.returncode != 0:
        raise SandboxError(
            f"The sandbox cannot be started: {answer.stderr.strip() or answer.returncode}",
            "Make the environment anew (uv sync), then start again.",
        )
    return int(answer.stdout)


def _environment() -> dict[str, str]:
    """Ours without what would steer AWS clients elsewhere; few memory arenas keep it small."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return {**kept, "MALLOC_ARENA_MAX": "2", "PYTHONUNBUFFERED": "1"}


def _tail(log: Path, offset: int) -> str:
    try:
        with log.open("rb") as file:
            file.seek(offset)
            lines = file.read().decode("utf-8", "replace").splitlines()
    except FileNotFoundError:
        lines = []
    return "\n".join(f"  {line}" for line in lines[-_TAIL:]) or "  (nothing)"
