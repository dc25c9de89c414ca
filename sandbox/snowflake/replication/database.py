"""Databases that are replicated by themselves: ENABLE and DISABLE, AS REPLICA OF.

https://docs.snowflake.com/en/sql-reference/sql/alter-database
https://docs.snowflake.com/en/user-guide/database-replication-config
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sandbox.snowflake.access.rules import REPLICATE_DATABASES
from sandbox.snowflake.catalog.record import Record
from sandbox.snowflake.context import Context
from sandbox.snowflake.replication import facts, links
from sandbox.snowflake.replication.errors import (
    HasSecondariesError,
    NotPrimaryError,
    PrimaryGoneError,
    ReplicationError,
)
from sandbox.snowflake.sharing.imports import FROM_SHARE
from sandbox.snowflake.sharing.organization import PRIMARY
from sandbox.snowflake.sql.names import dotted
from sandbox.snowflake.sql.reader import Reader

if TYPE_CHECKING:
    from sandbox.snowflake.verbs.functions import SystemFunction

REPLICA_OF: Final = "REPLICA_OF"
"""What AS REPLICA OF named, until the database is made."""


def as_replica(reader: Reader, properties: dict[str, Any]) -> None:
    """AS REPLICA OF <org>.<account>.<database>"""
    reader.expect("REPLICA", "OF")
    properties[REPLICA_OF] = list(reader.path())


def follow(context: Context, record: Record) -> None:
    """Check what a new secondary database follows, and keep it."""
    context.demand(REPLICATE_DATABASES)
    account = context.account
    source = tuple(record.properties.pop(REPLICA_OF))
    identity = links.identity_of(account, source[:-1])
    primary = links.opened(account, identity).store.find("DATABASE", source[-1:])
    own = links.full_name(account.identity)
    if primary is None or own not in (primary.properties.get(facts.REPLICATION) or []):
        raise PrimaryGoneError(record, dotted(source))
    path = [*links.full_name(identity).split("."), primary.name]
    for other in context.store.each("DATABASE"):
        if other.properties.get(PRIMARY) == path:
            raise ReplicationError(
                f"Database '{other.name}' is a replica of '{dotted(source)}' already."
            )
    record.properties |= {PRIMARY: path, links.TERM: links.term(primary)}


def created(context: Context, record: Record) -> None:
    """A secondary database has been made, empty: it is a copy of its primary from now on."""
    pair = links.primary_of(context.account, record)
    if pair is not None:
        context.account.replicas.put(record, pair[0].replicas.origin(pair[1]), record.id)


def enable(context: Context, record: Record, reader: Reader) -> None:
    """ENABLE {REPLICATION | FAILOVER} TO ACCOUNTS <account>, … [IGNORE EDITION CHECK]"""
    item = _item(reader)
    reader.expect("TO", "ACCOUNTS")
    _require(context, record)
    for name in (item, facts.REPLICATION):
        # who may take the database over may replicate it
        known = record.properties.get(name) or []
        given = _accounts(context, Reader(reader.text[reader.token.start :]))
        record.properties[name] = [*known, *(one for one in given if one not in known)]
    _accounts(context, reader)
    reader.accept("IGNORE", "EDITION", "CHECK")


def disable(context: Context, record: Record, reader: Reader) -> None:
    """DISABLE {REPLICATION | FAILOVER} [TO ACCOUNTS <account>, …]"""
    item = _item(reader)
    _require(context, record)
    known = record.properties.get(item) or []
    gone = _accounts(context, reader) if reader.accept("TO", "ACCOUNTS") else known
    record.properties[item] = [one for one in known if one not in gone]
    if item == facts.REPLICATION:
        kept = record.properties.get(facts.FAILOVER) or []
        record.properties[facts.FAILOVER] = [one for one in kept if one not in gone]


def _item(reader: Reader) -> str:
    word = reader.accept_any("REPLICATION", "FAILOVER")
    if word is None:
        raise reader.error()
    return facts.REPLICATION if word == "REPLICATION" else facts.FAILOVER


def _require(context: Context, record: Record) -> None:
    context.demand(REPLICATE_DATABASES)
    if not links.is_primary(record):
        raise NotPrimaryError(record, links.primary_name(context.account, record))
    if record.properties.get(FROM_SHARE) or record.name == "SNOWFLAKE":
        raise ReplicationError(f"Database '{record.name}' is imported and cannot be replicated.")
    for kind in facts.GROUPS:
        for other in context.store.each(kind):
            if record.id in (other.properties.get(facts.DATABASES) or []):
                raise ReplicationError(
                    f"Database '{record.name}' is in {kind.lower()} '{other.name}' already."
                )


def _accounts(context: Context, reader: Reader) -> list[str]:
    found: list[str] = []
    while True:
        identity = links.identity_of(context.account, reader.path())
        if identity == context.account.identity:
            raise ReplicationError(f"'{links.full_name(identity)}' is this account itself.")
        found.append(links.full_name(identity))
        if not reader.accept_symbol(","):
            return found


def dropped(context: Context, record: Record) -> None:
    """The hook of DROP: a primary is not dropped while others follow; a group loses a member."""
    account = context.account
    followed = [
        f"{links.full_name(other.identity)}.{found.name}"
        for other, found in links.secondaries_of(account, record)
    ]
    if links.is_primary(record) and followed:
        raise HasSecondariesError(record, followed)
    for kind in facts.GROUPS:
        for other in context.store.each(kind):
            members = other.properties.get(facts.DATABASES) or []
            if record.id in members:
                other.properties[facts.DATABASES] = [one for one in members if one != record.id]
                context.store.save(other)


def _disable_all(context: Context, arguments: list[str]) -> str:
    """https://docs.snowflake.com/en/sql-reference/functions/system_disable_database_replication"""
    context.demand(REPLICATE_DATABASES)
    record = context.get(context.registry["DATABASE"], Reader(arguments[0]).path())
    for other, found in list(links.secondaries_of(context.account, record)):
        with other.store.transaction():
            found.properties.pop(PRIMARY, None)
            other.store.save(found)
    with context.store.transaction():
        record.properties |= {facts.REPLICATION: [], facts.FAILOVER: []}
        context.store.save(record)
    return "Database replication is disabled."


