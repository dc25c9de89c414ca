"""Takes one statement to the verb that knows it, and keeps the record of it in the history."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

from sandbox.snowflake.access import statements as access
from sandbox.snowflake.context import Context, Statement
from sandbox.snowflake.data.binding import bound
from sandbox.snowflake.data.model import ObjectName, Outcome, StagedFile
from sandbox.snowflake.errors import SnowflakeError, StatementSyntaxError, UnsupportedError
from sandbox.snowflake.recording import CHANGING, record, record_with_change, verb_of
from sandbox.snowflake.replication import statements as replication
from sandbox.snowflake.result import AnyResult, Column, Result
from sandbox.snowflake.script import block
from sandbox.snowflake.session import Session
from sandbox.snowflake.sql.reader import Reader
from sandbox.snowflake.tasking.statements import execute_task
from sandbox.snowflake.verbs import (
    account as account_verbs,
)
from sandbox.snowflake.verbs import alter as alter_verb
from sandbox.snowflake.verbs import (
    budget,
    call,
    comment,
    create,
    data,
    describe,
    drop,
    files,
    functions,
    governed,
    show_more,
    undrop,
    use,
    waiting,
)
from sandbox.snowflake.verbs import execute as execute_verb
from sandbox.snowflake.verbs.remembered import remember

if TYPE_CHECKING:
    from sandbox.snowflake.account import Account

_SCRIPTED = frozenset(("BEGIN", "CALL", "DECLARE", "EXECUTE"))
"""Verbs whose answer is known only when they have run: a description of it is empty."""
_TRACKING = re.compile(r"\s*--terraform_provider_usage_tracking\s*(\{.*\})\s*$", re.DOTALL)
_READING = frozenset(("SELECT", "WITH", "SHOW", "DESCRIBE", "DESC", "USE", "SET", "UNSET"))


def statement_of(account: Account, text: str) -> Statement:
    """Cut the provider's trailing usage comment off, and read what it says."""
    match = _TRACKING.search(text)
    tracking: dict[str, Any] = {}
    if match is not None:
        try:
            tracking = json.loads(match[1])
        except ValueError:
            match = None
    return Statement(
        id=str(uuid.uuid4()),
        text=text[: match.start()] if match is not None else text,
        full_text=text,
        started=account.now(),
        resource=tracking.get("resource"),
        operation=tracking.get("operation"),
    )


def execute(
    account: Account,
    session: Session,
    text: str,
    bindings: Mapping[str, Any] | None = None,
    *,
    describe_only: bool = False,
) -> tuple[Statement, AnyResult]:
    """Run one statement for a session. Every failure is a `SnowflakeError`."""
    statement = statement_of(account, text)
    context = Context(account, session, statement)
    verb = verb_of(statement.text)
    account.imports.refresh()
    try:
        with account.gate.passing():
            result = _run(context, verb, bindings, describe_only=describe_only)
    except SnowflakeError as error:
        record(context, verb, error=error)
        raise
    except RecursionError as error:
        failure = StatementSyntaxError("statement is nested too deeply.")
        record(context, verb, error=failure)
        raise failure from error
    record(context, verb, rows=result.row_count)
    if account.organization is not None and verb not in _READING:
        account.organization.changed(account)
    session.last_query_id = statement.id
    return statement, result


def load(
    account: Account, session: Session, text: str, files: Sequence[StagedFile], pipe: ObjectName
) -> Outcome:
    """Run a pipe's COPY for the files that arrived; it is in the history like any statement."""
    statement = statement_of(account, text)
    context = Context(account, session, statement)
    try:
        with account.gate.passing():
            outcome = data.execute(context, statement.text, files=files, pipe=pipe)
    except SnowflakeError as error:
        record(context, "COPY", error=error)
        raise
    record(context, "COPY", rows=outcome.rows_produced)
    return outcome


def _run(
    context: Context, verb: str, bindings: Mapping[str, Any] | None, *, describe_only: bool
) -> AnyResult:
    handler = _VERBS.get(verb)
    if handler is None:
        answer = _system_select(context) if verb == "SELECT" else None
        return answer or data.run(context, bindings, describe_only=describe_only)
    if describe_only and verb in _SCRIPTED:
        return Result([Column(block.ANONYMOUS)], [])
    text = bound(context.statement.text, bindings)
    if verb == "ALTER" and (moved := replication.alter(context, text)) is not None:
        return moved
    reader = Reader(text)
    reader.advance()
    with context.store.transaction() if verb in CHANGING else nullcontext():
        result = handler(context, reader)
        if result is not None and verb in CHANGING:
            record_with_change(context, verb, rows=result.row_count)
    if result is None:
        return data.run(context, bindings, describe_only=describe_only)
    remember(context, result)
    return result


