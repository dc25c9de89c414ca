"""Where built programs are kept, and how two builds keep out of each other's way.

Layout, under the user's cache folder (`XDG_CACHE_HOME` is honoured):
`leap/engine/programs/<name>-<key>/` one finished program; `leap/engine/<key>/` one toolchain, made
of hard links to programs; `leap/engine/lock` the lock of whoever builds.
Nothing is ever written under its final name: a name that exists is complete.
"""

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

import platformdirs

PARTIAL: Final = ".partial"
NEEDED_BYTES: Final = 400 * 1024 * 1024  # the finished programs, measured: 290 MB


def root() -> Path:
    """The folder of all engine caches; made by whoever writes first."""
    return platformdirs.user_cache_path("leap") / "engine"


def program_folder(name: str, key: str) -> Path:
    """Where the finished program of that key is, or will be."""
    return root() / "programs" / f"{name}-{key}"


def toolchain_folder(key: str) -> Path:
    """Where the toolchain of that key is, or will be."""
    return root() / key


def partial(target: Path) -> Path:
    """A name beside `target` to write under before it is renamed; made empty."""
    path = target.with_name(target.name + PARTIAL)
    if path.is_dir():
        shutil.rmtree(path)
    path.mkdir(parents=True)
    return path


def link(source: Path, target: Path) -> None:
    """Give a file a second name; a copy where the file system has no hard links."""
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def write(target: Path, content: bytes) -> None:
    """Write a file whole or not at all."""
    target.parent.mkdir(parents=True, exist_ok=True)
    work = target.with_name(f"{target.name}{PARTIAL}-{os.getpid()}")
    work.write_bytes(content)
    work.replace(target)


@contextmanager
def lock(on_wait: Callable[[str], None]) -> Iterator[None]:
    """Hold the build lock; `on_wait` is told once who holds it when it is taken.

    The operating system frees it when its holder dies, so no stale lock can be left.
    """
    path = root() / "lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+", encoding="utf-8") as file:
        _acquire(file, on_wait)
        file.seek(0)
        file.truncate()
        file.write(str(os.getpid()))
        file.flush()
        yield


def _acquire(file: IO[str], on_wait: Callable[[str], None]) -> None:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.seek(0)
        on_wait(f"another build runs (process {file.read().strip() or 'unknown'}); waiting for it")
        fcntl.flock(file, fcntl.LOCK_EX)
