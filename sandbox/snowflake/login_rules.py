"""What a proven user must still meet to get in: network, authentication and password policies.

A policy of the user goes before the account's. The first administrator is exempt from the
account's authentication and password policies, as the emergency user that Snowflake advises to
have, so that nothing set in the sandbox locks its owner out.
https://docs.snowflake.com/en/user-guide/network-policies
https://docs.snowflake.com/en/user-guide/authentication-policies
https://docs.snowflake.com/en/user-guide/password-authentication#label-using-password-policies
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from sandbox.snowflake.catalog.record import Record
from sandbox.snowflake.catalog.store import Store
from sandbox.snowflake.errors import LoginError, SnowflakeError
from sandbox.snowflake.governance import policies
from sandbox.snowflake.login import authenticate, find_user
from sandbox.snowflake.sql.reader import Reader

if TYPE_CHECKING:
    from sandbox.snowflake.account import Account


def _count(test: Callable[[str], bool]) -> Callable[[str], int]:
    return lambda password: sum(test(letter) for letter in password)


def _is_special(letter: str) -> bool:
    return not letter.isalnum()


_CLIENT_RULE: Final = ("IPV4", "INGRESS")
PASSCODE: Final = "000000"
"""The second factor of everybody in the sandbox."""
_COUNTS: Final = (
    ("PASSWORD_MIN_LENGTH", "Password is shorter than {}", len),
    ("PASSWORD_MIN_UPPER_CASE_CHARS", "Needs {} upper case characters", _count(str.isupper)),
    ("PASSWORD_MIN_LOWER_CASE_CHARS", "Needs {} lower case characters", _count(str.islower)),
    ("PASSWORD_MIN_NUMERIC_CHARS", "Needs {} numeric characters", _count(str.isdigit)),
    ("PASSWORD_MIN_SPECIAL_CHARS", "Needs {} special characters", _count(_is_special)),
)
_METHODS: Final = {
    "SNOWFLAKE_JWT": "KEYPAIR",
    "SNOWFLAKE": "PASSWORD",
    "USERNAME_PASSWORD_MFA": "PASSWORD",
    "": "PASSWORD",
}
_CLIENTS: Final = {
    "SNOWSQL": "SNOWSQL",
    "SNOWFLAKECLI": "SNOWFLAKE_CLI",
    "SNOWCLI": "SNOWFLAKE_CLI",
}


class AddressRefusedError(LoginError):
    """The client's address is not allowed by the network policy in force."""

    code = "390422"

    def __init__(self, address: str) -> None:
        super().__init__(
            f"Incoming request with IP/Token {address} is not allowed to access Snowflake. "
            "Contact your account administrator."
        )


class MethodRefusedError(LoginError):
    """The way to log in, or the client, is not among those of the authentication policy."""

    code = "390202"

    def __init__(self, what: str) -> None:
        super().__init__(
            f"Authentication attempt rejected by the current authentication policy: {what}."
        )


class SecondFactorError(LoginError):
    """A password alone, where the authentication policy wants a second factor."""

    code = "390197"

    def __init__(self) -> None:
        super().__init__(
            "Multi-factor authentication is required for this account. "
            "Log in to Snowsight to enroll."
        )


class PasswordExpiredError(LoginError):
    """A password older than the password policy's PASSWORD_MAX_AGE_DAYS."""

    code = "390111"

    def __init__(self) -> None:
        super().__init__(
            "Specified password has expired. Password must be changed using the Snowflake web "
            "console."
        )


class PasswordRefusedError(SnowflakeError):
    """CREATE or ALTER USER with a password that the policy does not take."""

    code = "003002"
    sqlstate = "28000"

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"SQL execution error:\nNew password rejected by current password policy. "
            f"Reason: '{reason}'."
        )


class LockedError(LoginError):
    """Too many wrong passwords."""

    code = "390106"

    def __init__(self) -> None:
        super().__init__(
            "Your user account has been temporarily locked due to too many failed attempts. "
            "Try again later or contact your account administrator."
        )


def prove(account: Account, data: dict[str, Any], address: str) -> Record:
    """The user that a login request proves to be, if the policies let him in."""
    user = find_user(account.store, str(data.get("LOGIN_NAME", "")))
    if user is not None:
        refuse_locked(account, user)
    try:
        proven = authenticate(account.store, data, account.now())
    except LoginError:
        if user is not None:
            count_failure(account, user)
        raise
    admit(account, proven, data, address)
    return proven


def admit(account: Account, user: Record, data: Mapping[str, Any], address: str) -> None:
    """LoginError for a user who proved to be himself and may still not come in."""
    if not allowed(account, user, address):
        raise AddressRefusedError(address)
    method = _METHODS.get(str(data.get("AUTHENTICATOR", "")).upper(), "PASSWORD")
    _check_method(account, user, data, method)
    policy = password_policy(account, user) if method == "PASSWORD" else None
    since = user.properties.get("PASSWORD_LAST_SET_TIME")
    if policy is not None and since:
        days = policy.properties["PASSWORD_MAX_AGE_DAYS"]
        age = account.now() - datetime.fromisoformat(since)
        if days and age > timedelta(days=days):
            raise PasswordExpiredError


