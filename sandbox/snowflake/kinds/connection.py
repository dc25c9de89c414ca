"""Client connections: a name of the organization that leads to the account where it is primary.

Clients name it as their account (`LEAP-<CONNECTION>`); a session that stands stays where it is.
https://docs.snowflake.com/en/sql-reference/sql/create-connection
https://docs.snowflake.com/en/sql-reference/sql/alter-connection
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from sandbox.snowflake.catalog import values as value
from sandbox.snowflake.catalog.kind import Kind, Scope
from sandbox.snowflake.catalog.record import Record
from sandbox.snowflake.context import Context
from sandbox.snowflake.replication import links
from sandbox.snowflake.replication.errors import (
    HasSecondariesError,
    NotPrimaryError,
    PrimaryGoneError,
    ReplicationError,
)
from sandbox.snowflake.result import Column, Result
from sandbox.snowflake.sharing.organization import PRIMARY
from sandbox.snowflake.sql.names import dotted
from sandbox.snowflake.sql.reader import Reader
from sandbox.snowflake.verbs.show import like

if TYPE_CHECKING:
    from sandbox.snowflake.account import Account

FAILOVER: Final = "FAILOVER_ALLOWED_TO_ACCOUNTS"
_OF: Final = "REPLICA_OF"
_COLUMNS: Final = (
    *(Column(name) for name in ("region_group", "snowflake_region")),
    Column("created_on", "timestamp_ltz"),
    *(Column(name) for name in ("account_name", "name", "comment", "is_primary", "primary")),
    *(Column(name) for name in ("failover_allowed_to_accounts", "connection_url")),
    *(Column(name) for name in ("organization_name", "account_locator")),
)


def _as_replica(reader: Reader, properties: dict[str, Any]) -> None:
    reader.expect("REPLICA", "OF")
    properties[_OF] = list(reader.path())


def _validate(context: Context, record: Record) -> None:
    source = record.properties.pop(_OF, None)
    if source is not None:
        _follow(context, record, tuple(source))
        return
    if record.id == 0 and record.properties.get(PRIMARY) is None:
        _check_free(context, record)


def _check_free(context: Context, record: Record) -> None:
    """A primary's name is one in the organization, and no account's."""
    account = context.account
    names = {identity.name for identity in links.identities(account)}
    for other, found in _all(account):
        if found.name == record.name and other is not account:
            names.add(found.name)
    if record.name in names:
        raise ReplicationError(
            f"Connection '{record.name}' cannot be created: the name is taken in the organization."
        )


def _follow(context: Context, record: Record, source: tuple[str, ...]) -> None:
    """AS REPLICA OF: the same name as the primary, which allows this account."""
    account = context.account
    identity = links.identity_of(account, source[:-1])
    primary = links.opened(account, identity).store.find("CONNECTION", source[-1:])
    allowed = primary is not None and links.full_name(account.identity) in (
        primary.properties.get(FAILOVER) or []
    )
    if primary is None or not allowed or not links.is_primary(primary):
        raise PrimaryGoneError(record, dotted(source))
    if record.name != primary.name:
        raise ReplicationError(
            f"A secondary connection has the name of its primary, '{primary.name}'."
        )
    record.properties[PRIMARY] = [*links.full_name(identity).split("."), primary.name]
    record.properties[links.TERM] = links.term(primary)


def _enable(context: Context, record: Record, reader: Reader) -> None:
    reader.expect("FAILOVER", "TO", "ACCOUNTS")
    _require_primary(context, record)
    known = record.properties.get(FAILOVER) or []
    given = _read_accounts(context, reader)
    reader.accept("IGNORE", "EDITION", "CHECK")
    record.properties[FAILOVER] = [*known, *(one for one in given if one not in known)]


def _disable(context: Context, record: Record, reader: Reader) -> None:
    reader.expect("FAILOVER")
    _require_primary(context, record)
    known = record.properties.get(FAILOVER) or []
    gone = _read_accounts(context, reader) if reader.accept("TO", "ACCOUNTS") else known
    record.properties[FAILOVER] = [one for one in known if one not in gone]


def _read_accounts(context: Context, reader: Reader) -> list[str]:
    found: list[str] = []
    while True:
        identity = links.identity_of(context.account, reader.path())
        if identity == context.account.identity:
            raise ReplicationError(f"'{links.full_name(identity)}' is this account itself.")
        found.append(links.full_name(identity))
        if not reader.accept_symbol(","):
            return found


def _require_primary(context: Context, record: Record) -> None:
    if not links.is_primary(record):
        raise NotPrimaryError(record, links.primary_name(context.account, record))


def promote(context: Context, record: Record) -> None:
    """PRIMARY: new sessions go here from now on.

    Raises:
        PrimaryGoneError: the primary is gone, or does not allow this account.
    """
    if links.is_primary(record):
        return
    account = context.account
    pair = links.primary_of(account, record)
    allowed = pair is not None and links.full_name(account.identity) in (
        pair[1].properties.get(FAILOVER) or []
    )
    if pair is None or not allowed:
        raise PrimaryGoneError(record, links.primary_name(account, record))
    other, primary = pair
    turn = max(links.term(primary), links.term(record)) + 1
    given, own = dict(primary.properties), links.full_name(account.identity)
    with other.store.transaction():
        primary.properties |= {PRIMARY: [*own.split("."), record.name], links.TERM: turn}
        other.store.save(primary)
    with account.store.transaction():
        links.take_over(account, record, other, given, turn)
        account.store.save(record)


def _dropped(context: Context, record: Record) -> None:
    followed = [
        f"{links.full_name(other.identity)}.{found.name}"
        for other, found in links.secondaries_of(context.account, record)
    ]
    if links.is_primary(record) and followed:
        raise HasSecondariesError(record, followed)


def _all(account: Account) -> Iterator[tuple[Account, Record]]:
    organization = account.organization
    for identity in links.identities(account):
        if organization is not None and identity.name not in organization.used:
            continue
        other = links.opened(account, identity)
        for record in other.store.each("CONNECTION"):
            yield other, record


def show(context: Context, reader: Reader) -> Result:
    """SHOW CONNECTIONS [LIKE '…']: of this account, and those that go together with them."""
    pattern = reader.string() if reader.accept("LIKE") else None
    reader.expect_end()
    account = context.account
    own = links.full_name(account.identity)
    mine = {record.name for record in context.store.each("CONNECTION") if context.sees(record)}
    rows = [
        _row(other, record)
        for other, record in _all(account)
        if record.name in mine or own in (record.properties.get(FAILOVER) or [])
        if pattern is None or like(pattern, record.name)
    ]
    rows.sort(key=lambda row: (str(row[4]), row[3] != account.identity.name))
    return Result(_COLUMNS, rows)


def _row(account: Account, record: Record) -> list[Any]:
    identity, primary = account.identity, links.is_primary(record)
    url = f"{identity.organization}-{record.name}.snowflakecomputing.com".lower()
    return [
        links.REGION_GROUP,
        identity.region,
        record.created_on,
        identity.name,
        record.name,
        record.comment or None,
        "true" if primary else "false",
        links.primary_name(account, record),
        ", ".join((record.properties.get(FAILOVER) or []) if primary else []),
        url,
        identity.organization,
        identity.locator,
    ]


KIND: Final = Kind(
    name="CONNECTION",
    plural="CONNECTIONS",
    scope=Scope.ACCOUNT,
    properties=(value.COMMENT,),
    clauses={"AS": _as_replica},
    privileges=("FAILOVER",),
    actions={"ENABLE": _enable, "DISABLE": _disable},
    alter_privileges={"PRIMARY": "FAILOVER"},
    validate=_validate,
    dropped=_dropped,
)
