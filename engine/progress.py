"""What an installation says while it runs: one `Step` per change of state of one program.

Deliberately absent: any display. The command line draws steps, tests collect them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum


class StepState(StrEnum):
    """Where a program stands; a program ends in `READY` or `FAILED`."""

    WAITING = "waiting"
    RUNNING = "running"
    READY = "ready"
    SKIPPED = "skipped"
    FAILED = "failed"


@dataclass(frozen=True)
class Step:
    """One piece of progress: `seconds` since the program was begun, `detail` in words."""

    program: str
    state: StepState
    seconds: float = 0.0
    detail: str = ""


Progress = Callable[[Step], None]


def silent(step: Step) -> None:
    """The progress of one who does not want to know."""
