"""What of a state a narrow preview lets the engine see."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cli.deployment import narrow, shadow, stack
from infra.model.stack_config import PROJECT

STACK = "urn:pulumi:local::leap::pulumi:pulumi:Stack::leap-local"
PLATFORM = "urn:pulumi:local::leap::leap:access:Access::access"
PROVIDER = "urn:pulumi:local::leap::pulumi:providers:snowflake::admin"
TYPE = "snowflake:index/grantAccountRole:GrantAccountRole"


def grant(name: str, **more: Any) -> dict[str, Any]:
    """A grant of the state, below the component that declares access."""
    urn = f"urn:pulumi:local::leap::leap:access:Access${TYPE}::{name}"
    above = {"parent": PLATFORM, "provider": f"{PROVIDER}::7", "dependencies": [], **more}
    return {"urn": urn, "type": TYPE, "custom": True, "id": name, **above}


ROLE = grant("role")
OURS = grant("ours", dependencies=[ROLE["urn"]], deletedWith=ROLE["urn"])
OTHER = grant("ours-too")
WAITS = grant("waits", dependencies=[OTHER["urn"]], propertyDependencies={"role": [OTHER["urn"]]})
DEPLOYMENT = {
    "manifest": {"time": "then"},
    "resources": [
        {"urn": STACK, "type": "pulumi:pulumi:Stack"},
        {"urn": PROVIDER, "type": "pulumi:providers:snowflake", "custom": True, "id": "7"},
        {"urn": PLATFORM, "type": "leap:access:Access", "parent": STACK},
        *(ROLE, OURS, OTHER, WAITS),
    ],
}


def seen(*names: str) -> dict[str, dict[str, Any]]:
    """By name, what the engine gets for these targets."""
    targets = [f"urn:**::leap:access:Access$**::{name}" for name in names]
    found = narrow.seen(DEPLOYMENT, targets)
    assert found["manifest"] == DEPLOYMENT["manifest"]
    return {entry["urn"].rpartition("::")[2]: entry for entry in found["resources"]}


def test_a_target_comes_with_what_it_stands_on_and_nothing_else() -> None:
    found = seen("ours")
    assert list(found) == ["leap-local", "admin", "access", "role", "ours"]
    assert found["ours"] == {**OURS, "propertyDependencies": {}}


def test_what_a_target_only_waited_for_is_cut_from_it() -> None:
    found = seen("waits", "not-made-yet")
    assert list(found) == ["leap-local", "admin", "access", "waits"]
    assert found["waits"]["dependencies"] == []
    assert found["waits"]["propertyDependencies"] == {"role": []}


def test_the_state_of_a_file_backend_is_read_without_the_engine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shadow, "STATE", tmp_path / "state")
    monkeypatch.setattr(stack, "pulumi", lambda *_: pytest.fail("the engine was asked"))
    with shadow.copied("local", {"A": "1"}, DEPLOYMENT) as variables:
        assert variables["A"] == "1"
        assert stack.exported("local", variables) == DEPLOYMENT
        left = Path(variables["PULUMI_BACKEND_URL"].removeprefix("file://"))
    assert not left.exists()


def test_a_state_that_is_no_file_is_asked_of_the_engine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[str, ...]] = []

    def answer(_: object, *words: str) -> str:
        asked.append(words)
        return json.dumps({"version": 3, "deployment": DEPLOYMENT})

    monkeypatch.setattr(stack, "pulumi", answer)
    for backend in (tmp_path.as_uri(), "s3://somewhere"):
        assert stack.exported("local", {"PULUMI_BACKEND_URL": backend}) == DEPLOYMENT
    assert asked == [("stack", "export", "--stack", "local")] * 2
    empty = tmp_path / ".pulumi" / "stacks" / PROJECT / "local.json"
    empty.parent.mkdir(parents=True)
    empty.write_text('{"version": 3, "checkpoint": {"stack": "local"}}')
    assert stack.exported("local", {"PULUMI_BACKEND_URL": tmp_path.as_uri()}) == {}
