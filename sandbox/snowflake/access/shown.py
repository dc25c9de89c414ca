"""SHOW GRANTS and SHOW FUTURE GRANTS in all their forms.

https://docs.snowflake.com/en/sql-reference/sql/show-grants
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

from sandbox.snowflake.access.clauses import read_container, read_grantee, read_object
from sandbox.snowflake.access.grant import ACCOUNT, OWNERSHIP, FutureGrant, Grant, Membership
from sandbox.snowflake.access.privileges import grant_types
from sandbox.snowflake.access.rules import MANAGE_GRANTS
from sandbox.snowflake.catalog.record import Record
from sandbox.snowflake.context import Context
from sandbox.snowflake.errors import DoesNotExistError, UnsupportedError
from sandbox.snowflake.result import Column, Result
from sandbox.snowflake.sharing.imports import FROM_SHARE
from sandbox.snowflake.sharing.shares import full_name
from sandbox.snowflake.sql.names import dotted
from sandbox.snowflake.sql.reader import Reader
from sandbox.snowflake.verbs.show import like

_CREATED: Final = Column("created_on", "timestamp_ltz")
_HELD: Final = (
    _CREATED,
    *(Column(name) for name in ("privilege", "granted_on", "name", "granted_to", "grantee_name")),
    Column("grant_option"),
    Column("granted_by"),
)
_ON: Final = (*_HELD, Column("granted_by_role_type"))
_MEMBERS: Final = (
    _CREATED,
    *(Column(name) for name in ("role", "granted_to", "grantee_name", "granted_by")),
)
_FUTURE: Final = (
    _CREATED,
    *(Column(name) for name in ("privilege", "grant_on", "name", "grant_to", "grantee_name")),
    Column("grant_option"),
)
Rows = list[list[Any]]


def show_grants(context: Context, reader: Reader) -> Result:
    """SHOW GRANTS [LIKE …] [ON … | TO … | OF …] [LIMIT n]; of the session's user when bare."""
    pattern = reader.string() if reader.accept("LIKE") else None
    if reader.accept("ON"):
        columns, rows = _ON, _on(context, reader)
    elif reader.accept("TO"):
        grantee = read_grantee(context, reader, users=True, shares=True)
        columns, rows = _to(context, _told_of(context, grantee))
    elif reader.accept("OF"):
        columns, rows = _MEMBERS, _of(context, reader)
    elif reader.token.word in ("", "LIMIT"):
        columns, rows = _to(context, context.user)
    else:
        raise UnsupportedError(" ".join(context.statement.text.split()[:4]))
    return _finished(reader, columns, rows, pattern)


def show_future_grants(context: Context, reader: Reader) -> Result:
    """SHOW FUTURE GRANTS {IN {DATABASE | SCHEMA} … | TO {ROLE | DATABASE ROLE} …}."""
    register = context.account.access.future
    if reader.accept("IN"):
        found = register.within(read_container(context, reader).id)
    else:
        reader.expect("TO")
        found = register.to(_told_of(context, read_grantee(context, reader)).id)
    return _finished(reader, _FUTURE, [_future_row(context, grant) for grant in found], None)


def _told_of(context: Context, grantee: Record) -> Record:
    """The role or user, if its grants may be told: its own, its owner's, or to who manages grants.

    That others are refused is our reading: docs/verified.md.
    """
    authority = context.account.access.authority
    roles = authority.active(context.session)
    own = grantee.id in roles or grantee.id == context.session.user_id or grantee.owner in roles
    if not own and not authority.on_account(roles, MANAGE_GRANTS):
        raise DoesNotExistError(grantee.kind, dotted(grantee.path))
    return grantee


def _finished(
    reader: Reader, columns: tuple[Column, ...], rows: Rows, pattern: str | None
) -> Result:
    limit = reader.integer() if reader.accept("LIMIT") else None
    reader.expect_end()
    if pattern is not None:
        rows = [row for row in rows if like(pattern, row[3])]
    rows.sort(key=lambda row: tuple(str(cell) for cell in row[1:]))
    return Result(columns, rows[:limit])


def _on(context: Context, reader: Reader) -> Rows:
    register = context.account.access.privileges
    if reader.accept("ACCOUNT"):
        return [_held_row(context, grant, typed=True) for grant in register.on(ACCOUNT)]
    record = read_object(context, reader)
    rows = [
        _held_row(context, grant, typed=True) for grant in register.on(record.id) if _told(grant)
    ]
    rows += _owner_row(context, record, typed=True)
    if record.kind in ("ROLE", "DATABASE ROLE"):
        members = context.account.access.hierarchy.of(record.id)
        rows += (row for member in members for row in _usage_row(context, member, typed=True))
    return rows


def _told(grant: Grant) -> bool:
    """REFERENCE_USAGE is held, and told by no SHOW GRANTS."""
    return grant.privilege != "REFERENCE_USAGE"


