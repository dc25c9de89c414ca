"""How accounts and their groups name each other: `ORG.ACCOUNT`, and `ORG.ACCOUNT.NAME`.

`REGION.LOCATOR` is taken for an account as well.
https://docs.snowflake.com/en/user-guide/admin-account-identifier#account-identifiers-for-replication-and-failover
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from sandbox.snowflake.catalog.record import Record
from sandbox.snowflake.errors import SnowflakeError
from sandbox.snowflake.replication import facts
from sandbox.snowflake.sharing.organization import PRIMARY
from sandbox.snowflake.sql.names import Path, dotted

if TYPE_CHECKING:
    from sandbox.snowflake.account import Account, Identity

REGION_GROUP: Final = "PUBLIC"
TERM: Final = "TERM"
"""On both sides of a pair: how often the primary has moved. Of two answers the higher is right."""
ACCOUNTS: Final = "ALLOWED_ACCOUNTS"
_PAIRED: Final = ("FAILOVER GROUP", "CONNECTION", "DATABASE")


class UnknownAccountError(SnowflakeError):
    """An account that is not of the organization, or takes no part in replication."""

    code = "003054"
    sqlstate = "02000"

    def __init__(self, name: str, known: str) -> None:
        super().__init__(
            f"SQL execution error:\nAccount '{name}' does not exist in the organization, or is not "
            f"enabled for replication; there are: {known}."
        )


def full_name(identity: Identity) -> str:
    """`ORG.ACCOUNT`."""
    return f"{identity.organization}.{identity.name}"


def identities(account: Account) -> tuple[Identity, ...]:
    """The accounts that replicate, this one among them."""
    organization = account.organization
    return organization.replicating if organization is not None else (account.identity,)


def identity_of(account: Account, path: Path) -> Identity:
    """The account of a name; UnknownAccountError where there is none."""
    for identity in identities(account):
        if path in (
            (identity.organization, identity.name),
            (identity.region, identity.locator),
            (identity.locator,),
        ):
            return identity
    known = ", ".join(full_name(one) for one in identities(account) if one != account.identity)
    raise UnknownAccountError(dotted(path), known or "none")


def opened(account: Account, identity: Identity) -> Account:
    """The account itself, or another one, opened if need be."""
    organization = account.organization
    found = organization.account(identity.name) if organization is not None else account
    assert found is not None
    return found


def is_primary(record: Record) -> bool:
    """Whether a group, database or connection is no copy of another account's."""
    return not record.properties.get(PRIMARY)


def primary_name(account: Account, record: Record) -> str:
    """`ORG.ACCOUNT.NAME` of the primary of a pair, as SHOW writes it."""
    path = record.properties.get(PRIMARY)
    return ".".join(path) if path else f"{full_name(account.identity)}.{record.name}"


def primary_of(account: Account, record: Record) -> tuple[Account, Record] | None:
    """The other side of a secondary; None where it is gone."""
    organization, name, item = record.properties[PRIMARY]
    other = opened(account, identity_of(account, (organization, name)))
    found = other.store.find(other.store.registry[record.kind].space(), (item,))
    return (other, found) if found is not None else None


def secondaries_of(account: Account, record: Record) -> Iterator[tuple[Account, Record]]:
    """The copies of a primary in the other accounts."""
    wanted = [*full_name(account.identity).split("."), record.name]
    organization = account.organization
    for identity in identities(account):
        if organization is None or identity == account.identity:
            continue
        if identity.name not in organization.used:
            continue
        other = opened(account, identity)
        for found in other.store.each(record.kind):
            if found.properties.get(PRIMARY) == wanted:
                yield other, found


def settle(one: Account, other: Account) -> None:
    """Mend what a process left that was killed while a primary moved: the old one had been told,
    the new one not yet. Then both name each other, and the old one has the higher term.
    """
    for kind in _PAIRED:
        for record in one.store.all(kind):
            path = record.properties.get(PRIMARY)
            if not path or path[1] != other.identity.name:
                continue
            found = other.store.find(other.store.registry[kind].space(), (path[2],))
            if found is None or is_primary(found):
                continue
            sides = ((one, record), (other, found))
            (account, promoted), (_, old) = sides if term(record) < term(found) else sides[::-1]
            loser = other if account is one else one
            with account.store.transaction():
                take_over(account, promoted, loser, old.properties, term(old))
                account.store.save(promoted)


def take_over(
    account: Account, record: Record, loser: Account, given: Mapping[str, Any], turn: int
) -> None:
    """Make a secondary the primary: whom the old one allowed it allows, and the old one itself."""
    own, theirs = full_name(account.identity), full_name(loser.identity)
    for name in (ACCOUNTS, facts.REPLICATION, facts.FAILOVER):
        if given.get(name):
            others = [one for one in given[name] if one not in (own, theirs)]
            record.properties[name] = [*others, theirs]
    record.properties.pop(PRIMARY, None)
    record.properties[TERM] = turn


def term(record: Record) -> int:
    """How often the primary of a pair has moved, as far as this side knows."""
    return int(record.properties.get(TERM) or 0)
