"""One command at a time changes a stack: who comes second is refused, and told who is first.

The engine has a lock of its own for each run; this one spans a whole command, from its first look
at the state to its last. The kernel lets go of it when the process ends, however that happens.
"""

from __future__ import annotations

import fcntl
import getpass
import json
import os
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Final

from cli.errors import NotUsableError
from cli.paths import STATE
from sandbox.identity import birth_of, is_alive

FOLDER: Final = STATE / "locks"
PROCESSES: Final = Path("/proc")
LEFTOVERS_SECONDS: Final = 10.0
KILLED_SECONDS: Final = 5.0
"""How long the system may take to end what was killed."""


@contextmanager
def held(stack: str, command: str, again: str = "") -> Iterator[None]:
    """Hold a stack for a command that changes it; `again` is that command as one types it.

    Raises:
        NotUsableError: another command holds it.
    """
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (FOLDER / f"{stack}.lock").open("a+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise _refusal(stack, command, file, again) from None
        file.truncate(0)
        file.write(json.dumps(_holder(command)))
        file.flush()
        try:
            yield
        finally:
            file.truncate(0)


def note_engine(stack: str, process: int) -> None:
    """Keep the number of the engine that a command started: it may outlive a killed `leap`."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    note = f"{process} {birth_of(process) or ''}"
    (FOLDER / f"{stack}.engine").write_text(note, encoding="utf-8")


def engine_of(stack: str) -> int | None:
    """The engine that the last command started on a stack, if it still runs."""
    process, birth = _noted_engine(stack)
    return process if process is not None and is_alive(process, birth) else None


def end_leftovers(stack: str) -> None:
    """End what a dead engine of ours left running: plugins that might still be at work.

    The engine has a session of its own, which all that it starts belongs to. They are given time to
    end the operation that they are in.
    """
    process, _ = _noted_engine(stack)
    if process is None or engine_of(stack) is not None:
        return
    deadline = time.monotonic() + LEFTOVERS_SECONDS
    while (left := in_session(process)) and time.monotonic() < deadline:
        time.sleep(0.1)
    for number in left:
        with suppress(ProcessLookupError):
            os.kill(number, signal.SIGKILL)
    while left and in_session(process) and time.monotonic() < deadline + KILLED_SECONDS:
        time.sleep(0.01)


def in_session(leader: int) -> list[int]:
    """The living processes of a session, where the system tells (`/proc`).

    https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
    """
    found = []
    for entry in PROCESSES.glob("[0-9]*"):
        with suppress(OSError, ValueError, IndexError):
            state, _, _, session = (
                (entry / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()[:4]
            )
            if int(session) == leader and state not in {"Z", "X"}:
                found.append(int(entry.name))
    return found


def _noted_engine(stack: str) -> tuple[int | None, str]:
    try:
        note = (FOLDER / f"{stack}.engine").read_text(encoding="utf-8")
        number, _, birth = note.partition(" ")
        return int(number), birth
    except (OSError, ValueError):
        return None, ""


def forget_engine(stack: str) -> None:
    """Forget it: the stack is gone."""
    (FOLDER / f"{stack}.engine").unlink(missing_ok=True)


def _holder(command: str) -> dict[str, object]:
    return {
        "command": command,
        "pid": os.getpid(),
        "host": socket.gethostname(),
        "user": getpass.getuser(),
        "since": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def _refusal(stack: str, command: str, file: IO[str], again: str) -> NotUsableError:
    line = again or f"leap {command} --stack {stack}"
    file.seek(0)
    try:
        holder = json.loads(file.read())
        who = (
            f"leap {holder['command']}, process {holder['pid']} of {holder['user']} on "
            f"{holder['host']}, since {holder['since']}"
        )
        pid = f"kill {holder['pid']}"
    except (ValueError, KeyError, TypeError):
        who, pid = "another leap command", "end that command"
    return NotUsableError(
        f"Stack {stack} is being changed by {who}; leap {command} did nothing.",
        f"Wait for it to end. If it hangs: {pid}, then run {line} again; "
        f"a lock that the engine itself left goes by: pulumi cancel {stack} --yes",
    )
