"""What an account shares, with whom, and what of it an importing account may see.

The objects of a share are the privileges that were granted to it; it has one database.
https://docs.snowflake.com/en/user-guide/data-sharing-provider
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from sandbox.snowflake.access.grant import Grant
from sandbox.snowflake.catalog.record import Record
from sandbox.snowflake.errors import SnowflakeError

if TYPE_CHECKING:
    from sandbox.snowflake.account import Account

ACCOUNTS: Final = "ACCOUNTS"
"""On shares: `ORG.ACCOUNT` of each consumer."""


class NotSecureError(SnowflakeError):
    """A view that is not secure, granted to a share."""

    code = "003054"
    sqlstate = "42501"

    def __init__(self) -> None:
        super().__init__(
            "SQL execution error:\nNon-secure object can only be granted to shares with "
            '"secure_objects_only" property set to false.'
        )


class OneDatabaseError(SnowflakeError):
    """USAGE on a second database, or an object of another database than the share's."""

    code = "003053"
    sqlstate = "42501"

    def __init__(self, share: Record) -> None:
        super().__init__(
            f"SQL execution error:\nShare '{share.name}' can hold USAGE on one database only, and "
            "objects of that database."
        )


def full_name(account: Account) -> str:
    """`ORG.ACCOUNT`."""
    return f"{account.identity.organization}.{account.identity.name}"


def grants(account: Account, share: Record) -> list[Grant]:
    """What was granted to a share."""
    return account.access.privileges.to(share.id)


def database(account: Account, share: Record) -> Record | None:
    """The database that a share has USAGE on."""
    for grant in grants(account, share):
        record = account.store.get(grant.object)
        if record is not None and record.kind == "DATABASE" and grant.privilege == "USAGE":
            return record
    return None


def check_grant(account: Account, share: Record, privilege: str, record: Record | None) -> None:
    """Refuse what a share cannot hold."""
    known = database(account, share)
    if record is None or record.kind == "SHARE":
        raise OneDatabaseError(share)
    if privilege == "REFERENCE_USAGE":
        return
    if known is not None and record.path[0] != known.name:
        raise OneDatabaseError(share)
    if known is None and record.kind != "DATABASE":
        raise OneDatabaseError(share)
    if record.kind == "VIEW" and not record.properties.get("SECURE"):
        raise NotSecureError


def shared_objects(account: Account, share: Record) -> Iterator[Record]:
    """The tables and views that a consumer sees: SELECT on them, and USAGE on their schema."""
    home = database(account, share)
    held = [(grant.privilege, account.store.get(grant.object)) for grant in grants(account, share)]
    schemas = {one.path for name, one in held if one and one.kind == "SCHEMA" and name == "USAGE"}
    for privilege, record in held:
        if record is None or record.kind not in ("TABLE", "VIEW") or privilege != "SELECT":
            continue
        if home is not None and record.path[0] == home.name and record.path[:2] in schemas:
            yield record


def inbound(account: Account) -> Iterator[tuple[Account, Record]]:
    """The shares of other accounts that this one may import; opens the providers' accounts."""
    organization = account.organization
    if organization is None:
        return
    for name in organization.used:
        provider = organization.account(name)
        if provider is None or provider is account:
            continue
        for share in provider.store.all("SHARE"):
            if full_name(account) in (share.properties.get(ACCOUNTS) or []):
                yield provider, share


def find_inbound(account: Account, path: tuple[str, ...]) -> tuple[Account, Record] | None:
    """The share `org.account.share` (or `account.share`), if it is shared with this account."""
    *owner, name = path
    for provider, share in inbound(account):
        known = (provider.identity.organization, provider.identity.name)
        if share.name == name and tuple(owner) in (known, known[1:]):
            return provider, share
    return None
