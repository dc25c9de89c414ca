"""Alerts: what is watched, how grave it is, who is told, and how often it is looked at.

https://docs.snowflake.com/en/user-guide/alerts
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Final

from pydantic import Field, StringConstraints

from infra.model.base import Fact
from infra.model.identifiers import FeedName, Identifier

Schedule = Annotated[
    str, StringConstraints(pattern=r"^([1-9][0-9]{0,4} MINUTES|([0-9*,/-]+ ){4}[0-9A-Z*,/-]+)$")
]
"""``15 MINUTES``, or a cron expression in UTC."""
MINUTES: Final = " MINUTES"


class Severity(StrEnum):
    """Of the brief: wake somebody, tell the team, keep informed."""

    CRITICAL = "critical"
    WARNING = "warning"
    INFO = "info"


class Watch(StrEnum):
    """What an alert looks at; each has its condition in `infra.model.watches`."""

    FAILED_JOBS = "failed_jobs"
    FAILED_TESTS = "failed_tests"
    SPENDING = "spending"
    LONG_QUERIES = "long_queries"
    FAILED_LOADS = "failed_loads"
    STALE_FEEDS = "stale_feeds"
    SCHEMA_CHANGES = "schema_changes"
    JOB_SUMMARY = "job_summary"
    COST_REPORT = "cost_report"
    LINEAGE_CHANGES = "lineage_changes"


class Alert(Fact):
    """One alert. ``limit``, ``tag`` and ``fresh_hours`` belong to the watches that need them."""

    watch: Watch
    severity: Severity
    channel: Identifier
    """The notification that carries its message."""
    schedule: Schedule
    enabled: bool = True
    limit: Annotated[int, Field(ge=1)] | None = None
    """Dollars in 24 hours (``spending``), minutes (``long_queries``)."""
    tag: Severity | None = None
    """The tests that count (``failed_tests``)."""
    fresh_hours: Mapping[FeedName, Annotated[int, Field(ge=1)]] = {}
    """Hours after which a feed without a new row is stale (``stale_feeds``)."""

    @property
    def minutes(self) -> int | None:
        """Of a schedule by interval; None for one by cron."""
        by_interval = self.schedule.endswith(MINUTES)
        return int(self.schedule.removesuffix(MINUTES)) if by_interval else None


NEEDS: Final[Mapping[Watch, str]] = {
    Watch.SPENDING: "limit",
    Watch.LONG_QUERIES: "limit",
    Watch.FAILED_TESTS: "tag",
    Watch.STALE_FEEDS: "fresh_hours",
}
"""The key without which a watch has nothing to compare with."""


class Prices(Fact):
    """What the account's contract says; list prices differ by edition and region.

    https://www.snowflake.com/legal-files/CreditConsumptionTable.pdf
    """

    credit: Annotated[float, Field(gt=0)]
    """Dollars for one credit."""
