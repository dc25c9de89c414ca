"""Grants and revokes privileges on objects, on all objects of a container, and on future ones.

https://docs.snowflake.com/en/sql-reference/sql/revoke-privilege#usage-notes
"""

from __future__ import annotations

from sandbox.snowflake.access.clauses import Securables
from sandbox.snowflake.access.dependents import DependentGrantError
from sandbox.snowflake.access.grant import ACCOUNT, OWNERSHIP, FutureGrant, Grant
from sandbox.snowflake.access.grantor import grantor, may_revoke
from sandbox.snowflake.access.privileges import expand, fitting
from sandbox.snowflake.catalog.record import Record
from sandbox.snowflake.context import Context
from sandbox.snowflake.errors import CompilationError
from sandbox.snowflake.sharing.shares import check_grant


def grant(
    context: Context,
    wanted: tuple[str, ...],
    securables: Securables,
    grantee: Record,
    *,
    option: bool,
) -> int:
    """Grant `wanted` (ALL when empty) to a role; how many objects it touched."""
    if securables.future_in is not None:
        _grant_future(context, wanted, securables, grantee, option=option)
        return 0
    _check_reach(securables, grantee)
    expand(wanted, securables.type, None)
    register = context.account.access.privileges
    for record in securables.objects:
        privileges = expand(wanted, securables.type, record)
        # as for future grants, so that it does not matter which came first
        for privilege in fitting(privileges, record) if securables.bulk else privileges:
            context.demand(privilege, record, grantable=True)
            if grantee.kind == "SHARE":
                check_grant(context.account, grantee, privilege, record)
            giver = grantor(context, privilege, record)
            number = record.id if record is not None else ACCOUNT
            register.put(Grant(number, privilege, grantee.id, giver, option, context.now))
    return len(securables.objects)


def _check_reach(securables: Securables, grantee: Record) -> None:
    """A database role holds privileges in its own database only.

    https://docs.snowflake.com/en/sql-reference/sql/grant-privilege#usage-notes
    """
    if grantee.kind != "DATABASE ROLE":
        return
    places = [*securables.objects, *([securables.future_in] if securables.future_in else [])]
    for record in places:
        if record is None or record.path[0] != grantee.path[0]:
            raise CompilationError(
                f"Database role '{grantee.name}' can only be granted privileges on database "
                f"'{grantee.path[0]}' and objects in it."
            )


def _grant_future(
    context: Context,
    wanted: tuple[str, ...],
    securables: Securables,
    grantee: Record,
    *,
    option: bool,
) -> None:
    container = securables.future_in
    if container is None:
        return
    _check_reach(securables, grantee)
    context.demand("MANAGE GRANTS", container, grantable=True)
    for privilege in expand(wanted, securables.type, None):
        context.account.access.future.put(
            FutureGrant(
                container.id, securables.type.name, privilege, grantee.id, option, context.now
            )
        )


def revoke(
    context: Context,
    wanted: tuple[str, ...],
    securables: Securables,
    grantee: Record,
    *,
    option_only: bool,
    cascade: bool,
) -> int:
    """Take `wanted` (ALL when empty) back; how many objects it touched."""
    if securables.future_in is not None:
        _revoke_future(context, wanted, securables, grantee, option_only=option_only)
        return 0
    if OWNERSHIP in wanted:
        raise CompilationError("OWNERSHIP cannot be revoked; grant it to another role.")
    names = set(expand(wanted, securables.type, None)) if wanted else None
    for record in securables.objects:
        for standing in context.account.access.privileges.on(record.id if record else ACCOUNT):
            meant = standing.grantee == grantee.id and (
                names is None or standing.privilege in names
            )
            if meant and may_revoke(context, standing):
                _take_back(context, standing, option_only=option_only, cascade=cascade)
    return len(securables.objects)


def _take_back(context: Context, standing: Grant, *, option_only: bool, cascade: bool) -> None:
    register = context.account.access.privileges
    if option_only:
        register.drop_option(standing)
    else:
        register.remove(standing)
    record = context.store.get(standing.object)
    owns = record is not None and record.owner == standing.grantee
    roles = (standing.grantee,)
    if owns or register.holds(roles, standing.privilege, standing.object, option=True):
        return
    for passed_on in register.by(standing.grantee):
        if (passed_on.object, passed_on.privilege) != (standing.object, standing.privilege):
            continue
        if not cascade:
            raise DependentGrantError(context, passed_on)
        _take_back(context, passed_on, option_only=False, cascade=True)


def _revoke_future(
    context: Context,
    wanted: tuple[str, ...],
    securables: Securables,
    grantee: Record,
    *,
    option_only: bool,
) -> None:
    container = securables.future_in
    if container is None:
        return
    context.demand("MANAGE GRANTS", container, grantable=True)
    names = set(wanted) if wanted else None
    future = context.account.access.future
    for standing in future.to(grantee.id):
        if (standing.container, standing.type) != (container.id, securables.type.name):
            continue
        if names is not None and standing.privilege not in names:
            continue
        future.remove(standing)
        if option_only:
            future.put(FutureGrant(*standing.key, option=False, created_on=standing.created_on))
