"""The rules on warehouses, each from an estate that is all clean with one thing broken."""

from typing import Any

import pytest

from infra.model.limits import Limits
from policies.catalogue import RULES
from policies.facts import limits
from policies.rule import UNKNOWN, Resource, Violation
from policies.warehouses import MONITOR, WAREHOUSE, has_a_ceiling, suspends

LIMITS = Limits.model_validate({"max_auto_suspend": 300, "max_warehouse_size": "MEDIUM"})


def estate(
    warehouse: dict[str, Any] | None = None, monitor: dict[str, Any] | None = None
) -> list[Resource]:
    """One warehouse under one monitor, with changes; None removes a property."""
    good = {"name": "BI_WH", "autoSuspend": 300, "resourceMonitor": "BI_LIMIT"}
    ceiling = {"name": "BI_LIMIT", "creditQuota": 100, "suspendTrigger": 100}
    return [
        Resource(WAREHOUSE, "urn:w", _without_none(good | (warehouse or {}))),
        Resource(MONITOR, "urn:m", _without_none(ceiling | (monitor or {}))),
        Resource("snowflake:index/schema:Schema", "urn:s", {"name": "RAW"}),
    ]


def _without_none(values: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value is not None}


@pytest.mark.parametrize("check", [suspends, has_a_ceiling])
def test_a_clean_estate_breaks_no_rule(check: Any) -> None:
    assert list(check(estate(), LIMITS)) == []


@pytest.mark.parametrize(
    ("seconds", "message"),
    [
        (86400, "it suspends after 86400 idle seconds; the limit of this environment is 300"),
        (301.0, "it suspends after 301 idle seconds"),
        (0, "it never suspends"),
        (-1, "it never suspends"),
        (None, "it never suspends"),
    ],
)
def test_a_warehouse_that_suspends_late_or_never_is_denied(seconds: Any, message: str) -> None:
    (violation,) = suspends(estate({"autoSuspend": seconds}), LIMITS)
    assert violation.subject == "BI_WH"
    assert violation.message.startswith(message)


@pytest.mark.parametrize(
    ("warehouse", "monitor", "message"),
    [
        ({"resourceMonitor": None}, {}, "it has no resource monitor."),
        (
            {"resourceMonitor": "OTHER"},
            {},
            "its resource monitor OTHER is not part of this deployment.",
        ),
        (
            {},
            {"suspendTrigger": None},
            "its resource monitor BI_LIMIT has no quota with a suspend trigger.",
        ),
        (
            {},
            {"creditQuota": None},
            "its resource monitor BI_LIMIT has no quota with a suspend trigger.",
        ),
    ],
)
def test_a_warehouse_without_a_ceiling_is_denied(
    warehouse: dict[str, Any], monitor: dict[str, Any], message: str
) -> None:
    assert list(has_a_ceiling(estate(warehouse, monitor), LIMITS)) == [
        Violation("BI_WH", "urn:w", message)
    ]


@pytest.mark.parametrize(
    ("warehouse", "monitor"),
    [
        ({"resourceMonitor": '"BI_LIMIT"'}, {}),
        ({}, {"suspendTrigger": None, "suspendImmediateTrigger": 110}),
        ({"resourceMonitor": UNKNOWN}, {}),
        ({}, {"suspendTrigger": UNKNOWN}),
    ],
)
def test_what_may_well_be_a_ceiling_is_let_pass(
    warehouse: dict[str, Any], monitor: dict[str, Any]
) -> None:
    assert list(has_a_ceiling(estate(warehouse, monitor), LIMITS)) == []


def test_what_a_preview_cannot_know_is_left_to_the_update() -> None:
    assert list(suspends(estate({"autoSuspend": UNKNOWN}), LIMITS)) == []


def test_a_denial_names_the_warehouse_the_rule_and_the_way_on() -> None:
    rule = next(rule for rule in RULES if rule.id == "warehouse-suspends")
    (violation,) = rule.check(estate({"autoSuspend": 86400}), LIMITS)
    assert rule.words(violation) == (
        "BI_WH: warehouse-suspends: it suspends after 86400 idle seconds; the limit of this "
        "environment is 300 seconds. Lower auto_suspend in environments/."
    )


def test_rule_ids_are_unique() -> None:
    ids = [rule.id for rule in RULES]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize(
    ("environment", "seconds"), [("local", 600), ("prod", 600), ("dev", 300), ("personal", 600)]
)
def test_limits_are_those_of_the_environment(environment: str, seconds: int) -> None:
    assert limits(environment).max_auto_suspend == seconds
