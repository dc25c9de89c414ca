"""ALTER ACCOUNT and ALTER SESSION: parameters, and the account's own monitor."""

from __future__ import annotations

from sandbox.snowflake.context import Context
from sandbox.snowflake.errors import DoesNotExistError, InvalidPropertyError
from sandbox.snowflake.parameters import PARAMETERS, Parameter
from sandbox.snowflake.result import Result, status
from sandbox.snowflake.sql.names import dotted
from sandbox.snowflake.sql.reader import Reader
from sandbox.snowflake.verbs.properties import read_tags

_DONE = "Statement executed successfully."


def alter_account(context: Context, reader: Reader) -> Result:
    """ALTER ACCOUNT SET | UNSET parameters, RESOURCE_MONITOR, or tags."""
    context.demand("MODIFY")
    if reader.accept("SET", "TAG"):
        context.account.set_tags(read_tags(reader))
    elif reader.accept("SET"):
        while not reader.at_end:
            _set(context, reader)
            reader.accept_symbol(",")
    elif reader.accept("UNSET"):
        for name in _names(reader):
            if name == "RESOURCE_MONITOR":
                context.store.keep_setting("account_monitor", "")
            else:
                context.account.parameters.unset_on_account(_known(name).name)
    else:
        raise reader.error()
    return status(_DONE)


def _set(context: Context, reader: Reader) -> None:
    name = reader.identifier()
    reader.expect_symbol("=")
    if name != "RESOURCE_MONITOR":
        parameter = _known(name)
        context.account.parameters.set_on_account(parameter.name, parameter.read(reader))
        return
    monitor = reader.identifier()
    if context.store.find("RESOURCE MONITOR", (monitor,)) is None:
        raise DoesNotExistError("resource monitor", dotted((monitor,)))
    context.store.keep_setting("account_monitor", monitor)


def _names(reader: Reader) -> list[str]:
    names = [reader.identifier()]
    while reader.accept_symbol(",") or not reader.at_end:
        names.append(reader.identifier())
    return names


def _known(name: str) -> Parameter:
    parameter = PARAMETERS.get(name)
    if parameter is None:
        raise InvalidPropertyError(name, f"{len(PARAMETERS)} account parameters")
    return parameter


def alter_session(context: Context, reader: Reader) -> Result:
    """ALTER SESSION SET | UNSET parameters."""
    if reader.accept("SET"):
        while not reader.at_end:
            parameter = _known(reader.identifier())
            reader.expect_symbol("=")
            context.session.parameters[parameter.name] = parameter.read(reader)
            reader.accept_symbol(",")
    else:
        reader.expect("UNSET")
        for name in _names(reader):
            context.session.parameters.pop(_known(name).name, None)
    return status(_DONE)
