"""Ways through ownership and MANAGE GRANTS, which no single grant shows."""

import pytest

from infra.model.rules.rule import Ground
from ops.access.escalation import path, ways_to
from ops.access.facts import Facts
from ops.access.names import THE_ACCOUNT, Securable, role, user
from ops.access.system import USERADMIN, add_system_roles, own
from ops.audit import reach

ANA, ENGINEER, LOADER = user("ANA"), role("DATA_ENGINEER"), role("LOADER")


@pytest.fixture
def facts() -> Facts:
    """Administrators, a person with a functional role, and a program with the loader's."""
    found = Facts("test")
    add_system_roles(found)
    for one in (ENGINEER, LOADER):
        found.grant_role(one, role("SYSADMIN"))
        own(found, USERADMIN, Securable("ROLE", (one.name,)))
    found.grant_role(ENGINEER, ANA)
    found.grant_role(LOADER, user("LOADER_SVC"))
    found.grant_role(role("ACCOUNTADMIN"), user("ADA"))
    return found


def told(facts: Facts, prod: Ground) -> list[tuple[str, str, str]]:
    """Rule, object and message of each finding."""
    found = reach.findings(facts, prod, ["LOADER_SVC"])
    return [(f.rule.id, f.item.name, f.message) for f in found]


def test_people_without_a_way_are_not_told_of(facts: Facts, prod: Ground) -> None:
    assert told(facts, prod) == []


def test_owning_the_loaders_role_is_a_way_to_write(facts: Facts, prod: Ground) -> None:
    own(facts, ENGINEER, Securable("ROLE", ("LOADER",)))
    assert told(facts, prod) == [
        (
            "no-way-to-raw",
            "DATA_ENGINEER",
            "it can come to write where files land: DATA_ENGINEER owns role, and may grant "
            "itself LOADER.",
        )
    ]


def test_owning_a_program_is_a_way_to_its_role(facts: Facts, prod: Ground) -> None:
    own(facts, ENGINEER, Securable("USER", ("LOADER_SVC",)))
    ((rule, name, message),) = told(facts, prod)
    assert (rule, name) == ("no-way-to-raw", "DATA_ENGINEER")
    assert message.endswith("and may log in as LOADER_SVC, LOADER_SVC has role LOADER.")


def test_manage_grants_below_a_working_role_is_a_way_to_everything(
    facts: Facts, prod: Ground
) -> None:
    facts.grant(role("HELPDESK"), ("MANAGE GRANTS",), THE_ACCOUNT)
    facts.grant_role(role("HELPDESK"), ANA)
    assert {(rule, name) for rule, name, _ in told(facts, prod)} == {
        ("no-way-to-raw", "ANA"),
        ("no-way-to-manage-grants", "ANA"),
    }


def test_administrators_are_counted_elsewhere(facts: Facts, prod: Ground) -> None:
    assert path(facts, user("ADA"), LOADER) is not None
    assert told(facts, prod) == []


def test_all_ways_backwards_are_as_short_as_each_forwards(facts: Facts) -> None:
    own(facts, ENGINEER, Securable("USER", ("LOADER_SVC",)))
    found = ways_to(facts, [LOADER])
    for principal in facts.principals:
        forwards = path(facts, principal, LOADER)
        backwards = found.get(principal)
        assert (forwards is None) == (backwards is None)
        if forwards is not None and backwards is not None:
            assert len(forwards) == len(backwards)
