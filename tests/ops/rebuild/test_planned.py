"""A plan's creations as entries of a state: nothing unknown, nothing hidden, in order."""

from __future__ import annotations

from typing import Any

import pytest

from ops.rebuild import order, planned
from ops.rebuild.planned import HIDDEN, SIGNATURE, Wanted

STACK = "urn:pulumi:local::leap::pulumi:pulumi:Stack::leap-local"
PROVIDER = "urn:pulumi:local::leap::pulumi:providers:snowflake::admin"
SECRET = {SIGNATURE: HIDDEN, "ciphertext": "v1:x"}
UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
NOW = "2026-03-01T10:00:00Z"


def urn(kind: str, name: str) -> str:
    """A resource's."""
    return f"urn:pulumi:local::leap::{token(kind)}::{name}"


def token(kind: str) -> str:
    """A type of the account's plugin."""
    return f"snowflake:index/{kind[0].lower()}{kind[1:]}:{kind}"


def user(**inputs: Any) -> Wanted:
    """A user with a password."""
    given = {"name": "LEO", "password": SECRET, "__defaults": ["disabled"], **inputs}
    return Wanted(urn("User", "leo"), token("User"), True, STACK, PROVIDER, (), given)


def test_a_plan_names_what_it_would_create_and_nothing_else() -> None:
    known = {"name": "LEO", "minsToUnlock": -1, "id": UNKNOWN, "comment": None, "__meta": "m"}
    goal = {
        "type": token("User"),
        "name": "leo",
        "custom": True,
        "inputDiff": {"adds": {"name": "LEO"}},
        "parent": STACK,
        "provider": f"{PROVIDER}::{UNKNOWN}",
        "dependencies": [STACK],
    }
    plan = {
        "resourcePlans": {
            urn("User", "leo"): {"goal": goal, "steps": ["create"], "state": known},
            urn("User", "ana"): {"goal": goal, "steps": ["same"]},
            urn("User", "old"): {"steps": ["delete"]},
            urn("User", "new"): {"goal": goal, "steps": ["create-replacement", "replace"]},
        }
    }
    (one,) = planned.creations(plan)
    assert (one.urn, one.provider, one.parent) == (urn("User", "leo"), PROVIDER, STACK)
    assert (one.inputs, one.dependencies) == ({"name": "LEO"}, (STACK,))
    assert one.outputs == {"name": "LEO", "minsToUnlock": -1}
    told = planned.answered(one, {"outputs": {"name": "LEO", "minsToUnlock": None}})["outputs"]
    assert told == {"name": "LEO", "minsToUnlock": -1}


@pytest.mark.parametrize("value", [UNKNOWN, [{"a": UNKNOWN}], {"a": [UNKNOWN]}])
def test_what_is_not_known_yet_is_seen_at_any_depth(value: Any) -> None:
    assert not user(comment=value).is_known
    assert user(comment="known").is_known


def test_an_entry_waits_for_its_import_and_the_program_says_what_is_declared() -> None:
    made = planned.entry(user(), "LEO", {PROVIDER: "an-id"}, NOW)
    assert (made["id"], made["outputs"]) == ("LEO", {})
    assert made["provider"] == f"{PROVIDER}::an-id"


def test_of_an_import_is_kept_what_is_declared_and_what_only_the_cloud_says() -> None:
    wanted = user(comment="ours", onlyAtCreation=True)
    imported: dict[str, Any] = {
        **planned.entry(wanted, "LEO", {PROVIDER: "an-id"}, NOW),
        "inputs": {"name": "LEO", "comment": "by hand", "sizeNobodySet": 5},
        "outputs": {
            "name": "LEO",
            "comment": "by hand",
            "sizeNobodySet": 5,
            "fullyQualifiedName": "L",
            "onlyAtCreation": None,
            "password": SECRET,
            planned.RAW: {"obj": {}},
            "__meta": "m",
        },
    }
    found = planned.answered(wanted, imported)
    assert found["inputs"] == wanted.inputs
    assert found["outputs"] == {
        "name": "LEO",
        "comment": "by hand",
        "fullyQualifiedName": "L",
        "__meta": "m",
        "onlyAtCreation": True,
    }
    assert planned.set_again(wanted) == ["password"]


def test_a_value_that_nobody_gave_is_the_plugins_and_no_difference() -> None:
    wanted = user(disabled="default")
    imported = {"inputs": {"disabled": "false"}, "outputs": {"name": "LEO", "disabled": "false"}}
    assert planned.answered(wanted, imported)["outputs"] == {"name": "LEO", "disabled": "default"}


def test_what_an_id_does_not_say_is_left_to_the_next_refresh() -> None:
    inputs = {"tagId": "T", "objectIdentifiers": ["A"]}
    one = Wanted("u", token("TagAssociation"), True, STACK, PROVIDER, (), inputs)
    imported = {"inputs": {"tagId": "T"}, "outputs": {"tagId": "T", "objectIdentifiers": []}}
    assert planned.answered(one, imported)["outputs"] == inputs


def test_a_secret_that_only_a_new_object_could_take_is_believed() -> None:
    inputs = {"secretName": "KEY", "plaintextValue": SECRET}
    one = Wanted("u", "github:index/actionsSecret:ActionsSecret", True, "", "", (), inputs)
    assert (planned.set_again(one), planned.believed(one)) == ([], ["plaintextValue"])
    empty = {SIGNATURE: HIDDEN, "ciphertext": "of nothing"}
    imported = {"inputs": {}, "outputs": {"secretName": "KEY", "plaintextValue": empty}}
    assert planned.answered(one, imported)["outputs"] == inputs


def test_the_configuration_of_a_plugin_and_our_own_resources_are_what_they_declare() -> None:
    for kind in ("pulumi:providers:snowflake", "pulumi-python:dynamic/aws:Queue"):
        inputs = {"password": SECRET, "__internal": {}}
        one = Wanted(PROVIDER, kind, True, STACK, "", (), inputs)
        assert planned.entry(one, "an-id", {}, NOW)["outputs"] == {"password": SECRET}
        assert planned.set_again(one) == []


@pytest.mark.parametrize("statements", [["ALTER ACCOUNT SET A = B"], []])
def test_what_was_made_by_statements_is_set_again_where_they_can_be_run_again(
    statements: list[str],
) -> None:
    kind = "pulumi-python:dynamic/snowflake:Statement"
    one = Wanted("u", kind, True, STACK, "", (), {"object": "monitor M", "update": statements})
    assert planned.set_again(one) == (["update"] if statements else [])
    assert planned.believed(one) == ([] if statements else ["create"])


def test_a_component_has_neither_id_nor_inputs() -> None:
    one = Wanted("u", "leap:index:Roles", False, STACK, "")
    assert planned.entry(one, "", {}, NOW) == {
        "urn": "u",
        "custom": False,
        "type": "leap:index:Roles",
        "parent": STACK,
        "created": NOW,
        "modified": NOW,
    }


def test_each_entry_comes_behind_what_it_names_and_names_nothing_that_is_not_there() -> None:
    entries: list[dict[str, Any]] = [
        {"urn": "c", "parent": "b", "dependencies": ["a", "gone"], "provider": "p::id"},
        {"urn": "b", "parent": "s"},
        {"urn": "p", "parent": "s"},
        {"urn": "a"},
    ]
    found = order.in_order([{"urn": "s"}], entries)
    names = [one["urn"] for one in found]
    assert sorted(names) == ["a", "b", "c", "p", "s"]
    assert all(names.index(x) < names.index("c") for x in "abps")
    assert names.index("s") < names.index("b")
    assert found[names.index("c")]["dependencies"] == ["a"]
