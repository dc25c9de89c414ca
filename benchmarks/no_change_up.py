"""`./leap up` when nothing changed (budget 15 s) and `./leap --help` (budget 0.3 s).

Needs a platform that stands; the first call here makes sure of it and does not count.
"""

from __future__ import annotations

import subprocess
import time

from benchmarks.measure import Timing, say
from cli.paths import ROOT

UPS = 3
HELPS = 20


def main() -> None:
    """Measure and print."""
    _leap("up")
    ups = Timing(tuple(_leap("up") for _ in range(UPS)))
    helps = Timing(tuple(_leap("--help") for _ in range(HELPS)))
    say("./leap up, nothing changed (budget: 15 s)", ups.in_words())
    say("./leap --help (budget: 300 ms)", helps.in_words())


def _leap(*arguments: str) -> float:
    started = time.perf_counter()
    subprocess.run(
        [str(ROOT / "leap"), *arguments],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=True,
    )
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
