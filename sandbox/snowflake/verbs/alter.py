"""ALTER of the kinds that the catalogue keeps."""

from __future__ import annotations

from sandbox.snowflake.access.rules import ATTACH_MONITOR, SET_TAG
from sandbox.snowflake.catalog.kind import Kind, Scope
from sandbox.snowflake.catalog.record import Record
from sandbox.snowflake.context import Context
from sandbox.snowflake.errors import AlreadyExistsError, UnsupportedError
from sandbox.snowflake.governance import tags
from sandbox.snowflake.result import Result, status
from sandbox.snowflake.sql.names import dotted
from sandbox.snowflake.sql.reader import Reader
from sandbox.snowflake.verbs.create import container
from sandbox.snowflake.verbs.properties import read_properties, read_tags, read_unset

_DONE = "Statement executed successfully."


def alter(context: Context, kind: Kind, reader: Reader) -> Result:
    """ALTER <kind> [IF EXISTS] <name> RENAME | SET | UNSET | <action of the kind>."""
    if_exists = reader.accept("IF", "EXISTS")
    path = context.resolve(kind, kind.read_path(reader))
    context.check_parent(path)
    if if_exists and context.find(kind, path) is None:
        return status(_DONE)
    record = context.get(kind, path)
    kind = context.registry[record.kind]
    is_tag = reader.token.word in ("SET", "UNSET") and reader.ahead(1).word == "TAG"
    context.demand(SET_TAG if is_tag else kind.alter_privilege(reader.token.word), record)
    result = _act(context, kind, record, reader)
    context.store.save(record)
    return result or status(_DONE)


def _act(context: Context, kind: Kind, record: Record, reader: Reader) -> Result | None:
    word = reader.token.word
    if kind.alter_first is not None and kind.alter_first(context, record, reader):
        reader.expect_end()
        return None
    if word in kind.actions:
        reader.advance()
        result = kind.actions[word](context, record, reader)
        reader.expect_end()
        return result
    if kind.renamed is not None and reader.accept("RENAME", "TO"):
        rename(context, kind, record, reader)
    elif reader.accept("SET", "TAG"):
        given = tags.resolved(context, read_tags(reader))
        record.properties[tags.OF_OBJECT] = record.properties.get(tags.OF_OBJECT, {}) | given
    elif reader.accept("UNSET", "TAG"):
        _unset_tags(context, record, reader)
    elif reader.accept("UNSET"):
        _unset(context, kind, record, reader)
    elif reader.accept("SET") or kind.property(word) is not None or word in kind.clauses:
        _set(context, kind, record, reader)
    else:
        raise UnsupportedError(f"ALTER {kind.name} … {reader.text[reader.token.start :].strip()}")
    return None


def rename(context: Context, kind: Kind, record: Record, reader: Reader) -> None:
    """RENAME TO: the kind's hook runs first, then the record and all below it move."""
    new = reader.path()
    reader.expect_end()
    new = (*new[:-1], new[-1] + record.path[-1].removeprefix(record.name))
    new = record.path[: -len(new)] + new if len(new) < len(record.path) else new
    if kind.renamed is None or len(new) != len(record.path):
        raise reader.error()
    context.check_parent(new)
    if context.store.find(kind.space(), new) not in (None, record):
        raise AlreadyExistsError(dotted(new))
    if kind.scope is not Scope.ACCOUNT:
        wanted = kind.create_privilege or f"CREATE {kind.name}"
        context.demand(wanted, container(context, kind, new))
    kind.renamed(context, record, new)
    context.store.move(record, new)


def _set(context: Context, kind: Kind, record: Record, reader: Reader) -> None:
    changes = read_properties(kind, reader)
    if "RESOURCE_MONITOR" in changes.properties:
        context.demand(ATTACH_MONITOR, record)
    record.properties |= changes.properties
    record.parameters |= changes.parameters
    if changes.tags:
        given = tags.resolved(context, changes.tags)
        record.properties[tags.OF_OBJECT] = record.properties.get(tags.OF_OBJECT, {}) | given
    kind.validate(context, record)
    kind.altered(context, record)


def _unset(context: Context, kind: Kind, record: Record, reader: Reader) -> None:
    properties, parameters = read_unset(kind, reader)
    if "RESOURCE_MONITOR" in properties:
        context.demand(ATTACH_MONITOR, record)
    for name in properties:
        item = kind.property(name)
        record.properties[name] = item.default if item is not None else None
    for name in parameters:
        record.parameters.pop(name, None)
    kind.validate(context, record)
    kind.altered(context, record)


def _unset_tags(context: Context, record: Record, reader: Reader) -> None:
    gone = tags.ids(context, tags.read_names(reader))
    kept = record.properties.get(tags.OF_OBJECT, {})
    record.properties[tags.OF_OBJECT] = {n: v for n, v in kept.items() if n not in gone}


def is_tag_change(reader: Reader) -> bool:
    """Whether `[IF EXISTS] <name> {SET | UNSET} TAG` comes next; the reader does not move."""
    ahead = Reader(reader.text[reader.token.start :])
    ahead.accept("IF", "EXISTS")
    ahead.path()
    return ahead.accept("SET", "TAG") or ahead.accept("UNSET", "TAG")
