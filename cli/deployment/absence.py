"""A state moved out of the way, and back: nothing here ever deletes the only copy of anything.

What goes together is the state in a backend of files, its backups, its history (with a copy of the
state for each update), and what this clone remembers of the stack's last good run. All of it is
renamed into one folder beside the states, which says for which drill. Each move can be cut off and
done again.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from cli import memory
from cli.deployment import stack as stacks
from cli.errors import NotUsableError
from cli.paths import LOGS, STATE
from infra.model.stack_config import PROJECT
from ops import private_file
from ops.drill.journal import Journal
from ops.drill.run import is_over

if TYPE_CHECKING:
    from cli.workbench import Workbench

DRILLS: Final = STATE / "drills"
ASIDE: Final = "lost"
LIST: Final = "moved.json"
DRILL: Final = "lost-state"


@dataclass(frozen=True, slots=True)
class Absence:
    """A stack's state and notes, and where they are while they are lost."""

    stack: str
    states: Path
    """The folder of the backend."""
    kept: Path
    """The folder of the drill."""
    stamp: str

    @property
    def aside(self) -> Path:
        """Where the moved files are: beside the states, at the end in the drill's folder."""
        at_the_end = self.kept / ASIDE
        beside = self.states / f"{ASIDE}-{self.stack}-{self.stamp}"
        return beside if beside.exists() or not (at_the_end / LIST).exists() else at_the_end

    def pieces(self) -> dict[str, Path]:
        """What is there now, by a name under which it is kept."""
        return {_name(path): path for path in self._present()}

    def _present(self) -> Iterator[Path]:
        inner = self.states / ".pulumi"
        yield from sorted((inner / "stacks" / PROJECT).glob(f"{self.stack}.json*"))
        for folder in ("history", "backups"):
            yield from sorted((inner / folder).glob(f"*/{self.stack}"))
        notes = (memory.FOLDER / f"{self.stack}.json", *_markers(self.stack))
        yield from (path for path in notes if path.exists())

    def lose(self) -> None:
        """Move everything aside; what was moved before a crash stays where it is."""
        moved = self._listed()
        if moved is None:
            self.aside.mkdir(parents=True, exist_ok=True)
            moved = {name: str(path) for name, path in self.pieces().items()}
            _write(self.aside / LIST, {"all": False, "moved": moved})
        for name, path in moved.items():
            if not (self.aside / name).exists():
                Path(path).rename(self.aside / name)
        _write(self.aside / LIST, {"all": True, "moved": moved})

    @property
    def is_lost(self) -> bool:
        """Whether everything was moved."""
        list_ = self.aside / LIST
        return list_.exists() and bool(json.loads(list_.read_text(encoding="utf-8"))["all"])

    def restore(self) -> str:
        """Put everything back; what was made in between goes to the drill's folder."""
        moved, aside = self._listed(), self.aside
        if moved is None:
            return "the state was not moved"
        for name, path in self.pieces().items():
            if name not in moved or (aside / name).exists():
                _instead(path, self.kept / "rebuilt" / name)
        for name, origin in moved.items():
            if (aside / name).exists():
                Path(origin).parent.mkdir(parents=True, exist_ok=True)
                (aside / name).rename(origin)
        (aside / LIST).unlink()
        aside.rmdir()
        return f"{len(moved)} files and folders as they were"

    def end(self) -> None:
        """The new state stays: the old history joins it, and the moved files stay in the drill."""
        aside, target = self.aside, self.kept / ASIDE
        if aside == target or not self.is_lost:
            return
        for folder in self._histories(aside):
            _join(folder, self.states / ".pulumi" / "history" / PROJECT / self.stack)
        shutil.rmtree(target, ignore_errors=True)  # a copy that a crash cut off
        shutil.move(aside, target)

    def _histories(self, aside: Path) -> Iterator[Path]:
        moved = self._listed() or {}
        for name, path in moved.items():
            if Path(path).parent.parent.name == "history":
                yield aside / name

    def _listed(self) -> dict[str, str] | None:
        try:
            list_ = json.loads((self.aside / LIST).read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        moved: dict[str, str] = list_["moved"]
        return moved

    def prints(self) -> dict[str, str]:
        """Each file that is there now, by a hash of what is in it."""
        return {
            str(file.relative_to(path.parent)): _hash(file)
            for path in self.pieces().values()
            for file in ([path] if path.is_file() else sorted(path.rglob("*")))
            if file.is_file()
        }


def refuse_while_lost(bench: Workbench) -> None:
    """No deployment while a drill has the state out of the way: it would make everything anew.

    Raises:
        NotUsableError: with the drill and the ways on.
    """
    folder = stacks.state_folder(bench.variables)
    for aside in folder.glob(f"{ASIDE}-{bench.stack}-*") if folder is not None else ():
        drill = f"{DRILL}-{aside.name.removeprefix(f'{ASIDE}-{bench.stack}-')}"
        entries = Journal(DRILLS / drill).entries()
        if is_over(entries):
            continue  # of a sandbox that was reset since
        ways = f"Continue: leap drill resume {drill}\nOr take it back: leap drill back {drill}"
        by_hand = f"Its journal is gone: {aside / LIST} says where each file belongs."
        raise NotUsableError(
            f"The state of {bench.stack} was moved away by {drill}, which is not over; nothing "
            "was done.",
            ways if entries else by_hand,
        )


def _name(path: Path) -> str:
    return "--".join((*path.parts[-3:-1], path.name))


def _markers(stack: str) -> tuple[Path, ...]:
    return LOGS / f"{stack}.mended", LOGS / f"{stack}.unsaved"


def _instead(path: Path, target: Path) -> None:
    """Move it there; what an earlier way back left there is of no use any more."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.is_dir():
        shutil.rmtree(target)
    target.unlink(missing_ok=True)
    shutil.move(path, target)


def _join(old: Path, history: Path) -> None:
    history.mkdir(parents=True, exist_ok=True)
    for file in sorted(old.iterdir()):
        if not (history / file.name).exists():
            shutil.copy2(file, history / file.name)


def _hash(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _write(path: Path, value: Mapping[str, object]) -> None:
    private_file.write(path, json.dumps(value).encode())
