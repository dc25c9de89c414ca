"""The roles that every account has, and what they hold from the beginning.

What Snowflake itself owns or grants in secret is absent.
https://docs.snowflake.com/en/user-guide/security-access-control-overview#system-defined-roles
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ops.access.facts import Facts
from ops.access.graph import PUBLIC
from ops.access.names import THE_ACCOUNT, Principal, Securable, role
from ops.access.privileges import ACCOUNT_PRIVILEGES, MANAGE_GRANTS, OWNERSHIP

ACCOUNTADMIN: Final = role("ACCOUNTADMIN")
SECURITYADMIN: Final = role("SECURITYADMIN")
USERADMIN: Final = role("USERADMIN")
SYSADMIN: Final = role("SYSADMIN")
ADMINISTRATORS: Final = (ACCOUNTADMIN, SECURITYADMIN, USERADMIN, SYSADMIN, role("ORGADMIN"))

_ABOVE: Final = (
    (SECURITYADMIN, ACCOUNTADMIN),
    (SYSADMIN, ACCOUNTADMIN),
    (USERADMIN, SECURITYADMIN),
)
_LENT: Final[Mapping[Principal, tuple[str, ...]]] = {
    USERADMIN: ("CREATE ROLE", "CREATE USER"),
    SECURITYADMIN: (MANAGE_GRANTS,),
    SYSADMIN: ("CREATE DATABASE", "CREATE WAREHOUSE"),
}


def add_system_roles(facts: Facts) -> None:
    """The hierarchy and the account privileges of the system's roles."""
    facts.principal(PUBLIC)
    for below, above in _ABOVE:
        facts.grant_role(below, above)
    lent = {privilege for privileges in _LENT.values() for privilege in privileges}
    for holder, privileges in _LENT.items():
        facts.grant(holder, privileges, THE_ACCOUNT)
    facts.grant(ACCOUNTADMIN, (p for p in ACCOUNT_PRIVILEGES if p not in lent), THE_ACCOUNT)


def own(facts: Facts, owner: Principal, securable: Securable) -> None:
    """An object and its owner."""
    facts.grant(owner, (OWNERSHIP,), securable)
