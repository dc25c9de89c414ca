"""What failover groups and replication groups are: properties, their grammar and their rules.

https://docs.snowflake.com/en/sql-reference/sql/create-failover-group
https://docs.snowflake.com/en/sql-reference/sql/alter-failover-group
"""

from __future__ import annotations

import re
from typing import Any, Final

from sandbox.snowflake import cron
from sandbox.snowflake.catalog import values as value
from sandbox.snowflake.catalog.kind import Property
from sandbox.snowflake.catalog.record import Record
from sandbox.snowflake.context import Context
from sandbox.snowflake.errors import CompilationError, InvalidValueError
from sandbox.snowflake.replication import links
from sandbox.snowflake.replication.errors import NotPrimaryError, ReplicationError
from sandbox.snowflake.replication.facts import (
    DATABASES,
    GROUPS,
    INTEGRATIONS,
    REPLICATION,
    SCHEDULE,
    SHARES,
    TYPES,
)
from sandbox.snowflake.sharing.imports import FROM_SHARE
from sandbox.snowflake.sharing.organization import PRIMARY
from sandbox.snowflake.sql.reader import Reader

OBJECT_TYPES: Final = (
    *("ACCOUNT PARAMETERS", "DATABASES", "INTEGRATIONS", "NETWORK POLICIES", "RESOURCE MONITORS"),
    *("ROLES", "SHARES", "USERS", "WAREHOUSES"),
)
INTEGRATION_TYPES: Final = (
    *("API INTEGRATIONS", "EXTERNAL ACCESS INTEGRATIONS", "NOTIFICATION INTEGRATIONS"),
    *("SECURITY INTEGRATIONS", "STORAGE INTEGRATIONS"),
)
_OF_DATABASES: Final = frozenset(("DATABASES", "SHARES"))
_MINUTES: Final = re.compile(r"(\d+)\s*(?:M|MINUTES?)", re.IGNORECASE)
_LONGEST: Final = 11_520


def _read_words(known: tuple[str, ...]) -> Any:
    def read(reader: Reader, item: Property) -> list[str]:
        found: list[str] = []
        while True:
            words = next((one for one in known if _comes(reader, one)), None)
            if words is None:
                raise InvalidValueError(reader.token.value, item.name)
            reader.accept(*words.split())
            found += [words] if words not in found else []
            if not reader.accept_symbol(","):
                return sorted(found)

    return read


def _comes(reader: Reader, words: str) -> bool:
    return all(reader.ahead(place).word == word for place, word in enumerate(words.split()))


def _read_names(reader: Reader, item: Property) -> list[str]:
    """Names with commas between; NULL is none."""
    if reader.accept("NULL"):
        return []
    found = [reader.identifier()]
    while reader.accept_symbol(","):
        found.append(reader.identifier())
    return found


def _read_accounts(reader: Reader, item: Property) -> list[str]:
    found = [".".join(reader.path())]
    while reader.accept_symbol(","):
        found.append(".".join(reader.path()))
    return found


def _read_schedule(reader: Reader, item: Property) -> str | None:
    text = value.read_text(reader, item)
    if text:
        check_schedule(text)
    return text or None


def check_schedule(text: str) -> None:
    """InvalidValueError for what is no schedule: minutes up to 8 days, or cron."""
    minutes = _MINUTES.fullmatch(text.strip())
    if minutes is not None and 1 <= int(minutes[1]) <= _LONGEST:
        return
    if minutes is None and text.strip().upper().startswith("USING"):
        cron.parse(text)
        return
    raise InvalidValueError(text, SCHEDULE)


PROPERTIES: Final = (
    value.of(TYPES, _read_words(OBJECT_TYPES), []),
    value.of(DATABASES, _read_names, []),
    value.of(SHARES, _read_names, []),
    value.of(INTEGRATIONS, _read_words(INTEGRATION_TYPES), []),
    value.of(links.ACCOUNTS, _read_accounts, []),
    value.of(SCHEDULE, _read_schedule),
    value.reference("ERROR_INTEGRATION"),
    value.COMMENT,
)


def ignore_edition(reader: Reader, properties: dict[str, Any]) -> None:
    """IGNORE EDITION CHECK: both accounts of the sandbox are of the same edition."""
    reader.expect("EDITION", "CHECK")


def read_list(name: str, reader: Reader) -> list[Any]:
    """The items of ADD, REMOVE and MOVE, as the property reads them."""
    item = next(one for one in PROPERTIES if one.name == name)
    found: list[Any] = item.read(reader, item)
    return found


