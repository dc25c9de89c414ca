"""A stand-in for the `pulumi` command: what surrounds a run is tested without the engine."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from cli.deployment import turns


@pytest.fixture(autouse=True)
def _nobody_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """What this clone's `local` was asked for is no matter of the tests."""
    monkeypatch.setenv("LEAP_WITH_DR", "false")


@pytest.fixture
def fake_pulumi(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], dict[str, str]]:
    """Install Python code as `pulumi`; returns the variables under which it is found.

    The code sees `arguments`, `events` (the path of the event log, if asked for) and `calls`,
    a file to which every command line was appended.
    """

    def install(code: str) -> dict[str, str]:
        folder = tmp_path / "bin"
        folder.mkdir(exist_ok=True)
        calls = tmp_path / "calls"
        script = folder / "pulumi"
        script.write_text(
            f"#!{sys.executable}\nimport sys, os, json, time\narguments = sys.argv[1:]\n"
            f"open({str(calls)!r}, 'a').write(' '.join(arguments) + '\\n')\n"
            "events = arguments[arguments.index('--event-log') + 1] "
            "if '--event-log' in arguments else None\n" + code
        )
        script.chmod(0o755)
        monkeypatch.setattr(turns, "folder", lambda: tmp_path / "turns")
        return {
            "PATH": f"{folder}{os.pathsep}{os.environ['PATH']}",
            "PULUMI_BACKEND_URL": f"file://{tmp_path / 'state'}",
        }

    return install
