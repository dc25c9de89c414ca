"""Engines of one machine take turns, in the order in which they came."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from cli.deployment import turns
from cli.errors import BadInputError


@pytest.fixture(autouse=True)
def two(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two at once, and nobody else's."""
    monkeypatch.setattr(turns, "folder", lambda: tmp_path / "turns")
    monkeypatch.setattr(turns, "LOOK_EVERY_SECONDS", 0.001)
    monkeypatch.setenv(turns.VARIABLE, "2")


def test_who_comes_when_there_is_room_does_not_wait() -> None:
    told: list[str] = []
    with turns.taken(told.append), turns.taken(told.append):
        assert told == []


def test_the_third_of_two_waits_and_is_told_what_for() -> None:
    waiting, began = threading.Event(), threading.Event()
    told: list[str] = []

    def wait(text: str) -> None:
        told.append(text)
        waiting.set()

    def third() -> None:
        with turns.taken(wait):
            began.set()

    with turns.taken(told.append), turns.taken(told.append):
        thread = threading.Thread(target=third)
        thread.start()
        assert waiting.wait(30)
        assert not began.is_set()
    thread.join(30)
    assert began.is_set()
    assert told[0] == (
        "waiting for one of 2 engines on this machine to end (LEAP_ENGINES allows more)"
    )


def test_a_turn_is_free_again_after_a_failure() -> None:
    for _ in range(3):
        with pytest.raises(ValueError, match="broken"), turns.taken(lambda _: None):
            raise ValueError("broken")
    with turns.taken(pytest.fail):
        pass


@pytest.mark.parametrize("said", ["", "0", "-1", "many"])
def test_a_number_that_is_none_is_refused(said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(turns.VARIABLE, said)
    with pytest.raises(BadInputError, match="LEAP_ENGINES: got"):
        turns.at_once()
