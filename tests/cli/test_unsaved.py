"""What a run left that saves only at its end: told by its events, less what the state knows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cli.deployment import unsaved

KIND = "snowflake:index/warehouse:Warehouse"


@pytest.fixture(autouse=True)
def logs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A log folder of its own for each test."""
    monkeypatch.setattr(unsaved, "LOGS", tmp_path)
    return tmp_path


def urn(name: str) -> str:
    """A warehouse's URN."""
    return f"urn:pulumi:local::leap::{KIND}::{name}"


def step(operation: str, name: str) -> dict[str, Any]:
    """A step of a run as the event log has it."""
    new = {"type": KIND, "urn": urn(name), "inputs": {"name": name}}
    return {"metadata": {"op": operation, "urn": urn(name), "type": KIND, "new": new}}


def left(logs: Path, *events: dict[str, Any], known: tuple[str, ...] = (), tail: str = "") -> Any:
    """What is left of a run with these events, for a state that knows some resources."""
    log = logs / "local-up.events.jsonl"
    log.write_text("".join(json.dumps(event) + "\n" for event in events) + tail)
    unsaved.begin("local", log)
    return unsaved.leftovers("local", {"resources": [{"urn": urn(name)} for name in known]})


def names(found: unsaved.Leftovers) -> list[str]:
    """The names of the creations that are left."""
    return [resource["inputs"]["name"] for resource in found.creations]


def test_what_was_begun_and_is_not_in_the_state_is_left_the_latest_first(logs: Path) -> None:
    found = left(
        logs,
        {"resourcePreEvent": step("create", "A")},
        {"resOutputsEvent": step("create", "A")},
        {"resourcePreEvent": step("create", "B")},
        {"resourcePreEvent": step("same", "C")},
    )
    assert names(found) == ["B", "A"]
    assert not found.refresh


def test_what_the_state_knows_was_saved(logs: Path) -> None:
    assert names(left(logs, {"resourcePreEvent": step("create", "A")}, known=("A",))) == []


def test_what_could_not_be_made_is_not_ours_to_drop(logs: Path) -> None:
    found = left(
        logs,
        {"resourcePreEvent": step("create", "A")},
        {"resOpFailedEvent": step("create", "A")},
    )
    assert names(found) == []


@pytest.mark.parametrize(("end", "refresh"), [({"summaryEvent": {}}, False), ({}, True)])
def test_changes_of_a_run_that_did_not_end_make_the_account_be_asked(
    logs: Path, end: dict[str, Any], refresh: bool
) -> None:
    assert left(logs, {"resourcePreEvent": step("update", "A")}, end).refresh is refresh


def test_a_line_that_was_cut_off_ends_the_log(logs: Path) -> None:
    found = left(logs, {"resourcePreEvent": step("create", "A")}, tail='{"resourcePreEv')
    assert names(found) == ["A"]


def test_without_a_run_nothing_is_left(logs: Path) -> None:
    assert unsaved.leftovers("local", {}) == unsaved.Leftovers()
    unsaved.begin("local", logs / "never-written.jsonl")
    assert unsaved.is_open("local")
    assert unsaved.leftovers("local", {}) == unsaved.Leftovers()
    unsaved.end("local")
    assert not unsaved.is_open("local")
