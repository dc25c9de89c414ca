"""The provider's account that stands for the Marketplace: `LEAP.MARKETPLACE`.

Its share US_OPEN_CENSUS_DATA is shaped like an open census product and filled with made-up numbers,
as its comments say; `marketplace.sql` beside this file makes it. It is an account like any other:
whoever logs in to it as `LEAP-MARKETPLACE` (the sandbox's administrator, with the same password)
may change what it publishes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from sandbox.snowflake.account import Account, Identity
    from sandbox.snowflake.catalog.store import Store
    from sandbox.snowflake.kinds.stage import StageStore

NAME: Final = "MARKETPLACE"
SHARE: Final = "US_OPEN_CENSUS_DATA"
_STATEMENTS: Final = Path(__file__).with_suffix(".sql")


def open_account(
    folder: Path,
    home: Identity,
    now: Callable[[], datetime],
    files: Callable[[Store], StageStore],
) -> Account:
    """The provider's account, with its share published to the home account."""
    from sandbox.snowflake.account import Account

    identity = replace(home, name=NAME, locator="MARKET1")
    account = Account(folder / NAME.lower(), identity, now, files, lambda url: "")
    if account.store.find("SHARE", (SHARE,)) is None:
        _publish(account, home)
    return account


def _publish(account: Account, home: Identity) -> None:
    session = account.system_session()
    try:
        for text in _STATEMENTS.read_text(encoding="utf-8").split(";\n"):
            if text.strip():
                account.execute(session, text)
        share = account.store.find("SHARE", (SHARE,))
        assert share is not None
        share.properties["ACCOUNTS"] = [f"{home.organization}.{home.name}"]
        with account.store.transaction():
            account.store.save(share)
    finally:
        session.data.close()
