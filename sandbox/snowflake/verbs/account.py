"""ALTER ACCOUNT and ALTER SESSION: parameters, tags, policies, and the account's own monitor.

Packages policies and other accounts of the organization are not supported, and say so.
https://docs.snowflake.com/en/sql-reference/sql/alter-account
"""

from __future__ import annotations

from sandbox.snowflake.access.rules import ALTER_ACCOUNT
from sandbox.snowflake.context import Context
from sandbox.snowflake.errors import DoesNotExistError, InvalidPropertyError, UnsupportedError
from sandbox.snowflake.governance import policies, tags
from sandbox.snowflake.kinds import account_policy, network_policy
from sandbox.snowflake.parameters import ACCOUNT_LEVEL, PARAMETERS, SESSION_LEVEL, Parameter
from sandbox.snowflake.result import Result, status
from sandbox.snowflake.sql.names import dotted
from sandbox.snowflake.sql.reader import Reader
from sandbox.snowflake.verbs.properties import read_tags

_DONE = "Statement executed successfully."


def alter_account(context: Context, reader: Reader) -> Result:
    """ALTER ACCOUNT SET | UNSET parameters, RESOURCE_MONITOR, or tags."""
    context.demand(ALTER_ACCOUNT)
    if reader.ahead(1).word == "PACKAGES" or reader.token.word not in ("SET", "UNSET"):
        raise UnsupportedError(" ".join(context.statement.text.split()[:4]))
    if reader.ahead(2).word == "POLICY":
        _alter_policy(context, reader)
    elif reader.accept("SET", "TAG"):
        kept = tags.of_account(context.store) | tags.resolved(context, read_tags(reader))
        tags.keep_of_account(context.store, kept)
        context.account.protections.touch()
    elif reader.accept("UNSET", "TAG"):
        gone = tags.ids(context, tags.read_names(reader))
        kept = {n: v for n, v in tags.of_account(context.store).items() if n not in gone}
        tags.keep_of_account(context.store, kept)
        context.account.protections.touch()
    elif reader.accept("SET"):
        while not reader.at_end:
            _set(context, reader)
            reader.accept_symbol(",")
    else:
        reader.expect("UNSET")
        for name in _names(reader):
            _unset(context, name)
    return status(_DONE)


def _alter_policy(context: Context, reader: Reader) -> None:
    """SET | UNSET {PASSWORD | SESSION | AUTHENTICATION} POLICY."""
    verb = reader.advance().word
    kind = account_policy.read_kind(context, reader)
    if kind is None:
        raise reader.error()
    attached = policies.of_account(context.store)
    if verb == "SET":
        attached = account_policy.attach(context, kind, reader, attached, "ACCOUNT")
    else:
        attached = account_policy.detach(kind, attached, "ACCOUNT")
    reader.expect_end()
    policies.keep_of_account(context.store, attached)


def _set(context: Context, reader: Reader) -> None:
    name = reader.identifier()
    reader.expect_symbol("=")
    if name != "RESOURCE_MONITOR":
        parameter = _known(name, ACCOUNT_LEVEL)
        given = parameter.read(reader)
        if name == network_policy.PARAMETER:
            given = network_policy.checked(context, given, own=True)
        context.account.parameters.set_on_account(parameter.name, given)
        return
    monitor = reader.identifier()
    if context.store.find("RESOURCE MONITOR", (monitor,)) is None:
        raise DoesNotExistError("resource monitor", dotted((monitor,)))
    context.store.keep_setting("account_monitor", monitor)


def _unset(context: Context, name: str) -> None:
    if name == "RESOURCE_MONITOR":
        context.store.keep_setting("account_monitor", "")
    else:
        context.account.parameters.unset_on_account(_known(name, ACCOUNT_LEVEL).name)


def _names(reader: Reader) -> list[str]:
    names = [reader.identifier()]
    while reader.accept_symbol(",") or not reader.at_end:
        names.append(reader.identifier())
    return names


def _known(name: str, level: frozenset[str]) -> Parameter:
    if name not in level:
        raise InvalidPropertyError(name, ", ".join(sorted(level)))
    return PARAMETERS[name]


def alter_session(context: Context, reader: Reader) -> Result:
    """ALTER SESSION SET | UNSET parameters."""
    if reader.accept("SET"):
        while not reader.at_end:
            parameter = _known(reader.identifier(), SESSION_LEVEL)
            reader.expect_symbol("=")
            context.session.parameters[parameter.name] = parameter.read(reader)
            reader.accept_symbol(",")
    else:
        reader.expect("UNSET")
        for name in _names(reader):
            context.session.parameters.pop(_known(name, SESSION_LEVEL).name, None)
    return status(_DONE)
