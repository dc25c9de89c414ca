"""Faults on demand: which statement they strike, and that one which is held waits."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

from sandbox.snowflake.faults import Faults, held_by


def written(folder: Path, *rules: dict[str, Any]) -> Path:
    """A file of rules."""
    path = folder / "faults.json"
    path.write_text(json.dumps(rules))
    return path


def test_those_that_are_to_pass_pass_and_the_next_is_struck(tmp_path: Path) -> None:
    rule = {"match": "^CREATE", "with": "busy", "skip": 2}
    faults = Faults(written(tmp_path, rule))

    async def strikes() -> list[bool]:
        texts = ("CREATE A", "SHOW A", "CREATE B", "CREATE C", "CREATE D")
        return [await faults.strike(text, after=False) is not None for text in texts]

    assert asyncio.run(strikes()) == [False, False, False, True, False]


def test_a_statement_that_is_held_goes_on_when_the_file_is_changed(tmp_path: Path) -> None:
    path = written(tmp_path, {"match": "^CREATE", "with": "hold"})
    faults = Faults(path)

    async def course() -> tuple[str, bool, object]:
        held = asyncio.create_task(faults.strike("CREATE\n A", after=False))
        while not held_by(path).exists():
            await asyncio.sleep(0)
        told, waiting = held_by(path).read_text(), not held.done()
        path.unlink()
        return told, waiting, await held

    assert asyncio.run(course()) == ("CREATE A\n", True, None)
