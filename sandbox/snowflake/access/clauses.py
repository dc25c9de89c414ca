"""The parts that GRANT, REVOKE and SHOW GRANTS share: privileges, `ON …` and the grantee."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.snowflake.access.privileges import ACCOUNT_TYPE, GrantType, grant_types
from sandbox.snowflake.catalog.record import Record
from sandbox.snowflake.context import Context
from sandbox.snowflake.errors import DoesNotExistError, UnsupportedError
from sandbox.snowflake.sql.names import dotted
from sandbox.snowflake.sql.reader import Reader
from sandbox.snowflake.sql.tokens import TokenKind


@dataclass(frozen=True, slots=True)
class Securables:
    """What a statement is about. The account is an object of None; `future_in` holds a container
    whose future objects are meant; `bulk` tells ALL … IN from one named object.
    """

    type: GrantType
    objects: tuple[Record | None, ...]
    future_in: Record | None = None
    bulk: bool = False


def read_privileges(reader: Reader) -> tuple[str, ...]:
    """The names before ON; empty for ALL [PRIVILEGES]."""
    if reader.token.word == "ALL" and reader.ahead(1).word in ("PRIVILEGES", "ON"):
        reader.advance()
        reader.accept("PRIVILEGES")
        return ()
    names = [_privilege(reader)]
    while reader.accept_symbol(","):
        names.append(_privilege(reader))
    return tuple(names)


def _privilege(reader: Reader) -> str:
    name = ""
    while reader.token.word not in ("", "ON") or reader.token.value == ".":
        joined = name.endswith(".") or reader.token.value == "."
        name += ("" if joined or not name else " ") + reader.advance().value.upper()
    if not name:
        raise reader.error()
    return name


def read_securables(context: Context, reader: Reader) -> Securables:
    """ACCOUNT, ALL … IN, FUTURE … IN, or one object."""
    if reader.accept("ACCOUNT"):
        return Securables(ACCOUNT_TYPE, (None,))
    if reader.token.word in ("ALL", "FUTURE"):
        return _read_many(context, reader, future=reader.advance().word == "FUTURE")
    record = read_object(context, reader)
    return Securables(grant_types(context.registry).of(record), (record,))


def _read_many(context: Context, reader: Reader, *, future: bool) -> Securables:
    item = grant_types(context.registry).read_plural(reader)
    if item is None:
        raise reader.error()
    reader.expect("IN")
    container = read_container(context, reader)
    if future:
        return Securables(item, (), future_in=container)
    kind = item.kind.name if item.kind is not None else None
    inside = context.store.descendants(container.path)
    return Securables(item, tuple(one for one in inside if one.kind == kind), bulk=True)


def read_container(context: Context, reader: Reader) -> Record:
    """DATABASE or SCHEMA and its name."""
    word = reader.accept_any("DATABASE", "SCHEMA")
    if word is None:
        raise reader.error()
    return context.get(context.registry[word], reader.path())


def read_object(context: Context, reader: Reader) -> Record:
    """A type and the name of an object that stands; functions may carry argument types.

    Without a type it is a table or view: dbt writes GRANT, REVOKE and SHOW GRANTS so.
    """
    item = grant_types(context.registry).read_singular(reader)
    if item is None:
        return context.get(context.registry["TABLE"], reader.path())
    if item.kind is not None and item.name == item.kind.name:
        return context.get(item.kind, item.kind.read_path(reader))
    path = reader.path()
    if reader.token.value == "(" and reader.token.kind is TokenKind.SYMBOL:
        reader.parenthesised()
    record = context.store.find(item.name, path)  # INTEGRATION: a name for kinds that share names
    if record is None:
        raise DoesNotExistError(item.name, dotted(path))
    return record


def read_grantee(
    context: Context, reader: Reader, *, users: bool = False, shares: bool = False
) -> Record:
    """ROLE, DATABASE ROLE, where `users` or `shares` says so USER or SHARE, and the name of one
    that stands.
    """
    named = reader.ahead(1).kind is not TokenKind.END
    if shares and named and reader.accept("SHARE"):
        return context.get(context.registry["SHARE"], reader.path())
    if reader.token.word in ("SHARE", "APPLICATION") and named:
        raise UnsupportedError(f"grants to a {reader.token.word}")
    if reader.accept("DATABASE", "ROLE"):
        kind = "DATABASE ROLE"
    elif reader.token.word == "USER" and reader.ahead(1).kind is not TokenKind.END:
        reader.advance()
        if not users:
            raise UnsupportedError("privileges granted to a USER; grant them to a role")
        kind = "USER"
    else:
        if reader.token.word == "ROLE" and reader.ahead(1).kind is not TokenKind.END:
            reader.advance()
        kind = "ROLE"
    return context.get(context.registry[kind], reader.path())
