"""What left the state although it stands comes back from the state of the last good run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cli.deployment import returning, updates
from cli.deployment.objects import Named

SCHEMA = "snowflake:index/schema:Schema"
TAG = "snowflake:index/tag:Tag"


def entry(token: str, name: str, **inputs: str) -> dict[str, Any]:
    """A resource of a state."""
    urn = f"urn:pulumi:dev::leap::{token}::{name}"
    return {"urn": urn, "type": token, "id": name, "inputs": {"name": name, **inputs}}


RAW = entry(SCHEMA, "RAW", database="D")
OWNER = entry(TAG, "OWNER", database="D", schema="RAW")
GONE = entry(TAG, "GONE", database="D", schema="RAW")
BEFORE = {"resources": [RAW, OWNER, GONE]}


def account(statement: str) -> list[dict[str, Any]]:
    """One schema and one tag stand."""
    if statement == "SHOW TAGS IN ACCOUNT":
        return [{"name": "OWNER", "database_name": "D", "schema_name": "RAW"}]
    return [{"name": "RAW", "database_name": "D"}]


def names(found: dict[str, Any] | None) -> list[str]:
    """The resources of a deployment."""
    assert found is not None
    return [resource["id"] for resource in found["resources"]]


def test_what_stands_comes_back_and_what_is_gone_does_not() -> None:
    found = returning.returned({"resources": [RAW]}, BEFORE, (), account)
    assert names(found) == ["RAW", "OWNER"]


def test_what_was_made_anew_since_does_not_come_back() -> None:
    remade = [Named("TAG", ("D", "RAW", "OWNER"))]
    assert returning.returned({"resources": [RAW]}, BEFORE, remade, account) is None


def test_a_state_that_lost_nothing_is_left_alone() -> None:
    assert returning.returned(BEFORE, BEFORE, (), account) is None


@pytest.mark.parametrize(("results", "kept"), [("sf", "0"), ("ss", "1"), ("ff", None)])
def test_the_state_of_the_last_good_run_is_beside_its_record(
    tmp_path: Path, results: str, kept: str | None
) -> None:
    folder = tmp_path / ".pulumi" / "history" / "leap" / "dev"
    folder.mkdir(parents=True)
    for number, result in enumerate(results):
        record = {"kind": "update", "result": {"s": "succeeded", "f": "failed"}[result]}
        copy = {"checkpoint": {"latest": {"resources": [{"urn": str(number)}]}}}
        (folder / f"dev-{number}.history.json").write_text(json.dumps(record))
        (folder / f"dev-{number}.checkpoint.json").write_text(json.dumps(copy))
    found = updates.last_good_state("dev", {"PULUMI_BACKEND_URL": tmp_path.as_uri()})
    assert [r["urn"] for r in found.get("resources", ())] == ([kept] if kept else [])
