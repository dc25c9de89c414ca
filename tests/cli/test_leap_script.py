"""`./leap` on machines that lack something, and after set-ups that were cut short.

The script is copied into an empty clone; `python3`, `git` and `uv` are stand-ins on its path.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).resolve().parents[2]
TOOLS: Final = (
    "cat",
    "chmod",
    "cksum",
    "cp",
    "dirname",
    "head",
    "mkdir",
    "readlink",
    "rm",
    "sh",
    "sleep",
)
UV: Final = """#!/bin/sh
[ "$1" = --version ] && { echo "uv 0.13.9"; exit; }
echo "$PWD" >>"$CALLS"
mkdir -p "$UV_PROJECT_ENVIRONMENT/bin"
printf '#!/bin/sh\\necho "leap runs: $*"\\n' >"$UV_PROJECT_ENVIRONMENT/bin/leap"
printf '#!/bin/sh\\n' >"$UV_PROJECT_ENVIRONMENT/bin/python"
chmod +x "$UV_PROJECT_ENVIRONMENT/bin/leap" "$UV_PROJECT_ENVIRONMENT/bin/python"
"""


class Machine:
    """A clone and a path with only what was put on it."""

    def __init__(self, folder: Path) -> None:
        self.clone, self.path, self.calls = folder / "clone", folder / "bin", folder / "calls"
        (self.clone / "policies").mkdir(parents=True)
        self.path.mkdir()
        shutil.copy(ROOT / "leap", self.clone / "leap")
        for name in ("uv.lock", "pyproject.toml", "policies/uv.lock", "policies/pyproject.toml"):
            (self.clone / name).write_text(name)
        for name in TOOLS:
            (self.path / name).symlink_to(str(shutil.which(name)))
        self.has("git")
        self.has("python3", f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
        self.has("uv", UV)

    def has(self, name: str, script: str = "#!/bin/sh\n") -> None:
        """Put a program on the path."""
        (self.path / name).write_text(script)
        (self.path / name).chmod(0o755)

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run `./leap` with nothing but this machine's path."""
        return subprocess.run(
            [str(self.clone / "leap"), *arguments],
            env={"PATH": str(self.path), "CALLS": str(self.calls), "HOME": str(self.clone)},
            cwd=self.path,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

    def synced(self) -> list[str]:
        """The folders that uv was run in, in order; forgotten afterwards."""
        lines = self.calls.read_text().splitlines() if self.calls.exists() else []
        self.calls.unlink(missing_ok=True)
        return [Path(line).name for line in lines]


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """A machine on which everything is well."""
    return Machine(tmp_path)


def test_the_first_call_sets_up_both_environments_and_the_second_does_not(
    machine: Machine,
) -> None:
    first = machine.run("status", "a b")
    assert (first.returncode, first.stdout) == (0, "leap runs: status a b\n")
    assert machine.synced() == ["clone", "policies"]
    second = machine.run()
    assert (second.returncode, second.stdout, second.stderr) == (0, "leap runs: \n", "")
    assert machine.synced() == []


@pytest.mark.parametrize("file", ["uv.lock", "pyproject.toml", "policies/uv.lock"])
def test_a_changed_lock_sets_up_again(machine: Machine, file: str) -> None:
    machine.run()
    machine.synced()
    (machine.clone / file).write_text("changed")
    assert machine.run().returncode == 0
    assert machine.synced() == ["clone", "policies"]


def test_an_environment_that_was_removed_is_made_again(machine: Machine) -> None:
    machine.run()
    machine.synced()
    shutil.rmtree(machine.clone / ".venv")
    assert machine.run().returncode == 0
    assert machine.synced() == ["clone", "policies"]


def test_a_set_up_that_was_killed_starts_from_nothing(machine: Machine) -> None:
    (machine.clone / ".leap").mkdir()
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
    (machine.clone / ".leap" / "set-up.pid").write_text(f"{process.pid}\n")
    leftover = machine.clone / ".venv" / "half"
    leftover.mkdir(parents=True)
    done = machine.run()
    assert done.returncode == 0
    assert "interrupted" in done.stderr
    assert not leftover.exists()


def test_a_clone_that_was_moved_gets_new_environments(machine: Machine) -> None:
    machine.run()
    machine.synced()
    marker = machine.clone / ".venv" / "old"
    marker.touch()
    moved = machine.clone.with_name("moved")
    machine.clone.rename(moved)
    machine.clone = moved
    assert machine.run().returncode == 0
    assert machine.synced() == ["moved", "policies"]
    assert not (moved / ".venv" / "old").exists()


@pytest.mark.parametrize("python", ["#!/bin/sh\nexit 1\n", None])
def test_an_old_or_missing_python_is_said_with_the_way_on(
    machine: Machine, python: str | None
) -> None:
    (machine.path / "python3").unlink()
    if python:
        machine.has("python3", python)
    done = machine.run("up")
    assert (done.returncode, done.stdout) == (3, "")
    assert "Python 3.11 or newer is needed" in done.stderr
    assert "LEAP_PYTHON=" in done.stderr


def test_missing_git_is_said(machine: Machine) -> None:
    (machine.path / "git").unlink()
    done = machine.run("up")
    assert done.returncode == 3
    assert "git is missing" in done.stderr


def test_packages_that_cannot_be_had_are_said_and_the_next_call_tries_again(
    machine: Machine,
) -> None:
    machine.has("uv", UV.replace('echo "$PWD"', 'echo "no such host" >&2; exit 2; echo "$PWD"'))
    done = machine.run("up")
    assert (done.returncode, done.stdout) == (3, "")
    assert "no such host" in done.stderr
    assert "could not be installed" in done.stderr
    machine.has("uv", UV)
    assert machine.run("up").stdout == "leap runs: up\n"


def test_uv_is_installed_where_there_is_none_or_a_broken_one(machine: Machine) -> None:
    machine.has("uv", "#!/bin/sh\nexit 127\n")
    machine.has("uv-stand-in", UV)
    machine.has(
        "python3",
        """#!/bin/sh
if [ "$1" = -m ]; then
  mkdir -p "$3/bin"
  cp "${0%/*}/uv-stand-in" "$3/bin/uv"
  cp "${0%/*}/git" "$3/bin/python"
else
  echo "$0"
fi
""",
    )
    done = machine.run("up")
    assert done.stdout == "leap runs: up\n", done.stderr
    assert "installing uv" in done.stderr


def test_a_link_to_the_script_finds_its_clone(machine: Machine) -> None:
    link = machine.path / "leap"
    link.symlink_to(os.path.relpath(machine.clone / "leap", machine.path))
    done = subprocess.run(
        [str(link), "x"],
        env={"PATH": str(machine.path), "CALLS": str(machine.calls)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == "leap runs: x\n", done.stderr
