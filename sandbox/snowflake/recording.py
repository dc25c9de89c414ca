"""Writing a statement down in the query history, with or after what it changed.

A change of the catalogue and the line that tells of it are one transaction: a process that is
killed has both or neither, so the history is a witness of who made what.
"""

from __future__ import annotations

import re
from typing import Final

from sandbox.snowflake.context import Context
from sandbox.snowflake.errors import SnowflakeError
from sandbox.snowflake.history import Query, masked

CHANGING: Final = frozenset(
    ("CREATE", "ALTER", "DROP", "UNDROP", "GRANT", "REVOKE", "COMMENT"),
)
"""Verbs whose line is kept with their change."""
_FIRST_WORD: Final = re.compile(r"(?:\s+|--[^\n]*(?:\n|$)|/\*.*?\*/|\()*([A-Za-z]+)", re.DOTALL)


def verb_of(text: str) -> str:
    """The first word of a statement, behind comments and brackets."""
    first = _FIRST_WORD.match(text)
    return first[1].upper() if first is not None else ""


def record(
    context: Context, verb: str, *, rows: int = 0, error: SnowflakeError | None = None
) -> None:
    """Write down a statement that ended, unless it was written with its change."""
    context.account.history.add(_query(context, verb, rows, error))


def record_with_change(context: Context, verb: str, *, rows: int = 0) -> None:
    """Write down a statement inside the transaction of what it changes, as its last step."""
    context.account.history.keep(_query(context, verb, rows, None))


def _query(context: Context, verb: str, rows: int, error: SnowflakeError | None) -> Query:
    session, statement = context.session, context.statement
    role = context.role
    user = context.store.get(session.user_id)
    return Query(
        id=statement.id,
        text=masked(statement.full_text),
        kind=verb,
        session_id=session.id,
        user=user.name if user is not None else "",
        role=role.name if role is not None else "",
        warehouse=session.warehouse,
        database=session.database,
        schema=session.schema,
        started=statement.started,
        ended=context.account.now(),
        status="FAIL" if error is not None else "SUCCESS",
        error_code=error.code if error is not None else None,
        error=masked(error.message) if error is not None else None,
        rows=rows,
        client=f"{session.client} {session.client_version}".strip(),
        resource=statement.resource,
        operation=statement.operation,
        tag=session.parameters.get("QUERY_TAG"),
    )
