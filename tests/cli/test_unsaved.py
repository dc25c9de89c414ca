"""Whether the last run of a stack has told all it did: by its note, its events and its record."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from cli.deployment import unsaved
from cli.deployment.unsaved import Unfinished

KIND = "snowflake:index/warehouse:Warehouse"
URN = f"urn:pulumi:local::leap::{KIND}::A"
ENDED: dict[str, Any] = {"summaryEvent": {}}
LONG_AGO = 1_700_000_000


@pytest.fixture(autouse=True)
def logs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A log folder of its own for each test."""
    monkeypatch.setattr(unsaved, "LOGS", tmp_path / "logs")
    return tmp_path / "logs"


@pytest.fixture
def variables(tmp_path: Path) -> dict[str, str]:
    """A file backend."""
    return {"PULUMI_BACKEND_URL": (tmp_path / "state").as_uri()}


@pytest.fixture
def record(tmp_path: Path) -> Any:
    """Writes down a run as the engine does, when its state is saved."""
    folder = tmp_path / "state" / ".pulumi" / "history" / "leap" / "local"
    folder.mkdir(parents=True)

    def write(result: str, at: int, kind: str = "update") -> None:
        entry = {"kind": kind, "startTime": at, "endTime": at + 5, "result": result}
        (folder / f"local-{at}000000000.history.json").write_text(json.dumps(entry))

    return write


def began(logs: Path, *events: dict[str, Any], tail: str = "") -> None:
    """A run begins, and its log holds these events."""
    log = logs / "local-up.events.jsonl"
    unsaved.begin("local", log)
    log.write_text("".join(json.dumps(event) + "\n" for event in events) + tail)


def left(variables: dict[str, str], **deployment: Any) -> Unfinished | None:
    """What is known of the last run."""
    return unsaved.unfinished("local", variables, deployment)


def failed(operation: str) -> dict[str, Any]:
    """A step that failed."""
    return {"resOpFailedEvent": {"metadata": {"op": operation, "urn": URN, "type": KIND}}}


def moment(seconds: int) -> datetime:
    """A time of the engine's record."""
    return datetime.fromtimestamp(seconds, UTC)


def test_a_stack_that_was_never_run_lacks_nothing(variables: dict[str, str]) -> None:
    assert left(variables) is None


def test_a_run_that_ended_well_lacks_nothing(variables: dict[str, str], record: Any) -> None:
    record("failed", LONG_AGO)
    record("succeeded", LONG_AGO + 10)
    assert left(variables) is None


def test_a_killed_first_run_made_anything_since_ever(logs: Path, variables: dict[str, str]) -> None:
    began(logs, {"resourcePreEvent": {}}, tail='{"resourcePreEv')
    assert left(variables) == Unfinished(None, told_all=False)


def test_a_run_killed_after_its_last_step_has_not_saved(
    logs: Path, variables: dict[str, str], record: Any
) -> None:
    record("succeeded", LONG_AGO)
    began(logs, ENDED)
    assert left(variables) == Unfinished(moment(LONG_AGO + 5), told_all=False)


def test_a_run_whose_leap_was_killed_but_that_ended_well_lacks_nothing(
    logs: Path, variables: dict[str, str], record: Any
) -> None:
    began(logs, ENDED)
    record("succeeded", int(time.time()) + 1)
    assert left(variables) is None


def test_a_good_run_by_hand_after_a_killed_one_does_not_make_it_good(
    logs: Path, variables: dict[str, str], record: Any
) -> None:
    began(logs, {"resourcePreEvent": {}})
    record("succeeded", int(time.time()) + 1)
    found = left(variables)
    assert found is not None
    assert not found.told_all


@pytest.mark.parametrize(
    ("operation", "told_all"),
    [("create", True), ("create-replacement", True), ("update", False), ("delete", False)],
)
def test_after_a_failure_only_creations_can_be_unknown_unless_a_change_failed(
    logs: Path, variables: dict[str, str], record: Any, operation: str, told_all: bool
) -> None:
    record("succeeded", LONG_AGO)
    began(logs, failed(operation), ENDED)
    record("failed", int(time.time()) + 1)
    assert left(variables) == Unfinished(moment(LONG_AGO + 5), told_all=told_all)


def test_a_failed_run_by_hand_is_known_by_the_engines_record(
    variables: dict[str, str], record: Any
) -> None:
    record("succeeded", LONG_AGO)
    record("failed", LONG_AGO + 10)
    record("failed", LONG_AGO + 20)
    record("succeeded", LONG_AGO + 30, kind="refresh")
    assert left(variables) == Unfinished(moment(LONG_AGO + 5), told_all=False)


def test_a_killed_run_by_hand_is_known_by_what_is_pending(
    variables: dict[str, str], record: Any
) -> None:
    record("succeeded", LONG_AGO)
    found = left(variables, pending_operations=[{"type": "creating"}])
    assert found == Unfinished(moment(LONG_AGO + 5), told_all=False)


def test_what_was_mended_is_mended_once_and_for_all(
    logs: Path, variables: dict[str, str], record: Any
) -> None:
    began(logs, failed("create"), ENDED)
    record("failed", int(time.time()) + 1)
    unsaved.mended("local", variables)
    assert left(variables) is None
    record("failed", int(time.time()) + 10)
    assert left(variables) is not None


def test_a_note_that_cannot_be_read_is_a_run_of_which_nothing_is_known(
    logs: Path, variables: dict[str, str]
) -> None:
    logs.mkdir(parents=True)
    (logs / "local.unsaved").write_text("local-up.events.jsonl")
    assert left(variables) == Unfinished(None, told_all=False)
