"""What a second account adds to the deployment of `local` (budget: 20 s).

Takes the platform of this clone down and deploys it twice, without and with the second account, and
once more to add the account to a platform that stands. It is left standing, without one.
"""

from __future__ import annotations

from benchmarks.measure import leap_seconds, say


def main() -> None:
    """Measure and print."""
    leap_seconds("destroy", "--yes")
    without = leap_seconds("apply", "--yes")
    adding = leap_seconds("apply", "--yes", "--with-dr")
    leap_seconds("destroy", "--yes")
    both = leap_seconds("apply", "--yes", "--with-dr")
    taking = leap_seconds("apply", "--yes", "--without-dr")
    say("leap apply of local, one account", f"{without:.1f} s")
    say("leap apply of local, two accounts", f"{both:.1f} s")
    say("what the second account adds (budget: 20 s)", f"{both - without:.1f} s")
    say("adding it to a platform that stands, and taking it down", f"{adding:.1f}, {taking:.1f} s")


if __name__ == "__main__":
    main()
