"""The kinds FAILOVER GROUP and REPLICATION GROUP: ALTER's forms, DROP, and what SHOW tells.

SHOW tells the groups of all accounts that go together with this one's.
https://docs.snowflake.com/en/sql-reference/sql/show-failover-groups
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from sandbox.snowflake.catalog.kind import Kind, Scope
from sandbox.snowflake.catalog.record import Record
from sandbox.snowflake.context import Context
from sandbox.snowflake.errors import AlreadyExistsError, CompilationError, UnsupportedError
from sandbox.snowflake.replication import facts, group, links, schedule
from sandbox.snowflake.replication.errors import (
    HasSecondariesError,
    NotSecondaryError,
    PrimaryGoneError,
    ReplicationError,
)
from sandbox.snowflake.result import Column, Result, status
from sandbox.snowflake.sharing.organization import PRIMARY
from sandbox.snowflake.sql.names import Path, dotted
from sandbox.snowflake.sql.reader import Reader
from sandbox.snowflake.verbs import create as create_verb

if TYPE_CHECKING:
    from sandbox.snowflake.account import Account
    from sandbox.snowflake.verbs.target import Target

COLUMNS: Final = (
    *(Column(name) for name in ("region_group", "snowflake_region")),
    Column("created_on", "timestamp_ltz"),
    *(Column(name) for name in ("account_name", "name", "type", "comment", "is_primary")),
    *(Column(name) for name in ("primary", "object_types", "allowed_integration_types")),
    *(Column(name) for name in ("allowed_accounts", "organization_name", "account_locator")),
    *(Column(name) for name in ("replication_schedule", "secondary_state")),
    *(Column(name) for name in ("next_scheduled_refresh", "owner", "is_listing_auto_fulfillment")),
)
_FROM_ALTER: Final = {
    "ALLOWED_DATABASES": facts.DATABASES,
    "ALLOWED_SHARES": facts.SHARES,
    "ALLOWED_ACCOUNTS": links.ACCOUNTS,
}


def _create(context: Context, target: Target, reader: Reader) -> Result:
    """CREATE … GROUP with properties, or AS REPLICA OF <org>.<account>.<name>."""
    ahead = Reader(reader.text[reader.token.start :])
    if_not_exists = ahead.accept("IF", "NOT", "EXISTS")
    path = ahead.path()
    if not ahead.accept("AS", "REPLICA", "OF"):
        return create_verb.create(context, target, reader)
    source = ahead.path()
    ahead.expect_end()
    kind = target.kind
    context.demand(f"CREATE {kind.name}")
    if context.store.find(kind.space(), path) is not None:
        if if_not_exists:
            return status(f"{dotted(path)} already exists, statement succeeded.")
        raise AlreadyExistsError(dotted(path))
    return _replicate(context, kind, path, source)


def _replicate(context: Context, kind: Kind, path: Path, source: Path) -> Result:
    account = context.account
    identity = links.identity_of(account, source[:-1])
    other = links.opened(account, identity)
    primary = other.store.find(kind.space(), source[-1:])
    allowed = (
        primary is not None
        and links.full_name(account.identity) in (primary.properties[links.ACCOUNTS])
    )
    now = context.now
    record = Record(0, kind.name, path, context.session.role_id, now, {})
    if primary is None or not allowed:
        raise PrimaryGoneError(record, dotted(source))
    if not links.is_primary(primary):
        raise ReplicationError(f"'{dotted(source)}' is no primary group.")
    for mine in context.store.each(kind.name):
        if mine.properties.get(PRIMARY) == [*links.full_name(identity).split("."), primary.name]:
            raise ReplicationError(
                f"{kind.name.capitalize()} '{mine.name}' is a replica of '{dotted(source)}' "
                "already."
            )
    group.validate_secondary(context, primary)
    properties = {
        **{item.name: primary.properties.get(item.name) for item in group.PROPERTIES},
        facts.DATABASES: [],
        facts.SHARES: [],
        PRIMARY: [*links.full_name(identity).split("."), primary.name],
        links.TERM: links.term(primary),
        facts.STATE: facts.STARTED,
        facts.SINCE: now.isoformat(),
    }
    made = context.store.add(kind.name, path, context.session.role_id, now, properties)
    if primary.properties.get(facts.SCHEDULE):
        schedule.soon(account, made)
    return status(f"{kind.name.capitalize()} {dotted(path)} successfully created.")


def _add(context: Context, record: Record, reader: Reader) -> None:
    """ADD <items> TO ALLOWED_… [IGNORE EDITION CHECK]"""
    group.require_primary(context, record)
    word, items = _items(reader, "TO")
    known = record.properties[word]
    record.properties[word] = [*known, *(one for one in items if one not in known)]
    if reader.accept("IGNORE"):
        group.ignore_edition(reader, {})
    group.validate(context, record)
    record.properties[word] = list(dict.fromkeys(record.properties[word]))


def _remove(context: Context, record: Record, reader: Reader) -> None:
    """REMOVE <items> FROM ALLOWED_…"""
    group.require_primary(context, record)
    word, items = _items(reader, "FROM")
    gone = _known(context, word, items)
    known = record.properties[word]
    missing = [str(one) for one, number in zip(items, gone, strict=True) if number not in known]
    if missing:
        raise ReplicationError(f"Not in {record.kind.lower()} '{record.name}': {missing[0]}.")
    if word == links.ACCOUNTS:
        _refuse_followed(context, record, gone)
    record.properties[word] = [one for one in known if one not in gone]


def _refuse_followed(context: Context, record: Record, gone: list[Any]) -> None:
    """An account that follows the group cannot be taken off its list."""
    for other, secondary in links.secondaries_of(context.account, record):
        name = links.full_name(other.identity)
        if name in gone:
            raise HasSecondariesError(record, [f"{name}.{secondary.name}"])


def _move(context: Context, record: Record, reader: Reader) -> None:
    """MOVE {DATABASES | SHARES} <names> TO {FAILOVER | REPLICATION} GROUP <name>"""
    group.require_primary(context, record)
    word = facts.DATABASES if reader.accept("DATABASES") else facts.SHARES
    if word == facts.SHARES:
        reader.expect("SHARES")
    moved = _known(context, word, group.read_list(word, reader))
    reader.expect("TO", *record.kind.split())
    target = context.get(context.registry[record.kind], reader.path())
    context.demand("MODIFY", target)
    group.require_primary(context, target)
    if not set(moved) <= set(record.properties[word]):
        raise ReplicationError(f"Not all of them are in {record.kind.lower()} '{record.name}'.")
    if word.removeprefix("ALLOWED_") not in target.properties[facts.TYPES]:
        raise CompilationError(f"{word} needs {word.removeprefix('ALLOWED_')} among the types.")
    record.properties[word] = [one for one in record.properties[word] if one not in moved]
    target.properties[word] = [*target.properties[word], *moved]
    context.store.save(target)


def _items(reader: Reader, joint: str) -> tuple[str, list[Any]]:
    ahead = Reader(reader.text[reader.token.start :])
    while not ahead.at_end and not ahead.accept(joint):
        ahead.advance()
    word = _FROM_ALTER.get(ahead.token.word)
    if word is None:
        raise UnsupportedError(reader.text)
    items = group.read_list(word, reader)
    reader.expect(joint, word)
    return word, items


def _known(context: Context, word: str, items: list[Any]) -> list[Any]:
    if word == links.ACCOUNTS:
        account = context.account
        return [links.full_name(links.identity_of(account, tuple(one.split(".")))) for one in items]
    kind = context.registry["DATABASE" if word == facts.DATABASES else "SHARE"]
    return [context.get(kind, (one,)).id for one in items]


def _changed(context: Context, record: Record, reader: Reader) -> bool:
    """SET and UNSET are the primary's."""
    if reader.token.word in ("SET", "UNSET") and reader.ahead(1).word != "TAG":
        group.require_primary(context, record)
    return False


