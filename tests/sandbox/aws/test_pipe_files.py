"""The register of a pipe's files: each once, whatever dies in between."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sandbox.snowflake.pipe_files import Arrival, FileState, PipeFiles

NOW = datetime(2026, 1, 1, tzinfo=UTC)
FILE = Arrival("gyms/a.csv", "etag", 10)
PIPE = 7


@pytest.fixture
def files(tmp_path: Path) -> Iterator[PipeFiles]:
    with closing(PipeFiles(tmp_path / "pipes.sqlite")) as files:
        yield files


def test_a_file_that_arrived_waits(files: PipeFiles) -> None:
    assert files.add(PIPE, [FILE], NOW) == [FILE]
    assert files.waiting(PIPE) == ["gyms/a.csv"]
    assert files.count_waiting(PIPE) == 1


def test_a_file_that_is_told_twice_waits_once(files: PipeFiles) -> None:
    files.add(PIPE, [FILE, FILE], NOW)
    files.add(PIPE, [FILE], NOW)
    assert files.count_waiting(PIPE) == 1


@pytest.mark.parametrize("state", [FileState.LOADED, FileState.PARTIALLY_LOADED])
def test_a_loaded_file_does_not_wait_again_for_14_days(files: PipeFiles, state: FileState) -> None:
    files.add(PIPE, [FILE], NOW)
    files.settle(PIPE, [(FILE.name, state)], NOW)
    changed = Arrival(FILE.name, "another etag", 11)
    assert files.add(PIPE, [changed], NOW + timedelta(days=13)) == []
    assert files.add(PIPE, [changed], NOW + timedelta(days=15)) == [changed]


def test_a_failed_file_may_come_again(files: PipeFiles) -> None:
    files.add(PIPE, [FILE], NOW)
    files.settle(PIPE, [(FILE.name, FileState.LOAD_FAILED)], NOW)
    assert files.waiting(PIPE) == []
    assert files.add(PIPE, [FILE], NOW) == [FILE]


def test_pipes_do_not_share_files(files: PipeFiles) -> None:
    files.add(PIPE, [FILE], NOW)
    files.settle(PIPE, [(FILE.name, FileState.LOADED)], NOW)
    assert files.add(PIPE + 1, [FILE], NOW) == [FILE]


def test_files_load_in_the_order_in_which_they_came(files: PipeFiles) -> None:
    names = ["gyms/c", "gyms/a", "gyms/b"]
    files.add(PIPE, [Arrival(name, "", 1) for name in names], NOW)
    assert files.waiting(PIPE) == names


def test_what_waits_outlives_the_process(files: PipeFiles, tmp_path: Path) -> None:
    files.add(PIPE, [FILE], NOW)
    files.mark(PIPE, "error", "STALLED")
    with closing(PipeFiles(tmp_path / "pipes.sqlite")) as again:
        assert again.waiting(PIPE) == ["gyms/a.csv"]
        assert again.marks(PIPE) == {"error": "STALLED"}
        again.mark(PIPE, "error", None)
    assert files.marks(PIPE) == {}
