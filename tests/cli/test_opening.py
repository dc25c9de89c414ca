"""Whom a change opens what to, from the engine's own plan laid over the state."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from cli import access_sources, opening
from cli.deployment.engine_run import Run
from cli.deployment.events import Tally
from cli.errors import BadInputError
from cli.workbench import Workbench
from ops.access import planned
from ops.access.facts import Facts
from ops.access.resources import resources
from tests.ops.access.test_planned import DEPLOYMENT, GRANT


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Workbench:
    """A stack whose models are none."""

    def of(_: object, found: dict[str, Any], source: str) -> Facts:
        return planned.of_resources(resources(found), (), (), source)

    monkeypatch.setattr(access_sources, "of_deployment", of)
    return cast(Workbench, SimpleNamespace(stack="local", settings=None))


def run(folder: Path, *steps: dict[str, Any], **tally: Any) -> Run:
    """A preview that planned these steps."""
    events = folder / "events.json"
    lines = [{"resourcePreEvent": {"metadata": step}} for step in steps]
    text = "\n".join(json.dumps(line) for line in [{"preludeEvent": {}}, *lines])
    events.write_text(text, encoding="utf-8")
    told = Tally(**{"summary": {"create": len(steps)}, **tally})
    return Run("preview", "local", 0, told, folder / "log", events)


def create(new: dict[str, Any]) -> dict[str, Any]:
    """A step that makes a resource."""
    return {"op": "create", "urn": new["urn"], "new": new}


def test_one_grant_opens_exactly_one_table_to_its_people(bench: Workbench, tmp_path: Path) -> None:
    found = opening.begun(bench, DEPLOYMENT)(run(tmp_path, create(GRANT)))
    assert [line.strip() for line in found.lines()] == [
        "Access, from deployed, stack local to the plan:",
        "people: ANN",
        "roles: READER",
        "+ gain SELECT on table in D.S: T",
    ]
    changes = found.as_json()["changes"]
    assert [one["principal"]["name"] for one in changes] == ["READER", "ANN"]


def test_what_is_taken_away_is_lost(bench: Workbench, tmp_path: Path) -> None:
    deployed = planned.after(DEPLOYMENT, [planned.Step("create", str(GRANT["urn"]), GRANT)])
    step = {"op": "delete", "urn": GRANT["urn"], "old": GRANT}
    found = opening.begun(bench, deployed)(run(tmp_path, step))
    assert "- lose SELECT on table in D.S: T" in [line.strip() for line in found.lines()]


def test_a_plan_that_changes_nothing_opens_nothing(bench: Workbench, tmp_path: Path) -> None:
    found = opening.begun(bench, DEPLOYMENT)(run(tmp_path, summary={"same": 9}))
    assert (found.whole, found.found.changes) == (True, ())


@pytest.mark.parametrize("tally", [{"summary": {}}, {"errors": ["boom"]}])
def test_a_plan_that_was_not_finished_is_not_whole(
    bench: Workbench, tmp_path: Path, tally: dict[str, Any]
) -> None:
    found = opening.begun(bench, DEPLOYMENT)(run(tmp_path, create(GRANT), **tally))
    assert not found.whole
    assert found.as_json()["whole"] is False


def test_a_run_without_a_log_of_events_opens_nothing(bench: Workbench, tmp_path: Path) -> None:
    gone = Run("preview", "local", 0, Tally(), tmp_path / "log", tmp_path / "none")
    assert opening.begun(bench, DEPLOYMENT)(gone).found.changes == ()


def test_a_revision_that_is_none_is_bad_input() -> None:
    with pytest.raises(BadInputError, match="--base: got 'nowhere', allowed: a git revision"):
        opening.of_revision("local", "nowhere")
