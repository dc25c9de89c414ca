"""`SHOW WAREHOUSES` with 1,000 of them; the budget is 100 ms at the median."""

from __future__ import annotations

from benchmarks.measure import repeat, say
from benchmarks.scratch import connect, sandbox
from cli.target import ask

OBJECTS = 1000
CALLS = 50


def main() -> None:
    """Measure and print."""
    with sandbox() as (connection, _), connect(connection) as account:
        for number in range(OBJECTS):
            ask(account, f"CREATE WAREHOUSE SCRATCH_{number:04} INITIALLY_SUSPENDED = TRUE")
        shown = len(ask(account, "SHOW WAREHOUSES").rows)
        everything = repeat(lambda: ask(account, "SHOW WAREHOUSES"), CALLS)
        one = repeat(lambda: ask(account, "SHOW WAREHOUSES LIKE 'SCRATCH_0500'"), CALLS)
    say(
        f"SHOW WAREHOUSES of {shown} (budget: median under 100 ms)",
        everything.in_words(),
        f"LIKE one of them: {one.in_words()}",
    )


if __name__ == "__main__":
    main()
