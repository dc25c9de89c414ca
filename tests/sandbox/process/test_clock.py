"""The clock moves forward, is kept, and is seen by whoever holds the file."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sandbox.clock import Clock
from sandbox.errors import SandboxError


def test_it_tells_real_time_in_utc_at_first(tmp_path: Path) -> None:
    clock = Clock(tmp_path / "clock.json")
    before = datetime.now(UTC)
    assert before <= clock.now() <= datetime.now(UTC)


def test_it_moves_and_adds_up(tmp_path: Path) -> None:
    clock = Clock(tmp_path / "clock.json")
    clock.advance(timedelta(days=3))
    clock.advance(timedelta(hours=1))
    assert clock.offset == timedelta(days=3, hours=1)


def test_another_reader_sees_the_move(tmp_path: Path) -> None:
    reader, mover = Clock(tmp_path / "clock.json"), Clock(tmp_path / "clock.json")
    assert reader.offset == timedelta()
    mover.advance(timedelta(days=30))
    assert reader.offset == timedelta(days=30)


def test_it_never_goes_back(tmp_path: Path) -> None:
    with pytest.raises(SandboxError, match="forward only"):
        Clock(tmp_path / "clock.json").advance(timedelta(seconds=-1))


def test_a_removed_file_returns_to_real_time(tmp_path: Path) -> None:
    clock = Clock(tmp_path / "clock.json")
    clock.advance(timedelta(days=1))
    (tmp_path / "clock.json").unlink()
    assert clock.offset == timedelta()


@pytest.mark.parametrize("text", ["", "{}", '{"offset_seconds": "soon"}'])
def test_a_damaged_file_is_told(tmp_path: Path, text: str) -> None:
    (tmp_path / "clock.json").write_text(text)
    with pytest.raises(SandboxError, match="offset_seconds"):
        Clock(tmp_path / "clock.json").now()


def test_it_moves_to_a_moment_that_has_not_passed(tmp_path: Path) -> None:
    clock = Clock(tmp_path / "clock.json")
    target = clock.now() + timedelta(hours=2)
    assert target <= clock.move_to(target) < target + timedelta(minutes=1)
    assert clock.move_to(target - timedelta(hours=1)) >= target
    assert clock.reset() < target
