"""The state's access and a plan laid over it: one grant more opens exactly what it opens."""

from __future__ import annotations

import pytest

from ops.access.difference import compare
from ops.access.facts import Facts
from ops.access.names import Securable, role
from ops.access.planned import Step, after, of_resources, steps_of_preview
from ops.access.resources import UNKNOWN, resources

BASE = "urn:pulumi:local::leap::"
PROVIDER = f"{BASE}pulumi:providers:snowflake::sysadmin"


def entry(sort: str, key: str, **inputs: object) -> dict[str, object]:
    """A resource as the engine exports it."""
    type_ = f"snowflake:index/{sort[0].lower()}{sort[1:]}:{sort}"
    provider = f"{PROVIDER}::an-id"
    return {
        "urn": f"{BASE}{type_}::{key}",
        "type": type_,
        "inputs": inputs,
        "provider": provider,
    }


def provider(identity: str) -> dict[str, object]:
    """The provider that works as SYSADMIN."""
    inputs = {"role": "SYSADMIN"}
    sort = "pulumi:providers:snowflake"
    return {"urn": PROVIDER, "type": sort, "id": identity, "inputs": inputs}


def usage(key: str, **on: object) -> dict[str, object]:
    """USAGE for READER."""
    held = {"accountRoleName": "READER", "privileges": ["USAGE"], **on}
    return entry("GrantPrivilegesToAccountRole", key, **held)


GRANT = entry(
    "GrantPrivilegesToAccountRole",
    "more",
    accountRoleName="READER",
    privileges=["SELECT"],
    onSchemaObject={"objectType": "TABLE", "objectName": '"D"."S"."T"'},
)
DEPLOYMENT = {
    "resources": [
        provider("an-id"),
        entry("Database", "d", name="D"),
        entry("Schema", "s", name="S", database="D"),
        entry("Table", "t", name="T", database="D", schema="S"),
        entry("AccountRole", "reader", name="READER"),
        entry("User", "ann", name="ANN"),
        entry("GrantAccountRole", "is", roleName="READER", userName="ANN"),
        usage("on-d", onAccountObject={"objectType": "DATABASE", "objectName": "D"}),
        usage("on-s", onSchema={"schemaName": '"D"."S"'}),
    ]
}


def access(*steps: Step) -> Facts:
    """The access when the steps are done."""
    return of_resources(resources(after(DEPLOYMENT, steps)), (), (), "planned")


def test_one_grant_more_opens_exactly_its_people_and_tables() -> None:
    found = compare(access(), access(Step("create", str(GRANT["urn"]), GRANT)))
    assert {(one.principal.name, one.gained, one.securable.name) for one in found.changes} == {
        ("ANN", True, "D.S.T"),
        ("READER", True, "D.S.T"),
    }


def test_a_role_that_is_taken_away_closes_what_it_opened() -> None:
    urn = str(DEPLOYMENT["resources"][6]["urn"])
    found = compare(access(), access(Step("delete", urn, None)))
    assert {one.principal.name for one in found.changes} == {"ANN"}
    assert not any(one.gained for one in found.changes)


def test_a_provider_that_is_made_anew_takes_no_ownership() -> None:
    found = compare(access(), access(Step("update", PROVIDER, provider(UNKNOWN))))
    assert found.changes == ()


def test_what_is_replaced_stays() -> None:
    urn = str(GRANT["urn"])
    steps = (Step("create-replacement", urn, GRANT), Step("delete-replaced", urn, None))
    facts = access(*steps)
    assert facts.number_of(role("READER")) is not None
    assert compare(access(Step("create", urn, GRANT)), facts).changes == ()


def test_a_grant_on_something_unknown_is_named_and_not_guessed() -> None:
    hidden = usage("hidden", onAccountObject={"objectType": "DATABASE", "objectName": UNKNOWN})
    assert [one.what for one in access(Step("create", "u", hidden)).unread] == ["hidden"]


@pytest.mark.parametrize("document", [{}, {"steps": "none"}, {"resourcePlans": {}}])
def test_another_document_is_no_plan(document: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="no steps"):
        steps_of_preview(document)


@pytest.mark.parametrize(("url", "held"), [(None, ("READ",)), ("s3://b/", ("USAGE",))])
def test_a_grant_on_all_stages_gives_each_what_fits_it(
    url: str | None, held: tuple[str, ...]
) -> None:
    everywhere = {"all": {"objectTypePlural": "STAGES", "inSchema": '"D"."S"'}}
    grant = entry(
        "GrantPrivilegesToAccountRole",
        "stages",
        accountRoleName="READER",
        privileges=["READ", "USAGE"],
        onSchemaObject=everywhere,
    )
    stage = entry("Stage", "st", name="ST", database="D", schema="S", url=url)
    found = resources({"resources": [*DEPLOYMENT["resources"], stage, grant]})
    facts = of_resources(found, (), (), "state")
    told = facts.on(Securable("STAGE", ("D", "S", "ST")))
    reader = facts.number_of(role("READER"))
    assert tuple(name for name, holders in told.items() if reader in holders) == held