def _to(context: Context, grantee: Record) -> tuple[tuple[Column, ...], Rows]:
    access = context.account.access
    memberships = access.hierarchy.to(grantee.id)
    if grantee.kind == "USER":
        return _MEMBERS, _member_rows(context, memberships)
    rows = [_held_row(context, grant) for grant in access.privileges.to(grantee.id) if _told(grant)]
    for record in context.store.owned_by(grantee.id):
        rows += _owner_row(context, record)
    for member in memberships:
        rows += _usage_row(context, member)
    return _HELD, rows


def _of(context: Context, reader: Reader) -> Rows:
    if reader.accept("SHARE"):
        return _consumers(context, context.get(context.registry["SHARE"], reader.path()))
    if reader.token.word not in ("ROLE", "DATABASE"):
        raise UnsupportedError(" ".join(context.statement.text.split()[:4]))
    role = _told_of(context, read_grantee(context, reader))
    return _member_rows(context, context.account.access.hierarchy.of(role.id))


def _consumers(context: Context, share: Record) -> Rows:
    """The accounts that made a database of a share."""
    identity = context.account.identity
    wanted = [identity.organization, identity.name, share.name]
    organization = context.account.organization
    others = organization.others(context.account) if organization is not None else []
    return [
        [database.created_on, share.name, "ACCOUNT", full_name(other), ""]
        for other in others
        for database in other.store.each("DATABASE")
        if database.properties.get(FROM_SHARE) == wanted
    ]


def _member_rows(context: Context, members: Iterable[Membership]) -> Rows:
    rows: Rows = []
    for member in members:
        role, grantee = context.store.get(member.role), context.store.get(member.grantee)
        if role is None or grantee is None:
            continue
        name = dotted(grantee.path) if grantee.kind == "DATABASE ROLE" else grantee.name
        giver = _name(context, member.grantor)
        rows.append([member.created_on, role.name, _type(grantee), name, giver])
    return rows


def _held_row(context: Context, grant: Grant, *, typed: bool = False) -> list[Any]:
    record, grantee = context.store.get(grant.object), context.store.get(grant.grantee)
    types = grant_types(context.registry)
    row = [
        grant.created_on,
        grant.privilege,
        types.of(record).shown if record is not None else "ACCOUNT",
        dotted(record.path) if record is not None else context.account.identity.name,
        _type(grantee),
        _grantee_name(context, grantee),
        _flag(grant.option),
        _name(context, grant.grantor),
    ]
    return [*row, _type(context.store.get(grant.grantor))] if typed else row


def _grantee_name(context: Context, grantee: Record | None) -> str:
    """A share is named with the locator of its account in front."""
    if grantee is None:
        return ""
    in_front = f"{context.account.identity.locator}." if grantee.kind == "SHARE" else ""
    return in_front + grantee.name


def _owner_row(context: Context, record: Record, *, typed: bool = False) -> Rows:
    """The OWNERSHIP row; nobody's objects have none. Its grantor is the owner itself.

    Owning a database role is told as owning a ROLE, as accounts do.
    """
    owner = context.store.get(record.owner)
    if owner is None:
        return []
    type_ = grant_types(context.registry).of(record).shown
    since = record.properties.get("OWNED_SINCE")
    row = [
        datetime.fromisoformat(since) if since else record.created_on,
        OWNERSHIP,
        "ROLE" if record.kind == "DATABASE ROLE" else type_,
        dotted(record.path),
        _type(owner),
        owner.name,
        _flag(not _managed(context, record)),
        owner.name,
    ]
    return [[*row, _type(owner)] if typed else row]


def _managed(context: Context, record: Record) -> bool:
    """Whether the object lies in a schema with managed access: its owner may not grant on it."""
    schema = context.store.find("SCHEMA", record.path[:2]) if len(record.path) == 3 else None
    return schema is not None and bool(schema.properties.get("MANAGED ACCESS"))


def _usage_row(context: Context, member: Membership, *, typed: bool = False) -> Rows:
    """A role granted to a role reads as USAGE on it; to a user it is no row of this form."""
    role, grantee = context.store.get(member.role), context.store.get(member.grantee)
    if role is None or grantee is None or grantee.kind == "USER":
        return []
    row = [
        member.created_on,
        "USAGE",
        _type(role),
        dotted(role.path),
        _type(grantee),
        grantee.name,
        "false",
        _name(context, member.grantor),
    ]
    return [[*row, _type(context.store.get(member.grantor))] if typed else row]


def _future_row(context: Context, grant: FutureGrant) -> list[Any]:
    container, grantee = context.store.get(grant.container), context.store.get(grant.grantee)
    place = dotted(container.path) if container is not None else ""
    return [
        grant.created_on,
        grant.privilege,
        grant.type.replace(" ", "_"),
        f"{place}.<{grant.type}>",
        _type(grantee),
        grantee.name if grantee is not None else "",
        _flag(grant.option),
    ]


def _type(record: Record | None) -> str:
    return record.kind.replace(" ", "_") if record is not None else ""


def _name(context: Context, record_id: int | None) -> str:
    record = context.store.get(record_id)
    return record.name if record is not None else ""


def _flag(value: bool) -> str:
    return "true" if value else "false"
