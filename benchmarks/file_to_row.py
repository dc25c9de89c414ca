"""A file dropped into the landing bucket of `local` until its row can be queried; budget 5 s.

Needs a platform that stands (`./leap up`). Each file is new, so that nothing answers from memory.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from benchmarks.measure import Timing, say
from cli import loading
from cli.deployment import stack as stacks
from cli.paths import SAMPLES
from cli.target import ask, connected
from cli.workbench import Workbench, open_workbench
from ingestion import landing
from ingestion.feed import feed_named

FILES = 10
FEED = "gyms"


def main() -> None:
    """Measure and print."""
    bench = open_workbench("local")
    outputs = stacks.outputs("local", bench.variables)
    with tempfile.TemporaryDirectory() as folder:
        seconds = [_one(bench, outputs, Path(folder), number) for number in range(FILES)]
    say("A file in S3 until it is a row in RAW (budget: 5 s)", Timing(tuple(seconds)).in_words())


def _one(bench: Workbench, outputs: dict[str, str], folder: Path, number: int) -> float:
    sample = next((SAMPLES / FEED).glob("*.csv"))
    head, row = sample.read_text(encoding="utf-8").splitlines()[:2]
    name, _, rest = row.partition(",")
    file = folder / f"gyms-bench-{number}.csv"
    file.write_text(f"{head}\n{name}-bench-{time.time_ns()},{rest}\n", encoding="utf-8")
    feed = feed_named(FEED)
    with connected({**bench.login(), "database": outputs["database"]}) as connection:
        started = time.perf_counter()
        put = landing.put(loading.client(bench), outputs["landing_bucket"], feed, [file])
        while not ask(
            connection, "SELECT 1 FROM RAW.GYMS WHERE _FILE_NAME = %s", (put[0].key,)
        ).rows:
            time.sleep(0.02)
        return time.perf_counter() - started


if __name__ == "__main__":
    main()
