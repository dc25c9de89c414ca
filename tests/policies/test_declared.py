"""What facts are thought to declare is what the program registers."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from infra import settings
from infra.model.rules import resources
from infra.model.rules.catalogue import RULES
from infra.model.rules.declared import declared
from infra.model.rules.item import Item, Kind
from infra.model.rules.judging import judge
from infra.model.rules.rule import Ground

ROOT = Path(__file__).resolve().parents[2]
TODAY = date(2026, 12, 1)
WHOLE = {Kind.WAREHOUSE, Kind.MONITOR, Kind.DATABASE, Kind.SCHEMA, Kind.ROLE, Kind.NETWORK_RULE}
"""Kinds of which the facts declare each one."""
PART = {
    *(Kind.GRANT, Kind.ROLE_GRANT, Kind.OWNERSHIP, Kind.USER, Kind.STAGE, Kind.TAGGING),
    Kind.BRANCH_PROTECTION,
}
COMPARED = {
    Kind.WAREHOUSE: ("warehouse_size", "auto_suspend", "resource_monitor", "max_cluster_count"),
    Kind.MONITOR: ("credit_quota", "suspend_trigger"),
    Kind.SCHEMA: ("is_transient", "data_retention_time_in_days"),
    Kind.DATABASE: ("data_retention_time_in_days",),
    Kind.GRANT: ("role", "privileges", "on", "path", "scope"),
    Kind.ROLE_GRANT: ("role", "to_role", "to_user"),
    Kind.OWNERSHIP: ("role", "on", "path"),
    Kind.USER: ("default_role", "network_policy", "type"),
    Kind.BRANCH_PROTECTION: ("enforce_admins", "allows_force_pushes", "required_linear_history"),
}


def named(items: list[Item], kinds: set[Kind]) -> set[tuple[Any, ...]]:
    """Kind, name, protection and what counts of each item."""

    def told(item: Item, name: str) -> str:
        value = item.get(name)
        if isinstance(value, float):
            value = int(value)
        return str(sorted(value) if name == "privileges" else value or "")

    return {
        (item.kind, item.name, *(told(item, name) for name in COMPARED.get(item.kind, ())))
        for item in items
        if item.kind in kinds
    }


@pytest.mark.parametrize("stack", ["local", "dev", "prod"])
def test_facts_declare_what_the_program_registers(deployed: Any, stack: str) -> None:
    ours = declared(settings.load(ROOT, stack).environment)
    theirs = [
        item
        for r in deployed(stack)
        if (item := resources.item(r.type, r.urn, r.inputs, r.protect)) is not None
    ]
    assert named(ours, WHOLE) == named(theirs, WHOLE)
    people = {i.name for i in ours if i.kind is Kind.USER} - {i.name for i in theirs}
    missing = named(ours, PART) - named(theirs, PART)
    assert {m for m in missing if not any(name in m[1] for name in people)} == set()


@pytest.mark.parametrize("stack", ["local", "dev", "prod"])
def test_the_shipped_environments_break_no_rule(deployed: Any, stack: str) -> None:
    loaded = settings.load(ROOT, stack)
    ground = Ground(loaded.environment, loaded.stack.environment)
    registered = [
        item
        for r in deployed(stack)
        if (item := resources.item(r.type, r.urn, r.inputs, r.protect)) is not None
    ]
    keys = "programs-have-a-key"  # keys are made by `leap`, not here
    for items in (registered, declared(loaded.environment)):
        judgement = judge(RULES, items, ground, TODAY)
        assert [f.words for f in judgement.findings if f.rule.id != keys] == []
        assert {excused.name for excused in judgement.excused} <= {"CENSUS_IN_THE_SECOND_ACCOUNT"}
