"""Rules on warehouses: each suspends soon enough, and each has a ceiling on what it may spend."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from infra.model.limits import Limits
from policies.rule import UNKNOWN, Resource, Rule, Violation

WAREHOUSE: Final = "snowflake:index/warehouse:Warehouse"
MONITOR: Final = "snowflake:index/resourceMonitor:ResourceMonitor"


def suspends(resources: Sequence[Resource], limits: Limits) -> Iterator[Violation]:
    """A warehouse that never suspends, or later than its environment allows."""
    for resource in resources:
        if resource.type != WAREHOUSE:
            continue
        seconds = resource.inputs.get("autoSuspend")
        if seconds is UNKNOWN:
            continue
        limit = f"the limit of this environment is {limits.max_auto_suspend} seconds."
        if not seconds or seconds < 0:
            message = f"it never suspends; {limit}"
        elif seconds > limits.max_auto_suspend:
            message = f"it suspends after {int(seconds)} idle seconds; {limit}"
        else:
            continue
        yield Violation(_name(resource), resource.urn, message)


def has_a_ceiling(resources: Sequence[Resource], _limits: Limits) -> Iterator[Violation]:
    """A warehouse without a monitor, or whose monitor of this stack would not suspend it."""
    monitors = {_name(r): r.inputs for r in resources if r.type == MONITOR}
    for resource in resources:
        if resource.type != WAREHOUSE:
            continue
        name = resource.inputs.get("resourceMonitor")
        if name is UNKNOWN:
            continue
        if not name:
            message = "it has no resource monitor."
        elif str(name).strip('"') not in monitors:
            message = f"its resource monitor {name} is not part of this deployment."
        elif not _stops(monitors[str(name).strip('"')]):
            message = f"its resource monitor {name} has no quota with a suspend trigger."
        else:
            continue
        yield Violation(_name(resource), resource.urn, message)


RULES: Final = (
    Rule(
        id="warehouse-suspends",
        title="Every warehouse suspends within its environment's limit",
        why="An idle warehouse that stays up is billed by the second.",
        remedy="Lower auto_suspend in environments/.",
        source="https://docs.snowflake.com/en/user-guide/warehouses-overview#auto-suspension-and-auto-resumption",
        check=suspends,
    ),
    Rule(
        id="warehouse-has-a-ceiling",
        title="Every warehouse has a monitor with a suspend trigger",
        why="Without one, a runaway query is stopped by the bill.",
        remedy="Name a monitor with credit_quota and suspend_trigger in environments/.",
        source="https://docs.snowflake.com/en/user-guide/resource-monitors",
        check=has_a_ceiling,
        whole_stack=True,
    ),
)


def _name(resource: Resource) -> str:
    name = resource.inputs.get("name")
    return str(name) if name and name is not UNKNOWN else resource.urn.rsplit("::", 1)[-1]


def _stops(monitor: Mapping[str, Any]) -> bool:
    quota = monitor.get("creditQuota")
    triggers = [monitor.get("suspendTrigger"), monitor.get("suspendImmediateTrigger")]
    return bool(quota) and any(triggers)
