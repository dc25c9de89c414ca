"""What the last good run of a step was made from, so that the next one need not repeat it.

A memory only ever saves work: whoever uses one also looks whether the result still stands. A file
that is missing or damaged means that nothing is remembered.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from cli.paths import STATE

FOLDER: Final = STATE / "memory"


def fingerprint(files: Iterable[Path], *facts: object) -> str:
    """A hash of files (name and content) and of any facts that JSON can say."""
    digest = hashlib.sha256(json.dumps(facts, default=str, sort_keys=True).encode())
    for path in sorted(files):
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        digest.update(f"{path}\0{content}\0".encode())
    return digest.hexdigest()


def recall(stack: str, step: str) -> str | None:
    """The fingerprint of the step's last good run."""
    try:
        content = json.loads(_file(stack).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    value = content.get(step) if isinstance(content, dict) else None
    return value if isinstance(value, str) else None


def remember(stack: str, step: str, value: str) -> None:
    """Keep the fingerprint of a good run; the file is replaced at once."""
    path = _file(stack)
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        content = {}
    draft = path.with_suffix(".new")
    draft.write_text(json.dumps({**content, step: value}, indent=2) + "\n", encoding="utf-8")
    draft.replace(path)


def _file(stack: str) -> Path:
    return FOLDER / f"{stack}.json"
