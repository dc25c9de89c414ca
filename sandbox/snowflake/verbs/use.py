"""USE ROLE | SECONDARY ROLES | WAREHOUSE | DATABASE | SCHEMA."""

from __future__ import annotations

from sandbox.snowflake.catalog.record import Record
from sandbox.snowflake.context import Context
from sandbox.snowflake.errors import (
    DoesNotExistError,
    OperationOnMissingError,
    SnowflakeError,
)
from sandbox.snowflake.result import Result, status
from sandbox.snowflake.sql.names import dotted
from sandbox.snowflake.sql.reader import Reader

_DONE = "Statement executed successfully."


class RoleNotGrantedError(SnowflakeError):
    """USE ROLE of a role that the user was not granted."""

    code = "003013"
    sqlstate = "42501"

    def __init__(self, role: str, user: str) -> None:
        super().__init__(
            f"Requested role '{role}' is not assigned to the executing user. "
            "Specify another role to activate."
        )


def use(context: Context, reader: Reader) -> Result:
    """Read what is to be used, and use it."""
    if reader.accept("SECONDARY", "ROLES"):
        return _secondary(context, reader)
    word = reader.accept_any("ROLE", "WAREHOUSE", "DATABASE", "SCHEMA")
    path = reader.path()
    reader.expect_end()
    if word == "ROLE":
        use_role(context, path[0])
    elif word == "WAREHOUSE":
        use_warehouse(context, path[0])
    elif word == "DATABASE" or (word is None and len(path) == 1):
        use_database(context, path[0])
    else:
        use_schema(context, path)
    return status(_DONE)


def _secondary(context: Context, reader: Reader) -> Result:
    word = reader.accept_any("ALL", "NONE")
    if word is None:
        raise reader.error()
    context.session.secondary_roles = word
    return status(_DONE)


def use_role(context: Context, name: str) -> None:
    """Make a granted role the primary one."""
    record = context.store.find("ROLE", (name,))
    if record is None:
        raise DoesNotExistError("role", dotted((name,)))
    if not context.account.access.user_has_role(context.session.user_id, record.id):
        raise RoleNotGrantedError(name, context.user.name)
    context.session.role_id = record.id


def use_warehouse(context: Context, name: str) -> None:
    """Make a warehouse the current one."""
    record = _usable(context, "WAREHOUSE", (name,))
    context.session.warehouse = record.name


def use_database(context: Context, name: str) -> None:
    """Make a database current, and its PUBLIC schema if it has one."""
    record = _usable(context, "DATABASE", (name,))
    context.session.database = record.name
    public = context.store.find("SCHEMA", (record.name, "PUBLIC"))
    context.session.schema = "PUBLIC" if public is not None else None


def use_schema(context: Context, path: tuple[str, ...]) -> None:
    """Make a schema, and its database, current."""
    record = _usable(context, "SCHEMA", path)
    context.session.database, context.session.schema = record.path


def _usable(context: Context, kind: str, path: tuple[str, ...]) -> Record:
    """What may be used; what is absent and what is not permitted read alike."""
    full = context.resolve(context.registry[kind], path)
    record = context.store.find(kind, full)
    if record is None:
        raise OperationOnMissingError
    try:
        context.demand("USAGE", record)
    except SnowflakeError:
        raise OperationOnMissingError from None
    return record
