"""Network policies: which addresses may reach the account or log a user in.

Set by the parameter NETWORK_POLICY, they are held at login (`sandbox.snowflake.login_rules`).
https://docs.snowflake.com/en/sql-reference/sql/create-network-policy
"""

from __future__ import annotations

import json
from typing import Final

from sandbox.snowflake.catalog import columns as column
from sandbox.snowflake.catalog import values as value
from sandbox.snowflake.catalog.kind import Kind, Scope, ShowColumn
from sandbox.snowflake.catalog.record import Record
from sandbox.snowflake.context import Context
from sandbox.snowflake.errors import DoesNotExistError, SnowflakeError
from sandbox.snowflake.kinds import network_rule
from sandbox.snowflake.login_rules import lets_in
from sandbox.snowflake.result import Column, Result
from sandbox.snowflake.sql.names import Path, dotted
from sandbox.snowflake.sql.reader import Reader

PARAMETER: Final = "NETWORK_POLICY"
_ADDRESSES: Final = ("ALLOWED_IP_LIST", "BLOCKED_IP_LIST")


class PolicyActiveError(SnowflakeError):
    """DROP, rename or replacement of a policy that the account or a user has."""

    code = "001492"
    sqlstate = "42601"

    def __init__(self, name: str, where: str) -> None:
        super().__init__(
            "SQL compilation error:\n"
            f"Cannot perform Drop operation on network policy {name}. The policy is attached to "
            f"{where}. Unset the network policy from {where} and try the Drop operation again."
        )


class RequestorExcludedError(SnowflakeError):
    """A policy that would shut out who sets it.

    https://docs.snowflake.com/en/user-guide/network-policies#activating-a-network-policy
    """

    code = "001493"
    sqlstate = "22023"

    def __init__(self, name: str, address: str) -> None:
        super().__init__(
            "SQL compilation error:\n"
            f"Network policy {name} cannot be activated. Requestor IP address, {address}, must be "
            "included in the allowed_ip_list."
        )


def checked(context: Context, text: str, *, own: bool) -> str:
    """The name of the policy that is set; `own` says that it will apply to the requestor."""
    policy = context.store.find("NETWORK POLICY", (text,)) or context.store.find(
        "NETWORK POLICY", (text.upper(),)
    )
    if policy is None:
        raise DoesNotExistError("network policy", text)
    if own:
        keep_requestor(context, policy)
    return policy.name


def keep_requestor(context: Context, policy: Record) -> None:
    """RequestorExcludedError where a policy shuts the session's own address out."""
    address = context.session.address
    if not lets_in(context.store, policy, address):
        raise RequestorExcludedError(policy.name, address)


def is_own(context: Context, user: Record) -> bool:
    """Whether a user must not be shut out: who asks, and the sandbox's administrator."""
    return context.session.user_id == user.id or user.name == context.account.identity.admin_user


def keep_requestor_of_active(context: Context, policy: Record) -> None:
    """The same for a policy that changes while it is in force for the requestor."""
    holders = [user for user in context.store.each("USER") if is_own(context, user)]
    own = any(user.parameters.get(PARAMETER) == policy.name for user in holders)
    if own or context.account.parameters.on_account(PARAMETER) == policy.name:
        keep_requestor(context, policy)


def _validate(context: Context, record: Record) -> None:
    for name in _ADDRESSES:
        for address in record.properties[name] or []:
            network_rule.check_address(address, name)
    kind = context.registry["NETWORK RULE"]
    for name in network_rule.LISTS:
        rules = [context.get(kind, Reader(r).path()) for r in record.properties[name] or []]
        record.properties[name] = [dotted(rule.path) for rule in rules]
    if record.id:
        keep_requestor_of_active(context, record)


def _refuse_active(context: Context, name: str) -> None:
    if context.account.parameters.on_account(PARAMETER) == name:
        raise PolicyActiveError(name, "ACCOUNT")
    for user in context.store.each("USER"):
        if user.parameters.get(PARAMETER) == name:
            raise PolicyActiveError(name, f"USER {user.name}")


def _add(context: Context, record: Record, reader: Reader) -> None:
    name, rules = _read_rules(reader)
    known = record.properties[name] or []
    record.properties[name] = known + [rule for rule in rules if rule not in known]
    _validate(context, record)


def _remove(context: Context, record: Record, reader: Reader) -> None:
    name, rules = _read_rules(reader)
    known = record.properties[name] or []
    for rule in rules:
        if rule not in known:
            raise DoesNotExistError("network rule", rule)
    record.properties[name] = [rule for rule in known if rule not in rules]
    _validate(context, record)


def _read_rules(reader: Reader) -> tuple[str, list[str]]:
    name = reader.accept_any(*network_rule.LISTS)
    item = KIND.property(name) if name is not None else None
    if name is None or item is None:
        raise reader.error()
    reader.expect_symbol("=")
    if reader.token.value != "(":
        return name, [str(value.read_name(reader, item))]
    return name, value.read_names(reader, item)


def _describe(context: Context, record: Record) -> Result:
    """A row for each list that is not empty; rules as JSON."""
    rows = [[name, _rules(record, name)] for name in network_rule.LISTS if record.properties[name]]
    rows += [
        [name, ",".join(record.properties[name])] for name in _ADDRESSES if record.properties[name]
    ]
    return Result([Column("name"), Column("value")], rows)


def _rules(record: Record, name: str) -> str:
    rules = [{"fullyQualifiedRuleName": rule} for rule in record.properties[name]]
    return json.dumps(rules, separators=(",", ":"))


def _entries(name: str, item: str) -> ShowColumn:
    return ShowColumn(name, lambda context, record: len(record.properties.get(item) or []), "fixed")


def _renamed(context: Context, record: Record, path: Path) -> None:
    _refuse_active(context, record.name)


KIND: Final = Kind(
    name="NETWORK POLICY",
    plural="NETWORK POLICIES",
    scope=Scope.ACCOUNT,
    properties=(
        *(value.of(name, value.read_names, []) for name in network_rule.LISTS),
        *(value.of(name, value.read_texts, []) for name in _ADDRESSES),
        value.COMMENT,
    ),
    actions={"ADD": _add, "REMOVE": _remove},
    show=(
        column.CREATED_ON,
        column.NAME,
        column.COMMENT,
        _entries("entries_in_allowed_ip_list", "ALLOWED_IP_LIST"),
        _entries("entries_in_blocked_ip_list", "BLOCKED_IP_LIST"),
        _entries("entries_in_allowed_network_rules", "ALLOWED_NETWORK_RULE_LIST"),
        _entries("entries_in_blocked_network_rules", "BLOCKED_NETWORK_RULE_LIST"),
    ),
    describe=_describe,
    validate=_validate,
    dropped=lambda context, record: _refuse_active(context, record.name),
    renamed=_renamed,
)
