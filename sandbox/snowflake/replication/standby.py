"""The organization's account in the second region: `LEAP.SANDBOX_DR`.

It begins as a fresh account with the home account's administrator, and has a state, a locator and,
where the home account has them, pipes and queues of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sandbox.snowflake.sharing.organization import Standby

if TYPE_CHECKING:
    from sandbox.snowflake.account import Account, Identity
    from sandbox.snowflake.catalog.store import Store
    from sandbox.snowflake.kinds.stage import StageStore

NAME: Final = "SANDBOX_DR"
LOCATOR: Final = "SANDBOX2"
REGION: Final = "AWS_US_WEST_2"
AWS_REGION: Final = "us-west-2"
"""Where the queues of its pipes are: S3 sends events to a queue of the bucket's own region only."""


def standby(
    folder: Path,
    home: Identity,
    now: Callable[[], datetime],
    files: Callable[[Store], StageStore],
    *,
    channel_for: Callable[[str], str] = lambda url: "",
    equip: Callable[[Account, Path], None] = lambda account, folder: None,
) -> Standby:
    """The account before it is opened; `equip` gives it what runs its pipes."""
    identity = replace(home, name=NAME, locator=LOCATOR, region=REGION)
    own = folder / NAME.lower()

    def opened() -> Account:
        from sandbox.snowflake.account import Account

        account = Account(own, identity, now, files, channel_for)
        equip(account, own)
        return account

    return Standby(identity, own, opened)
