"""The dbt project's shape: layers, schemas, descriptions, tags, and no Python."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from ingestion.feed import load_feeds
from ingestion.generate import SAMPLES

PROJECT = Path(__file__).resolve().parents[2] / "dbt"
MART = "mart_gym_accessibility"
Build = Callable[[dict[str, Any]], Any]


def models(compiled: dict[str, Any]) -> dict[str, dict[str, Any]]:
    nodes = compiled["nodes"].values()
    return {node["name"]: node for node in nodes if node["resource_type"] == "model"}


def checks_in(compiled: dict[str, Any]) -> list[dict[str, Any]]:
    return [node for node in compiled["nodes"].values() if node["resource_type"] == "test"]


def test_the_project_holds_no_python() -> None:
    assert list(PROJECT.rglob("*.py")) == []


def test_each_layer_has_its_schema_on_the_platform(compiled: dict[str, Any]) -> None:
    layers = {"stg": "STAGING", "int": "INTERMEDIATE", "mart": "MARTS"}
    for name, model in models(compiled).items():
        assert model["schema"] == layers[name.split("_")[0]]
        assert model["database"] == "LEAP_ANALYTICS"


def test_a_workspace_writes_everything_into_its_own_schema(
    tmp_path: Path, manifest: Callable[..., dict[str, Any]]
) -> None:
    found = manifest(tmp_path, "parse", LEAP_DBT_TARGET="dev", LEAP_DBT_SCHEMA="dev_anne")
    assert {model["schema"] for model in models(found).values()} == {"DEV_ANNE"}
    assert {source["schema"] for source in found["sources"].values()} == {"RAW"}


def test_every_feed_is_a_source_with_a_freshness(compiled: dict[str, Any]) -> None:
    sources = {source["name"]: source for source in compiled["sources"].values()}
    assert sources.keys() == {feed.name for feed in load_feeds()}
    for source in sources.values():
        assert source["loaded_at_field"] == "_loaded_at"
        assert source["freshness"]["error_after"]["count"]


def test_what_the_project_calls_personal_has_tags_that_the_platform_knows(
    compiled: dict[str, Any],
) -> None:
    facts = yaml.safe_load((PROJECT.parent / "environments" / "base.yaml").read_text())
    allowed = {name: tag["allowed_values"] for name, tag in facts["governance"]["tags"].items()}
    personal = 0
    for name, model in models(compiled).items():
        for column in model["columns"].values():
            if "pii" in column["tags"]:
                personal += 1
                assert column["meta"].get("pii", "person") in allowed["PII"], name
                assert column["meta"].get("retention_days"), name
            if days := column["meta"].get("retention_days"):
                assert str(days) in allowed["RETENTION_DAYS"], name
    assert personal >= 4


def test_every_column_that_a_feed_calls_personal_is_personal_downstream(
    compiled: dict[str, Any],
) -> None:
    tagged = {c.name for feed in load_feeds() for c in feed.columns if "PII" in c.tags}
    for name, model in models(compiled).items():
        for column in model["columns"].values():
            if column["name"].upper() in tagged:
                assert "pii" in column["tags"], name


def test_the_mart_is_made_with_its_row_access_policy_on_the_platform_alone(
    tmp_path: Path, compiled: dict[str, Any], manifest: Callable[..., dict[str, Any]]
) -> None:
    facts = yaml.safe_load((PROJECT.parent / "environments" / "base.yaml").read_text())
    policies = facts["governance"]["row_access_policies"]
    stated = models(compiled)[MART]["config"]["row_access_policy"].strip()
    assert stated == "LEAP_ANALYTICS.GOVERNANCE.BY_STATE on (state)"
    assert policies["BY_STATE"]["column"] == "STATE"
    personal = manifest(tmp_path, "parse", LEAP_DBT_TARGET="dev", LEAP_DBT_SCHEMA="dev_anne")
    assert not (models(personal)[MART]["config"].get("row_access_policy") or "").strip()


def test_every_model_is_described_and_tested(compiled: dict[str, Any]) -> None:
    for name, model in models(compiled).items():
        assert model["description"], name
    tested = {parent for test in checks_in(compiled) for parent in test["depends_on"]["nodes"]}
    for name, model in models(compiled).items():
        if not name.startswith("int_"):
            assert model["unique_id"] in tested, name


def test_the_columns_of_staging_and_marts_are_those_described(
    compiled: dict[str, Any], build: Build
) -> None:
    account = build({})
    for name, model in models(compiled).items():
        if name.startswith("int_"):
            continue
        described = list(model["columns"])
        found = account.ask(
            "select column_name from information_schema.columns"
            f" where table_name = '{name.upper()}' order by ordinal_position"
        )
        assert [column.lower() for (column,) in found] == described, name


def test_the_mart_is_clustered_as_it_is_read(compiled: dict[str, Any]) -> None:
    config = models(compiled)[MART]["config"]
    assert config["cluster_by"] == ["state", "county", "opportunity_tier"]
    assert config["materialized"] == "table"


def test_what_can_point_to_a_person_is_tagged_with_its_retention(compiled: dict[str, Any]) -> None:
    personal = {"census_block_group", "member_hash", "member_home_zip"}
    for name, model in models(compiled).items():
        for column in personal & model["columns"].keys():
            facts = model["columns"][column]
            assert facts["tags"] == ["pii"], (name, column)
            assert facts["meta"]["retention_days"] == 365


def test_the_tests_of_the_mart_are_critical_and_fail_the_build(compiled: dict[str, Any]) -> None:
    of_mart = [test for test in checks_in(compiled) if MART in test["name"]]
    assert len(of_mart) >= 10
    for test in of_mart:
        assert "critical" in test["tags"]
        assert test["config"]["severity"].lower() == "error"


def test_a_warning_never_stops_the_build(compiled: dict[str, Any]) -> None:
    warnings = [test for test in checks_in(compiled) if "warning" in test["tags"]]
    assert warnings
    assert {test["config"]["severity"] for test in warnings} == {"warn"}


def test_events_are_flattened_and_each_is_there_once(build: Build) -> None:
    (path,) = (SAMPLES / "gym_events").glob("*.json")
    lines = path.read_text(encoding="utf-8").splitlines()
    account = build({"gym_events": [(line,) for line in lines]})
    documents = {event["event_id"]: event for event in map(json.loads, lines)}
    rows = account.ask(
        "select event_id, occurred_at, gym_id,"
        " member_hash, class_capacity, visit_minutes from STAGING.stg_gym_events"
    )
    assert len(rows) == len(documents) < len(lines)
    for event_id, occurred_at, gym_id, member, capacity, minutes in rows:
        event = documents[event_id]
        assert (gym_id, member) == (event["gym"]["id"], event["member"]["hash"])
        assert f"{occurred_at.isoformat()}Z" == event["occurred_at"]
        assert capacity == event.get("class", {}).get("capacity")
        assert minutes == event.get("visit", {}).get("minutes")


def test_the_tiers_follow_demand_and_access(build: Build) -> None:
    tail = (40.0, 60_000, 2022, "2026-11-01T00:00:00")
    dense = ("B1", "TX", "C", 40.0, -100.0, 0.1, 4000, 1500, 500, 2000, 1000, 500, *tail)
    thin = ("B2", "TX", "C", 41.0, -100.0, 90.0, 40, 15, 10, 10, 10, 10, *tail)
    empty = ("B3", "TX", "C", 42.0, -100.0, 1.0, 0, 0, 0, 0, 0, 0, None, None, *tail[2:])
    account = build({"census_demographics": [dense, thin, empty]})
    assert account.ask(
        "select census_block_group, opportunity_tier from MARTS.mart_gym_accessibility order by 1"
    ) == [("B1", "high"), ("B2", "low"), ("B3", "none")]
