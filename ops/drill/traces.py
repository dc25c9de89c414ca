"""What a user did since a moment: logins, statements, and objects where the account tells them.

INFORMATION_SCHEMA tells at once and for days; ACCOUNT_USAGE up to three hours late and for a year.
https://docs.snowflake.com/en/sql-reference/functions/login_history
https://docs.snowflake.com/en/sql-reference/account-usage/access_history
"""

from __future__ import annotations

from typing import Any, Final

from ingestion.quoting import identifier, literal
from ops.drill import table
from ops.drill.step import Ask
from ops.restore.account import RefusedError

MOST: Final = 1_000
NO_ACCESS_HISTORY: Final = (
    "this account has no ACCESS_HISTORY (Enterprise Edition): objects are told by the statements"
)


def of(ask: Ask, database: str, user: str, since: str) -> tuple[list[dict[str, Any]], list[str]]:
    """Everything in the order of time, and what could not be asked."""
    found = [*_logins(ask, database, user, since)]
    found += [
        _row(
            one["start_time"],
            str(one["query_type"]).lower(),
            str(one["query_text"])[:200],
            one["execution_status"] == "SUCCESS",
        )
        for one in statements(ask, database, user, since)
    ]
    touched, told = _objects(ask, user, since)
    return sorted([*found, *touched], key=lambda row: str(row["when"])), told


def statements(ask: Ask, database: str, user: str, since: str) -> list[Any]:
    """The user's statements, the first first."""
    history = identifier(database, "INFORMATION_SCHEMA") + ".QUERY_HISTORY_BY_USER"
    source = f"TABLE({history}(USER_NAME => {literal(user)}, RESULT_LIMIT => {MOST}))"
    rows = ask(
        table.statement(
            "SELECT START_TIME, QUERY_TYPE, QUERY_TEXT, EXECUTION_STATUS, SESSION_ID FROM",
            source,
            f"WHERE START_TIME >= {_moment(since)} ORDER BY START_TIME",
        )
    )
    return list(rows)


def _logins(ask: Ask, database: str, user: str, since: str) -> list[dict[str, Any]]:
    history = identifier(database, "INFORMATION_SCHEMA") + ".LOGIN_HISTORY"
    rows = ask(
        table.statement(
            "SELECT EVENT_TIMESTAMP, CLIENT_IP, REPORTED_CLIENT_TYPE, FIRST_AUTHENTICATION_FACTOR,",
            f"IS_SUCCESS FROM TABLE({history}(RESULT_LIMIT => {MOST}))",
            f"WHERE USER_NAME = {literal(user)} AND EVENT_TIMESTAMP >= {_moment(since)}",
            "ORDER BY EVENT_TIMESTAMP",
        )
    )
    return [
        _row(
            one["event_timestamp"],
            "login",
            f"{one['first_authentication_factor']}, {one['reported_client_type']} "
            f"from {one['client_ip']}",
            one["is_success"] == "YES",
        )
        for one in rows
    ]


def _objects(ask: Ask, user: str, since: str) -> tuple[list[dict[str, Any]], list[str]]:
    """What ACCESS_HISTORY has, or that there is none."""
    try:
        rows = ask(
            table.statement(
                "SELECT QUERY_START_TIME, DIRECT_OBJECTS_ACCESSED, OBJECTS_MODIFIED FROM",
                "SNOWFLAKE.ACCOUNT_USAGE.ACCESS_HISTORY WHERE USER_NAME =",
                f"{literal(user)} AND QUERY_START_TIME >= {_moment(since)}",
                f"ORDER BY QUERY_START_TIME LIMIT {MOST}",
            )
        )
    except RefusedError:
        return [], [NO_ACCESS_HISTORY]
    found = []
    for one in rows:
        for column, kind in (("direct_objects_accessed", "read"), ("objects_modified", "changed")):
            if (text := str(one[column] or "[]")) != "[]":
                found.append(_row(one["query_start_time"], kind, text[:200], done=True))
    return found, []


def _moment(since: str) -> str:
    return f"{literal(since)}::TIMESTAMP_LTZ"


def _row(when: Any, kind: str, what: str, done: bool) -> dict[str, Any]:
    return {"when": str(when)[:19], "kind": kind, "what": what, "succeeded": done}
