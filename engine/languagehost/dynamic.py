"""Runs the provider of dynamic resources, and ends it when its engine is gone.

The SDK's provider waits for an interrupt and for nothing else: one whose engine was killed would
stay for good. It is started by path under the program's own Python, is otherwise what
`python -m pulumi.dynamic` is, and imports nothing of ours. Operations that are under way when the
engine goes are ended first.
"""

import os
import runpy
import signal
import sys
import threading
import time
from pathlib import Path

ORPHAN_SECONDS = 1.0  # how often to look whether the engine is still there


def main() -> None:
    """Serve until the engine interrupts us, or is gone."""
    sys.path[0] = str(Path.cwd())  # where `-m` would look: the program's own modules are there
    watch = threading.Thread(target=_end_without, args=(os.getppid(),), daemon=True)
    watch.start()
    runpy.run_module("pulumi.dynamic", run_name="__main__", alter_sys=True)


def _end_without(engine: int) -> None:
    """Interrupt the main thread, as the engine does, once we have another parent than it."""
    while os.getppid() == engine:
        time.sleep(ORPHAN_SECONDS)
    waiting = threading.main_thread().ident
    assert waiting is not None
    signal.pthread_kill(waiting, signal.SIGINT)


if __name__ == "__main__":
    main()
