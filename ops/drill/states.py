"""What the drill of a lost state needs of the engine and of the state's files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from ops.drill.step import Problem


class States(Protocol):
    """The stack's state. `practice`: an empty one beside it stands for it, and it is left alone."""

    def problems(self, *, practice: bool) -> Sequence[Problem]:
        """What must be put right before it may be lost, which is looked at from all sides."""

    def copy(self, folder: Path, *, practice: bool) -> Mapping[str, Any]:
        """Keep a copy in the drill's folder, and what the account has of it; in words and numbers.

        Nothing is written where that was done before.
        """

    def lose(self, folder: Path, stamp: str) -> None:
        """Move it out of the way, with its history and what is remembered of it."""

    def is_lost(self, folder: Path, stamp: str) -> bool:
        """Whether all of it was moved."""

    def restore(self, folder: Path, stamp: str) -> str:
        """Put it back, whatever was made since; what was done, in words."""

    def unlike(self, folder: Path, stamp: str) -> Sequence[str]:
        """What of it is not as it was, to the byte."""

    def end(self, folder: Path, stamp: str) -> None:
        """The new state stays, with the old history; what was moved stays in the drill's folder."""

    def missing(self, folder: Path, *, practice: bool) -> int:
        """How many resources a deployment would now make anew."""

    def rebuild(self, folder: Path) -> Mapping[str, Any]:
        """Make it again from program and account, in the drill's folder; in words and numbers."""

    def rebuilt(self, folder: Path) -> Mapping[str, Any] | None:
        """The same where that was done; else None."""

    def write(self, folder: Path) -> None:
        """Make what was rebuilt the stack's state."""

    def settle(self, folder: Path, *, practice: bool) -> Mapping[str, Any]:
        """Deploy; refused where that would make, replace or delete anything."""

    def quiet(self, folder: Path, *, practice: bool) -> str:
        """Preview with everything asked of the clouds; raises where anything would change."""

    def proof(self, folder: Path, *, practice: bool) -> Mapping[str, Any]:
        """What state and account have otherwise than before, and how much is alike."""
