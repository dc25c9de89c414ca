"""Who logged in, and who tried: the rows of LOGIN_HISTORY, kept with the catalogue.

https://docs.snowflake.com/en/sql-reference/account-usage/login_history
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from sandbox.snowflake.catalog.store import Store
from sandbox.snowflake.data.model import VirtualTable
from sandbox.snowflake.errors import SnowflakeError
from sandbox.snowflake.view_arguments import limit, moment, named

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS logins (
  position INTEGER PRIMARY KEY, at TEXT, user TEXT, address TEXT, client TEXT, version TEXT,
  factor TEXT, success TEXT, error_code TEXT, error TEXT
)
"""
_INSERT: Final = "INSERT INTO logins VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_COLUMNS: Final = (
    ("EVENT_TIMESTAMP", "TIMESTAMP_LTZ"),
    ("EVENT_ID", "NUMBER"),
    ("EVENT_TYPE", "TEXT"),
    ("USER_NAME", "TEXT"),
    ("CLIENT_IP", "TEXT"),
    ("REPORTED_CLIENT_TYPE", "TEXT"),
    ("REPORTED_CLIENT_VERSION", "TEXT"),
    ("FIRST_AUTHENTICATION_FACTOR", "TEXT"),
    ("SECOND_AUTHENTICATION_FACTOR", "TEXT"),
    ("IS_SUCCESS", "TEXT"),
    ("ERROR_CODE", "NUMBER"),
    ("ERROR_MESSAGE", "TEXT"),
)
_RANGE: Final = timedelta(days=7)
_KEPT: Final = 20_000


class LoginLog:
    """Appends, and tells the newest first."""

    def __init__(self, store: Store) -> None:
        self._store = store
        with store.lock:
            store.database.execute(_SCHEMA)

    def add(
        self, at: datetime, data: Mapping[str, Any], address: str, error: SnowflakeError | None
    ) -> None:
        """Keep one login, as the client's request named it."""
        by_key = str(data.get("AUTHENTICATOR", "")).upper() == "SNOWFLAKE_JWT"
        values = (
            at.isoformat(),
            str(data.get("LOGIN_NAME", "")).upper(),
            address,
            str(data.get("CLIENT_APP_ID", "")),
            str(data.get("CLIENT_APP_VERSION", "")),
            "RSA_KEYPAIR" if by_key else "PASSWORD",
            "NO" if error is not None else "YES",
            error.code if error is not None else None,
            error.message if error is not None else None,
        )
        with self._store.transaction():
            self._store.database.execute(_INSERT, values)
            self._store.database.execute(
                "DELETE FROM logins WHERE position <= (SELECT max(position) FROM logins) - ?",
                (_KEPT,),
            )

    def view(self) -> VirtualTable:
        """ACCOUNT_USAGE.LOGIN_HISTORY."""
        with self._store.lock:
            found = self._store.database.execute(
                "SELECT at, position, 'LOGIN', user, address, client, version, factor, NULL, "
                "success, CAST(error_code AS INTEGER), error FROM logins ORDER BY position DESC"
            ).fetchall()
        return VirtualTable(_COLUMNS, [(datetime.fromisoformat(at), *rest) for at, *rest in found])

    def function(self, name: str, arguments: Mapping[str, Any], now: datetime) -> VirtualTable:
        """INFORMATION_SCHEMA.LOGIN_HISTORY and LOGIN_HISTORY_BY_USER."""
        end = moment(arguments.get("TIME_RANGE_END")) or now
        start = moment(arguments.get("TIME_RANGE_START")) or end - _RANGE
        user = named(arguments, "USER_NAME", 0) if name.endswith("_BY_USER") else None
        rows = [
            row
            for row in self.view().rows
            if start <= row[0] <= end and (user is None or row[3] == str(user).upper())
        ]
        return VirtualTable(_COLUMNS, rows[: limit(arguments)])
