"""SHOW of what belongs to groups and of the accounts, databases and regions of replication.

https://docs.snowflake.com/en/sql-reference/sql/show-replication-accounts
https://docs.snowflake.com/en/sql-reference/sql/show-replication-databases
https://docs.snowflake.com/en/sql-reference/sql/show-regions
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from sandbox.snowflake.catalog.record import Record
from sandbox.snowflake.context import Context
from sandbox.snowflake.kinds import connection
from sandbox.snowflake.replication import facts, group_kind, links
from sandbox.snowflake.result import Column, Result
from sandbox.snowflake.sharing.organization import PRIMARY
from sandbox.snowflake.sql.reader import Reader
from sandbox.snowflake.verbs.show import like, table

if TYPE_CHECKING:
    from sandbox.snowflake.account import Account

_ACCOUNTS: Final = (
    Column("snowflake_region"),
    Column("created_on", "timestamp_ltz"),
    *(Column(name) for name in ("account_name", "account_locator", "comment")),
    *(Column(name) for name in ("organization_name", "is_org_admin")),
)
DATABASES: Final = tuple(
    Column(name)
    for name in (
        *("region_group", "snowflake_region", "created_on", "account_name", "name", "comment"),
        *("is_primary", "primary", "replication_allowed_to_accounts"),
        *("failover_allowed_to_accounts", "organization_name", "account_locator"),
    )
)
_REGIONS: Final = (
    ("AWS_US_EAST_1", "aws", "us-east-1", "US East (N. Virginia)"),
    ("AWS_US_WEST_2", "aws", "us-west-2", "US West (Oregon)"),
)


def show_accounts(context: Context, reader: Reader) -> Result:
    """SHOW REPLICATION ACCOUNTS [LIKE '…']."""
    pattern = _pattern(reader)
    created = context.store.find("ROLE", ("ACCOUNTADMIN",))
    rows = [
        [
            identity.region,
            created.created_on if created is not None else None,
            identity.name,
            identity.locator,
            "",
            identity.organization,
            "true" if identity == links.identities(context.account)[0] else "false",
        ]
        for identity in links.identities(context.account)
        if pattern is None or like(pattern, identity.name)
    ]
    return Result(_ACCOUNTS, rows)


def show_regions(context: Context, reader: Reader) -> Result:
    """SHOW REGIONS [LIKE '…']: those that the organization has accounts in."""
    pattern = _pattern(reader)
    names = ("region_group", "snowflake_region", "cloud", "region", "display_name")
    rows = [
        [links.REGION_GROUP, *facts]
        for facts in _REGIONS
        if pattern is None or like(pattern, facts[0])
    ]
    return Result([Column(name) for name in names], rows)


def show_databases(context: Context, reader: Reader) -> Result:
    """SHOW REPLICATION DATABASES [LIKE '…'] [WITH PRIMARY <org>.<account>.<name>]."""
    pattern = reader.string() if reader.accept("LIKE") else None
    primary = ".".join(reader.path()) if reader.accept("WITH", "PRIMARY") else None
    reader.expect_end()
    rows = [
        database_row(account, record)
        for account, record in replicated(context.account)
        if account is not context.account or context.sees(record)
        if pattern is None or like(pattern, record.name)
        if primary is None or links.primary_name(account, record) == primary
    ]
    rows.sort(key=lambda row: (str(row[4]), str(row[3])))
    return Result(DATABASES, rows)


def replicated(account: Account) -> Iterator[tuple[Account, Record]]:
    """The databases that are replicated by themselves, of all accounts."""
    organization = account.organization
    for identity in links.identities(account):
        if organization is not None and identity.name not in organization.used:
            continue
        other = links.opened(account, identity)
        for record in other.store.each("DATABASE"):
            if record.properties.get(PRIMARY) or record.properties.get(facts.REPLICATION):
                yield other, record


def database_row(account: Account, record: Record) -> list[Any]:
    """A database as SHOW REPLICATION DATABASES tells it."""
    identity, primary = account.identity, links.is_primary(record)
    return [
        links.REGION_GROUP,
        identity.region,
        record.created_on.isoformat(sep=" "),
        identity.name,
        record.name,
        record.comment,
        "true" if primary else "false",
        links.primary_name(account, record),
        ", ".join(record.properties.get(facts.REPLICATION) or []) if primary else "",
        ", ".join(record.properties.get(facts.FAILOVER) or []) if primary else "",
        identity.organization,
        identity.locator,
    ]


def show_members(context: Context, reader: Reader, kind: str) -> Result | None:
    """SHOW {DATABASES | SHARES} IN {FAILOVER | REPLICATION} GROUP <name>; None for other forms."""
    start = Reader(reader.text[reader.token.start :])
    if not start.accept("IN"):
        return None
    words = next((one for one in facts.GROUPS if start.accept(*one.split())), None)
    if words is None:
        return None
    record = context.get(context.registry[words], start.path())
    start.expect_end()
    item = facts.DATABASES if kind == "DATABASE" else facts.SHARES
    found = [context.store.get(number) for number in record.properties.get(item) or []]
    members = sorted((one for one in found if one is not None), key=lambda one: one.name)
    if kind == "DATABASE":
        return table(context, context.registry[kind], members)
    columns = [Column(name) for name in ("name", "owner", "comment")]
    return Result(columns, [[one.name, context.owner_name(one), one.comment] for one in members])


def _pattern(reader: Reader) -> str | None:
    pattern = reader.string() if reader.accept("LIKE") else None
    reader.expect_end()
    return pattern


def _groups(kind: str) -> Callable[[Context, Reader], Result]:
    return lambda context, reader: group_kind.show(context, context.registry[kind], reader)


SPECIAL: Final[Mapping[tuple[str, ...], Callable[[Context, Reader], Result]]] = {
    ("REPLICATION", "DATABASES"): show_databases,
    ("REPLICATION", "ACCOUNTS"): show_accounts,
    ("REPLICATION", "GROUPS"): _groups("REPLICATION GROUP"),
    ("FAILOVER", "GROUPS"): _groups("FAILOVER GROUP"),
    ("CONNECTIONS",): connection.show,
    ("REGIONS",): show_regions,
}
