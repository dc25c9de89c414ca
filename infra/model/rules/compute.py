"""Cost: what warehouses may burn before somebody looks.

https://docs.snowflake.com/en/user-guide/cost-controlling
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from infra.model.rules.item import UNKNOWN, Item, Kind, is_set, known, of_kind
from infra.model.rules.rule import Ground, Rule, Severity, Topic, Violation
from infra.model.warehouse import WarehouseSize

A_MONTH: Final[Mapping[str, float]] = {"DAILY": 31, "WEEKLY": 31 / 7, "YEARLY": 1 / 12}
"""How often a quota is spent in a month; a monthly one once, and one that never resets once."""


def suspends(item: Item, ground: Ground) -> Iterator[str]:
    """A warehouse that never suspends, or later than its environment allows."""
    seconds, most = item.get("auto_suspend"), ground.environment.limits.max_auto_suspend
    limit = f"the limit of this environment is {most} seconds."
    if seconds is UNKNOWN:
        return
    if not seconds or seconds < 0:
        yield f"it never suspends; {limit}"
    elif seconds > most:
        yield f"it suspends after {int(seconds)} idle seconds; {limit}"


def is_small_enough(item: Item, ground: Ground) -> Iterator[str]:
    """A warehouse that is larger, or has more clusters, than its environment allows."""
    limits = ground.environment.limits
    size = item.get("warehouse_size", WarehouseSize.XSMALL)
    rank = None if size is UNKNOWN else _rank(str(size))
    if rank is not None and rank > limits.max_warehouse_size.rank:
        yield f"it is {size}; the largest of this environment is {limits.max_warehouse_size}."
    clusters = item.get("max_cluster_count", 1)
    if clusters is not UNKNOWN and clusters > limits.max_cluster_count:
        most = limits.max_cluster_count
        yield f"it grows to {int(clusters)} clusters; the most of this environment is {most}."


def statements_end(item: Item, ground: Ground) -> Iterator[str]:
    """A warehouse on which a statement may run for days."""
    seconds, most = item.get("statement_timeout_in_seconds"), _timeout(ground)
    if seconds is UNKNOWN:
        return
    if not seconds or seconds < 0:
        yield f"a statement may run for days; the limit of this environment is {most} seconds."
    elif seconds > most:
        yield f"a statement may run for {int(seconds)} seconds; the limit is {most}."


def queue_ends(item: Item, _ground: Ground) -> Iterator[str]:
    """A warehouse on which a statement may wait without end."""
    seconds = item.get("statement_queued_timeout_in_seconds")
    if seconds is not UNKNOWN and (not seconds or seconds < 0):
        yield "a statement may wait in its queue without end."


def acceleration_is_bounded(item: Item, _ground: Ground) -> Iterator[str]:
    """Query acceleration that may take as many machines as it likes."""
    on, scale = (
        item.get("enable_query_acceleration"),
        item.get("query_acceleration_max_scale_factor"),
    )
    if known(on, scale) and is_set(on) and scale == 0:
        yield "query acceleration has no upper bound, and resource monitors do not see it."


def has_a_ceiling(items: Sequence[Item], _ground: Ground) -> Iterator[Violation]:
    """A warehouse without a monitor, or whose monitor would not suspend it."""
    monitors = {item.name: item for item in of_kind(items, Kind.MONITOR)}
    for item in of_kind(items, Kind.WAREHOUSE):
        name = item.get("resource_monitor")
        if name is UNKNOWN:
            continue
        name = str(name or "").strip('"')
        if name in ("", "null"):
            yield Violation(item, "it has no resource monitor.")
        elif name not in monitors:
            yield Violation(item, f"its resource monitor {name} is not part of this deployment.")
        elif not _stops(monitors[name]):
            words = f"its resource monitor {name} has no quota with a suspend trigger."
            yield Violation(item, words)


def quotas_fit(items: Sequence[Item], ground: Ground) -> Iterator[Violation]:
    """Monitors of warehouses that together allow more than the environment's budget."""
    used = {str(w.get("resource_monitor")).strip('"') for w in of_kind(items, Kind.WAREHOUSE)}
    counted = {
        item.name: item
        for item in of_kind(items, Kind.MONITOR)
        if item.name in used and known(item.get("credit_quota"), item.get("frequency"))
    }
    budget = ground.environment.limits.max_monthly_credits
    total = sum(_monthly(item) for item in counted.values())
    if total > budget:
        dearest = max(counted.values(), key=lambda item: (_monthly(item), item.name))
        parts = ", ".join(f"{n} {_monthly(i):g}" for n, i in sorted(counted.items()))
        words = f"the quotas add up to {total:g} credits a month ({parts}); the budget is {budget}."
        yield Violation(dearest, words)


