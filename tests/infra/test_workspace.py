"""What a personal and a pull request's stack register, and what their own files must say."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from infra import settings
from infra.settings import SettingsError

GOLDEN = Path(__file__).parent / "golden"
ROOT = Path(__file__).resolve().parents[2]
STACKS = ("dev-jane", "pr-42")
ADMINISTRATORS = {"ACCOUNTADMIN", "SECURITYADMIN", "SYSADMIN", "USERADMIN"}
BODIES = {
    "dev-jane": ("DEV_JANE", "ENZO_ENGINEER", 10),
    "pr-42": ("CI_42", "CLEO_CI", 5),
}


def of(registered: Any, kind: str) -> list[dict[str, Any]]:
    return [r.inputs for r in registered if r.type.endswith(f":{kind}")]


@pytest.mark.parametrize("stack", STACKS)
def test_urns_are_those_that_state_knows(deployed: Any, clone: Path, stack: str) -> None:
    urns = "".join(f"{urn}\n" for urn in sorted(r.urn for r in deployed(stack, clone)))
    golden = GOLDEN / f"urns-{stack}.txt"
    if os.environ.get("LEAP_WRITE_GOLDEN"):
        golden.write_text(urns)
    assert urns == golden.read_text()


@pytest.mark.parametrize("stack", STACKS)
def test_no_administrator_makes_a_workspace(deployed: Any, clone: Path, stack: str) -> None:
    (provider,) = of(deployed(stack, clone), "snowflake")
    assert provider["role"] == "WORKSPACE_ADMIN"
    assert provider["user"] == BODIES[stack][1]
    named = {r["parentRoleName"] for r in of(deployed(stack, clone), "GrantAccountRole")}
    assert not named & ADMINISTRATORS


@pytest.mark.parametrize("stack", STACKS)
def test_the_schema_says_whose_it_is_and_for_how_long(
    deployed: Any, clone: Path, stack: str
) -> None:
    name, owner, credits_given = BODIES[stack]
    (schema,) = of(deployed(stack, clone), "Schema")
    assert (schema["name"], schema["withManagedAccess"]) == (name, "true")
    assert json.loads(schema["comment"]) == {
        "workspace": {
            "stack": stack,
            "owner": owner,
            "foundation": "local",
            "credits": credits_given,
            "expires_on": "2030-12-31",
        }
    }


def test_an_engineer_gets_all_on_the_schema_as_in_the_brief(deployed: Any, clone: Path) -> None:
    registered = deployed("dev-jane", clone)
    (grant,) = of(registered, "GrantPrivilegesToAccountRole")
    assert grant["allPrivileges"] is True
    assert grant["onSchema"] == {"schemaName": '"LEAP_ANALYTICS"."DEV_JANE"'}
    (handed,) = of(registered, "GrantAccountRole")
    assert handed["roleName"] == grant["accountRoleName"] == "LEAP_ANALYTICS__DEV_JANE__OWN"
    assert handed["parentRoleName"] == "DATA_ENGINEER"


def test_engineers_read_what_a_pull_request_builds(deployed: Any, clone: Path) -> None:
    handed = of(deployed("pr-42", clone), "GrantAccountRole")
    assert {(r["roleName"].rpartition("__")[2], r["parentRoleName"]) for r in handed} == {
        ("OWN", "CI"),
        ("READ", "DATA_ENGINEER"),
    }


def test_a_workspace_of_dev_is_in_devs_database(deployed: Any, clone: Path) -> None:
    file = clone / "Pulumi.dev-jane.yaml"
    file.write_text(file.read_text().replace("foundation: local", "foundation: dev"))
    registered = deployed("dev-jane", clone)
    assert of(registered, "Schema")[0]["database"] == "DEV__LEAP_ANALYTICS"
    assert of(registered, "snowflake")[0]["role"] == "DEV__WORKSPACE_ADMIN"


@pytest.mark.parametrize(
    ("values", "key"),
    [
        ({"leap:foundation": "moon"}, "leap:foundation: got 'moon', allowed: one of local, dev"),
        ({"leap:expires_on": "soon"}, "leap:expires_on: got 'soon', allowed: a date like"),
        ({"leap:credit_quota": "-1"}, "leap:credit_quota: got '-1', allowed: integer ≥ 1"),
    ],
)
def test_a_bad_workspace_file_is_a_problem(values: dict[str, str], key: str) -> None:
    with pytest.raises(SettingsError) as caught:
        settings.load(ROOT, "dev-jane", values)
    assert any(p.startswith(f"Pulumi.dev-jane.yaml:{key}") for p in caught.value.problems)


def test_a_workspace_is_made_with_a_warehouse_that_its_maker_may_use(clone: Path) -> None:
    facts = clone / "environments" / "personal.yaml"
    facts.write_text(facts.read_text().replace("warehouse: DEV_WH", "warehouse: BI_WH"))
    with pytest.raises(SettingsError) as caught:
        settings.load(clone, "dev-jane", {"leap:foundation": "local"})
    assert caught.value.problems == [
        "environments/personal.yaml:workspace.warehouse: got 'BI_WH', "
        "allowed: a warehouse that WORKSPACE_ADMIN may use: DEV_WH"
    ]


def test_a_foundation_has_no_expiry() -> None:
    with pytest.raises(SettingsError, match="leap:expires_on: got an unknown key"):
        settings.load(ROOT, "local", {"leap:expires_on": "2030-12-31"})


def test_a_workspace_without_its_file_is_told_who_writes_it() -> None:
    with pytest.raises(SettingsError) as caught:
        settings.workspace(settings.load(ROOT, "dev-jane", {}))
    assert len(caught.value.problems) == 3
    assert all("what `leap dev new` writes there" in line for line in caught.value.problems)


@pytest.mark.parametrize("stack", STACKS)
def test_the_limit_comes_through_procedures_and_a_new_one_keeps_what_was_used(
    deployed: Any, clone: Path, stack: str
) -> None:
    name, _, credits_given = BODIES[stack]
    found = {r.name: r for r in deployed(stack, clone) if r.type.endswith(":Execute")}
    door = '"LEAP_ANALYTICS"."OPERATIONS"'
    assert found["warehouse"].inputs == {
        "execute": f"CALL {door}.WORKSPACE_OPEN('{name}')",
        "revert": f"CALL {door}.WORKSPACE_CLOSE('{name}')",
    }
    assert found["limit"].inputs == {
        "execute": f"CALL {door}.WORKSPACE_LIMIT('{name}', {credits_given})",
        "revert": "SELECT 1",
    }
    assert found["warehouse"].urn in found["limit"].dependencies


def test_only_the_role_for_workspaces_may_call_the_procedures(deployed: Any) -> None:
    granted = [
        (r.inputs["accountRoleName"], r.inputs["privileges"])
        for r in deployed("dev")
        if "WorkspaceDoor$" in r.urn and r.type.endswith(":GrantPrivilegesToAccountRole")
    ]
    assert granted == [("DEV__WORKSPACE_ADMIN", ["USAGE"])] * 4
    bodies = [r.inputs for r in deployed("dev") if r.type.endswith(":ProcedureSql")]
    assert {body["executeAs"] for body in bodies} == {"OWNER"}
    assert all("RAISE wrong_name" in body["procedureDefinition"] for body in bodies)
    assert all("'DEV__'" in body["procedureDefinition"] for body in bodies)
