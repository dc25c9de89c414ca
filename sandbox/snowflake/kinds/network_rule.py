"""Network rules: lists of addresses that network policies name.

Clients of the sandbox come from 127.0.0.1: a policy that is to let them in must allow it.
https://docs.snowflake.com/en/sql-reference/sql/create-network-rule
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from typing import Final

from sandbox.snowflake.catalog import columns as column
from sandbox.snowflake.catalog import values as value
from sandbox.snowflake.catalog.kind import Kind, Scope, ShowColumn
from sandbox.snowflake.catalog.record import Record
from sandbox.snowflake.context import Context
from sandbox.snowflake.errors import CompilationError, InvalidValueError, SnowflakeError
from sandbox.snowflake.result import Column, Result
from sandbox.snowflake.sql.names import dotted

LISTS: Final = ("ALLOWED_NETWORK_RULE_LIST", "BLOCKED_NETWORK_RULE_LIST")
"""The properties of a network policy that name rules."""
_TYPES: Final = ("IPV4", "AWSVPCEID", "AZURELINKID", "GCPPSCID", "HOST_PORT", "PRIVATE_HOST_PORT")
_MODES: Final = ("INGRESS", "INTERNAL_STAGE", "EGRESS")
_REQUIRED: Final = ("TYPE", "MODE")


class RuleInUseError(SnowflakeError):
    """DROP or replacement of a rule that a network policy names."""

    code = "001149"
    sqlstate = "22023"

    def __init__(self, rule: Record, policy: Record) -> None:
        super().__init__(
            f"SQL execution error:\nNetwork rule {dotted(rule.path)} cannot be dropped because it "
            f"is attached to network policy {policy.name}."
        )


def check_address(text: str, name: str) -> None:
    """InvalidValueError for what is no IPv4 address or range."""
    try:
        ipaddress.IPv4Network(text, strict=False)
    except ValueError as error:
        raise InvalidValueError(text, name) from error


def _validate(context: Context, record: Record) -> None:
    missing = [name for name in _REQUIRED if record.properties.get(name) is None]
    if missing:
        raise CompilationError(f"Missing option(s): [{', '.join(missing)}]")
    type_, mode = record.properties["TYPE"], record.properties["MODE"]
    if (mode == "EGRESS") != type_.endswith("HOST_PORT"):
        raise CompilationError(f"A network rule of type {type_} cannot have mode {mode}.")
    if type_ == "IPV4":
        for address in record.properties["VALUE_LIST"]:
            check_address(address, "VALUE_LIST")
    for policy in _naming(context, record) if record.id else ():
        context.registry["NETWORK POLICY"].validate(context, policy)


def _naming(context: Context, record: Record) -> Iterator[Record]:
    """The network policies that name a rule."""
    for policy in context.store.all("NETWORK POLICY"):
        if any(dotted(record.path) in (policy.properties.get(name) or []) for name in LISTS):
            yield policy


def _dropped(context: Context, record: Record) -> None:
    for policy in _naming(context, record):
        raise RuleInUseError(record, policy)


def _values(context: Context, record: Record) -> str:
    return ",".join(record.properties["VALUE_LIST"])


_FACTS: Final = (
    column.CREATED_ON,
    column.NAME,
    column.DATABASE_NAME,
    column.SCHEMA_NAME,
    column.OWNER,
    column.COMMENT,
    column.shown("type", "TYPE"),
    column.shown("mode", "MODE"),
)
_DESCRIBED: Final = (*_FACTS, ShowColumn("value_list", _values))


def _describe(context: Context, record: Record) -> Result:
    return Result(
        [Column(item.name, item.type) for item in _DESCRIBED],
        [[item.value(context, record) for item in _DESCRIBED]],
    )


KIND: Final = Kind(
    name="NETWORK RULE",
    plural="NETWORK RULES",
    scope=Scope.SCHEMA,
    properties=(
        value.word("TYPE", *_TYPES),
        value.word("MODE", *_MODES, default="INGRESS"),
        value.of("VALUE_LIST", value.read_texts, []),
        value.COMMENT,
    ),
    show=(
        *_FACTS,
        ShowColumn(
            "entries_in_valuelist",
            lambda context, record: len(record.properties["VALUE_LIST"]),
            "fixed",
        ),
        column.OWNER_ROLE_TYPE,
    ),
    describe=_describe,
    validate=_validate,
    dropped=_dropped,
)
