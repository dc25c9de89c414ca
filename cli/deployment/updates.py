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
                _time(entry["startTime"]), _time(entry["endTime"]), entry["result"] == "succeeded"
            )


def _read(folder: Path, stack: str) -> Iterator[dict[str, Any]]:
    """From the files of a file backend, which are named by their time."""
    files = (folder / ".pulumi" / "history").glob(f"*/{stack}/{stack}-*.history.json*")
    for file in sorted(files, reverse=True):
        content = file.read_bytes()
        entry = json.loads(gzip.decompress(content) if file.suffix == ".gz" else content)
        yield entry


def _asked(stack: str, variables: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    listed = ("stack", "history", "--stack", stack, "--json", "--page-size", str(MANY))
    yield from json.loads(stacks.pulumi(variables, *listed) or "[]")


def _time(value: Any) -> datetime:
    """Seconds since 1970 in the files, a text where the engine is asked."""
    if isinstance(value, int | float):
        return datetime.fromtimestamp(value, UTC)
    return datetime.fromisoformat(str(value))
