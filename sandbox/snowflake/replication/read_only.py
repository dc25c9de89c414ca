"""What nobody may change: replicas, as long as their group or database is secondary.

Warehouses may be resumed and used, roles used, and everything read. Where a group replicates no
roles, grants on its objects are this account's own.
https://docs.snowflake.com/en/user-guide/account-replication-considerations
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sandbox.snowflake.access.rules import DESCRIBE, SEE
from sandbox.snowflake.catalog.record import Record
from sandbox.snowflake.replication import facts, links
from sandbox.snowflake.replication.errors import SecondaryReadOnlyError

if TYPE_CHECKING:
    from sandbox.snowflake.account import Account

_READING: Final = frozenset(
    ("SELECT", "USAGE", "REFERENCES", "MONITOR", "READ", "APPLY", "REFERENCE_USAGE", DESCRIBE, SEE)
)
_RUNNING: Final = frozenset(("OPERATE",))


def check(account: Account, privilege: str, record: Record | None, *, grantable: bool) -> None:
    """SecondaryReadOnlyError for a demand that would change a replica."""
    if record is None or (privilege in _READING and not grantable):
        return
    link = account.replicas.secondary(record)
    if link is None or _free(link, privilege, record, grantable=grantable):
        return
    raise SecondaryReadOnlyError(record, links.primary_name(account, link))


def _free(link: Record, privilege: str, record: Record, *, grantable: bool) -> bool:
    if grantable:
        return "ROLES" not in (link.properties.get(facts.TYPES) or [])
    if record is link:
        # a secondary database by itself: renamed, commented on, dropped
        return privilege in ("OWNERSHIP", "MODIFY")
    return record.kind == "WAREHOUSE" and privilege in _RUNNING


def runs(account: Account, record: Record) -> bool:
    """Whether a task, alert or pipe does its work in this account: not in a secondary database."""
    return account.replicas.secondary(record) is None
