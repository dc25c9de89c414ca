"""What SHOW USERS and DESCRIBE USER tell of a user.

https://docs.snowflake.com/en/sql-reference/sql/show-users
https://docs.snowflake.com/en/sql-reference/sql/desc-user
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final

from sandbox.snowflake.catalog import columns as column
from sandbox.snowflake.catalog.kind import ShowColumn
from sandbox.snowflake.catalog.record import Record
from sandbox.snowflake.context import Context
from sandbox.snowflake.result import Column, Result
from sandbox.snowflake.sql.reader import Reader

Cell = Callable[[Context, Record], Any]
NULL: Final = "null"
"""What DESCRIBE USER says where there is nothing."""


def _text(name: str) -> Cell:
    return lambda context, record: record.properties.get(name)


def _flag(name: str) -> Cell:
    return lambda context, record: "true" if record.properties.get(name) else "false"


def _plain(name: str) -> Cell:
    """A name that is kept as it is written, told without quotes."""

    def cell(context: Context, record: Record) -> str | None:
        kept = record.properties.get(name)
        return ".".join(Reader(kept).path()) if kept else None

    return cell


def _secondary_roles(context: Context, record: Record) -> str:
    roles = record.properties.get("DEFAULT_SECONDARY_ROLES")
    return json.dumps(["ALL"] if roles is None else roles)


def _left(name: str, unit: timedelta, *, whole: bool = True) -> Cell:
    """How much is left until a moment: whole units, or a fraction."""

    def cell(context: Context, record: Record) -> str | None:
        ends = record.properties.get(name)
        if not ends:
            return None
        left = max((datetime.fromisoformat(ends) - context.now) / unit, 0.0)
        return str(int(left)) if whole else f"{left:.9f}"

    return cell


_DAYS = _left("EXPIRES_AT", timedelta(days=1), whole=False)
_UNLOCK = _left("LOCKED_UNTIL", timedelta(minutes=1))
_BYPASS = _left("MFA_BYPASS_UNTIL", timedelta(minutes=1))


def _default(name: str, cell: Cell) -> ShowColumn:
    """A text column that is empty, not NULL, where nothing is set."""
    return ShowColumn(name, lambda context, record: cell(context, record) or "")


SHOW: Final = (
    column.NAME,
    column.CREATED_ON,
    _default("login_name", _text("LOGIN_NAME")),
    _default("display_name", _text("DISPLAY_NAME")),
    _default("first_name", _text("FIRST_NAME")),
    _default("last_name", _text("LAST_NAME")),
    _default("email", _text("EMAIL")),
    ShowColumn("mins_to_unlock", _UNLOCK),
    ShowColumn("days_to_expiry", _DAYS),
    column.COMMENT,
    column.flag("disabled", "DISABLED"),
    column.flag("must_change_password", "MUST_CHANGE_PASSWORD"),
    column.fixed("snowflake_lock", "false"),
    _default("default_warehouse", _plain("DEFAULT_WAREHOUSE")),
    _default("default_namespace", _plain("DEFAULT_NAMESPACE")),
    _default("default_role", _plain("DEFAULT_ROLE")),
    ShowColumn("default_secondary_roles", _secondary_roles),
    column.fixed("ext_authn_duo", "false"),
    column.fixed("ext_authn_uid", ""),
    ShowColumn("mins_to_bypass_mfa", _BYPASS),
    column.OWNER,
    column.moment("last_success_login", "LAST_SUCCESS_LOGIN"),
    column.moment("expires_at_time", "EXPIRES_AT"),
    column.moment("locked_until_time", "LOCKED_UNTIL"),
    column.flag("has_password", "PASSWORD_HASH"),
    column.flag("has_rsa_public_key", "RSA_PUBLIC_KEY"),
    ShowColumn("type", _text("TYPE")),
    column.fixed("has_mfa", "false"),
)


def _nothing(context: Context, record: Record) -> None:
    return None


def _stars(context: Context, record: Record) -> str | None:
    return "********" if record.properties.get("PASSWORD_HASH") else None


_DESCRIBED: Final[tuple[tuple[str, Cell, str, str], ...]] = (
    ("NAME", lambda context, record: record.name, NULL, "Name"),
    ("COMMENT", _text("COMMENT"), NULL, "Comment on the user"),
    ("DISPLAY_NAME", _text("DISPLAY_NAME"), NULL, "Name shown for the user"),
    ("TYPE", _text("TYPE"), NULL, "Type of the user"),
    ("LOGIN_NAME", _text("LOGIN_NAME"), NULL, "Name to log in with"),
    ("FIRST_NAME", _text("FIRST_NAME"), NULL, "First name of the user"),
    ("MIDDLE_NAME", _text("MIDDLE_NAME"), NULL, "Middle name of the user"),
    ("LAST_NAME", _text("LAST_NAME"), NULL, "Last name of the user"),
    ("EMAIL", _text("EMAIL"), NULL, "Email address of the user"),
    ("PASSWORD", _stars, NULL, "Password of the user"),
    ("MUST_CHANGE_PASSWORD", _flag("MUST_CHANGE_PASSWORD"), "false", "Must set a new password"),
    ("DISABLED", _flag("DISABLED"), "false", "Whether the user is locked out"),
    ("SNOWFLAKE_LOCK", lambda context, record: "false", "false", "Locked by Snowflake"),
    ("SNOWFLAKE_SUPPORT", lambda context, record: "false", "false", "Open to Snowflake support"),
    ("DAYS_TO_EXPIRY", _DAYS, NULL, "Days until the user expires"),
    ("MINS_TO_UNLOCK", _UNLOCK, NULL, "Minutes until a lock ends"),
    ("DEFAULT_WAREHOUSE", _plain("DEFAULT_WAREHOUSE"), NULL, "Warehouse of a new session"),
    ("DEFAULT_NAMESPACE", _plain("DEFAULT_NAMESPACE"), NULL, "Namespace of a new session"),
    ("DEFAULT_ROLE", _plain("DEFAULT_ROLE"), NULL, "Primary role of a new session"),
    ("DEFAULT_SECONDARY_ROLES", _secondary_roles, '["ALL"]', "Secondary roles of a new session"),
    ("EXT_AUTHN_DUO", lambda context, record: "false", "false", "Whether Duo is on"),
    ("EXT_AUTHN_UID", _nothing, NULL, "Identifier for Duo"),
    ("HAS_MFA", lambda context, record: "false", "false", "Whether the user enrolled in MFA"),
    ("MINS_TO_BYPASS_MFA", _BYPASS, NULL, "Minutes without MFA"),
    ("MINS_TO_BYPASS_NETWORK_POLICY", _nothing, NULL, "Minutes without network policy"),
    ("RSA_PUBLIC_KEY", _text("RSA_PUBLIC_KEY"), NULL, "Public key"),
    ("RSA_PUBLIC_KEY_FP", _text("RSA_PUBLIC_KEY_FP"), NULL, "Fingerprint of the public key"),
    (
        "RSA_PUBLIC_KEY_LAST_SET_TIME",
        _text("RSA_PUBLIC_KEY_LAST_SET_TIME"),
        NULL,
        "When it was set",
    ),
    ("RSA_PUBLIC_KEY_2", _text("RSA_PUBLIC_KEY_2"), NULL, "Second public key"),
    ("RSA_PUBLIC_KEY_2_FP", _text("RSA_PUBLIC_KEY_2_FP"), NULL, "Fingerprint of the second key"),
    (
        "RSA_PUBLIC_KEY_2_LAST_SET_TIME",
        _text("RSA_PUBLIC_KEY_2_LAST_SET_TIME"),
        NULL,
        "When it was set",
    ),
    ("PASSWORD_LAST_SET_TIME", _text("PASSWORD_LAST_SET_TIME"), NULL, "When it was set"),
    ("CUSTOM_LANDING_PAGE_URL", _nothing, NULL, "Page to land on"),
    (
        "CUSTOM_LANDING_PAGE_URL_FLUSH_NEXT_UI_LOAD",
        lambda context, record: "false",
        "false",
        "Whether the page to land on is loaded anew",
    ),
)


def describe(context: Context, record: Record) -> Result:
    """One row a property, in text throughout."""
    names = ("property", "value", "default", "description")
    rows = [
        [name, str(cell(context, record) or NULL), default, description]
        for name, cell, default, description in _DESCRIBED
    ]
    return Result([Column(name) for name in names], rows)
