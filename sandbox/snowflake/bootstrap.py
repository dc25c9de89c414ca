"""What stands in a new account: the system roles, their tree, and the first administrator.

The account's time zone is set to UTC, as the sandbox runs on it; Snowflake's own default is not.
https://docs.snowflake.com/en/user-guide/security-access-control-overview#system-defined-roles
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from sandbox.snowflake.access.privileges import ACCOUNT_PRIVILEGES
from sandbox.snowflake.login import hashed

if TYPE_CHECKING:
    from sandbox.snowflake.account import Account

_ROLES = {
    "ACCOUNTADMIN": "Account administrator can manage all aspects of the account.",
    "ORGADMIN": "Organization administrator can manage account(s) in the organization.",
    "PUBLIC": "Public role is automatically available to every user in the account.",
    "SECURITYADMIN": "Security administrator can manage security aspects of the account.",
    "SYSADMIN": "System administrator can create and manage databases and warehouses.",
    "USERADMIN": "User administrator can create and manage users and roles",
}
_TREE = (
    ("SECURITYADMIN", "ACCOUNTADMIN"),
    ("SYSADMIN", "ACCOUNTADMIN"),
    ("USERADMIN", "SECURITYADMIN"),
)
_PRIVILEGES = {
    "SYSADMIN": ("CREATE COMPUTE POOL", "CREATE DATABASE", "CREATE WAREHOUSE"),
    "SECURITYADMIN": (
        "APPLY AUTHENTICATION POLICY",
        "APPLY PACKAGES POLICY",
        "APPLY PASSWORD POLICY",
        "APPLY SESSION POLICY",
        "ATTACH POLICY",
        "BIND SERVICE ENDPOINT",
        "CREATE NETWORK POLICY",
        "MANAGE GRANTS",
        "MANAGE VISIBILITY",
    ),
    "USERADMIN": ("CREATE ROLE", "CREATE USER"),
}
_DELEGATED = frozenset(name for names in _PRIVILEGES.values() for name in names)


def bootstrap(account: Account) -> None:
    """Make what every account has; do nothing where it stands."""
    store = account.store
    if store.find("ROLE", ("ACCOUNTADMIN",)) is not None:
        _keep_admin_password(account)
        _keep_snowflake(account)
        return
    with store.transaction():
        account.parameters.set_on_account("TIMEZONE", "UTC")
        now = account.now()
        ids = {
            name: store.add("ROLE", (name,), None, now, {"COMMENT": comment}).id
            for name, comment in _ROLES.items()
        }
        for child, parent in _TREE:
            account.access.grant_role(ids[child], ids[parent], granted_by=None)
        for role, privileges in _PRIVILEGES.items():
            for privilege in privileges:
                account.access.grant_on_account(privilege, ids[role])
        for privilege in ACCOUNT_PRIVILEGES:
            if privilege not in _DELEGATED:
                account.access.grant_on_account(privilege, ids["ACCOUNTADMIN"])
        admin = store.add(
            "USER",
            (account.identity.admin_user,),
            ids["ACCOUNTADMIN"],
            now,
            {
                "LOGIN_NAME": account.identity.admin_user,
                "DEFAULT_ROLE": "ACCOUNTADMIN",
                "TYPE": "PERSON",
                "COMMENT": "First administrator of the sandbox",
            },
        )
        for role in ("ACCOUNTADMIN", "SECURITYADMIN", "SYSADMIN", "USERADMIN"):
            account.access.grant_role(ids[role], admin.id, granted_by=ids["ACCOUNTADMIN"])
    _keep_admin_password(account)
    _keep_snowflake(account)


def made_on(account: Account) -> datetime:
    """When the account was made: with it, its first role."""
    first = account.store.find("ROLE", ("ACCOUNTADMIN",))
    assert first is not None
    return first.created_on


def _keep_snowflake(account: Account) -> None:
    """The database that Snowflake shares with everybody; its views are `system_views`.

    https://docs.snowflake.com/en/sql-reference/snowflake-db
    """
    if account.store.find("DATABASE", ("SNOWFLAKE",)) is not None:
        return
    with account.store.transaction():
        for path in (("SNOWFLAKE",), ("SNOWFLAKE", "ACCOUNT_USAGE")):
            kind = "DATABASE" if len(path) == 1 else "SCHEMA"
            account.store.add(kind, path, None, account.now(), {"COMMENT": ""})


def _keep_admin_password(account: Account) -> None:
    """The connection file is the truth about the administrator's password."""
    admin = account.store.find("USER", (account.identity.admin_user,))
    if admin is None or not account.identity.admin_password:
        return
    with account.store.transaction():
        admin.properties["PASSWORD_HASH"] = hashed(account.identity.admin_password)
        account.store.save(admin)
