"""Which properties a plugin knows, from a small package schema."""

import json
from pathlib import Path
from typing import Any

import pytest

from engine import EngineError, InstalledProgram, Origin, Toolchain, schema

TABLE = "snowflake:index/table:Table"
DOCUMENT = {
    "provider": {"inputProperties": {"user": {"type": "string"}}},
    "resources": {
        TABLE: {
            "properties": {"fullName": {"type": "string"}},
            "inputProperties": {
                "name": {"type": "string"},
                "columns": {
                    "type": "array",
                    "items": {"$ref": "#/types/snowflake:index/Column:Column"},
                },
                "owner": {"$ref": "#/types/snowflake:index/Column:Column"},
                "tags": {"type": "object", "additionalProperties": {"type": "string"}},
            },
        }
    },
    "types": {"snowflake:index/Column:Column": {"properties": {"name": {}, "type": {}}}},
}


@pytest.fixture
def toolchain(tmp_path: Path) -> Toolchain:
    """A toolchain whose Snowflake plugin has the small schema."""
    path = tmp_path / "snowflake.json"
    path.write_text(json.dumps(DOCUMENT))
    plugin = InstalledProgram("pulumi-resource-snowflake", tmp_path, "1.0.0", Origin.BUILT, path)
    return Toolchain(bin=tmp_path, home=None, programs=(plugin,))


def _unknown(toolchain: Toolchain, token: str, inputs: dict[str, Any]) -> list[str]:
    found = schema.unknown_properties([(token, inputs)], toolchain)
    return [item.path for item in found]


def test_known_properties_pass(toolchain: Toolchain) -> None:
    inputs = {"name": "T", "columns": [{"name": "C", "type": "TEXT"}], "tags": {"any": "thing"}}
    assert _unknown(toolchain, TABLE, inputs) == []


def test_an_unknown_property_is_named_with_those_like_it(toolchain: Toolchain) -> None:
    (found,) = schema.unknown_properties([(TABLE, {"column": []})], toolchain)
    assert found == schema.UnknownProperty(TABLE, "column", ("columns",))


def test_an_output_is_not_an_input(toolchain: Toolchain) -> None:
    assert _unknown(toolchain, TABLE, {"fullName": "X"}) == ["fullName"]


@pytest.mark.parametrize(
    ("inputs", "path"),
    [({"columns": [{"nam": "C"}]}, "columns.nam"), ({"owner": {"kind": "C"}}, "owner.kind")],
)
def test_a_nested_property_is_named_by_its_path(
    toolchain: Toolchain, inputs: dict[str, Any], path: str
) -> None:
    assert _unknown(toolchain, TABLE, inputs) == [path]


def test_each_unknown_property_is_named_once(toolchain: Toolchain) -> None:
    found = schema.unknown_properties([(TABLE, {"x": 1}), (TABLE, {"x": 2})], toolchain)
    assert len(found) == 1


def test_a_secret_is_not_looked_into(toolchain: Toolchain) -> None:
    secret = {schema.SIGNATURE: "1b47061264138c4ac30d75fd1eb44270", "ciphertext": "…"}
    assert _unknown(toolchain, TABLE, {"owner": secret}) == []


def test_an_unknown_resource_type_is_named(toolchain: Toolchain) -> None:
    assert _unknown(toolchain, "snowflake:index/nothing:Nothing", {"name": "X"}) == [""]


def test_a_type_of_another_package_is_passed_over(toolchain: Toolchain) -> None:
    assert _unknown(toolchain, "leap:component:Database", {"anything": 1}) == []


def test_the_settings_of_a_provider_are_checked(toolchain: Toolchain) -> None:
    inputs = {"user": "U", "version": "1.0.0", "usr": "U"}
    assert _unknown(toolchain, "pulumi:providers:snowflake", inputs) == ["usr"]


def test_a_check_names_everything_at_once(toolchain: Toolchain) -> None:
    with pytest.raises(EngineError) as caught:
        schema.check([(TABLE, {"x": 1, "y": 2})], toolchain)
    assert "property x" in caught.value.message
    assert "property y" in caught.value.message


def test_the_resources_of_a_preview_are_those_left_standing() -> None:
    document = {
        "steps": [
            {"op": "create", "newState": {"type": TABLE, "inputs": {"name": "T"}}},
            {"op": "delete", "oldState": {"type": TABLE, "inputs": {"name": "U"}}},
        ]
    }
    assert list(schema.resources_of(document)) == [(TABLE, {"name": "T"})]


@pytest.mark.parametrize("deployment", [None, {}, {"resources": None}])
def test_an_empty_stack_has_no_resources(deployment: dict[str, Any] | None) -> None:
    assert list(schema.resources_of({"deployment": deployment})) == []


def test_the_resources_of_an_exported_stack_are_read() -> None:
    document = {"deployment": {"resources": [{"type": TABLE}]}}
    assert list(schema.resources_of(document)) == [(TABLE, {})]
