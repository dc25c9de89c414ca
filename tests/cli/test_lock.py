"""The engine that a command started, and what a dead one left running."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.deployment import lock

STARTS_ANOTHER = """
import subprocess, sys, time
subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])
print('ready', flush=True)
time.sleep(60)
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Notes of these tests stay out of the clone."""
    monkeypatch.setattr(lock, "FOLDER", tmp_path)


@pytest.fixture
def engine() -> Iterator[subprocess.Popen[str]]:
    """A process with a session of its own, which has started another one."""
    process = subprocess.Popen(
        [sys.executable, "-c", STARTS_ANOTHER],
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    yield process
    for number in lock.in_session(process.pid):
        os.kill(number, signal.SIGKILL)
    process.communicate()


def test_an_engine_is_known_while_it_lives(engine: subprocess.Popen[str]) -> None:
    lock.note_engine("local", engine.pid)
    assert lock.engine_of("local") == engine.pid
    engine.kill()
    engine.wait()
    assert lock.engine_of("local") is None


def test_another_process_with_its_number_is_not_it(engine: subprocess.Popen[str]) -> None:
    (lock.FOLDER / "local.engine").write_text(f"{engine.pid} born another day")
    assert lock.engine_of("local") is None


def test_what_a_living_engine_started_is_left_alone(engine: subprocess.Popen[str]) -> None:
    lock.note_engine("local", engine.pid)
    lock.end_leftovers("local")
    assert len(lock.in_session(engine.pid)) == 2


def test_what_a_dead_engine_left_is_ended(
    engine: subprocess.Popen[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lock, "LEFTOVERS_SECONDS", 0.0)
    lock.note_engine("local", engine.pid)
    engine.kill()
    engine.wait()
    assert len(lock.in_session(engine.pid)) == 1
    lock.end_leftovers("local")
    assert lock.in_session(engine.pid) == []


def test_without_a_note_nothing_is_ended() -> None:
    lock.end_leftovers("local")
    assert lock.engine_of("local") is None
