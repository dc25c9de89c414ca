"""What the sandbox serves beside Snowflake's protocol: its clock, to its administrator.

Answers come as lines of JSON, each when it stands: a long advance tells its runs as they end.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sandbox.snowflake.errors import InsufficientPrivilegesError, InvalidValueError
from sandbox.snowflake.scheduler import Ran
from sandbox.snowflake.session import Session

if TYPE_CHECKING:
    from sandbox.snowflake.account import Account


def clock_lines(account: Account, session: Session, wanted: Mapping[str, Any]) -> Iterator[str]:
    """Move the clock as wanted (`advance_seconds`, or `reset`); runs, and at last the time.

    Raises:
        InsufficientPrivilegesError: the session's role is not ACCOUNTADMIN.
        InvalidValueError: the time to advance is no number of seconds, or negative.
    """
    _require_admin(account, session)
    runs: Iterator[Ran] = iter(())
    if wanted.get("reset"):
        runs = account.scheduler.reset()
    elif "advance_seconds" in wanted:
        runs = account.scheduler.advance(_span(wanted["advance_seconds"]))
    return _lines(account, runs)


def _lines(account: Account, runs: Iterator[Ran]) -> Iterator[str]:
    for ran in runs:
        told = {
            "at": ran.due.at.isoformat(),
            "kind": ran.due.kind,
            "name": ran.due.name,
            "state": ran.state,
            "message": ran.message,
        }
        yield json.dumps({"ran": told}) + "\n"
    yield json.dumps({"now": account.now().isoformat()}) + "\n"


def _span(seconds: Any) -> timedelta:
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or seconds < 0:
        raise InvalidValueError(str(seconds), "advance_seconds")
    return timedelta(seconds=seconds)


def _require_admin(account: Account, session: Session) -> None:
    admin = account.access.role_id("ACCOUNTADMIN")
    role = session.role_id
    if role is None or admin not in account.access.hierarchy.closure(role):
        raise InsufficientPrivilegesError("account", account.identity.name)
