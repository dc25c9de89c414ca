"""Statements about rows, tables and views: the data plane runs them, the catalogue follows."""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from sandbox.snowflake.catalog.record import Record
from sandbox.snowflake.context import Context
from sandbox.snowflake.data.model import Effect, ObjectName, Outcome, StagedFile
from sandbox.snowflake.errors import CompilationError, SnowflakeError
from sandbox.snowflake.governance.columns import mask_again, move_column
from sandbox.snowflake.metering import ledger
from sandbox.snowflake.metering.rates import PIPE_FILE
from sandbox.snowflake.parameters import PARAMETERS
from sandbox.snowflake.recording import CHANGING, record_with_change, verb_of
from sandbox.snowflake.result import AnyResult
from sandbox.snowflake.sql.names import quoted
from sandbox.snowflake.verbs import needs
from sandbox.snowflake.verbs.drop import remove
from sandbox.snowflake.verbs.governed import set_created

_OF_ALERTS: Final = re.compile(r"\bSNOWFLAKE\s*\.\s*ALERT\s*\.", re.IGNORECASE)
_LONG: Final = 50_000
"""Longer texts are data; they are not searched."""


def run(
    context: Context, bindings: Mapping[str, Any] | None = None, *, describe_only: bool = False
) -> AnyResult:
    """Ask the guard, execute, then bring the catalogue and the session up to date."""
    outcome = execute(context, context.statement.text, bindings, describe_only=describe_only)
    return outcome.result


def execute(
    context: Context,
    text: str,
    bindings: Mapping[str, Any] | None = None,
    *,
    describe_only: bool = False,
    files: Sequence[StagedFile] | None = None,
    pipe: ObjectName | None = None,
) -> Outcome:
    """Run `text` for the session, whatever the statement under way says.

    `files` and `pipe` are a pipe's: what arrived for it, and its name for the load history.
    """
    account, session = context.account, context.session
    if not session.alert and len(text) < _LONG and _OF_ALERTS.search(text):
        raise CompilationError("The functions of SNOWFLAKE.ALERT are for alerts that run.")
    query = account.query_context(context)
    analysis = account.data.analyse(text, query)
    needs.demand(context, analysis)
    # a pipe's loading and a mere description need no warehouse
    works = analysis.needs_warehouse and pipe is None and not describe_only
    with account.warehouses.used(needs.warehouse(context) if works else None):
        outcome = account.data.execute(
            session.data, text, query, bindings, describe_only=describe_only, files=files, pipe=pipe
        )
    if pipe is not None:
        _book_pipe(context, pipe, len(outcome.loads))
    if outcome.effects:
        _follow(context, outcome, written=text == context.statement.text)
    for name, value in outcome.session_parameters.items():
        _set_session_parameter(context, name, value)
    return outcome


def _book_pipe(context: Context, pipe: ObjectName, files: int) -> None:
    """What Snowpipe costs, by the file."""
    record = context.store.find("PIPE", tuple(pipe))
    if record is not None and files:
        burnt = files * PIPE_FILE
        context.account.ledger.add(ledger.PIPE, record.id, record.name, context.now, burnt)


def _follow(context: Context, outcome: Outcome, *, written: bool) -> None:
    """Bring the catalogue up to date; what is new and does not fit its policies goes again.

    `written`: the statement under way is the one that did it, and is written down with it.
    """
    try:
        with context.store.transaction():
            for effect in outcome.effects:
                apply(context, effect)
            context.account.recovery.follow(outcome.noted)
            verb = verb_of(context.statement.text)
            if written and verb in CHANGING:
                record_with_change(context, verb, rows=outcome.result.row_count)
    except SnowflakeError:
        undo(context, outcome.effects, outcome.noted)
        raise
    context.account.data.pending.followed(outcome.noted, outcome.effects[0].name.database)


def undo(context: Context, effects: Sequence[Effect], noted: str) -> None:
    """Take away what is new and does not fit; neither has to be followed."""
    done = [noted]
    for effect in effects:
        for text in _undoing(effect) if effect.governed else ():
            query = context.account.query_context(context)
            done.append(context.account.data.execute(context.session.data, text, query).noted)
    with context.store.transaction():
        for number in done:
            context.account.recovery.follow(number)


