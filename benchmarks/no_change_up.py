"""`./leap up` when nothing changed (budget 15 s) and `./leap --help` (budget 0.3 s).

Needs a platform that stands; the first call here makes sure of it and does not count.
"""

from __future__ import annotations

from benchmarks.measure import Timing, leap_seconds, say

UPS = 3
HELPS = 20


def main() -> None:
    """Measure and print."""
    leap_seconds("up")
    ups = Timing(tuple(leap_seconds("up") for _ in range(UPS)))
    helps = Timing(tuple(leap_seconds("--help") for _ in range(HELPS)))
    say("./leap up, nothing changed (budget: 15 s)", ups.in_words())
    say("./leap --help (budget: 300 ms)", helps.in_words())


if __name__ == "__main__":
    main()
