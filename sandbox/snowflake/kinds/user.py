"""Users: people, services and legacy services.

A password is kept as a hash only, and never shown. What counts down (days to expiry, minutes to
unlock) is kept as the moment at which it ends.
https://docs.snowflake.com/en/sql-reference/sql/create-user
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from sandbox.snowflake.catalog import values as value
from sandbox.snowflake.catalog.kind import Kind, Property, Scope
from sandbox.snowflake.catalog.record import Record
from sandbox.snowflake.context import Context
from sandbox.snowflake.errors import CompilationError, SnowflakeError, UnsupportedError
from sandbox.snowflake.kinds import account_policy, network_policy
from sandbox.snowflake.kinds.user_shown import SHOW, describe
from sandbox.snowflake.login import find_user, fingerprint, hashed, is_public_key
from sandbox.snowflake.login_rules import check_password
from sandbox.snowflake.parameters import at_level
from sandbox.snowflake.sql.names import Path
from sandbox.snowflake.sql.reader import Reader

_FORBIDDEN: Final = {
    "SERVICE": (
        "PASSWORD",
        "FIRST_NAME",
        "MIDDLE_NAME",
        "LAST_NAME",
        "MUST_CHANGE_PASSWORD",
        "MINS_TO_BYPASS_MFA",
        "DISABLE_MFA",
    ),
    "LEGACY_SERVICE": (
        "FIRST_NAME",
        "MIDDLE_NAME",
        "LAST_NAME",
        "MINS_TO_BYPASS_MFA",
        "DISABLE_MFA",
    ),
}
"""What a user of that type cannot have.

