"""Shares: which accounts an outbound share goes to; inbound ones are the providers' own.

What is shared are the privileges that GRANT … TO SHARE gives it. An account of another organization
is taken as it is given: only those of the sandbox's own are known here.
https://docs.snowflake.com/en/sql-reference/sql/create-share
https://docs.snowflake.com/en/sql-reference/sql/alter-share
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from sandbox.snowflake.catalog import values as value
from sandbox.snowflake.catalog.kind import Kind, Property, Scope
from sandbox.snowflake.catalog.record import Record
from sandbox.snowflake.context import Context
from sandbox.snowflake.errors import CompilationError, SnowflakeError
from sandbox.snowflake.result import Column, Result
from sandbox.snowflake.sharing import shares
from sandbox.snowflake.sharing.imports import FROM_SHARE
from sandbox.snowflake.sql.names import dotted
from sandbox.snowflake.sql.reader import Reader
from sandbox.snowflake.verbs.show import read_filter

_COLUMNS: Final = (
    Column("created_on", "timestamp_ltz"),
    *(Column(name) for name in ("kind", "owner_account", "name", "database_name", "to")),
    *(Column(name) for name in ("owner", "comment", "listing_global_name", "secure_objects_only")),
)


class AccountNotAddedError(SnowflakeError):
    """An account that cannot consume a share."""

    code = "003009"
    sqlstate = "42501"

    def __init__(self, name: str) -> None:
        super().__init__(
            f"SQL execution error:\nFollowing accounts cannot be added to this share: {name}."
        )


def _read_accounts(reader: Reader, item: Property) -> list[str]:
    closed = reader.accept_symbol("(")
    found: list[str] = []
    while not reader.at_end and not (closed and reader.accept_symbol(")")):
        found.append(".".join(reader.path()))
        if not reader.accept_symbol(",") and not closed:
            break
    return found


def _validate(context: Context, record: Record) -> None:
    accounts: list[str] = record.properties.get(shares.ACCOUNTS) or []
    record.properties.pop("SHARE_RESTRICTIONS", None)
    own, organization = context.account.identity, context.account.organization
    known = organization.names if organization is not None else (own.name,)
    for account in accounts:
        owner, _, name = account.partition(".")
        if owner == own.organization and (name == own.name or name not in known):
            raise AccountNotAddedError(account)
    granted = [context.store.get(grant.object) for grant in shares.grants(context.account, record)]
    if accounts and not any(one is not None and one.kind == "DATABASE" for one in granted):
        raise CompilationError(
            f"Accounts cannot be added to share '{record.name}' before a database is granted to it."
        )


def _change(*, adds: bool) -> Any:
    def act(context: Context, record: Record, reader: Reader) -> None:
        reader.expect(shares.ACCOUNTS)
        reader.expect_symbol("=")
        given = _read_accounts(reader, _ACCOUNTS)
        if reader.accept("SHARE_RESTRICTIONS"):
            reader.expect_symbol("=")
            reader.accept_any("TRUE", "FALSE")
        known: list[str] = record.properties.get(shares.ACCOUNTS) or []
        kept = [name for name in known if name not in given]
        record.properties[shares.ACCOUNTS] = [*kept, *given] if adds else kept
        _validate(context, record)

    return act


def _describe(context: Context, record: Record) -> Result:
    """The shared objects."""
    columns = [Column("kind"), Column("name"), Column("shared_on", "timestamp_ltz")]
    rows = []
    for grant in shares.grants(context.account, record):
        shared = context.store.get(grant.object)
        if shared is not None and grant.privilege != "REFERENCE_USAGE":
            rows.append([shared.kind, dotted(shared.path), grant.created_on])
    return Result(columns, sorted(rows, key=lambda row: str(row[1])))


def show_shares(context: Context, reader: Reader) -> Result:
    """SHOW SHARES: this account's own, and those that other accounts share with it."""
    wanted = read_filter(context, KIND, reader)
    found = [*_outbound(context), *_inbound(context), *_of_snowflake(context)]
    rows = [row for row, share in found if wanted.passes(share)]
    rows.sort(key=lambda row: (str(row[3]), str(row[1])))
    return Result(_COLUMNS, rows[: wanted.limit])


def _outbound(context: Context) -> Iterator[tuple[list[Any], Record]]:
    account = context.account
    for share in context.store.all("SHARE"):
        home = shares.database(account, share)
        yield (
            _row(
                share,
                "OUTBOUND",
                shares.full_name(account),
                home.name if home is not None else "",
                ",".join(share.properties.get(shares.ACCOUNTS) or []),
                context.owner_name(share),
            ),
            share,
        )


def _inbound(context: Context) -> Iterator[tuple[list[Any], Record]]:
    made = {
        tuple(database.properties[FROM_SHARE]): database.name
        for database in context.store.each("DATABASE")
        if database.properties.get(FROM_SHARE)
    }
    for provider, share in shares.inbound(context.account):
        identity = provider.identity
        name = made.get((identity.organization, identity.name, share.name), "")
        yield _row(share, "INBOUND", shares.full_name(provider), name, "", ""), share


def _of_snowflake(context: Context) -> Iterator[tuple[list[Any], Record]]:
    """Snowflake's own share, of which every account has the database SNOWFLAKE."""
    database = context.store.find("DATABASE", ("SNOWFLAKE",))
    if database is not None:
        share = Record(0, "SHARE", ("ACCOUNT_USAGE",), None, database.created_on, {})
        yield _row(share, "INBOUND", "SNOWFLAKE", database.name, "", ""), share


def _row(
    share: Record, kind: str, owner_account: str, database: str, to: str, owner: str
) -> list[Any]:
    comment = share.properties.get("COMMENT") or ""
    head = [share.created_on, kind, owner_account, share.name, database, to]
    return [*head, owner, comment, "", "true"]


_ACCOUNTS: Final = value.of(shares.ACCOUNTS, _read_accounts, [])
KIND: Final = Kind(
    name="SHARE",
    plural="SHARES",
    scope=Scope.ACCOUNT,
    properties=(_ACCOUNTS, value.boolean("SHARE_RESTRICTIONS"), value.COMMENT),
    actions={"ADD": _change(adds=True), "REMOVE": _change(adds=False)},
    describe=_describe,
    validate=_validate,
)