def _rank(size: str) -> int | None:
    written = size.upper().replace("-", "").replace("_", "")
    aliases = {"2XLARGE": "XXLARGE", "3XLARGE": "XXXLARGE"}
    aliases |= {f"{n}XLARGE": f"X{n}LARGE" for n in (4, 5, 6)}
    try:
        return WarehouseSize(aliases.get(written, written)).rank
    except ValueError:
        return None


def _timeout(ground: Ground) -> int:
    return ground.environment.limits.max_statement_timeout


def _stops(monitor: Item) -> bool:
    triggers = [monitor.get("suspend_trigger"), monitor.get("suspend_immediate_trigger")]
    return bool(monitor.get("credit_quota")) and any(triggers)


def _monthly(monitor: Item) -> float:
    quota: Any = monitor.get("credit_quota", 0)
    return float(quota) * A_MONTH.get(str(monitor.get("frequency", "MONTHLY")).upper(), 1)


RULES: Final = (
    Rule(
        id="warehouse-suspends",
        title="Every warehouse suspends within its environment's limit",
        why="An idle warehouse that stays up is billed by the second.",
        remedy="Lower auto_suspend in environments/.",
        source="https://docs.snowflake.com/en/user-guide/warehouses-overview#auto-suspension-and-auto-resumption",
        topic=Topic.COST,
        severity=Severity.HIGH,
        kinds=(Kind.WAREHOUSE,),
        each=suspends,
    ),
    Rule(
        id="warehouse-has-a-ceiling",
        title="Every warehouse has a monitor with a suspend trigger",
        why="Without one, a runaway query is stopped by the bill.",
        remedy="Name a monitor with credit_quota and suspend_trigger in environments/.",
        source="https://docs.snowflake.com/en/user-guide/resource-monitors",
        topic=Topic.COST,
        severity=Severity.HIGH,
        # A workspace's warehouse and its monitor are made by a procedure of the account.
        elsewhere={"personal": None, "ci": None},
        whole=has_a_ceiling,
    ),
    Rule(
        id="warehouse-is-small-enough",
        title="No warehouse is larger than its environment allows",
        why="Each size costs twice the one before, and each cluster as much as the first.",
        remedy="Lower warehouse_size or max_cluster_count, or raise the limits of the environment.",
        source="https://docs.snowflake.com/en/user-guide/cost-understanding-compute",
        topic=Topic.COST,
        severity=Severity.MEDIUM,
        kinds=(Kind.WAREHOUSE,),
        each=is_small_enough,
    ),
    Rule(
        id="statements-end",
        title="Every warehouse ends statements that run too long",
        why="By default a statement may run for two days, and 0 means seven.",
        remedy="Set statement_timeout_in_seconds in environments/.",
        source="https://docs.snowflake.com/en/sql-reference/parameters#statement-timeout-in-seconds",
        topic=Topic.COST,
        severity=Severity.MEDIUM,
        kinds=(Kind.WAREHOUSE,),
        each=statements_end,
    ),
    Rule(
        id="queues-end",
        title="Statements do not wait without end",
        why="What waits behind a stuck statement is forgotten, and then runs when nobody wants it.",
        remedy="Set statement_queued_timeout_in_seconds in environments/.",
        source="https://docs.snowflake.com/en/sql-reference/parameters#statement-queued-timeout-in-seconds",
        topic=Topic.COST,
        severity=Severity.LOW,
        kinds=(Kind.WAREHOUSE,),
        each=queue_ends,
    ),
    Rule(
        id="acceleration-is-bounded",
        title="Query acceleration has an upper bound",
        why="It is billed as a serverless feature, which no resource monitor stops.",
        remedy="Set query_acceleration_max_scale_factor above 0.",
        source="https://docs.snowflake.com/en/user-guide/query-acceleration-service",
        topic=Topic.COST,
        severity=Severity.MEDIUM,
        kinds=(Kind.WAREHOUSE,),
        each=acceleration_is_bounded,
    ),
    Rule(
        id="quotas-fit-the-budget",
        title="The quotas of all warehouses fit the environment's budget",
        why="Ceilings that add up to more than there is stop nothing in time.",
        remedy="Lower a credit_quota, or decide on a higher limits.max_monthly_credits.",
        source="https://docs.snowflake.com/en/user-guide/resource-monitors",
        topic=Topic.COST,
        severity=Severity.MEDIUM,
        whole=quotas_fit,
    ),
)
