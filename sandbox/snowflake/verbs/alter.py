"""ALTER of the kinds that the catalogue keeps."""

from __future__ import annotations

from sandbox.snowflake.catalog.kind import Kind
from sandbox.snowflake.catalog.record import Record
from sandbox.snowflake.context import Context
from sandbox.snowflake.errors import AlreadyExistsError, UnsupportedError
from sandbox.snowflake.result import Result, status
from sandbox.snowflake.sql.names import dotted
from sandbox.snowflake.sql.reader import Reader
from sandbox.snowflake.verbs.properties import read_properties, read_tags, read_unset

_DONE = "Statement executed successfully."


def alter(context: Context, kind: Kind, reader: Reader) -> Result:
    """ALTER <kind> [IF EXISTS] <name> RENAME | SET | UNSET | <action of the kind>."""
    if_exists = reader.accept("IF", "EXISTS")
    path = context.resolve(kind, reader.path())
    context.check_parent(path)
    if if_exists and context.find(kind, path) is None:
        return status(_DONE)
    record = context.get(kind, path)
    kind = context.registry[record.kind]
    context.demand(kind.alter_privilege(reader.token.word), record)
    result = _act(context, kind, record, reader)
    context.store.save(record)
    return result or status(_DONE)


def _act(context: Context, kind: Kind, record: Record, reader: Reader) -> Result | None:
    word = reader.token.word
    if word in kind.actions:
        reader.advance()
        result = kind.actions[word](context, record, reader)
        reader.expect_end()
        return result
    if kind.renamed is not None and reader.accept("RENAME", "TO"):
        rename(context, kind, record, reader)
    elif reader.accept("SET", "TAG"):
        record.properties["TAGS"] = record.properties.get("TAGS", {}) | read_tags(reader)
    elif reader.accept("UNSET", "TAG"):
        _unset_tags(record, reader)
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
    new = record.path[: -len(new)] + new if len(new) < len(record.path) else new
    if kind.renamed is None or len(new) != len(record.path):
        raise reader.error()
    context.check_parent(new)
    if context.store.find(kind.space(), new) not in (None, record):
        raise AlreadyExistsError(dotted(new))
    kind.renamed(context, record, new)
    context.store.move(record, new)


def _set(context: Context, kind: Kind, record: Record, reader: Reader) -> None:
    changes = read_properties(kind, reader)
    record.properties |= changes.properties
    record.parameters |= changes.parameters
    if changes.tags:
        record.properties["TAGS"] = record.properties.get("TAGS", {}) | changes.tags
    kind.validate(context, record)
    kind.altered(context, record)


def _unset(context: Context, kind: Kind, record: Record, reader: Reader) -> None:
    properties, parameters = read_unset(kind, reader)
    for name in properties:
        item = kind.property(name)
        record.properties[name] = item.default if item is not None else None
    for name in parameters:
        record.parameters.pop(name, None)
    kind.validate(context, record)
    kind.altered(context, record)


def _unset_tags(record: Record, reader: Reader) -> None:
    tags = dict(record.properties.get("TAGS", {}))
    while not reader.at_end:
        tags.pop(dotted(reader.path()), None)
        reader.accept_symbol(",")
    record.properties["TAGS"] = tags


def is_tag_change(reader: Reader) -> bool:
    """Whether `[IF EXISTS] <name> {SET | UNSET} TAG` comes next; the reader does not move."""
    ahead = Reader(reader.text[reader.token.start :])
    ahead.accept("IF", "EXISTS")
    ahead.path()
    return ahead.accept("SET", "TAG") or ahead.accept("UNSET", "TAG")