def _suspend(context: Context, record: Record, reader: Reader) -> None:
    _switch(context, record, reader, "suspend", facts.SUSPENDED)


def _resume(context: Context, record: Record, reader: Reader) -> None:
    _switch(context, record, reader, "resume", facts.STARTED)
    record.properties[facts.SINCE] = context.now.isoformat()


def _switch(context: Context, record: Record, reader: Reader, verb: str, state: str) -> None:
    if links.is_primary(record):
        raise NotSecondaryError(record, verb)
    if verb == "suspend" and reader.accept("IMMEDIATE"):
        context.account.refreshes.cancel(record)
    record.properties[facts.STATE] = state


def _dropped(context: Context, record: Record) -> None:
    account = context.account
    if account.refreshes.runs(record):
        raise ReplicationError(f"'{record.name}' cannot be dropped while it is being refreshed.")
    followed = [
        f"{links.full_name(other.identity)}.{found.name}"
        for other, found in links.secondaries_of(account, record)
    ]
    if links.is_primary(record) and followed:
        raise HasSecondariesError(record, followed)
    for replica in account.replicas.linked(record.id):
        account.replicas.forget(replica.id)


def _renamed(context: Context, record: Record, path: Path) -> None:
    """The secondaries follow the name."""
    group.require_primary(context, record)
    for other, found in list(links.secondaries_of(context.account, record)):
        with other.store.transaction():
            found.properties[PRIMARY] = [*found.properties[PRIMARY][:2], path[-1]]
            other.store.save(found)


