"""A memory saves work and is never trusted beyond what it says."""

from __future__ import annotations

from pathlib import Path

import pytest

from cli import memory


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A memory of its own for each test."""
    monkeypatch.setattr(memory, "FOLDER", tmp_path / "memory")
    return tmp_path / "memory"


def test_each_step_of_each_stack_is_remembered_by_itself() -> None:
    memory.remember("local", "dbt build", "a")
    memory.remember("local", "other", "b")
    memory.remember("dev", "dbt build", "c")
    assert memory.recall("local", "dbt build") == "a"
    assert memory.recall("dev", "dbt build") == "c"
    assert memory.recall("dev", "other") is None


@pytest.mark.parametrize("content", ["", "{", "[]", '{"dbt build": 1}'])
def test_a_damaged_memory_is_no_memory(folder: Path, content: str) -> None:
    folder.mkdir()
    (folder / "local.json").write_text(content)
    assert memory.recall("local", "dbt build") is None


def test_the_fingerprint_follows_content_names_and_facts(tmp_path: Path) -> None:
    file, other = tmp_path / "a.sql", tmp_path / "b.sql"
    file.write_text("select 1")
    other.write_text("select 1")
    first = memory.fingerprint([file], {"x": 1})
    assert memory.fingerprint([file], {"x": 1}) == first
    assert memory.fingerprint([file], {"x": 2}) != first
    assert memory.fingerprint([other], {"x": 1}) != first
    file.write_text("select 2")
    assert memory.fingerprint([file], {"x": 1}) != first