def _system_select(context: Context) -> AnyResult | None:
    return waiting.wait_select(context) or functions.system_select(context)


def _create(context: Context, reader: Reader) -> AnyResult | None:
    with context.store.transaction():
        new_budget = budget.create_budget(context, reader)
    if new_budget is not None:
        return new_budget
    try:
        target = create.read_target(context, reader)
    except UnsupportedError:
        return None
    if target.kind.on_data_plane:
        return None
    with context.store.transaction():
        made = target.kind.create or create.create
        return made(context, target, reader)


def _alter(context: Context, reader: Reader) -> AnyResult | None:
    if reader.token.word == "SESSION" and reader.ahead(1).word != "POLICY":
        reader.advance()
        return account_verbs.alter_session(context, reader)
    with context.store.transaction():
        if reader.accept("ACCOUNT"):
            return account_verbs.alter_account(context, reader)
        changed = budget.alter_budget(context, reader)
        if changed is not None:
            return changed
        kind = context.registry.read_singular(reader)
        if kind is None:
            return None
        if kind.on_data_plane and not alter_verb.is_tag_change(reader):
            return governed.alter_governed(context, kind, reader)
        return alter_verb.alter(context, kind, reader)


def _drop(context: Context, reader: Reader) -> AnyResult | None:
    with context.store.transaction():
        gone = budget.drop_budget(context, reader)
    if gone is not None:
        return gone
    kind = context.registry.read_singular(reader)
    if kind is None or kind.on_data_plane:
        return None
    with context.store.transaction():
        return drop.drop(context, kind, reader)


def _undrop(context: Context, reader: Reader) -> AnyResult | None:
    with context.store.transaction():
        return undrop.undrop(context, reader)


def _describe(context: Context, reader: Reader) -> AnyResult | None:
    kind = context.registry.read_singular(reader)
    if kind is None or kind.on_data_plane:
        return None
    with context.store.lock:
        return describe.describe(context, kind, reader)


def _show(context: Context, reader: Reader) -> AnyResult | None:
    with context.store.lock:
        return budget.show_budgets(context, reader) or show_more.show_any(context, reader)


def _use(context: Context, reader: Reader) -> AnyResult | None:
    with context.store.lock:
        return use.use(context, reader)


def _grant(context: Context, reader: Reader) -> AnyResult | None:
    with context.store.transaction():
        return access.grant(context, reader)


def _revoke(context: Context, reader: Reader) -> AnyResult | None:
    with context.store.transaction():
        return access.revoke(context, reader)


def _call(context: Context, reader: Reader) -> AnyResult | None:
    return call.call(context, reader)


def _block(context: Context, reader: Reader) -> AnyResult | None:
    return block.block_or_transaction(context, reader.text)


def _execute(context: Context, reader: Reader) -> AnyResult | None:
    if reader.token.word == "IMMEDIATE":
        return block.execute_immediate(context, reader.text)
    if reader.token.word == "TASK":
        return execute_task(context, reader)
    return execute_verb.execute_alert(context, reader)


def _comment(context: Context, reader: Reader) -> AnyResult | None:
    with context.store.transaction():
        return comment.comment(context, reader)


_VERBS: Mapping[str, Callable[[Context, Reader], AnyResult | None]] = {
    "CREATE": _create,
    "ALTER": _alter,
    "DROP": _drop,
    "UNDROP": _undrop,
    "DESCRIBE": _describe,
    "DESC": _describe,
    "SHOW": _show,
    "USE": _use,
    "GRANT": _grant,
    "REVOKE": _revoke,
    "COMMENT": _comment,
    "PUT": files.put,
    "GET": files.get,
    "REMOVE": files.remove,
    "RM": files.remove,
    "CALL": _call,
    "BEGIN": _block,
    "DECLARE": _block,
    "EXECUTE": _execute,
}
"""A handler that answers None leaves the statement to the data plane."""