def show(context: Context, kind: Kind, reader: Reader) -> Result:
    """SHOW {FAILOVER | REPLICATION} GROUPS [IN ACCOUNT <account>]."""
    account = context.account
    only = None
    if reader.accept("IN", "ACCOUNT") and not reader.at_end:
        only = links.identity_of(account, reader.path())
    reader.expect_end()
    mine = [record for record in context.store.each(kind.name) if context.sees(record)]
    rows = [
        row(other, record)
        for other, record in associated(account, mine, kind.name)
        if only is None or other.identity == only
    ]
    rows.sort(key=lambda cells: (str(cells[4]), str(cells[3])))
    return Result(COLUMNS, rows)


def associated(
    account: Account, mine: Sequence[Record], kind: str
) -> Iterator[tuple[Account, Record]]:
    """Groups of this account, and those of others that go together with them."""
    for record in mine:
        yield account, record
    followed = {tuple(one.properties.get(PRIMARY) or ()) for one in mine}
    own = links.full_name(account.identity)
    organization = account.organization
    for identity in links.identities(account):
        if organization is None or identity == account.identity:
            continue
        if identity.name not in organization.used:
            continue
        other = links.opened(account, identity)
        for record in other.store.each(kind):
            path = (*links.full_name(identity).split("."), record.name)
            primary = record.properties.get(PRIMARY)
            named = own in (record.properties.get(links.ACCOUNTS) or []) and not primary
            names = {one.name for one in mine}
            back = primary is not None and ".".join(primary[:2]) == own and primary[2] in names
            if named or path in followed or back:
                yield other, record


def row(account: Account, record: Record) -> list[Any]:
    """A secondary tells the facts of its primary."""
    told, primary = record, links.is_primary(record)
    if not primary:
        pair = links.primary_of(account, record)
        told = pair[1] if pair is not None else record
    given, identity = told.properties, account.identity
    owner = account.store.get(record.owner)
    integrations = [one.removesuffix(" INTEGRATIONS") for one in given[facts.INTEGRATIONS]]
    return [
        links.REGION_GROUP,
        identity.region,
        record.created_on,
        identity.name,
        record.name,
        record.kind.partition(" ")[0],
        given.get("COMMENT") or None,
        "true" if primary else "false",
        links.primary_name(account, record),
        ", ".join(given[facts.TYPES]),
        ", ".join(integrations),
        ", ".join(given[links.ACCOUNTS]),
        identity.organization,
        identity.locator,
        given.get(facts.SCHEDULE),
        None if primary else record.properties.get(facts.STATE),
        schedule.next_text(account, record),
        owner.name if owner is not None else None,
        "false",
    ]


def make(name: str, privileges: tuple[str, ...]) -> Kind:
    """The kind of that name."""
    return Kind(
        name=name,
        plural=f"{name}S",
        scope=Scope.ACCOUNT,
        properties=group.PROPERTIES,
        clauses={"IGNORE": group.ignore_edition},
        privileges=privileges,
        create=_create,
        validate=group.validate,
        alter_first=_changed,
        actions={
            "ADD": _add,
            "REMOVE": _remove,
            "MOVE": _move,
            "SUSPEND": _suspend,
            "RESUME": _resume,
        },
        alter_privileges={
            **dict.fromkeys(("ADD", "REMOVE", "MOVE"), "MODIFY"),
            **dict.fromkeys(("SUSPEND", "RESUME", "REFRESH"), "REPLICATE"),
            "PRIMARY": "FAILOVER",
        },
        dropped=_dropped,
        renamed=_renamed,
    )
