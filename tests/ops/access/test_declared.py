"""What the committed facts declare, and what a changed fact opens."""

from __future__ import annotations

from pathlib import Path

import pytest

from infra import settings
from infra.model.environment import Environment
from ops.access.declared import declared
from ops.access.difference import compare
from ops.access.facts import Facts
from ops.access.graph import Graph
from ops.access.lookup import find_principal, find_securable
from ops.access.matrix import matrix, to_csv, to_html

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> Environment:
    """The facts of the local stack."""
    monkeypatch.delenv("LEAP_TARGET", raising=False)
    return settings.load(ROOT, "local").environment


def access(environment: Environment) -> Facts:
    """The access that an environment declares."""
    return declared(environment, ROOT / "dbt", "declared")


def users_of(facts: Facts, privilege: str, name: str) -> set[str]:
    """People who can."""
    graph = Graph(facts)
    found = graph.members(graph.can_use(privilege, find_securable(facts, name, privilege)))
    return {one.name for one in found if one.kind == "USER"}


def test_only_the_loader_writes_raw(environment: Environment) -> None:
    facts = access(environment)
    assert users_of(facts, "INSERT", "LEAP_ANALYTICS.RAW.GYMS") == {"LEO_LOADER", "LOADER_SVC"}


def test_analysts_read_the_mart_and_not_raw(environment: Environment) -> None:
    facts = access(environment)
    assert "ANA_ANALYST" in users_of(facts, "SELECT", "LEAP_ANALYTICS.MARTS.MART_GYM_ACCESSIBILITY")
    assert "ANA_ANALYST" not in users_of(facts, "SELECT", "LEAP_ANALYTICS.RAW.GYMS")


def test_future_grants_reach_tables_to_come(environment: Environment) -> None:
    facts = access(environment)
    assert "RUI_REPORTER" in users_of(facts, "SELECT", "LEAP_ANALYTICS.MARTS.<TABLE>")


def test_the_procedures_of_workspaces_are_for_those_who_make_them(
    environment: Environment,
) -> None:
    facts = access(environment)
    name = 'LEAP_ANALYTICS.OPERATIONS."WORKSPACE_LIMIT(VARCHAR, NUMBER)"'
    called = users_of(facts, "USAGE", name)
    assert "ENZO_ENGINEER" in called
    assert "ANA_ANALYST" not in called


def test_usage_of_all_stages_is_none_of_an_internal_one(environment: Environment) -> None:
    facts = access(environment)
    loader = "LEO_LOADER"
    assert loader in users_of(facts, "USAGE", "LEAP_ANALYTICS.RAW.GYMS_STAGE")
    assert loader not in users_of(facts, "USAGE", "LEAP_ANALYTICS.RAW.MANUAL_UPLOADS")


def test_one_level_more_is_told_in_people_and_tables(environment: Environment) -> None:
    held = environment.access["DATA_ANALYST"]
    wider = held.model_copy(update={"schemas": {**held.schemas, "RAW": "READ"}})
    changed = environment.model_copy(
        update={"access": {**environment.access, "DATA_ANALYST": wider}}
    )
    found = compare(access(environment), access(changed))
    assert {one.principal.name for one in found.changes} == {"ANA_ANALYST", "DATA_ANALYST"}
    assert all(one.gained for one in found.changes)
    opened = {one.securable.path[-1] for one in found.changes if one.securable.kind == "TABLE"}
    assert opened == {"CENSUS_DEMOGRAPHICS", "GYMS", "GYM_EVENTS", "<TABLE>"}


def test_a_change_back_loses_what_it_gave(environment: Environment) -> None:
    access_without = dict(environment.access)
    narrower = access_without["REPORTER"].model_copy(update={"schemas": {}})
    changed = environment.model_copy(update={"access": {**access_without, "REPORTER": narrower}})
    found = compare(access(environment), access(changed))
    assert {one.principal.name for one in found.changes} == {
        "REPORTER",
        "REPORTER_SVC",
        "RUI_REPORTER",
    }
    assert not any(one.gained for one in found.changes)


def test_the_same_facts_differ_in_nothing(environment: Environment) -> None:
    found = compare(access(environment), access(environment))
    assert (found.changes, found.uncertain) == ((), ())


def test_the_matrix_is_the_same_as_csv_and_as_a_picture(environment: Environment) -> None:
    facts = access(environment)
    people = [find_principal(facts, name) for name in ("ANA_ANALYST", "LEO_LOADER")]
    grid = matrix(Graph(facts), lambda one: one.path[:2] == ("LEAP_ANALYTICS", "RAW"))
    table = to_csv(grid, people).splitlines()
    assert table[0] == "kind,object,ANA_ANALYST,LEO_LOADER"
    loading = "DELETE; INSERT; SELECT; TRUNCATE; UPDATE"
    assert f"TABLE,LEAP_ANALYTICS.RAW.GYMS,,{loading}" in table
    picture = to_html(grid, people, "Who <does> what")
    assert "Who &lt;does&gt; what" in picture
    assert 'class="write" title="DELETE, INSERT, SELECT, TRUNCATE, UPDATE"' in picture
