"""One command at a time changes a stack: who comes second is refused, and told who is first.

The engine has a lock of its own for each run; this one spans a whole command, from its first look
at the state to its last. The kernel lets go of it when the process ends, however that happens.
"""

from __future__ import annotations

import fcntl
import getpass
import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import IO, Final

from cli.errors import NotUsableError
from cli.paths import STATE

FOLDER: Final = STATE / "locks"


@contextmanager
def held(stack: str, command: str) -> Iterator[None]:
    """Hold a stack for a command that changes it.

    Raises:
        NotUsableError: another command holds it.
    """
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (FOLDER / f"{stack}.lock").open("a+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise _refusal(stack, command, file) from None
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
    (FOLDER / f"{stack}.engine").write_text(str(process), encoding="utf-8")


def engine_of(stack: str) -> int | None:
    """The engine that the last command started on a stack."""
    try:
        return int((FOLDER / f"{stack}.engine").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def _holder(command: str) -> dict[str, object]:
    return {
        "command": command,
        "pid": os.getpid(),
        "host": socket.gethostname(),
        "user": getpass.getuser(),
        "since": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def _refusal(stack: str, command: str, file: IO[str]) -> NotUsableError:
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
        f"Wait for it to end. If it hangs: {pid}, then run leap {command} --stack {stack} again; "
        f"a lock that the engine itself left goes by: pulumi cancel {stack} --yes",
    )
