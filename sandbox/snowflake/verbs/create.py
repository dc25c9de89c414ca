"""CREATE of the kinds that the catalogue keeps."""

from __future__ import annotations

import copy
from typing import Any

from sandbox.snowflake.catalog.kind import Kind, Scope
from sandbox.snowflake.catalog.record import Record
from sandbox.snowflake.context import Context
from sandbox.snowflake.errors import (
    AlreadyExistsError,
    HiddenError,
    SnowflakeError,
    StatementSyntaxError,
    UnsupportedError,
)
from sandbox.snowflake.governance import tags
from sandbox.snowflake.result import Result, status
from sandbox.snowflake.sql.names import Path, dotted
from sandbox.snowflake.sql.reader import Reader
from sandbox.snowflake.verbs import clone
from sandbox.snowflake.verbs.drop import OF_SESSION, remove
from sandbox.snowflake.verbs.properties import Changes, read_properties
from sandbox.snowflake.verbs.target import Target


def create(context: Context, target: Target, reader: Reader) -> Result:
    """CREATE [OR REPLACE] [modifier] <kind> [IF NOT EXISTS] <name> <properties>."""
    kind = target.kind
    if_not_exists = reader.accept("IF", "NOT", "EXISTS")
    path = context.resolve(kind, reader.path())
    context.check_parent(path)
    _demand(context, kind, path)
    existing = context.store.find(kind.space(), path)
    if existing is not None and if_not_exists:
        return status(f"{dotted(path[-1:])} already exists, statement succeeded.")
    if existing is not None and not target.or_replace:
        raise taken(context, existing)
    if existing is not None:
        context.demand("OWNERSHIP", existing)
    if reader.accept("CLONE"):
        return clone.clone(context, target, path, reader, existing)
    if reader.ahead(1).word not in ("TAG", "MANAGED"):
        reader.accept("WITH")
    changes = read_properties(kind, reader)
    changes.tags = tags.resolved(context, changes.tags)
    properties = _initial(context, target, changes)
    # before anything is dropped: a replacement that is refused must leave the old object
    role, given = context.session.role_id, changes.parameters
    kind.validate(context, Record(0, kind.name, path, role, context.now, properties, {**given}))
    if existing is not None:
        remove(context, existing)
    record = context.store.add(kind.name, path, role, context.now, properties)
    record.parameters.update(changes.parameters)
    kind.created(context, record)
    context.account.access.object_created(context, record)
    context.store.save(record)
    return status(f"{_label(kind)} {dotted(path[-1:])} successfully created.")


def _initial(context: Context, target: Target, changes: Changes) -> dict[str, Any]:
    """The properties of a new object: defaults, the words before the kind, what was given."""
    properties = {item.name: copy.copy(item.default) for item in target.kind.properties}
    properties |= dict.fromkeys(target.modifiers, True) | changes.properties
    if changes.tags:
        properties[tags.OF_OBJECT] = changes.tags
    if not _TEMPORARY.isdisjoint(target.modifiers):
        properties[OF_SESSION] = context.session.id
    return properties


def taken(context: Context, existing: Record) -> SnowflakeError:
    """The error for a name that is taken, also by what the session cannot see."""
    if context.sees(existing):
        return AlreadyExistsError(dotted(existing.path))
    return HiddenError(existing.kind, existing.name)


def _demand(context: Context, kind: Kind, path: Path) -> None:
    privilege = kind.create_privilege or f"CREATE {kind.name}"
    context.demand(privilege, container(context, kind, path))


def container(context: Context, kind: Kind, path: Path) -> Record | None:
    """The schema or database that the object goes into; None for the account."""
    if kind.scope is Scope.ACCOUNT:
        return None
    space = "DATABASE" if kind.scope is Scope.DATABASE else "SCHEMA"
    return context.store.find(space, path[:-1])


def _label(kind: Kind) -> str:
    return kind.name.capitalize()


def read_target(context: Context, reader: Reader) -> Target:
    """What stands between CREATE and the name."""
    or_replace = reader.accept("OR", "REPLACE")
    modifiers: list[str] = []
    while True:
        kind = context.registry.read_singular(reader)
        if kind is not None:
            break
        if reader.token.word not in _MODIFIERS:
            raise UnsupportedError(" ".join(reader.text.split()[:6]))
        modifiers.append(reader.advance().word)
    if kind.family:
        raise StatementSyntaxError(f"CREATE {kind.name} needs the type of the {kind.name.lower()}.")
    wrong = [word for word in modifiers if word not in kind.modifiers]
    if wrong and not kind.on_data_plane:
        raise StatementSyntaxError(f"unexpected '{wrong[0]}' before {kind.name}.")
    return Target(kind, or_replace, tuple(modifiers))


_TEMPORARY = frozenset(("TEMPORARY", "TEMP", "VOLATILE"))
_MODIFIERS = frozenset(
    ("TRANSIENT", "TEMPORARY", "TEMP", "VOLATILE", "LOCAL", "GLOBAL", "SECURE", "RECURSIVE")
)
