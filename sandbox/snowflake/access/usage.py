"""GRANTS_TO_ROLES and GRANTS_TO_USERS of SNOWFLAKE.ACCOUNT_USAGE, without Snowflake's delay.

What was revoked is not told; Snowflake keeps it for a year, with DELETED_ON.
https://docs.snowflake.com/en/sql-reference/account-usage/grants_to_roles
https://docs.snowflake.com/en/sql-reference/account-usage/grants_to_users
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from sandbox.snowflake.access.grant import OWNERSHIP
from sandbox.snowflake.access.privileges import grant_types
from sandbox.snowflake.catalog.record import Record
from sandbox.snowflake.data.model import VirtualTable

if TYPE_CHECKING:
    from sandbox.snowflake.account import Account

_TO_ROLES: Final = (
    *(("CREATED_ON", "TIMESTAMP_LTZ"), ("MODIFIED_ON", "TIMESTAMP_LTZ"), ("PRIVILEGE", "TEXT")),
    *(("GRANTED_ON", "TEXT"), ("NAME", "TEXT"), ("TABLE_CATALOG", "TEXT")),
    *(("TABLE_SCHEMA", "TEXT"), ("GRANTED_TO", "TEXT"), ("GRANTEE_NAME", "TEXT")),
    *(("GRANT_OPTION", "BOOLEAN"), ("GRANTED_BY", "TEXT"), ("DELETED_ON", "TIMESTAMP_LTZ")),
)
_TO_USERS: Final = (
    *(("CREATED_ON", "TIMESTAMP_LTZ"), ("DELETED_ON", "TIMESTAMP_LTZ"), ("ROLE", "TEXT")),
    *(("GRANTED_TO", "TEXT"), ("GRANTEE_NAME", "TEXT"), ("GRANTED_BY", "TEXT")),
)


def to_roles(account: Account) -> VirtualTable:
    """Privileges, ownership and roles that roles hold."""
    rows: list[list[Any]] = []
    for kind in ("ROLE", "DATABASE ROLE"):
        for role in account.store.each(kind):
            rows += _held(account, role)
    return VirtualTable(_TO_ROLES, rows)


def to_users(account: Account) -> VirtualTable:
    """The roles of users."""
    rows: list[list[Any]] = []
    for user in account.store.each("USER"):
        for member in account.access.hierarchy.to(user.id):
            role = account.store.get(member.role)
            if role is not None:
                giver = _name(account, member.grantor)
                rows.append([member.created_on, None, role.name, "USER", user.name, giver])
    return VirtualTable(_TO_USERS, rows)


def _held(account: Account, role: Record) -> list[list[Any]]:
    """What one role holds."""
    rows = []
    for grant in account.access.privileges.to(role.id):
        on = account.store.get(grant.object)
        giver = _name(account, grant.grantor)
        rows.append(_row(account, grant.created_on, grant.privilege, on, role, grant.option, giver))
    for owned in account.store.owned_by(role.id):
        rows.append(_row(account, owned.created_on, OWNERSHIP, owned, role, True, role.name))
    for member in account.access.hierarchy.to(role.id):
        child, giver = account.store.get(member.role), _name(account, member.grantor)
        rows.append(_row(account, member.created_on, "USAGE", child, role, False, giver))
    return rows


def _row(
    account: Account,
    since: Any,
    privilege: str,
    on: Record | None,
    role: Record,
    option: bool,
    giver: str,
) -> list[Any]:
    kind = grant_types(account.store.registry).of(on).shown if on is not None else "ACCOUNT"
    path = on.path if on is not None else (account.identity.name,)
    catalog = path[0] if len(path) > 1 else None
    schema = path[1] if len(path) > 2 else None
    to = role.kind.replace(" ", "_")
    place = [path[-1], catalog, schema]
    return [since, since, privilege, kind, *place, to, role.name, option, giver, None]


def _name(account: Account, record_id: int | None) -> str:
    record = account.store.get(record_id)
    return record.name if record is not None else ""


VIEWS: Final[dict[str, Callable[[Account], VirtualTable]]] = {
    "GRANTS_TO_ROLES": to_roles,
    "GRANTS_TO_USERS": to_users,
}
