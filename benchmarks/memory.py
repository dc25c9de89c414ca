"""What processes hold in memory, and what they have used of the processors; Linux only."""

import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path


def memory_of(process: int, figure: str = "VmRSS") -> int:
    """Megabytes of a process now (`VmRSS`) or at its peak (`VmHWM`); Linux only."""
    for line in Path(f"/proc/{process}/status").read_text(encoding="utf-8").splitlines():
        if line.startswith(f"{figure}:"):
            return int(line.split()[1]) // 1024
    raise ValueError(f"process {process} tells no {figure}")


def cpu_seconds(process: int) -> float:
    """Seconds of the processors that a process has used so far, to a hundredth."""
    stat = Path(f"/proc/{process}/stat").read_text(encoding="utf-8")
    used = stat.rpartition(")")[2].split()[11:13]
    return sum(map(int, used)) / os.sysconf("SC_CLK_TCK")


def megabytes(processes: Sequence[int]) -> int:
    """Megabytes of these processes and all below them (proportional set size)."""
    parents: dict[int, int] = {}
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            stat = (entry / "stat").read_text(encoding="utf-8")
            parents[int(entry.name)] = int(stat.rpartition(")")[2].split()[1])
    below = list(processes)
    for process in below:
        below += [child for child, parent in parents.items() if parent == process]
    found = 0
    for process in below:
        with suppress(OSError):
            text = Path(f"/proc/{process}/smaps_rollup").read_text(encoding="utf-8")
            found += int(next(line for line in text.splitlines() if "Pss:" in line).split()[1])
    return found // 1024
