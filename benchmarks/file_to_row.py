"""A file dropped into the landing bucket of `local` until its row can be queried; budget 5 s.

Needs a platform that stands (`./leap up`). Each file is new, so that nothing answers from memory;
the files and their rows are removed at the end.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from snowflake.connector import SnowflakeConnection

from benchmarks.measure import Timing, say
from cli import loading
from cli.deployment import stack as stacks
from cli.paths import SAMPLES
from cli.target import ask, connected
from cli.workbench import Workbench, open_workbench
from ingestion import landing
from ingestion.feed import feed_named

FILES = 10
PATIENCE_SECONDS = 60.0
FEED = "gyms"


def main() -> None:
    """Measure and print."""
    bench = open_workbench("local")
    outputs = stacks.outputs("local", bench.variables)
    keys: list[str] = []
    with connected({**bench.login(), "database": outputs["database"]}) as connection:
        try:
            with tempfile.TemporaryDirectory() as folder:
                seconds = [
                    _one(bench, connection, outputs["landing_bucket"], file, keys)
                    for file in _files(Path(folder))
                ]
        finally:
            for key in keys:
                loading.client(bench).delete_object(Bucket=outputs["landing_bucket"], Key=key)
                ask(connection, "DELETE FROM RAW.GYMS WHERE _FILE_NAME = %s", (key,))
    say("A file in S3 until it is a row in RAW (budget: 5 s)", Timing(tuple(seconds)).in_words())


def _files(folder: Path) -> Iterator[Path]:
    """Files of one row, each with a key of its own."""
    sample = next((SAMPLES / FEED).glob("*.csv"))
    head, row = sample.read_text(encoding="utf-8").splitlines()[:2]
    for number in range(FILES):
        file = folder / f"gyms-bench-{number}.csv"
        name = f"B{time.time_ns() % 10**10}"
        file.write_text(f"{head}\n{name},{row.partition(',')[2]}\n", encoding="utf-8")
        yield file


def _one(
    bench: Workbench, connection: SnowflakeConnection, bucket: str, file: Path, keys: list[str]
) -> float:
    started = time.perf_counter()
    key = landing.put(loading.client(bench), bucket, feed_named(FEED), [file])[0].key
    keys.append(key)
    while not ask(connection, "SELECT 1 FROM RAW.GYMS WHERE _FILE_NAME = %s", (key,)).rows:
        if time.perf_counter() - started > PATIENCE_SECONDS:
            raise SystemExit(f"{key} did not arrive: ./leap ingest status {FEED}")
        time.sleep(0.02)
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
