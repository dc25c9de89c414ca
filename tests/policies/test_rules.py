"""Every rule: silent on an estate that is all clean, and heard when one thing in it is broken."""

from datetime import date
from typing import Any

import pytest

from infra.model.rules.catalogue import RULES
from infra.model.rules.item import UNKNOWN, Item, Kind
from infra.model.rules.judging import judge
from infra.model.rules.rule import ENVIRONMENTS, Ground, Rule, Severity
from policies.facts import ground
from tests.policies import rows_access, rows_estate, rows_replication
from tests.policies.estate import CLEAN, broken, thing

PROD = ground("prod")
TODAY = date(2026, 12, 1)
ROWS = [*rows_access.ROWS, *rows_estate.ROWS, *rows_replication.ROWS]


def found(items: list[Item], where: Ground = PROD) -> list[tuple[str, str]]:
    """Rule and message of each finding."""
    return [(f.rule.id, f.message) for f in judge(RULES, items, where, TODAY).findings]


def test_a_clean_estate_breaks_no_rule() -> None:
    assert found(list(CLEAN)) == []


@pytest.mark.parametrize(("rule", "items", "message"), ROWS, ids=lambda value: str(value)[:40])
def test_one_broken_thing_is_found_by_its_rule(rule: str, items: list[Item], message: str) -> None:
    messages = [text for id_, text in found(items) if id_ == rule]
    assert any(text.startswith(message) for text in messages), found(items)


def test_every_rule_has_a_row() -> None:
    elsewhere = {"names-have-the-prefix"}  # only `dev` has one, below
    assert {rule.id for rule in RULES} - {row[0] for row in ROWS} == elsewhere


def test_a_name_without_its_environments_prefix_is_found() -> None:
    dev = ground("dev")
    ours, theirs = (thing(Kind.ROLE, name) for name in ("DEV__LOADER", "LOADER"))
    assert found([ours, theirs], dev) == [
        ("names-have-the-prefix", "its name does not begin with this environment's prefix DEV__.")
    ]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: str(rule.id))
def test_what_cannot_be_known_is_passed_over(rule: Rule) -> None:
    without = {"name", "type", "on", "path", "scope", "password"}
    items = [
        item._replace(
            properties={k: v if k in without else UNKNOWN for k, v in item.properties.items()}
        )
        for item in CLEAN
    ]
    assert list(rule.violations(items, PROD)) == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: str(rule.id))
def test_a_rule_says_all_that_a_person_needs(rule: Rule) -> None:
    assert rule.source.startswith("https://")
    assert set(rule.elsewhere) <= set(ENVIRONMENTS)
    for sentence in (rule.why, rule.remedy):
        assert sentence[0].isupper()
        assert sentence.endswith(".")
    assert not rule.title.endswith(".")
    assert (rule.each is None) != (rule.whole is None)


def test_rule_ids_are_unique() -> None:
    ids = [rule.id for rule in RULES]
    assert len(ids) == len(set(ids))


def test_a_rule_may_weigh_otherwise_in_another_environment() -> None:
    items = broken(Kind.FAILOVER_GROUP, "LEAP_DR", replication_schedule=None)
    weights: dict[str, Any] = {}
    for name in ("prod", "dev"):
        where = ground(name)
        for finding in judge(RULES, items, where, TODAY).findings:
            if finding.rule.id == "failover-takes-everything":
                weights[name] = finding.severity
    assert weights == {"prod": Severity.HIGH, "dev": Severity.LOW}


@pytest.mark.parametrize(
    ("environment", "seconds"), [("local", 600), ("prod", 600), ("dev", 300), ("personal", 600)]
)
def test_limits_are_those_of_the_environment(environment: str, seconds: int) -> None:
    assert ground(environment).environment.limits.max_auto_suspend == seconds


def test_a_denial_names_the_item_the_rule_and_the_way_on() -> None:
    (finding,) = judge(
        RULES, broken(Kind.WAREHOUSE, "BI_WH", auto_suspend=86400), PROD, TODAY
    ).findings
    assert finding.words == (
        "BI_WH: warehouse-suspends: it suspends after 86400 idle seconds; the limit of this "
        "environment is 600 seconds. Lower auto_suspend in environments/."
    )
