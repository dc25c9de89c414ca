"""Copies of objects: fetched once, never stale, bounded."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from sandbox.snowflake.file_cache import FileCache


def test_a_file_is_fetched_once_and_keeps_its_name(tmp_path: Path) -> None:
    cache, fetched = FileCache(tmp_path), []

    def fetch(path: Path) -> None:
        fetched.append(path)
        path.write_text("x")

    first = cache.get("b", "gyms/a.csv.gz", "etag", fetch)
    assert cache.get("b", "gyms/a.csv.gz", "etag", fetch) == first
    assert (first.name, first.read_text(), len(fetched)) == ("a.csv.gz", "x", 1)


def test_another_etag_is_another_copy(tmp_path: Path) -> None:
    cache = FileCache(tmp_path)
    one = cache.get("b", "k", "1", lambda path: path.write_text("1"))
    two = cache.get("b", "k", "2", lambda path: path.write_text("2"))
    assert (one.read_text(), two.read_text()) == ("1", "2")


def test_a_failed_fetch_leaves_nothing(tmp_path: Path) -> None:
    def fail(path: Path) -> None:
        path.write_text("half")
        raise OSError("gone")

    with pytest.raises(OSError, match="gone"):
        FileCache(tmp_path).get("b", "k", "1", fail)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_the_longest_unused_go_first_but_none_of_the_last_minute(tmp_path: Path) -> None:
    cache = FileCache(tmp_path, limit=25)
    paths = [
        cache.get("b", str(number), "e", lambda path: path.write_bytes(bytes(10)))
        for number in range(2)
    ]
    for path in paths:
        os.utime(path, (0, 0))
    cache.get("b", "1", "e", lambda path: None)
    third = cache.get("b", "2", "e", lambda path: path.write_bytes(bytes(10)))
    assert [path.exists() for path in (*paths, third)] == [False, True, True]
    fourth = cache.get("b", "3", "e", lambda path: path.write_bytes(bytes(100)))
    assert [path.exists() for path in (paths[1], third, fourth)] == [True, True, True]
