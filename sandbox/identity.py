"""Is that process still the one we mean? A number alone does not tell: the system reuses it.

The time a process was born, as the system tells it, distinguishes it from every later one with the
same number. Read from `/proc` where there is one, else asked of `ps` (macOS).
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


def birth_of(pid: int) -> str | None:
    """A mark of the process's birth, or None when no such process runs (a zombie does not)."""
    if pid <= 0:
        return None
    if _BOOT_ID.exists():
        return _birth_on_linux(pid)
    return _birth_by_ps(pid)


def is_alive(pid: int, birth: str) -> bool:
    """Whether the process of that number is the one that was born then."""
    return bool(birth) and birth_of(pid) == birth


def own_birth() -> str:
    """The mark of this process."""
    return birth_of(os.getpid()) or ""


def _birth_on_linux(pid: int) -> str | None:
    try:
        # https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html: the command in brackets may
        # hold anything, so the fields are counted from the last bracket; 3 is state, 22 starttime
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        threads = len(list(Path(f"/proc/{pid}/task").iterdir()))
    except (FileNotFoundError, ProcessLookupError):
        return None
    # a killed process is a zombie while its last threads still hold its ports
    if fields[0] in {"Z", "X"} and threads <= 1:
        return None
    return f"{_BOOT_ID.read_text(encoding='ascii').strip()}:{fields[19]}"


def _birth_by_ps(pid: int) -> str | None:
    answer = subprocess.run(
        ["ps", "-o", "state=,lstart=", "-p", str(pid)], capture_output=True, text=True, check=False
    ).stdout.strip()
    if not answer or answer.startswith("Z"):
        return None
    return answer.partition(" ")[2].strip()
