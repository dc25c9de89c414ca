"""Child processes of the language host: started, streamed, and ended with whoever asked for them.

Every child shares the host's process group, so the interrupt by which the engine ends the host
reaches it too.
"""

import os
import queue
import subprocess
import threading
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import IO, Final

CHUNK: Final = 65536
STOP_SECONDS: Final = 3


class Stream(StrEnum):
    """Which of a child's outputs a chunk came from."""

    OUT = "stdout"
    ERR = "stderr"


class Children:
    """The running children, so that a cancelled call or the end of the host ends them."""

    def __init__(self) -> None:
        self._running: set[subprocess.Popen[bytes]] = set()
        self._lock = threading.Lock()

    def start(
        self, command: Sequence[str], *, folder: Path, variables: Mapping[str, str], piped: bool
    ) -> "subprocess.Popen[bytes]":
        """Start a command; its output is the host's own unless `piped`."""
        pipe = subprocess.PIPE if piped else None
        child = subprocess.Popen(
            command,
            cwd=folder,
            env=dict(variables),
            stdin=subprocess.DEVNULL,
            stdout=pipe,
            stderr=pipe,
        )
        with self._lock:
            self._running.add(child)
        return child

    def wait(self, child: "subprocess.Popen[bytes]") -> int:
        """Wait for a child's end; returns its exit code."""
        code = child.wait()
        with self._lock:
            self._running.discard(child)
        return code

    def stop(self, child: "subprocess.Popen[bytes]") -> None:
        """End a child that may have ended already."""
        if child.poll() is None:
            child.terminate()
            try:
                child.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                child.kill()
        self.wait(child)

    def stop_all(self) -> None:
        """End every child."""
        with self._lock:
            running = tuple(self._running)
        for child in running:
            self.stop(child)


def chunks(child: "subprocess.Popen[bytes]") -> Iterator[tuple[Stream, bytes]]:
    """What a piped child prints, as it comes, until both outputs are closed."""
    assert child.stdout is not None
    assert child.stderr is not None
    arrived: queue.Queue[tuple[Stream, bytes] | None] = queue.Queue()

    def pump(file: IO[bytes], stream: Stream) -> None:
        with file:
            while data := os.read(file.fileno(), CHUNK):
                arrived.put((stream, data))
        arrived.put(None)

    for file, stream in ((child.stdout, Stream.OUT), (child.stderr, Stream.ERR)):
        threading.Thread(target=pump, args=(file, stream), daemon=True).start()
    open_streams = 2
    while open_streams:
        item = arrived.get()
        if item is None:
            open_streams -= 1
        else:
            yield item
