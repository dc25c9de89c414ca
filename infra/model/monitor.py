"""Resource monitors: the ceiling on what a warehouse may spend.

Vendor: https://docs.snowflake.com/en/user-guide/resource-monitors
"""

from typing import Annotated

from pydantic import Field

from infra.model.base import Fact

Percent = Annotated[int, Field(ge=1, le=999)]


class Monitor(Fact):
    """A monthly quota of credits and what happens on the way to it."""

    credit_quota: Annotated[int, Field(ge=1)]
    """Credits in a calendar month."""
    suspend_trigger: Percent
    """Per cent of the quota at which its warehouses suspend, once running statements end."""
    suspend_immediate_trigger: Percent | None = None
    """Per cent of the quota at which running statements are cancelled."""
    notify_triggers: tuple[Percent, ...] = ()
    """Per cents of the quota at which the account's administrators are told."""
