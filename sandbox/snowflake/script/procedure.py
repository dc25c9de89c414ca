"""CALL of a procedure: which overload is meant, its arguments, and whose rights it has.

With the owner's rights the session has the owner's role and the procedure's own schema while it
runs, and cannot be changed; with the caller's rights it works as the caller does.
https://docs.snowflake.com/en/developer-guide/stored-procedure/stored-procedures-rights
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final

from sandbox.snowflake.catalog.record import Record
from sandbox.snowflake.context import Context
from sandbox.snowflake.data.types import parse_type
from sandbox.snowflake.errors import CompilationError, SnowflakeError
from sandbox.snowflake.kinds import procedure
from sandbox.snowflake.result import AnyResult
from sandbox.snowflake.script.block import cell, run_block
from sandbox.snowflake.script.failure import NestingError, OpenTransactionError
from sandbox.snowflake.script.machine import evaluated
from sandbox.snowflake.script.scope import Variable
from sandbox.snowflake.script.substitute import name_of, tokens_of
from sandbox.snowflake.script.values import NULL, Value
from sandbox.snowflake.session import Session
from sandbox.snowflake.sql.names import Path
from sandbox.snowflake.sql.reader import Reader
from sandbox.snowflake.verbs.procedure import split

_DEEPEST: Final = 16
Arguments = tuple[list[Value], dict[str, Value]]


class UnknownProcedureError(SnowflakeError):
    """No procedure of that name."""

    code = "002140"
    sqlstate = "42601"

    def __init__(self, name: str) -> None:
        super().__init__(f"SQL compilation error:\nUnknown function {name}")


class ArgumentTypesError(CompilationError):
    """No overload takes these arguments."""

    code = "001044"
    sqlstate = "42P13"

    def __init__(self, name: str, given: Arguments) -> None:
        types = ", ".join(value.type.upper() for value in [*given[0], *given[1].values()])
        super().__init__(f"Invalid argument types for function '{name}': ({types})")


def call_procedure(context: Context, reader: Reader) -> AnyResult:
    """CALL name(expression | name => expression, …)."""
    path = reader.path()
    texts = split(reader.parenthesised())
    reader.expect_end()
    candidates = _overloads(context, path)
    given = _values(context, texts)
    record = _chosen(candidates, path[-1], given)
    context.demand("USAGE", record)
    return run_procedure(context, record, _bound(context, record, given))


def run_procedure(context: Context, record: Record, arguments: Mapping[str, Variable]) -> AnyResult:
    """Run it with all its arguments, in the session of the context."""
    properties, session = record.properties, context.session
    returns = None if properties.get("TABLE") else properties["RETURNS"]
    if properties.get("STRICT") and any(a.value.value is None for a in arguments.values()):
        return cell(context, NULL, record.name, returns)
    was_open = session.data.in_transaction
    with _deeper(session), _rights(session, record):
        result = run_block(
            context, properties["BODY"], name=record.name, returns=returns, arguments=arguments
        )
    if session.data.in_transaction and not was_open:
        session.data.rollback()
        raise OpenTransactionError
    return result


@contextmanager
def _deeper(session: Session) -> Iterator[None]:
    if session.calls >= _DEEPEST:
        raise NestingError(_DEEPEST)
    session.calls += 1
    try:
        yield
    finally:
        session.calls -= 1


@contextmanager
def _rights(session: Session, record: Record) -> Iterator[None]:
    """The owner's role and the procedure's schema, where it runs with its owner's rights."""
    if record.properties["EXECUTE_AS"] != procedure.OWNER:
        yield
        return
    before = (session.role_id, session.secondary_roles, session.database, session.schema)
    was_owner = session.as_owner
    session.role_id, session.secondary_roles = record.owner, "NONE"
    session.database, session.schema = record.path[:2]
    session.as_owner = True
    try:
        yield
    finally:
        session.role_id, session.secondary_roles, session.database, session.schema = before
        session.as_owner = was_owner


def _overloads(context: Context, path: Path) -> list[Record]:
    full = context.resolve(procedure.KIND, path)
    context.check_parent(full)
    inside = context.store.inside(full[:2])
    named = [one for one in inside if one.kind == "PROCEDURE" and one.name == full[-1]]
    found = [one for one in named if context.sees(one)]
    if not found:
        raise UnknownProcedureError(path[-1])
    return found


def _values(context: Context, texts: list[str]) -> Arguments:
    """Positional and named values."""
    positional: list[Value] = []
    named: dict[str, Value] = {}
    for text in texts:
        tokens = tokens_of(text)
        if len(tokens) > 2 and tokens[1].value == "=>":
            named[name_of(tokens[0])] = evaluated(context, text[tokens[1].end :])
        elif named:
            raise CompilationError("A positional argument follows a named one.")
        else:
            positional.append(evaluated(context, text))
    return positional, named


def _chosen(candidates: list[Record], name: str, given: Arguments) -> Record:
    """The overload that takes the values, by number and names, then by how many types fit."""
    fitting = [(score, one) for one in candidates if (score := _score(one, given)) is not None]
    if not fitting:
        raise ArgumentTypesError(name, given)
    return max(fitting, key=lambda pair: pair[0])[1]


def _score(record: Record, given: Arguments) -> int | None:
    arguments = record.properties[procedure.ARGUMENTS]
    positional, named = given
    values = dict(zip([name for name, _, _ in arguments], positional, strict=False)) | named
    known: dict[str, str] = {name: type_ for name, type_, _ in arguments}
    missing = [name for name, _, default in arguments if default is None and name not in values]
    twice = len(values) < len(positional) + len(named)
    if len(positional) > len(arguments) or missing or twice or not named.keys() <= known.keys():
        return None
    return [parse_type(known[name]).wire == one.type for name, one in values.items()].count(True)


def _bound(context: Context, record: Record, given: Arguments) -> dict[str, Variable]:
    """Each argument as a variable of its type; defaults where nothing was given."""
    arguments = record.properties[procedure.ARGUMENTS]
    values = dict(zip([name for name, _, _ in arguments], given[0], strict=False)) | given[1]
    return {
        name: Variable(
            type_,
            evaluated(context, values[name].literal() if name in values else default, type_),
        )
        for name, type_, default in arguments
    }
