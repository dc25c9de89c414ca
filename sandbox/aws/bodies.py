"""Object bodies of the local S3, each content once, in files named by their SHA-256.

moto holds a body in an open temporary file per object. A `Body` takes that file's place: it opens
the kept file only while it is read, so ten thousand objects cost no memory and no handles.
"""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Collection
from pathlib import Path
from typing import Final, Protocol

_BLOCK: Final = 1 << 20


class Readable(Protocol):
    """An open file, as far as it is read here."""

    def seek(self, offset: int, /) -> object: ...
    def read(self, size: int, /) -> bytes: ...


class Body:
    """A read-only stand-in for the file in which moto keeps an object's body."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._position = 0

    @property
    def digest(self) -> str:
        """The SHA-256 of the content, which is also its name."""
        return self.path.name

    def seek(self, position: int, whence: int = os.SEEK_SET) -> int:
        """As a file's, but for a negative position from the end."""
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._position}.get(whence)
        self._position = position + (self.path.stat().st_size if base is None else base)
        return self._position

    def read(self, size: int = -1) -> bytes:
        """As a file's."""
        with self.path.open("rb") as file:
            file.seek(self._position)
            content = file.read(size)
        self._position += len(content)
        return content

    def close(self) -> None:
        """Nothing is open between reads. The file goes at the next start, if nobody needs it."""


class Bodies:
    """The folder of bodies."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def open(self, digest: str) -> Body:
        """The body of that name."""
        return Body(self._folder / digest)

    def keep(self, content: Readable) -> Body:
        """Write the content under its digest; hashed as it is written, so the name is true."""
        content.seek(0)
        hasher = hashlib.sha256()
        draft = self._folder / f".draft.{threading.get_ident()}"
        with draft.open("wb") as file:
            while block := content.read(_BLOCK):
                hasher.update(block)
                file.write(block)
        path = self._folder / hasher.hexdigest()
        draft.replace(path)
        return Body(path)

    def drop_unused(self, needed: Collection[str]) -> None:
        """Remove what no object names."""
        for path in self._folder.iterdir():
            if path.name not in needed:
                path.unlink()
