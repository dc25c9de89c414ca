"""GRANT and REVOKE: what the words say; the work is done by the modules beside this one.

Grants to applications and users, and inherited and caller grants, are refused by name.
https://docs.snowflake.com/en/sql-reference/sql/grant-privilege
https://docs.snowflake.com/en/sql-reference/sql/revoke-privilege
"""

from __future__ import annotations

from sandbox.snowflake.access import ownership, privilege_grants
from sandbox.snowflake.access.clauses import read_grantee, read_privileges, read_securables
from sandbox.snowflake.access.grantor import grantor
from sandbox.snowflake.catalog.record import Record
from sandbox.snowflake.context import Context
from sandbox.snowflake.errors import CompilationError, SnowflakeError, UnsupportedError
from sandbox.snowflake.result import Result, status
from sandbox.snowflake.sharing.imports import check_imported
from sandbox.snowflake.sql.reader import Reader

_DONE = "Statement executed successfully."
_UNSUPPORTED = ("APPLICATION", "CALLER", "INHERITED")


class RoleCycleError(CompilationError):
    """A role would come to inherit itself."""

    def __init__(self, role: Record, grantee: Record) -> None:
        super().__init__(
            f"Cannot grant role '{role.name}' to '{grantee.name}': "
            "the role hierarchy would contain a cycle."
        )


class SystemGrantError(SnowflakeError):
    """A grant that Snowflake itself made cannot be revoked."""

    code = "003001"
    sqlstate = "42501"

    def __init__(self, role: Record, grantee: Record) -> None:
        super().__init__(
            "SQL access control error:\n"
            f"Role '{role.name}' is granted to '{grantee.name}' by the system."
        )


def grant(context: Context, reader: Reader) -> Result:
    """GRANT ROLE | DATABASE ROLE | OWNERSHIP | <privileges>."""
    role = _read_role(context, reader)
    if role is not None:
        return _grant_role(context, reader, role)
    if reader.accept("OWNERSHIP"):
        return ownership.grant_ownership(context, reader)
    wanted = read_privileges(reader)
    reader.expect("ON")
    securables = read_securables(context, reader)
    reader.expect("TO")
    grantee = read_grantee(context, reader, shares=True)
    for record in securables.objects:
        check_imported(context.store, wanted, record)
    option = reader.accept("WITH", "GRANT", "OPTION")
    reader.expect_end()
    return _done(
        securables.bulk,
        privilege_grants.grant(context, wanted, securables, grantee, option=option),
    )


def revoke(context: Context, reader: Reader) -> Result:
    """REVOKE ROLE | DATABASE ROLE | [GRANT OPTION FOR] <privileges>."""
    role = _read_role(context, reader)
    if role is not None:
        return _revoke_role(context, reader, role)
    option_only = reader.accept("GRANT", "OPTION", "FOR")
    wanted = read_privileges(reader)
    reader.expect("ON")
    securables = read_securables(context, reader)
    reader.expect("FROM")
    grantee = read_grantee(context, reader, shares=True)
    cascade = reader.accept_any("CASCADE", "RESTRICT") == "CASCADE"
    reader.expect_end()
    touched = privilege_grants.revoke(
        context, wanted, securables, grantee, option_only=option_only, cascade=cascade
    )
    return _done(securables.bulk, touched)


def _done(bulk: bool, touched: int) -> Result:
    return status(f"{_DONE} {touched} objects affected." if bulk else _DONE)


def _read_role(context: Context, reader: Reader) -> Record | None:
    if reader.token.word in _UNSUPPORTED:
        raise UnsupportedError(" ".join(context.statement.text.split()[:4]))
    for kind in ("DATABASE ROLE", "ROLE"):
        if reader.accept(*kind.split()):
            return context.get(context.registry[kind], reader.path())
    return None


def _grant_role(context: Context, reader: Reader, role: Record) -> Result:
    reader.expect("TO")
    grantee = read_grantee(context, reader, users=True)
    reader.expect_end()
    _check_pair(role, grantee)
    access = context.account.access
    if grantee.id in access.hierarchy.closure(role.id):
        raise RoleCycleError(role, grantee)
    context.demand("OWNERSHIP", role, grantable=True)
    access.grant_role(role.id, grantee.id, granted_by=grantor(context, "USAGE", role))
    return status(_DONE)


def _check_pair(role: Record, grantee: Record) -> None:
    """An account role goes to roles and users; a database role to roles and its neighbours."""
    inward = grantee.kind == "DATABASE ROLE"
    if role.kind == "ROLE" and inward:
        raise CompilationError("An account role cannot be granted to a database role.")
    if role.kind == "DATABASE ROLE" and grantee.kind == "USER":
        raise UnsupportedError("database roles granted to a USER; grant them to a role")
    if inward and role.path[0] != grantee.path[0]:
        raise CompilationError("Database roles can be granted within one database only.")


def _revoke_role(context: Context, reader: Reader, role: Record) -> Result:
    reader.expect("FROM")
    grantee = read_grantee(context, reader, users=True)
    reader.expect_end()
    hierarchy = context.account.access.hierarchy
    membership = hierarchy.find(role.id, grantee.id)
    if membership is None:
        return status(_DONE)
    if membership.grantor is None:
        raise SystemGrantError(role, grantee)
    context.demand("OWNERSHIP", role, grantable=True)
    hierarchy.remove(membership)
    return status(_DONE)