https://docs.snowflake.com/en/user-guide/admin-user-management#types-of-users
"""
_COUNTDOWNS: Final = {
    "DAYS_TO_EXPIRY": ("EXPIRES_AT", timedelta(days=1)),
    "MINS_TO_UNLOCK": ("LOCKED_UNTIL", timedelta(minutes=1)),
    "MINS_TO_BYPASS_MFA": ("MFA_BYPASS_UNTIL", timedelta(minutes=1)),
}


class PublicKeyError(SnowflakeError):
    """A public key that cannot be read."""

    code = "394300"
    sqlstate = "22023"

    def __init__(self) -> None:
        super().__init__("New public key rejected by current policy. Reason: 'Invalid public key'")


def _password(reader: Reader, item: Property) -> str | None:
    """The password itself, until `_keep_password` has judged and hashed it."""
    return value.read_text(reader, item) or None


def _roles(reader: Reader, item: Property) -> list[str] | None:
    """`('ALL')` or `()`; `('NONE')` is the same as the latter."""
    if reader.accept("NULL"):
        return None
    names = [name.upper() for name in value.read_texts(reader, item)]
    if any(name not in ("ALL", "NONE") for name in names):
        raise UnsupportedError("DEFAULT_SECONDARY_ROLES other than ('ALL') and ()")
    return ["ALL"] if "ALL" in names else []


def _validate(context: Context, record: Record) -> None:
    properties = record.properties
    for name in _FORBIDDEN.get(properties.get("TYPE") or "", ()):
        if properties.get(name):
            raise CompilationError(f"Cannot set {name} on users with TYPE={properties['TYPE']}.")
    _keep_password(context, record)
    for name, (kept, unit) in _COUNTDOWNS.items():
        if name in properties:
            number = properties.pop(name)
            ends = context.now + number * unit if number is not None else None
            properties[kept] = ends.isoformat() if ends is not None else None
    properties.pop("DISABLE_MFA", None)
    properties["LOGIN_NAME"] = str(properties.get("LOGIN_NAME") or record.name).upper()
    other = find_user(context.store, properties["LOGIN_NAME"], other_than=record)
    if other is not None:
        raise CompilationError(
            f"Login name '{properties['LOGIN_NAME']}' is taken by user '{other.name}'."
        )
    for name in ("RSA_PUBLIC_KEY", "RSA_PUBLIC_KEY_2"):
        _keep_key(context, properties, name)


def _keep_password(context: Context, record: Record) -> None:
    """PASSWORD is there only when the statement names it; what stays is a hash."""
    properties = record.properties
    if "PASSWORD" not in properties:
        return
    password = properties.pop("PASSWORD")
    if password:
        standing = context.store.find("USER", record.path)
        check_password(context.account, standing or record, password)
    properties["PASSWORD_HASH"] = hashed(password) if password else None
    properties["LOCKED_UNTIL"] = None
    known = password is not None
    properties["PASSWORD_LAST_SET_TIME"] = context.now.isoformat() if known else None


def _keep_key(context: Context, properties: dict[str, Any], name: str) -> None:
    key = properties.get(name)
    if key and not is_public_key(key):
        raise PublicKeyError
    print_ = fingerprint(key) if key else None
    if properties.get(f"{name}_FP") != print_:
        properties[f"{name}_FP"] = print_
        properties[f"{name}_LAST_SET_TIME"] = context.now.isoformat() if key else None


def _altered(context: Context, record: Record) -> None:
    """A network policy must stand, and let in who sets it on himself."""
    name = record.parameters.get(network_policy.PARAMETER)
    if name:
        own = network_policy.is_own(context, record)
        record.parameters[network_policy.PARAMETER] = network_policy.checked(context, name, own=own)


def _created(context: Context, record: Record) -> None:
    _altered(context, record)
    if record.properties.get("DISPLAY_NAME") is None:
        record.properties["DISPLAY_NAME"] = record.name


def _dropped(context: Context, record: Record) -> None:
    for session in context.account.sessions.all():
        if session.user_id == record.id:
            context.account.log_out(session.token)


def _renamed(context: Context, record: Record, path: Path) -> None:
    """The login name and the display name stay as they are."""


def _abort(context: Context, record: Record, reader: Reader) -> None:
    """ABORT ALL QUERIES: statements run one at a time, so none is left to abort."""
    reader.expect("ALL", "QUERIES")


def _unsupported(context: Context, record: Record, reader: Reader) -> None:
    raise UnsupportedError(" ".join(context.statement.text.split()[:5]))


KIND = Kind(
    name="USER",
    plural="USERS",
    scope=Scope.ACCOUNT,
    properties=(
        value.of("PASSWORD", _password),
        value.text("LOGIN_NAME"),
        value.text("DISPLAY_NAME"),
        value.text("FIRST_NAME"),
        value.text("MIDDLE_NAME"),
        value.text("LAST_NAME"),
        value.text("EMAIL"),
        value.boolean("MUST_CHANGE_PASSWORD", False),
        value.boolean("DISABLED", False),
        value.integer("DAYS_TO_EXPIRY"),
        value.integer("MINS_TO_UNLOCK"),
        value.reference("DEFAULT_WAREHOUSE"),
        value.reference("DEFAULT_NAMESPACE"),
        value.reference("DEFAULT_ROLE"),
        value.of("DEFAULT_SECONDARY_ROLES", _roles),
        value.integer("MINS_TO_BYPASS_MFA"),
        value.boolean("DISABLE_MFA"),
        value.text("RSA_PUBLIC_KEY"),
        value.text("RSA_PUBLIC_KEY_2"),
        value.word("TYPE", "PERSON", "SERVICE", "LEGACY_SERVICE"),
        value.COMMENT,
    ),
    parameters=at_level("USER"),
    privileges=("IMPERSONATE", "MODIFY PROGRAMMATIC AUTHENTICATION METHODS", "MONITOR"),
    show=SHOW,
    describe=describe,
    alter_first=account_policy.alter_user,
    actions={"ABORT": _abort, "RESET": _unsupported, "ADD": _unsupported, "REMOVE": _unsupported},
    validate=_validate,
    created=_created,
    altered=_altered,
    dropped=_dropped,
    renamed=_renamed,
)
