"""Every name that the program gives, in one place, because names are state.

Component tokens and the resources' logical names make up the URNs that Pulumi knows objects by:
changing one here replaces objects, which a golden test over the URNs shows. Objects' own names are
the facts' names behind the environment's prefix.
"""

import re
from enum import StrEnum
from typing import Final

from infra.model.base import Fact
from infra.model.identifiers import Prefix

DR: Final = "dr"
"""What logical names of the second account's providers begin with, and AWS names end with."""


class Token(StrEnum):
    """Type tokens of the components."""

    PROVIDERS = "leap:index:Providers"
    COMPUTE = "leap:index:Compute"
    DATABASE = "leap:index:Database"
    MARKETPLACE = "leap:index:Marketplace"
    STAGES = "leap:index:Stages"
    ACCOUNT = "leap:index:Account"
    DOORS = "leap:index:Doors"
    SERVICE_USERS = "leap:index:ServiceUsers"
    GOVERNANCE = "leap:index:Governance"
    TAGGINGS = "leap:index:Taggings"
    ROLES = "leap:index:Roles"
    ACCESS = "leap:index:Access"
    PEOPLE = "leap:index:People"
    LANDING = "leap:index:Landing"
    FEED = "leap:index:Feed"
    LANDING_EVENTS = "leap:index:LandingEvents"
    OPERATIONS = "leap:index:Operations"
    WORKSPACE = "leap:index:Workspace"
    NOTIFICATIONS = "leap:index:Notifications"
    ALERTS = "leap:index:Alerts"
    BUDGETS = "leap:index:Budgets"
    REPOSITORIES = "leap:index:Repositories"
    REPOSITORY = "leap:index:Repository"
    REPLICATION = "leap:index:Replication"
    QUARTERLY_CLONE = "leap:index:QuarterlyClone"
    DR_LANDING = "leap:index:DrLanding"
    DR_LANDING_EVENTS = "leap:index:DrLandingEvents"
    WORKSPACE_DOOR = "leap:index:WorkspaceDoor"


def logical(*parts: str) -> str:
    """A resource's logical name: lower case, words joined by a hyphen, no prefix."""
    return "-".join(re.sub(r"[^a-z0-9]+", "-", part.lower()).strip("-") for part in parts if part)


def of_second_account(provider: str) -> bool:
    """Whether a resource is of the second account, by its provider as the engine writes it."""
    name = provider.rpartition("::")[0].rpartition("::")[2]
    return ":providers:" in provider and name.startswith(f"{DR}-")


def query_tag(stack: str) -> str:
    """What the account's query history says of each statement that a stack's plugin sends.

    https://docs.snowflake.com/en/sql-reference/parameters#query-tag
    """
    return f"leap stack {stack}"


class Naming(Fact):
    """The names of an environment's objects."""

    prefix: Prefix = ""

    def account(self, name: str) -> str:
        """An object that has no database: warehouse, monitor, role, integration, user, database."""
        return f"{self.prefix}{name}"

    def schema_role(self, database: str, schema: str, level: str) -> str:
        """The access role for one level on one schema."""
        return self.account(f"{database}__{schema}__{level}")

    def warehouse_role(self, warehouse: str, level: str) -> str:
        """The access role for one level on one warehouse."""
        return self.account(f"{warehouse}__{level}")

    def aws(self, *parts: str) -> str:
        """An AWS name: lower case with hyphens, as buckets demand."""
        return logical(self.prefix, *parts)
