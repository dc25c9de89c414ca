"""Who made what was found, and when: from the query history, in one statement for all findings.

The account itself tells the moment and the role (`created_on`, `owner`, `granted_by`); the user
and the statement are in ACCOUNT_USAGE.QUERY_HISTORY, up to 45 minutes late. A statement is taken
for the maker when it names the object, is of that sort, and ran at that moment.

https://docs.snowflake.com/en/sql-reference/account-usage/query_history
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from ingestion.quoting import literal
from ops.access.account import Ask, ReadRefusedError
from ops.access.facts import Unread
from ops.drift.finding import Finding, Form, Origin, Subject

SLACK: Final = timedelta(seconds=5)
"""How far a statement's start may lie from what it made; later only by its own duration."""
MOST: Final = 10_000
HISTORY: Final = "ACCOUNT_USAGE.QUERY_HISTORY"
CHANGES_SINCE: Final = timedelta(days=7)
"""How far back to look for what changed a setting or took something: the account keeps no moment.
"""
_MAKING: Final = re.compile(r"^\s*(CREATE|GRANT|BEGIN|CALL|EXECUTE|UNDROP|ALTER)\b", re.IGNORECASE)
_CHANGING: Final = re.compile(r"^\s*(ALTER|DROP|REVOKE|GRANT|CREATE|CALL)\b", re.IGNORECASE)


def origins(
    findings: Sequence[Finding], ask: Ask, now: datetime
) -> tuple[dict[Finding, Origin], list[Unread]]:
    """By finding, who made it as far as it is told; and what could not be read."""
    if not findings:
        return {}, []
    moments = [finding.since for finding in findings if finding.since is not None]
    asks_for_change = any(finding.form is not Form.UNKNOWN for finding in findings)
    since = min([*moments, *([now - CHANGES_SINCE] if asks_for_change else [])], default=now)
    unread = []
    try:
        history: Sequence[Mapping[str, Any]] = ask(_question(since - SLACK))
    except ReadRefusedError as error:
        history = ()
        unread.append(Unread(HISTORY, str(error)))
    return {finding: _origin(finding, history) for finding in findings}, unread


def _question(since: datetime) -> str:
    """All statements that make or change something since a moment."""
    moment = literal(since.astimezone(UTC).isoformat(sep=" ", timespec="milliseconds"))
    return " ".join(
        (
            "SELECT USER_NAME, ROLE_NAME, START_TIME, END_TIME, QUERY_TEXT",
            "FROM SNOWFLAKE.ACCOUNT_USAGE.QUERY_HISTORY",
            "WHERE EXECUTION_STATUS = 'SUCCESS'",
            f"AND START_TIME >= {moment}::TIMESTAMP_TZ",
            "AND REGEXP_LIKE(UPPER(QUERY_TEXT),",
            "'^\\\\s*(CREATE|GRANT|REVOKE|ALTER|DROP|UNDROP|CALL|BEGIN|EXECUTE)\\\\b.*', 's')",
            f"ORDER BY START_TIME DESC LIMIT {MOST}",
        )
    )


def _origin(finding: Finding, history: Iterable[Mapping[str, Any]]) -> Origin:
    if finding.form is Form.UNKNOWN:
        found = [row for row in history if _made(finding, row)]
    else:
        found = [row for row in history if _may_have_changed(finding, row)]
    if not found:
        return Origin("", finding.by_role, finding.since, "", "the object itself")
    row = found[0] if finding.since is None else min(found, key=lambda r: _distance(finding, r))
    text = " ".join(str(row["query_text"]).split())
    when = finding.since or row["start_time"]
    return Origin(str(row["user_name"]), str(row["role_name"]), when, text, HISTORY)


def _made(finding: Finding, row: Mapping[str, Any]) -> bool:
    text = str(row["query_text"])
    if finding.since is None:
        timely = True
    else:
        timely = row["start_time"] - SLACK <= finding.since <= row["end_time"] + SLACK
    return timely and bool(_MAKING.match(text)) and _names(finding, text)


def _may_have_changed(finding: Finding, row: Mapping[str, Any]) -> bool:
    text = str(row["query_text"])
    return bool(_CHANGING.match(text)) and _names(finding, text) and not _by_engine(text)


def _by_engine(text: str) -> bool:
    """Whether the provider sent it, by the comment that it adds: what it makes is code's."""
    return "terraform_provider_usage_tracking" in text


def _names(finding: Finding, text: str) -> bool:
    """Whether the statement names what was found, and whoever got it.

    GRANT … ON ALL TABLES IN SCHEMA … names the place alone.
    """
    upper, path = text.upper(), finding.securable.path
    holder = finding.holder if finding.subject is not Subject.OWNER else None
    if holder is not None and not _has(upper, holder.name.rpartition(".")[2]):
        return False
    last = path[-1].partition("(")[0] if path else "ACCOUNT"
    bulk = finding.subject is Subject.GRANT and len(path) > 1 and " ON ALL " in upper
    return _has(upper, last) or (bulk and _has(upper, path[-2]))


def _has(upper: str, name: str) -> bool:
    """Whether a name stands in a text, and is no part of a longer one."""
    return re.search(rf"(?<![\w$]){re.escape(name.upper())}(?![\w$])", upper) is not None


def _distance(finding: Finding, row: Mapping[str, Any]) -> timedelta:
    return abs(row["start_time"] - finding.since) if finding.since else timedelta()
