"""Resource monitors: the ceiling on what a warehouse may spend.

Vendor: https://docs.snowflake.com/en/user-guide/resource-monitors
"""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from infra.model.base import Fact
from infra.model.identifiers import Identifier

Percent = Annotated[int, Field(ge=1, le=999)]


class Frequency(StrEnum):
    """When the used credits are counted anew."""

    DAILY = "DAILY"
    WEEKLY = "WEEKLY"
    MONTHLY = "MONTHLY"
    YEARLY = "YEARLY"
    NEVER = "NEVER"


class Monitor(Fact):
    """A quota of credits and what happens on the way to it."""

    credit_quota: Annotated[int, Field(ge=1)]
    """Credits in a calendar month, or in the time that ``frequency`` says."""
    suspend_trigger: Percent
    """Per cent of the quota at which its warehouses suspend, once running statements end."""
    suspend_immediate_trigger: Percent | None = None
    """Per cent of the quota at which running statements are cancelled."""
    notify_triggers: tuple[Percent, ...] = ()
    """Per cents of the quota at which the account's administrators are told."""
    notify_users: tuple[Identifier, ...] = ()
    """Users who are told too; each has a verified e-mail address."""
    frequency: Frequency | None = None
    """With ``start_timestamp``, or each is useless."""
    start_timestamp: str | None = None
    """``YYYY-MM-DD HH:MM``, from when the frequency counts."""
