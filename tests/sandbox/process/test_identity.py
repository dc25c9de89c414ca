"""Our process is told from another one with the same number; one lock, one holder."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from sandbox.errors import SandboxError
from sandbox.identity import birth_of, is_alive, own_birth
from sandbox.locking import exclusive, is_held


def test_this_process_is_alive() -> None:
    assert is_alive(os.getpid(), own_birth())


def test_a_process_with_the_number_of_ours_is_not_ours() -> None:
    assert not is_alive(os.getpid(), "born at another time")


def test_a_number_without_a_birth_is_nobody() -> None:
    assert not is_alive(os.getpid(), "")


def test_an_ended_process_has_no_birth() -> None:
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    assert birth_of(child.pid) is None


def test_a_zombie_counts_as_ended() -> None:
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    assert child.stdin is not None
    assert birth_of(child.pid) is not None
    child.stdin.close()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert birth_of(child.pid) is None
    child.wait()


def test_a_lock_is_held_once(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with exclusive(path, wait=0):
        assert is_held(path)
        with pytest.raises(SandboxError, match="holds"), exclusive(path, wait=0):
            pass
    assert not is_held(path)


def test_a_lock_that_was_never_taken_is_not_held(tmp_path: Path) -> None:
    assert not is_held(tmp_path / "lock")


def test_a_dead_holder_holds_nothing(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    script = (
        "import os, pathlib, sys\n"
        "from sandbox.locking import exclusive\n"
        "with exclusive(pathlib.Path(sys.argv[1]), wait=0):\n"
        "    os._exit(9)\n"
    )
    subprocess.run([sys.executable, "-c", script, str(path)], check=False)
    assert path.exists()
    assert not is_held(path)
