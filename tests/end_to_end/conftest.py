"""A clone of its own, in which `leap` is run as a person would run it.

The files are copied, the virtual environments are linked: the sandbox, the state and the memory
are the clone's, so a developer's own stack is never met.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import pytest

import engine

ROOT: Final = Path(__file__).resolve().parents[2]
OF_SOMEBODY: Final = ("PULUMI_", "LEAP_SANDBOX", "LEAP_STACK", "LEAP_TARGET", "LEAP_DBT_")


class Clone:
    """A copy of the tree and the commands that are run in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        kept = {k: v for k, v in os.environ.items() if not k.startswith(OF_SOMEBODY)}
        self.variables = {**kept, "PYTHONPATH": str(folder), "PYTHONWARNINGS": "ignore"}

    def start(self, *arguments: str, **more: Any) -> subprocess.Popen[str]:
        """Start `leap` and do not wait."""
        return subprocess.Popen(
            [sys.executable, "-m", "cli", *arguments],
            cwd=self.folder,
            env=self.variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            **more,
        )

    def leap(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run `leap` to its end."""
        with self.start(*arguments) as process:
            out, err = process.communicate()
        return subprocess.CompletedProcess(arguments, process.returncode, out, err)

    def facts(self, *arguments: str) -> Any:
        """The JSON that a command prints."""
        done = self.leap(*arguments, "--json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def names(self, statement: str) -> set[str]:
        """The names that a SHOW returns."""
        return {str(row["name"]) for row in self.facts("sandbox", "sql", statement)}

    def by_hand(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run the bare `pulumi` under what `leap env` prints."""
        variables: Mapping[str, str] = self.facts("env")
        return subprocess.run(
            ["pulumi", *arguments, "--non-interactive", "--color", "never"],
            cwd=self.folder,
            env={**self.variables, **variables},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clone]:
    """A clone in which nothing was run yet."""
    folder = tmp_path_factory.mktemp("clone")
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    for name in listed.stdout.splitlines():
        if (source := ROOT / name).is_file():
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target)
    for environment in (".venv", "infra/.venv", "policies/.venv"):
        (folder / environment).symlink_to(ROOT / environment)
    engine.install()
    made = Clone(folder)
    assert made.leap("sandbox", "start", "--port", "0", "--aws-port", "0").returncode == 0
    yield made
    made.leap("sandbox", "stop")
