"""What a budget knows: its limit, who is told, and what counts towards it.

The account's own budget is a record under SNOWFLAKE.LOCAL that stands while it is activated.
https://docs.snowflake.com/en/user-guide/budgets
"""

from __future__ import annotations

from typing import Any, Final

from sandbox.snowflake.catalog.record import Record
from sandbox.snowflake.catalog.store import Store

ROOT: Final = ("SNOWFLAKE", "LOCAL", "ACCOUNT_ROOT_BUDGET")
NO_LIMIT: Final = -1
DEFAULT_THRESHOLD: Final = 110
"""Percent of the limit beyond which a projection is told."""

LIMIT: Final = "SPENDING_LIMIT"
EMAIL: Final = "EMAIL"
EMAIL_INTEGRATION: Final = "EMAIL_INTEGRATION"
INTEGRATIONS: Final = "INTEGRATIONS"
"""By name: when it was added, and when it was last told (ISO texts; the latter may be None)."""
MUTED: Final = "MUTED"
THRESHOLD: Final = "THRESHOLD"
RESOURCES: Final = "RESOURCES"
"""The ids of the objects that were added by reference."""
TAGS: Final = "RESOURCE_TAGS"
"""Pairs of a tag's id and a value."""
TAG_MODE: Final = "RESOURCE_TAG_MODE"
TIER: Final = "REFRESH_TIER"

_DEFAULTS: Final[dict[str, Any]] = {
    LIMIT: NO_LIMIT,
    EMAIL: "",
    EMAIL_INTEGRATION: "",
    INTEGRATIONS: {},
    MUTED: False,
    THRESHOLD: DEFAULT_THRESHOLD,
    RESOURCES: [],
    TAGS: [],
    TAG_MODE: "UNION",
    TIER: "TIER_6_5H",
}


def fact(budget: Record, name: str) -> Any:
    """One fact of a budget, with its default; the caller may not change it in place."""
    value = budget.properties.get(name)
    return _DEFAULTS.get(name) if value is None else value


def is_root(budget: Record) -> bool:
    """Whether it is the account's own."""
    return budget.path == ROOT


def all_budgets(store: Store) -> list[Record]:
    """Every budget, the account's among them where it is activated."""
    return store.all("SNOWFLAKE.CORE.BUDGET")
