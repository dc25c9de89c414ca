"""Measuring and saying so: medians over repeated calls, memory of a process, the machine."""

from __future__ import annotations

import os
import platform
import resource
import statistics
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.memory import megabytes
from cli.paths import ROOT

MILLI = 1000.0
LOOK_EVERY_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds of repeated calls."""

    seconds: tuple[float, ...]

    @property
    def median(self) -> float:
        """The middle one, in milliseconds."""
        return statistics.median(self.seconds) * MILLI

    @property
    def slow(self) -> float:
        """The one that nineteen of twenty stay under, in milliseconds."""
        return statistics.quantiles(self.seconds, n=20)[-1] * MILLI

    def in_words(self) -> str:
        """Fastest, median, 95th percentile and how often."""
        fastest = min(self.seconds) * MILLI
        spread = f"median {self.median:.2f} ms, 95% under {self.slow:.2f} ms"
        return f"{spread}, fastest {fastest:.2f} ms, {len(self.seconds)} calls"


def repeat(call: Callable[[], Any], times: int, *, warm_up: int = 5) -> Timing:
    """Time a call again and again, after some that do not count."""
    for _ in range(warm_up):
        call()
    seconds = []
    for _ in range(times):
        started = time.perf_counter()
        call()
        seconds.append(time.perf_counter() - started)
    return Timing(tuple(seconds))


@dataclass(frozen=True, slots=True)
class Cost:
    """What a command and all its processes took; `cpu` is the guide on a busy machine."""

    seconds: float
    cpu: float
    load: float
    memory: int
    """Megabytes at the peak, looked for once a second; what processes share is counted once."""

    def in_words(self) -> str:
        """Seconds on the clock and of the processors, memory, and the load beside it."""
        seconds = f"{self.seconds:.1f} s, {self.cpu:.1f} CPU-seconds"
        return f"{seconds}, {self.memory} MB (load {self.load:.1f})"


def cost(line: Sequence[str], *, folder: Path, variables: Mapping[str, str]) -> Cost:
    """Run a command to its end.

    Raises:
        SystemExit: it failed; with what it said.
    """
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    process = subprocess.Popen(
        line,
        cwd=folder,
        env=dict(variables),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    memory, said = 0, None
    while said is None:
        with suppress(subprocess.TimeoutExpired):
            said, _ = process.communicate(timeout=LOOK_EVERY_SECONDS)
        memory = max(memory, megabytes([process.pid]))
    seconds, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    if process.returncode != 0:
        raise SystemExit(f"{' '.join(line)}:\n{said[-3000:]}")
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Cost(seconds, used, os.getloadavg()[0], memory)


def say(title: str, *lines: str) -> None:
    """Print a result under its title, with the machine that it is true of."""
    print(f"{title}\n  on {machine()}")
    for line in lines:
        print(f"  {line}")


def machine() -> str:
    """Cores, how busy they were before, processor, system and Python."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return (
        f"{cores} cores (load {os.getloadavg()[0]:.1f}), {platform.machine()}, "
        f"{platform.system()}, Python {platform.python_version()}"
    )


def leap_seconds(*arguments: str) -> float:
    """How long one `leap` of this tree took; raises where it failed."""
    started = time.perf_counter()
    subprocess.run(
        [str(ROOT / "leap"), *arguments],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=True,
    )
    return time.perf_counter() - started