def validate(context: Context, record: Record) -> None:
    """Check a primary as a whole; names of databases and shares become ids."""
    if not links.is_primary(record):
        return
    given = record.properties
    if not given[TYPES]:
        raise CompilationError(f"Missing option(s): [{TYPES}]")
    _check_pairs(given)
    given[DATABASES] = [_member(context, record, "DATABASE", one) for one in given[DATABASES]]
    given[SHARES] = [_member(context, record, "SHARE", one) for one in given[SHARES]]
    given[links.ACCOUNTS] = _accounts(context, given[links.ACCOUNTS])
    _check_one_of_account(context, record)


def _check_pairs(given: dict[str, Any]) -> None:
    for name, needed in ((DATABASES, "DATABASES"), (SHARES, "SHARES"), (INTEGRATIONS, None)):
        word = needed or "INTEGRATIONS"
        if given[name] and word not in given[TYPES]:
            raise CompilationError(f"{name} needs {word} among the {TYPES}.")
    if "INTEGRATIONS" in given[TYPES] and not given[INTEGRATIONS]:
        raise CompilationError(f"INTEGRATIONS among the {TYPES} needs {INTEGRATIONS}.")


def _accounts(context: Context, names: list[str]) -> list[str]:
    found: list[str] = []
    for name in names:
        identity = links.identity_of(context.account, tuple(name.split(".")))
        if identity == context.account.identity:
            raise ReplicationError(f"Account '{name}' is this account itself.")
        full = links.full_name(identity)
        found += [full] if full not in found else []
    return found


def _member(context: Context, group: Record, kind: str, given: str | int) -> int:
    """The id of a database or share that may be in the group."""
    if isinstance(given, int):
        return given
    record = context.get(context.registry[kind], (given,))
    if record.name == "SNOWFLAKE" or record.properties.get(FROM_SHARE):
        raise ReplicationError(f"Database '{record.name}' is imported and cannot be replicated.")
    if record.properties.get(PRIMARY) or context.account.replicas.secondary(record) is not None:
        raise ReplicationError(
            f"{kind.capitalize()} '{record.name}' is secondary and cannot be added to a primary "
            "group."
        )
    if record.properties.get(REPLICATION):
        raise ReplicationError(
            f"Database '{record.name}' is enabled for database replication. Call "
            f"SYSTEM$DISABLE_DATABASE_REPLICATION('{record.name}') first."
        )
    context.demand("MONITOR" if kind == "DATABASE" else "OWNERSHIP", record)
    _check_alone(context, group, record)
    return record.id


def _check_alone(context: Context, group: Record, member: Record) -> None:
    """One failover group at most; several replication groups, each to other accounts."""
    name = DATABASES if member.kind == "DATABASE" else SHARES
    for kind in GROUPS:
        for other in context.store.each(kind):
            if other.path == group.path or member.id not in (other.properties.get(name) or []):
                continue
            shared = set(other.properties[links.ACCOUNTS]) & set(group.properties[links.ACCOUNTS])
            if "FAILOVER GROUP" in (kind, group.kind) or shared:
                raise ReplicationError(
                    f"{member.kind.capitalize()} '{member.name}' is already in {kind.lower()} "
                    f"'{other.name}'."
                )


def _check_one_of_account(context: Context, record: Record) -> None:
    """An account has one group with other objects than databases and shares."""
    if set(record.properties[TYPES]) <= _OF_DATABASES:
        return
    for kind in GROUPS:
        for other in context.store.each(kind):
            if other.path != record.path and not set(other.properties[TYPES]) <= _OF_DATABASES:
                raise ReplicationError(
                    f"{kind.capitalize()} '{other.name}' contains account objects already, and an "
                    "account can have one such group only."
                )


def require_primary(context: Context, record: Record) -> None:
    """NotPrimaryError for a change of a secondary."""
    if not links.is_primary(record):
        raise NotPrimaryError(record, links.primary_name(context.account, record))


def names(context: Context, record: Record, item: str) -> list[str]:
    """The databases or shares of a group that stand, by name."""
    found = (context.store.get(number) for number in record.properties.get(item) or [])
    return sorted(one.name for one in found if one is not None)


def validate_secondary(context: Context, primary: Record) -> None:
    """An account follows one group with account objects at most, and has no such one of its own."""
    if set(primary.properties[TYPES]) <= _OF_DATABASES:
        return
    for kind in GROUPS:
        for other in context.store.each(kind):
            if not set(other.properties[TYPES]) <= _OF_DATABASES:
                raise ReplicationError(
                    f"{kind.capitalize()} '{other.name}' contains account objects already, and an "
                    "account can have one such group only."
                )