def _link_by_name(context: Context, arguments: list[str]) -> str:
    """https://docs.snowflake.com/en/sql-reference/functions/system_link_account_objects_by_name"""
    context.demand(REPLICATE_DATABASES)
    account, path = context.account, Reader(arguments[0]).path()
    found = (context.find(context.registry[kind], path) for kind in facts.GROUPS)
    record = next((one for one in found if one is not None), None)
    if record is None:
        record = context.get(context.registry["FAILOVER GROUP"], path)
    pair = links.primary_of(account, record) if not links.is_primary(record) else None
    if pair is None:
        raise ReplicationError(f"'{record.name}' is no secondary group of this account.")
    linked = 0
    kinds = {"ROLES": "ROLE", "USERS": "USER", "WAREHOUSES": "WAREHOUSE"}
    kinds |= {"RESOURCE MONITORS": "RESOURCE MONITOR"}
    with context.store.transaction():
        for word in pair[1].properties[facts.TYPES]:
            for theirs in pair[0].store.all(kinds[word]) if word in kinds else ():
                own = context.store.find(theirs.kind, theirs.path)
                if own is not None and account.replicas.link(own) is None:
                    account.replicas.put(own, pair[0].replicas.origin(theirs), record.id)
                    linked += not account.replicas.is_same(own)
    return f"{linked} objects were linked."


SYSTEM_FUNCTIONS: dict[str, SystemFunction] = {
    "SYSTEM$DISABLE_DATABASE_REPLICATION": _disable_all,
    "SYSTEM$LINK_ACCOUNT_OBJECTS_BY_NAME": _link_by_name,
}
