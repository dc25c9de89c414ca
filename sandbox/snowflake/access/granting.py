"""Who may grant what, and take roles and privileges on: a tuple of rules, any of which suffices.

https://docs.snowflake.com/en/sql-reference/sql/grant-privilege#access-control-requirements
https://docs.snowflake.com/en/sql-reference/sql/grant-ownership#access-control-requirements
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sandbox.snowflake.access import rules
from sandbox.snowflake.access.authority import Authority, Roles
from sandbox.snowflake.access.grant import OWNERSHIP
from sandbox.snowflake.catalog.record import Record

if TYPE_CHECKING:
    from sandbox.snowflake.session import Session

ADMINS_ONLY: Final = frozenset(
    (
        *("CREATE ACCOUNT", "CREATE API INTEGRATION", "CREATE APPLICATION", "CREATE COMPUTE POOL"),
        *("CREATE DATABASE", "CREATE FAILOVER GROUP", "CREATE INTEGRATION", "CREATE LISTING"),
        *("CREATE NOTIFICATION INTEGRATION", "CREATE REPLICATION GROUP", "CREATE SHARE"),
        *("CREATE STORAGE INTEGRATION", "CREATE WAREHOUSE", "EXECUTE ALERT"),
        *("EXECUTE MANAGED TASK", "EXECUTE TASK", "IMPORT SHARE", "MANAGE WAREHOUSES"),
        *("MONITOR EXECUTION", "MONITOR USAGE", "READ SESSION"),
    )
)
"""Privileges on the account that ACCOUNTADMIN grants, and whoever has them with grant option."""

May = Callable[[Authority, Roles, str, Record | None], bool]


@dataclass(frozen=True, slots=True)
class GrantRule:
    """One way to be allowed to grant."""

    what: str
    page: str
    may: May


def _manages(authority: Authority, roles: Roles, privilege: str, record: Record | None) -> bool:
    beyond = record is None and privilege in ADMINS_ONLY
    return not beyond and authority.on_account(roles, rules.MANAGE_GRANTS)


def _owns(authority: Authority, roles: Roles, privilege: str, record: Record | None) -> bool:
    if record is None or privilege == rules.MANAGE_GRANTS or authority.managed(record) is not None:
        return False
    return record.owner in roles and authority.reaches(roles, record)


def _owns_managed_schema(
    authority: Authority, roles: Roles, privilege: str, record: Record | None
) -> bool:
    """The schema's owner grants on what is in it, and future grants in it."""
    if record is None:
        return False
    is_managed = record.kind == "SCHEMA" and bool(record.properties.get("MANAGED ACCESS"))
    future = privilege == rules.MANAGE_GRANTS and is_managed
    schema = record if future else authority.managed(record)
    return schema is not None and schema.owner in roles and authority.reaches(roles, schema)


def _has_option(authority: Authority, roles: Roles, privilege: str, record: Record | None) -> bool:
    if privilege in (OWNERSHIP, rules.MANAGE_GRANTS) and record is not None:
        return False
    if record is not None and (
        authority.managed(record) is not None or not authority.reaches(roles, record)
    ):
        return False
    return authority.has_option(roles, privilege, record)


GRANT_RULES: Final = (
    GrantRule("MANAGE GRANTS on the account", rules.OVERVIEW, _manages),
    GrantRule("the owner of the object", rules.GRANT_PRIVILEGE, _owns),
    GrantRule("the owner of a managed schema", rules.CONFIGURE, _owns_managed_schema),
    GrantRule("the privilege, with grant option", rules.GRANT_PRIVILEGE, _has_option),
)


def may_grant(
    authority: Authority, session: Session, privilege: str, record: Record | None
) -> bool:
    """Whether the session may grant a privilege on an object, or on the account (None).

    OWNERSHIP stands for transferring it, and on a role for granting the role; MANAGE GRANTS on a
    database or schema for granting on its future objects.
    """
    roles = authority.active(session)
    return any(rule.may(authority, roles, privilege, record) for rule in GRANT_RULES)
