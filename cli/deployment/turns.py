"""Turns: so many engines of a person work at once on a machine, and the others wait for one to end.

An engine with its program, policies and plugins takes a processor and most of a gigabyte for
seconds. Twenty that work at once are not sooner done than four after four, but need five times the
memory. The kernel lets go of a turn when its process ends, however that happens.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

import platformdirs

from cli.errors import BadInputError

VARIABLE: Final = "LEAP_ENGINES"
LOOK_EVERY_SECONDS: Final = 0.2
_FOR_EACH_PROCESSOR: Final = 2


def folder() -> Path:
    """Where the turns of this machine are taken."""
    return platformdirs.user_cache_path("leap") / "turns"


def at_once() -> int:
    """How many engines may work at once: what LEAP_ENGINES says, or two for each processor.

    Raises:
        BadInputError: the variable holds no such number.
    """
    said = os.environ.get(VARIABLE)
    if said is None:
        return _FOR_EACH_PROCESSOR * (os.cpu_count() or 1)
    if not said.isdecimal() or int(said) < 1:
        raise BadInputError(f"{VARIABLE}: got {said!r}, allowed: integer ≥ 1")
    return int(said)


@contextmanager
def taken(progress: Callable[[str], None]) -> Iterator[None]:
    """Wait for a turn and keep it; `progress` is told for how many others one waits.

    Who waits waits in a line: only the first of it looks for a turn that came free.
    """
    number, place = at_once(), folder()
    place.mkdir(parents=True, exist_ok=True)
    with (place / "line").open("a") as line:
        if not _lock(line):
            progress(_waiting(number))
            fcntl.flock(line, fcntl.LOCK_EX)
        turn = _first_free(place, number)
        while turn is None:
            progress(_waiting(number))
            time.sleep(LOOK_EVERY_SECONDS)
            turn = _first_free(place, number)
    with turn:
        yield


def _waiting(number: int) -> str:
    return f"waiting for one of {number} engines on this machine to end ({VARIABLE} allows more)"


def _first_free(place: Path, number: int) -> IO[str] | None:
    """The first turn that nobody has, now held; it is let go of when its file is closed."""
    for turn in range(number):
        file = (place / f"{turn}").open("a")
        if _lock(file):
            return file
        file.close()
    return None


def _lock(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
