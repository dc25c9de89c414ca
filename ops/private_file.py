"""Files that only their owner reads."""

import os
from pathlib import Path
from typing import Final

MODE: Final = 0o600


def write(path: Path, content: bytes) -> None:
    """Replace the file at once, in whole or not at all, and have it on the disk."""
    draft = path.with_suffix(".new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, MODE)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
