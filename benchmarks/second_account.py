"""What a second account adds to the deployment of `local` (budget: 20 s).

Takes the platform of this clone down and deploys it twice, without and with the second account, and
once more to add the account to a platform that stands. It is left standing, without one.
"""

from __future__ import annotations

import subprocess
import time

from benchmarks.measure import say
from cli.paths import ROOT


def main() -> None:
    """Measure and print."""
    _leap("destroy", "--yes")
    without = _leap("apply", "--yes")
    adding = _leap("apply", "--yes", "--with-dr")
    _leap("destroy", "--yes")
    both = _leap("apply", "--yes", "--with-dr")
    taking = _leap("apply", "--yes", "--without-dr")
    say("leap apply of local, one account", f"{without:.1f} s")
    say("leap apply of local, two accounts", f"{both:.1f} s")
    say("what the second account adds (budget: 20 s)", f"{both - without:.1f} s")
    say("adding it to a platform that stands, and taking it down", f"{adding:.1f}, {taking:.1f} s")


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
