"""Locks of runs that live, locks of runs that died, and short `pulumi` commands."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from cli.deployment import stack
from cli.errors import NotUsableError

Install = Callable[[str], dict[str, str]]
RELEASE = """
import pathlib
if arguments[0] == 'cancel':
    for lock in pathlib.Path(os.environ['PULUMI_BACKEND_URL'][7:]).rglob('*.json'):
        lock.unlink()
"""


def dead_process() -> int:
    """The number of a process that has ended."""
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
        return process.pid


def lock(variables: dict[str, str], *, process: int, host: str) -> Path:
    """A lock as the file backend writes it."""
    state = stack.state_folder(variables)
    assert state is not None
    folder = state / ".pulumi" / "locks" / "organization" / "leap" / "local"
    folder.mkdir(parents=True)
    file = folder / "0123.json"
    file.write_text(json.dumps({"pid": process, "hostname": host, "username": "me"}))
    return file


def test_the_lock_of_a_dead_run_is_taken_away(
    fake_pulumi: Install, capsys: pytest.CaptureFixture[str]
) -> None:
    variables = fake_pulumi(RELEASE)
    process = dead_process()
    file = lock(variables, process=process, host=socket.gethostname())
    stack.release_lock("local", variables)
    assert not file.exists()
    assert f"process {process}) was killed" in capsys.readouterr().err


@pytest.mark.parametrize("host", [socket.gethostname(), "another-machine"])
@pytest.mark.parametrize("wait", [True, False])
def test_the_lock_of_a_run_that_may_live_is_never_taken(
    fake_pulumi: Install, monkeypatch: pytest.MonkeyPatch, host: str, wait: bool
) -> None:
    monkeypatch.setattr(stack, "LOCK_PATIENCE_SECONDS", 0.0)
    variables = fake_pulumi(RELEASE)
    file = lock(variables, process=os.getpid(), host=host)
    with pytest.raises(NotUsableError, match=f"of me, process {os.getpid()} on {host}"):
        stack.release_lock("local", variables, wait=wait)
    assert file.exists()


def test_without_a_lock_nothing_is_asked(fake_pulumi: Install, tmp_path: Path) -> None:
    stack.release_lock("local", fake_pulumi(RELEASE))
    assert not (tmp_path / "calls").exists()


def test_a_failing_command_is_quoted(fake_pulumi: Install) -> None:
    variables = fake_pulumi("print('error: no stack', file=sys.stderr); sys.exit(1)")
    with pytest.raises(NotUsableError, match="error: no stack"):
        stack.outputs("local", variables)


def test_the_state_of_another_backend_is_in_no_folder() -> None:
    assert stack.state_folder({"PULUMI_BACKEND_URL": "s3://bucket"}) is None
    assert stack.state_folder({}) is None
