"""The engine's own record of a stack's updates: when each began and how it ended.

It is written after the state is saved, so what is in it was saved; a run that was killed is not in
it. What a run of the bare `pulumi` left is known by nothing else.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from cli.deployment import stack as stacks

MANY: Final = 50
GOOD: Final = "succeeded"
UNDER_WAY: Final = "in-progress"
CHANGING: Final = frozenset({"update", "destroy"})
"""Runs of the program. A refresh between them says nothing about what they left."""


@dataclass(frozen=True, slots=True)
class Update:
    """A run of the engine that ended; times to the second."""

    began: datetime
    ended: datetime
    succeeded: bool


def of(stack: str, variables: Mapping[str, str]) -> Iterator[Update]:
    """The updates and destructions of a stack, the latest first."""
    folder = stacks.state_folder(variables)
    entries = _asked(stack, variables) if folder is None else _read(folder, stack)
    for entry in entries:
        if entry.get("kind") in CHANGING and entry.get("result", UNDER_WAY) != UNDER_WAY:
            yield Update(
                _time(entry["startTime"]), _time(entry["endTime"]), entry["result"] == GOOD
            )


def last_good_state(stack: str, variables: Mapping[str, str]) -> dict[str, Any]:
    """The deployment as the last good run of any kind saved it; empty where none is kept.

    Beside its record a file backend keeps a copy of the state.
    """
    folder = stacks.state_folder(variables)
    for file in _files(folder, stack) if folder is not None else ():
        copy = file.with_name(file.name.replace(".history.", ".checkpoint."))
        if _content(file).get("result") == GOOD and copy.exists():
            checkpoint: dict[str, Any] = _content(copy)["checkpoint"]
            return dict(checkpoint.get("latest") or {})
    return {}


def _read(folder: Path, stack: str) -> Iterator[dict[str, Any]]:
    """From the files of a file backend, which are named by their time."""
    yield from map(_content, _files(folder, stack))


def _files(folder: Path, stack: str) -> list[Path]:
    files = (folder / ".pulumi" / "history").glob(f"*/{stack}/{stack}-*.history.json*")
    return sorted(files, reverse=True)


def _content(file: Path) -> dict[str, Any]:
    content = file.read_bytes()
    entry: dict[str, Any] = json.loads(
        gzip.decompress(content) if file.suffix == ".gz" else content
    )
    return entry


def _asked(stack: str, variables: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    listed = ("stack", "history", "--stack", stack, "--json", "--page-size", str(MANY))
    yield from json.loads(stacks.pulumi(variables, *listed) or "[]")


def _time(value: Any) -> datetime:
    """Seconds since 1970 in the files, a text where the engine is asked."""
    if isinstance(value, int | float):
        return datetime.fromtimestamp(value, UTC)
    return datetime.fromisoformat(str(value))
