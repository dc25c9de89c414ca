"""What the stack's own sessions did to an account since a moment, by the account's own word.

The plugins' sessions carry the stack's query tag, those of our own providers begin theirs with
`leap: `. The table function tells at once, ten thousand statements at most for one question; the
view ACCOUNT_USAGE.QUERY_HISTORY would be 45 minutes late.

https://docs.snowflake.com/en/sql-reference/functions/query_history
"""

from __future__ import annotations

import re
from typing import Any, Final, NamedTuple

from infra.model.naming import query_tag
from ingestion.quoting import identifier, literal
from ops.drill import table
from ops.drill.step import Ask

MOST: Final = 10_000
PAGES: Final = 50
OURS: Final = "leap: "
LOOKS: Final = re.compile(
    r"\s*(?:(?:SHOW|DESC|DESCRIBE|SELECT|WITH|USE|EXPLAIN|LIST|ALTER\s+SESSION)\b"
    r"|CALL\s+\S+!GET_)",
    re.I,
)
CHANGES: Final = re.compile(
    r"\s*(?:CREATE|DROP|UNDROP|TRUNCATE|GRANT|REVOKE|INSERT|UPDATE|DELETE|MERGE|COPY|PUT|REMOVE"
    r"|ALTER\b.*\b(?:RENAME\s+TO|SWAP\s+WITH))\b",
    re.I | re.S,
)


class Done(NamedTuple):
    """The statements that are no mere questions. `whole`: none was passed over."""

    set_: list[str]
    """That set a property of what stands."""
    changed: list[str]
    """That made, removed, renamed or granted something."""
    asked: int
    whole: bool


def since(ask: Ask, database: str, stack: str, moment: str) -> Done:
    """What our sessions did in the account since then."""
    history = identifier(database, "INFORMATION_SCHEMA") + ".QUERY_HISTORY"
    begin = f"END_TIME_RANGE_START => {literal(moment)}::TIMESTAMP_LTZ"
    set_: list[str] = []
    changed: list[str] = []
    until, asked, whole = "", 0, False
    for _ in range(PAGES):
        limits = ", ".join(part for part in (begin, until, f"RESULT_LIMIT => {MOST}") if part)
        source = f"TABLE({history}({limits}))"
        rows = ask(table.statement(_COLUMNS, source, "ORDER BY END_TIME DESC"))
        for row in rows:
            if row["execution_status"] == "SUCCESS" and _is_ours(row, stack):
                asked += _sort(str(row["query_text"]), set_, changed)
        if whole := len(rows) < MOST:
            break
        until = f"END_TIME_RANGE_END => {literal(str(rows[-1]['end_time']))}::TIMESTAMP_LTZ"
    return Done(set_[::-1], changed[::-1], asked, whole)


_COLUMNS: Final = (
    "SELECT QUERY_TEXT, QUERY_TAG, EXECUTION_STATUS, END_TIME::VARCHAR AS END_TIME FROM"
)


def _is_ours(row: Any, stack: str) -> bool:
    tag = str(row["query_tag"] or "")
    return tag == query_tag(stack) or tag.startswith(OURS)


def _sort(text: str, set_: list[str], changed: list[str]) -> int:
    """Put a statement where it belongs; 1 for a mere question."""
    if LOOKS.match(text):
        return 1
    (changed if CHANGES.match(text) else set_).append(text)
    return 0
