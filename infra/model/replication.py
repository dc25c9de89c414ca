"""A second account in another region: what goes there, how often, and how clients find it.

A group carries objects of an account to another one as a unit, and can be promoted there. What an
account makes of it is Snowflake's; which objects it needs beside it is in
`infra.model.replication_references` and, over a whole estate, in `infra.model.rules.replication`.
Where the second account is belongs to the stack's configuration, like the first's.

https://docs.snowflake.com/en/user-guide/account-replication-intro
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Final

from pydantic import Field, StringConstraints

from infra.model.base import Fact
from infra.model.cron import longest_gap
from infra.model.identifiers import Identifier
from infra.model.naming import DR

MINUTES: Final = " MINUTES"
LONGEST_MINUTES: Final = 1440
"""The longest interval that the provider takes: a day."""
OPTIMIZED_MINUTES: Final = 360
"""The longest interval of an optimized refresh.

https://docs.snowflake.com/en/user-guide/account-replication-optimized-refresh
"""
GroupSchedule = Annotated[
    str, StringConstraints(pattern=r"^([1-9][0-9]{0,4} MINUTES|([0-9A-Z*,/-]+ ){4}[0-9A-Z*,/-]+)$")
]
"""``10 MINUTES``, or a cron expression of five fields in UTC."""
ConnectionName = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9_]*$", max_length=63)]
"""Unique among the names of connections and accounts of the organization.

https://docs.snowflake.com/en/sql-reference/sql/create-connection
"""
AccountName = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9_]*$", max_length=255)]
"""An account's name in its organization; no locator, and without the region.

https://docs.snowflake.com/en/user-guide/admin-account-identifier
"""


class ObjectType(StrEnum):
    """What a group can carry. Shares are absent: the platform has none of its own."""

    ACCOUNT_PARAMETERS = "ACCOUNT PARAMETERS"
    DATABASES = "DATABASES"
    INTEGRATIONS = "INTEGRATIONS"
    NETWORK_POLICIES = "NETWORK POLICIES"
    RESOURCE_MONITORS = "RESOURCE MONITORS"
    ROLES = "ROLES"
    USERS = "USERS"
    WAREHOUSES = "WAREHOUSES"


class IntegrationType(StrEnum):
    """Kinds of integrations; a group's list is taken as a whole."""

    API = "API INTEGRATIONS"
    EXTERNAL_ACCESS = "EXTERNAL ACCESS INTEGRATIONS"
    NOTIFICATION = "NOTIFICATION INTEGRATIONS"
    SECURITY = "SECURITY INTEGRATIONS"
    STORAGE = "STORAGE INTEGRATIONS"


class _Group(Fact):
    """What failover groups and replication groups have in common."""

    object_types: Annotated[tuple[ObjectType, ...], Field(min_length=1)]
    databases: tuple[Identifier, ...] = ()
    integration_types: tuple[IntegrationType, ...] = ()
    schedule: GroupSchedule | None = None
    """How often the second account is refreshed; each refresh is paid for."""

    @property
    def interval(self) -> int | None:
        """Minutes of a schedule by interval."""
        return interval(self.schedule)


class FailoverGroup(_Group):
    """A group that the second account can promote."""

    optimized_refresh: bool = False
    """Refreshes that look at changes alone; set by a statement, which the provider lacks."""
    rpo_assurance: bool = False
    """Snowflake's own pace in place of a schedule; set by a statement."""


class ReplicationGroup(_Group):
    """A group that is read elsewhere and never promoted; made by a statement."""

    accounts: Annotated[tuple[AccountName, ...], Field(min_length=1)]
    """Accounts of the organization that may read it."""


class ClientConnection(Fact):
    """A name by which clients log in wherever it is primary.

    https://docs.snowflake.com/en/user-guide/client-redirect
    """

    name: ConnectionName
    comment: str = ""


class Reading(Fact):
    """Who reads on the second account while the first one writes: BI, for instance."""

    role: Identifier
    warehouse: Identifier


class RegionalClone(Fact):
    """A writable clone in the second region, every quarter: a look back that no refresh changes.

    It is named after its database and its quarter: ``LEAP_ANALYTICS_2027_Q1``.
    """

    database: Identifier
    """Of the second account alone; the task that makes the clones lives in it."""
    schedule: GroupSchedule
    """Cron, in UTC: the first day of each quarter."""
    keep: Annotated[int, Field(ge=1, le=40)]
    """Quarters that are kept."""


class Replication(Fact):
    """Everything that a second account is for."""

    on_request: bool = False
    """Deployed only where somebody asked for it (``leap up --with-dr``); else always."""
    groups: Annotated[Mapping[Identifier, FailoverGroup], Field(min_length=1)]
    replication_groups: Mapping[Identifier, ReplicationGroup] = {}
    connection: ClientConnection | None = None
    reading: Reading | None = None
    clone: RegionalClone | None = None
    landing: bool = True
    """Whether files can land in the second region: a bucket, queues, a role and an integration."""
    rpo_minutes: Annotated[int, Field(ge=1)]
    """The most minutes of work that may be lost with the first account."""


def interval(schedule: object) -> int | None:
    """Minutes of ``10 MINUTES``; None for anything else."""
    text = schedule if isinstance(schedule, str) else ""
    number = text.removesuffix(MINUTES)
    return int(number) if text.endswith(MINUTES) and number.isdecimal() else None


def longest_wait(schedule: str) -> int:
    """The most minutes between two refreshes.

    Raises:
        CronError: the schedule is neither an interval nor a cron expression.
    """
    minutes = interval(schedule)
    return longest_gap(schedule) if minutes is None else minutes


def second_name(name: str) -> str:
    """The name of the second region's twin of an account-level object."""
    return f"{name}_{DR.upper()}"
