"""GRANT OWNERSHIP, and what happens to the objects of a role that is dropped.

https://docs.snowflake.com/en/sql-reference/sql/grant-ownership
https://docs.snowflake.com/en/sql-reference/sql/drop-role#usage-notes
"""

from __future__ import annotations

from dataclasses import replace

from sandbox.snowflake.access.clauses import Securables, read_grantee, read_securables
from sandbox.snowflake.access.dependents import DependentGrantError
from sandbox.snowflake.access.grant import OWNERSHIP, FutureGrant
from sandbox.snowflake.catalog.record import Record
from sandbox.snowflake.context import Context
from sandbox.snowflake.errors import CompilationError, InsufficientPrivilegesError
from sandbox.snowflake.result import Result, status
from sandbox.snowflake.sql.reader import Reader

_DONE = "Statement executed successfully."


def grant_ownership(context: Context, reader: Reader) -> Result:
    """ON {<object> | ALL … IN | FUTURE … IN} TO {ROLE | DATABASE ROLE} [{COPY | REVOKE} …]."""
    reader.expect("ON")
    securables = read_securables(context, reader)
    reader.expect("TO")
    owner = read_grantee(context, reader)
    current = reader.accept_any("COPY", "REVOKE")
    if current is not None:
        reader.expect("CURRENT", "GRANTS")
    reader.expect_end()
    if securables.future_in is not None:
        _own_future(context, securables, securables.future_in, owner)
        return status(_DONE)
    for record in securables.objects:
        if record is None:
            raise CompilationError("The account has no OWNERSHIP to grant.")
        _transfer(context, record, owner, current)
    touched = f" {len(securables.objects)} objects affected." if securables.bulk else ""
    return status(_DONE + touched)


def _own_future(context: Context, securables: Securables, container: Record, owner: Record) -> None:
    _check_owner(container, owner, inside=True)
    context.demand("MANAGE GRANTS", container, grantable=True)
    context.account.access.future.put(
        FutureGrant(container.id, securables.type.name, OWNERSHIP, owner.id, False, context.now)
    )


def _check_owner(record: Record, owner: Record, *, inside: bool = False) -> None:
    """A database role owns only what lies in its database, never the database itself."""
    if owner.kind != "DATABASE ROLE":
        return
    if record.path[0] != owner.path[0] or (len(record.path) == 1 and not inside):
        raise CompilationError(
            f"Database role '{owner.name}' can only own objects in database '{owner.path[0]}'."
        )


def _transfer(context: Context, record: Record, owner: Record, current: str | None) -> None:
    if record.owner is None:
        raise InsufficientPrivilegesError(record.kind, record.name)
    _check_owner(record, owner)
    context.demand(OWNERSHIP, record, grantable=True)
    if record.owner == owner.id:
        return
    register = context.account.access.privileges
    for grant in register.on(record.id):
        if current is None and record.kind not in ("ROLE", "DATABASE ROLE"):
            raise DependentGrantError(context, grant)
        register.remove(grant)
        if current != "REVOKE":
            register.put(replace(grant, grantor=owner.id))
    _set_owner(context, record, owner.id)


def _set_owner(context: Context, record: Record, owner: int | None) -> None:
    record.owner = owner
    record.properties["OWNED_SINCE"] = context.now.isoformat()
    context.store.save(record)


def inherit(context: Context, dropped: Record) -> None:
    """Give all that a dropped role owned to the role that runs the DROP."""
    for record in context.store.owned_by(dropped.id):
        _set_owner(context, record, context.session.role_id)