def refuse_locked(account: Account, user: Record) -> None:
    """LockedError while a lock-out lasts."""
    until = user.properties.get("LOCKED_UNTIL")
    if until and account.now() < datetime.fromisoformat(until):
        raise LockedError


def count_failure(account: Account, user: Record) -> None:
    """Note a wrong password; as many as the password policy says lock the user out for a time."""
    policy = password_policy(account, user)
    if policy is None:
        return
    failures = int(user.properties.get("FAILED_LOGINS") or 0) + 1
    if failures >= policy.properties["PASSWORD_MAX_RETRIES"]:
        minutes = policy.properties["PASSWORD_LOCKOUT_TIME_MINS"]
        user.properties["LOCKED_UNTIL"] = (account.now() + timedelta(minutes=minutes)).isoformat()
        failures = 0
    user.properties["FAILED_LOGINS"] = failures
    with account.store.transaction():
        account.store.save(user)


def _check_method(account: Account, user: Record, data: Mapping[str, Any], method: str) -> None:
    policy = in_force(account, user, "AUTHENTICATION POLICY")
    if policy is None:
        return
    methods = policy.properties["AUTHENTICATION_METHODS"]
    if "ALL" not in methods and method not in methods:
        raise MethodRefusedError(f"{method} is not an allowed authentication method")
    client = _CLIENTS.get(str(data.get("CLIENT_APP_ID", "")).upper(), "DRIVERS")
    clients = policy.properties["CLIENT_TYPES"]
    if "ALL" not in clients and client not in clients:
        raise MethodRefusedError(f"{client} is not an allowed client type")
    required = str(policy.properties["MFA_ENROLLMENT"]).startswith("REQUIRED")
    if required and method == "PASSWORD" and data.get("PASSCODE") != PASSCODE:
        raise SecondFactorError


def password_policy(account: Account, user: Record | None) -> Record | None:
    """The password policy that a user's password is held to."""
    return in_force(account, user, "PASSWORD POLICY")


def in_force(account: Account, user: Record | None, kind: str) -> Record | None:
    """The user's policy of a kind, else the account's."""
    own = (user.properties.get(policies.OF_USER) or {}).get(kind) if user is not None else None
    if own is not None:
        return account.store.get(own)
    if user is not None and user.name == account.identity.admin_user:
        return None
    return account.store.get(policies.of_account(account.store).get(kind))


def idle_minutes(account: Account, user: Record | None) -> int | None:
    """After how many minutes without a request a session ends; None: no policy says so."""
    policy = in_force(account, user, "SESSION POLICY")
    return policy.properties["SESSION_IDLE_TIMEOUT_MINS"] if policy is not None else None


def check_password(account: Account, user: Record | None, password: str) -> None:
    """PasswordRefusedError for one that the password policy in force does not take."""
    policy = password_policy(account, user)
    facts: Mapping[str, Any] = policy.properties if policy is not None else {}
    for name, too_few, count in _COUNTS:
        if name in facts and count(password) < facts[name]:
            raise PasswordRefusedError(too_few.format(facts[name]))
    if facts and len(password) > facts["PASSWORD_MAX_LENGTH"]:
        raise PasswordRefusedError(f"Password is longer than {facts['PASSWORD_MAX_LENGTH']}")


def allowed(account: Account, user: Record, address: str) -> bool:
    """Whether the network policy in force lets a user in from an address."""
    name = user.parameters.get("NETWORK_POLICY") or account.parameters.on_account("NETWORK_POLICY")
    policy = account.store.find("NETWORK POLICY", (name,)) if name else None
    return policy is None or lets_in(account.store, policy, address)


def lets_in(store: Store, policy: Record, address: str) -> bool:
    """Blocked lists go first; without an allowed list, what is not blocked is allowed."""
    if _matches(_ranges(store, policy, "BLOCKED"), address):
        return False
    permitted = list(_ranges(store, policy, "ALLOWED"))
    return not permitted or _matches(iter(permitted), address)


def _matches(ranges: Iterator[str], address: str) -> bool:
    given = ipaddress.ip_address(address)
    return any(given in ipaddress.ip_network(item, strict=False) for item in ranges)


def _ranges(store: Store, policy: Record, verdict: str) -> Iterator[str]:
    """The ranges of a policy's own list, and of its rules for clients' IPv4 addresses."""
    yield from policy.properties.get(f"{verdict}_IP_LIST") or []
    for name in policy.properties.get(f"{verdict}_NETWORK_RULE_LIST") or []:
        rule = store.find("NETWORK RULE", Reader(name).path())
        if rule is not None and (rule.properties["TYPE"], rule.properties["MODE"]) == _CLIENT_RULE:
            yield from rule.properties["VALUE_LIST"]


def secondary_roles(properties: Mapping[str, Any]) -> str:
    """ALL unless the user has an empty list of default secondary roles.

    https://docs.snowflake.com/en/sql-reference/sql/create-user#optional-object-properties-objectproperties
    """
    return "NONE" if properties.get("DEFAULT_SECONDARY_ROLES") == [] else "ALL"
