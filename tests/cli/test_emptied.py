"""What leaves the state when a container came back that has none of it."""

from __future__ import annotations

from cli.deployment import emptied
from cli.deployment.objects import Named
from tests.cli.state_entries import entry

SCHEMA = Named("SCHEMA", ("D", "S"))


def test_what_lies_in_a_container_is_found_and_its_neighbours_are_not() -> None:
    table, task, other = entry("Table", "T"), entry("Task", "K"), entry("Table", "O", "ELSEWHERE")
    state = {"resources": [table, task, other]}
    assert emptied.within(state, [SCHEMA]) == [table, task]
    assert emptied.within(state, [Named("DATABASE", ("D",))]) == [table, task, other]
    assert emptied.within(state, [Named("TABLE", ("D", "S"))]) == []


def test_grants_and_tags_on_an_object_go_with_it_and_what_only_needs_it_stays() -> None:
    table = entry("Table", "T")
    grant = {
        "urn": "grant",
        "type": "snowflake:index/grantPrivilegesToAccountRole:GrantPrivilegesToAccountRole",
        "dependencies": [table["urn"]],
    }
    tag = {**grant, "urn": "tag", "type": "snowflake:index/tagAssociation:TagAssociation"}
    alert = entry("Alert", "A", dependencies=[table["urn"]])
    state = {"resources": [table, grant, tag, alert]}
    assert emptied.set_on(state, {table["urn"]}) == {"grant", "tag"}
    assert emptied.set_on(state, {"another"}) == set()


def test_what_is_made_anew_with_a_container_is_asked_for() -> None:
    budget = {"urn": "budget", "type": "pulumi-python:dynamic:Resource", "replaceWith": ["schema"]}
    state = {"resources": [budget, entry("Table", "T", replaceWith=["other"]), entry("Task", "K")]}
    assert emptied.going_with(state, ["schema"]) == ["budget"]
