"""What a narrow preview looks at: what two sets of facts differ in, or the whole."""

import pytest

from cli.paths import ROOT
from infra import settings
from infra.model.access import Access, SchemaLevel
from infra.model.environment import Environment
from infra.model.part import Part, changed_part


@pytest.fixture
def facts() -> Environment:
    """The facts of `local`."""
    return settings.load(ROOT, "local").environment


def with_access(facts: Environment, role: str, **schemas: SchemaLevel | None) -> Environment:
    """The facts with one role's levels changed; None takes a level away."""
    held = facts.access[role]
    levels = {name: level for name, level in {**held.schemas, **schemas}.items() if level}
    changed: Access = held.model_copy(update={"schemas": levels})
    return facts.model_copy(update={"access": {**facts.access, role: changed}})


def test_the_same_facts_differ_in_nothing(facts: Environment) -> None:
    assert changed_part(facts, facts) == Part(roles=frozenset(), grants=frozenset())


def test_a_level_that_others_hold_is_one_grant(facts: Environment) -> None:
    after = with_access(facts, "DATA_ANALYST", RAW=SchemaLevel.READ)
    part = changed_part(facts, after)
    assert part == Part(
        roles=frozenset(),
        grants=frozenset({"data-analyst-on-role-leap-analytics-raw-read"}),
    )


def test_a_level_that_nobody_held_is_a_role_with_its_grants(facts: Environment) -> None:
    after = with_access(facts, "DATA_ANALYST", RAW=SchemaLevel.OWN)
    part = changed_part(facts, after)
    assert part is not None
    assert part.roles == {"LEAP_ANALYTICS__RAW__OWN"}
    assert "data-analyst-on-role-leap-analytics-raw-own" in part.grants
    assert any(name.startswith("leap-analytics-raw-own-on-future-tables") for name in part.grants)


def test_a_level_taken_away_is_looked_at_too(facts: Environment) -> None:
    part = changed_part(facts, with_access(facts, "DATA_ANALYST", MARTS=None))
    assert part is not None
    assert "data-analyst-on-role-leap-analytics-marts-read" in part.grants


def test_where_more_than_access_differs_the_whole_is_looked_at(facts: Environment) -> None:
    after = with_access(facts, "DATA_ANALYST", RAW=SchemaLevel.READ)
    assert changed_part(facts, after.model_copy(update={"protect": True})) is None
