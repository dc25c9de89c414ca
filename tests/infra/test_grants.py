"""Levels become privileges in one place, and the result is the same whatever the facts' order."""

from pathlib import Path

import pytest

from infra import settings
from infra.model.access import RoleKind
from infra.model.environment import Environment
from infra.model.grants import Grant, Scope, access_roles, derive_grants

ROOT = Path(__file__).resolve().parents[2]
RAW = '"LEAP_ANALYTICS"."RAW"'
MARTS = '"LEAP_ANALYTICS"."MARTS"'


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> Environment:
    """The facts of the local stack."""
    monkeypatch.delenv("LEAP_TARGET", raising=False)
    return settings.load(ROOT, "local").environment


def held(environment: Environment, role: str) -> set[Grant]:
    """Every grant a role holds, itself or through roles granted to it."""
    grants, found, waiting = derive_grants(environment), set[Grant](), [role]
    while waiting:
        name = waiting.pop()
        for grant in grants:
            if grant.role == name and grant not in found:
                found.add(grant)
                waiting += [grant.name] if grant.on == "ROLE" else []
    return found


def test_grants_are_sorted_and_single(environment: Environment) -> None:
    grants = derive_grants(environment)
    assert list(grants) == sorted(set(grants))


def test_the_order_of_the_facts_does_not_matter(environment: Environment) -> None:
    turned = environment.model_copy(
        update={
            "access": dict(reversed(list(environment.access.items()))),
            "roles": dict(reversed(list(environment.roles.items()))),
        }
    )
    assert derive_grants(turned) == derive_grants(environment)


def test_an_analyst_reads_the_marts_and_nothing_else(environment: Environment) -> None:
    reads = {
        (g.on, g.name, g.scope, g.privileges)
        for g in held(environment, "DATA_ANALYST")
        if g.on != "ROLE"
    }
    assert reads == {
        ("DATABASE", "LEAP_ANALYTICS", Scope.OBJECT, ("USAGE",)),
        ("SCHEMA", MARTS, Scope.OBJECT, ("USAGE",)),
        ("TABLES", MARTS, Scope.ALL, ("SELECT",)),
        ("TABLES", MARTS, Scope.FUTURE, ("SELECT",)),
        ("VIEWS", MARTS, Scope.ALL, ("SELECT",)),
        ("VIEWS", MARTS, Scope.FUTURE, ("SELECT",)),
        ("WAREHOUSE", "BI_WH", Scope.OBJECT, ("USAGE",)),
    }


def test_an_engineer_may_create_schemas(environment: Environment) -> None:
    expected = Grant(
        "DATA_ENGINEER", "DATABASE", "LEAP_ANALYTICS", Scope.OBJECT, ("CREATE SCHEMA", "USAGE")
    )
    assert expected in derive_grants(environment)


def test_nobody_but_the_loader_writes_raw(environment: Environment) -> None:
    writing = {"INSERT", "UPDATE", "DELETE", "TRUNCATE", "CREATE TABLE"}
    writers = {
        role
        for role in environment.roles
        if any(g.name == RAW and writing & set(g.privileges) for g in held(environment, role))
    }
    assert writers == {"LOADER"}


def test_the_loader_runs_pipes_that_are_still_to_come(environment: Environment) -> None:
    pipes = [g for g in held(environment, "LOADER") if g.on == "PIPES"]
    assert [(g.scope, g.privileges) for g in pipes] == [(Scope.FUTURE, ("MONITOR", "OPERATE"))]


def test_every_role_rolls_up_to_sysadmin(environment: Environment) -> None:
    under = {g.name for g in held(environment, "SYSADMIN") if g.on == "ROLE"}
    everyone = set(environment.roles) | {role.name for role in access_roles(environment)}
    assert under == everyone


def test_no_grant_goes_to_an_administrator_above_sysadmin(environment: Environment) -> None:
    roles = {grant.role for grant in derive_grants(environment)}
    assert not roles & {"ACCOUNTADMIN", "SECURITYADMIN", "USERADMIN", "ORGADMIN", "PUBLIC"}


def test_service_roles_never_create_schemas_but_for_workspaces(environment: Environment) -> None:
    creating = {
        name
        for name, role in environment.roles.items()
        if role.kind is RoleKind.SERVICE and "CREATE SCHEMA" in environment.access[name].database
    }
    assert creating == {"CI", "WORKSPACE_ADMIN"}


def test_a_prefix_reaches_every_name(environment: Environment) -> None:
    dev = settings.load(ROOT, "dev").environment
    for grant in derive_grants(dev):
        assert grant.role == "SYSADMIN" or grant.role.startswith("DEV__")
        assert grant.on == "ACCOUNT" or grant.name.lstrip('"').startswith("DEV__")


def test_one_level_more_is_one_role_and_its_grants(environment: Environment) -> None:
    access = environment.access["DATA_ANALYST"]
    wider = access.model_copy(update={"schemas": {**access.schemas, "STAGING": "READ"}})
    changed = environment.model_copy(
        update={"access": {**environment.access, "DATA_ANALYST": wider}}
    )
    added = set(derive_grants(changed)) - set(derive_grants(environment))
    assert added == {
        Grant("DATA_ANALYST", "ROLE", "LEAP_ANALYTICS__STAGING__READ", Scope.OBJECT, ("USAGE",))
    }
