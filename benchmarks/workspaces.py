"""`leap dev new` and `leap dev down` (budget: 30 s for one workspace on a machine that idles).

Needs a platform that stands. `--count 20` makes so many at once, as a shared CI machine might; the
memory is that of all their processes together, what they share counted once.
"""

from __future__ import annotations

import argparse
import subprocess
import time
from collections.abc import Sequence
from typing import Final

from benchmarks.measure import say
from benchmarks.memory import megabytes
from cli.paths import ROOT

LOOK_EVERY_SECONDS: Final = 1.0


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--count", type=int, default=1, help="how many at once")
    count = options.parse_args().count
    names = [f"bench{number}" for number in range(1, count + 1)]
    say(f"leap dev new, {count} at once (budget for one: 30 s)", _all(["new"], names))
    say(f"leap dev down, {count} at once", _all(["down", "--yes"], names))


def _all(command: Sequence[str], names: Sequence[str]) -> str:
    """Run the command for every name at once; what it took, in words."""
    started = time.perf_counter()
    running = [
        subprocess.Popen(
            [str(ROOT / "leap"), "dev", command[0], name, *command[1:]],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for name in names
    ]
    ends: dict[int, float] = {}
    most = 0
    while len(ends) < len(running):
        for process in running:
            if process.poll() is not None:
                ends.setdefault(process.pid, time.perf_counter() - started)
        most = max(most, megabytes([process.pid for process in running]))
        time.sleep(LOOK_EVERY_SECONDS)
    failed = sum(process.returncode != 0 for process in running)
    times = f"first {min(ends.values()):.1f} s, all {max(ends.values()):.1f} s"
    return f"{times}, at most {most} MB, {failed} failed"


if __name__ == "__main__":
    main()