def _undoing(effect: Effect) -> list[str]:
    name = ".".join(quoted(part) for part in effect.name)
    if effect.action in ("create", "replace"):
        return [f"DROP {effect.kind} {name}"]
    added = {item.column for item in effect.governed if item.column is not None}
    return [f"ALTER TABLE {name} DROP COLUMN {quoted(column)}" for column in sorted(added)]


def _set_session_parameter(context: Context, name: str, value: str | None) -> None:
    if value is None:
        context.session.parameters.pop(name, None)
    else:
        known = PARAMETERS.get(name)
        context.session.parameters[name] = known.checked(value) if known else value


def apply(context: Context, effect: Effect) -> None:
    """Follow one effect of a statement in the catalogue."""
    if effect.temporary:
        return
    existing = context.store.find("TABLE", tuple(effect.name))
    match effect.action:
        case "create" | "replace":
            _put(context, effect, existing)
        case "drop":
            if existing is not None:
                remove(context, existing, place=effect.kept)
        case "rename":
            if existing is not None and effect.new_name is not None:
                context.store.move(existing, tuple(effect.new_name))
        case "swap":
            _swap(context, effect, existing)
        case "alter":
            if existing is not None:
                _alter(context, effect, existing)


def _put(context: Context, effect: Effect, existing: Record | None) -> None:
    origin = context.store.find("TABLE", tuple(effect.source)) if effect.source else None
    cloned = origin if effect.cloned else None
    granted = (cloned or existing) if effect.copy_grants else None
    grants = context.account.access.grants_on(granted) if granted is not None else None
    if existing is not None:
        remove(context, existing, place=effect.kept)
    properties = _properties(effect, cloned)
    path = tuple(effect.name)
    role = context.session.role_id
    record = context.store.add(effect.kind, path, role, context.now, properties)
    if cloned is not None:
        record.parameters |= cloned.parameters
    if effect.past:
        columns = [column.name for column in context.account.data.columns(effect.name)]
        mask_again(record, columns, context.store)
    set_created(context, record, effect.governed)
    _set_properties(context, record, effect)
    if grants is not None:
        context.account.access.regrant(grants, record)
    else:
        context.account.access.object_created(context, record)


def _properties(effect: Effect, cloned: Record | None) -> dict[str, Any]:
    """What the statement says; a clone has all else from its source: tags, policies, comment."""
    properties: dict[str, Any] = {
        "COMMENT": effect.comment or "",
        "TRANSIENT": effect.transient,
        "SECURE": effect.secure,
        "TEXT": effect.text,
        "CLUSTER_BY": effect.cluster_by,
    }
    if cloned is None:
        return properties
    given = {name: value for name, value in properties.items() if value}
    return properties | copy.deepcopy(cloned.properties) | given | {"TEXT": effect.text}


def _swap(context: Context, effect: Effect, one: Record | None) -> None:
    if effect.new_name is None:
        return
    other = context.store.find("TABLE", tuple(effect.new_name))
    if one is None or other is None:
        return
    first, second = one.path, other.path
    context.store.move(one, (*first[:2], f"{first[2]}\0swap"))
    context.store.move(other, first)
    context.store.move(one, second)


def _alter(context: Context, effect: Effect, record: Record) -> None:
    if effect.cluster_by:
        record.properties["CLUSTER_BY"] = effect.cluster_by
    for old, new in effect.columns.items():
        move_column(record, old, new)
    set_created(context, record, effect.governed)
    if effect.comment is not None:
        record.properties["COMMENT"] = effect.comment
    _set_properties(context, record, effect)


def _set_properties(context: Context, record: Record, effect: Effect) -> None:
    kind = context.registry[record.kind]
    for name, value in effect.properties.items():
        if name not in kind.parameters:
            record.properties[name] = value
        elif value is None:
            record.parameters.pop(name, None)
        else:
            record.parameters[name] = PARAMETERS[name].checked(value)
    context.store.save(record)
