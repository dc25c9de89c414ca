"""A reset empties the sandbox's folder and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from sandbox.errors import SandboxError
from sandbox.place import Place


@pytest.fixture
def place(tmp_path: Path) -> Place:
    place = Place(tmp_path)
    place.prepare()
    for name in ("connection.json", "ports.json", "clock.json"):
        (place.folder / name).write_text("{}")
    place.aws.mkdir()
    (place.aws / "state.db").write_text("x")
    return place


def test_a_wipe_keeps_ports_and_passwords_only(place: Place) -> None:
    place.wipe()
    assert sorted(path.name for path in place.folder.iterdir()) == ["connection.json", "ports.json"]


def test_a_wipe_removes_a_link_but_not_what_it_leads_to(place: Place, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "kept").write_text("x")
    (place.folder / "link").symlink_to(outside)
    place.wipe()
    assert not (place.folder / "link").is_symlink()
    assert (outside / "kept").exists()


def test_a_folder_that_is_a_link_is_not_wiped(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "kept").write_text("x")
    place = Place(tmp_path / "repository")
    place.folder.parent.mkdir(parents=True)
    place.folder.symlink_to(outside)
    with pytest.raises(SandboxError, match="leads elsewhere"):
        place.wipe()
    assert (outside / "kept").exists()


def test_the_folder_is_its_owners_only(place: Place) -> None:
    assert place.folder.stat().st_mode & 0o777 == 0o700


def test_the_connection_file_can_be_named(monkeypatch: pytest.MonkeyPatch, place: Place) -> None:
    monkeypatch.setenv("LEAP_SANDBOX_CONNECTION", "/elsewhere/connection.json")
    assert place.connection == Path("/elsewhere/connection.json")


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / ".leap").write_text("a file where a folder belongs")
    with pytest.raises(SandboxError, match="cannot write"):
        Place(tmp_path).prepare()
