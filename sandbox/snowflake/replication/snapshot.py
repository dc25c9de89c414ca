"""The catalogue of a primary at one moment, as plain values: objects, and who may do what on them.

Objects are told by their origin, so that the other account can find its own in them.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Final

from sandbox.snowflake import streams
from sandbox.snowflake.access.grant import ACCOUNT
from sandbox.snowflake.catalog.record import Record
from sandbox.snowflake.governance import policies, tags
from sandbox.snowflake.governance.pointing import named
from sandbox.snowflake.kinds import network_rule
from sandbox.snowflake.replication import local
from sandbox.snowflake.replication.scope import Scope
from sandbox.snowflake.sql.names import dotted
from sandbox.snowflake.sql.reader import Reader

if TYPE_CHECKING:
    from sandbox.snowflake.account import Account

MONITOR: Final = "account_monitor"


@dataclass(frozen=True, slots=True)
class Held:
    """A privilege on an object, or (with `inside`) on what comes in a container."""

    object: str
    privilege: str
    grantee: str
    grantor: str | None
    option: bool
    created: datetime
    inside: str = ""


@dataclass(frozen=True, slots=True)
class Member:
    """A role that was granted to a role or user."""

    role: str
    grantee: str
    grantor: str | None
    created: datetime


@dataclass(frozen=True, slots=True)
class Missing:
    """A reference to what does not go along; one that is not `blocking` is left out."""

    referred: Record
    referring: Record
    blocking: bool


@dataclass
class Snapshot:
    """All of it. `origins` tells the identity of every id that occurs."""

    scope: Scope
    records: list[Record] = field(default_factory=list)
    origins: dict[int, str] = field(default_factory=dict)
    grantees: frozenset[str] = frozenset()
    held: list[Held] = field(default_factory=list)
    members: list[Member] = field(default_factory=list)
    parameters: dict[str, str] | None = None
    policies: dict[str, int] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    monitor: str = ""
    missing: list[Missing] = field(default_factory=list)


def take(account: Account, scope: Scope) -> Snapshot:
    """What goes along, as of now. The caller holds the store's lock."""
    taken = Snapshot(scope)
    store, replicas = account.store, account.replicas
    standing = [one for one in scope.members(store) if not replicas.is_same(one)]
    taken.records = [copy.deepcopy(one) for one in standing]
    for record in taken.records:
        if record.kind == "STREAM":
            record.properties |= streams.copied(account, record)
        elif record.kind == "STORAGE INTEGRATION":
            local.forget_generated(account, record)
    taken.origins = {
        record.id: replicas.origin(record)
        for kind in store.registry.kinds
        for record in store.each(kind)
    }
    taken.origins[ACCOUNT] = str(replicas.origin_of(ACCOUNT))
    known = {one.id for one in standing}
    _access(account, taken, known)
    if scope.parameters:
        taken.parameters = account.parameters.all_on_account()
        taken.policies = policies.of_account(store)
        taken.tags = tags.of_account(store)
    if "RESOURCE MONITOR" in scope.kinds:
        taken.monitor = store.setting(MONITOR) or ""
    taken.missing = list(missing(account, scope))
    return taken


def _access(account: Account, taken: Snapshot, known: set[int]) -> None:
    store, access = account.store, account.access
    grantees = {one.id for one in taken.records if one.kind == "DATABASE ROLE"}
    if taken.scope.roles:
        grantees |= {one.id for one in store.each("ROLE")}
    shares = {one.id for one in taken.records if one.kind == "SHARE"}
    same = {one.id for kind in ("ROLE", "DATABASE", "SCHEMA", "USER") for one in store.each(kind)
            if account.replicas.is_same(one)}  # fmt: skip
    objects = known | same | {ACCOUNT}
    origins = taken.origins
    taken.grantees = frozenset(origins[one] for one in grantees | shares)
    for number in grantees | shares:
        for grant in access.privileges.to(number):
            if grant.object in objects:
                by = origins.get(grant.grantor or 0) if grant.grantor else None
                made = (grant.option, grant.created_on)
                taken.held.append(
                    Held(origins[grant.object], grant.privilege, origins[number], by, *made)
                )
        for coming in access.future.to(number):
            if coming.container in known:
                taken.held.append(
                    Held(
                        origins[coming.container],
                        coming.privilege,
                        origins[number],
                        None,
                        coming.option,
                        coming.created_on,
                        inside=coming.type,
                    )
                )
        for member in access.hierarchy.of(number):
            if member.grantee in grantees | known | same:
                by = origins.get(member.grantor or 0) if member.grantor else None
                taken.members.append(
                    Member(origins[number], origins[member.grantee], by, member.created_on)
                )


def missing(account: Account, scope: Scope) -> Iterator[Missing]:
    """References out of the scope: to tags, policies, sources of streams, rules of networks."""
    store = account.store
    standing = list(scope.members(store))
    known = {one.id for one in standing}
    for record in standing:
        for number in dict.fromkeys(named(record.properties)):
            referred = store.get(number)
            if referred is not None and number not in known:
                yield Missing(referred, record, blocking=True)
        if record.kind == "NETWORK POLICY":
            for name in network_rule.LISTS:
                for rule in record.properties.get(name) or []:
                    referred = store.find("NETWORK RULE", Reader(rule).path())
                    if referred is not None and referred.id not in known:
                        yield Missing(referred, record, blocking=True)
        if record.kind == "STAGE" and record.properties.get("STORAGE_INTEGRATION"):
            path = Reader(record.properties["STORAGE_INTEGRATION"]).path()
            referred = store.find("INTEGRATION", path)
            if referred is not None and referred.id not in known:
                yield Missing(referred, record, blocking=False)


def told(found: list[Missing]) -> list[str]:
    """The references as the error tells them."""
    by: dict[str, list[str]] = {}
    for one in found:
        key = f"{one.referred.kind} {dotted(one.referred.path)}"
        by.setdefault(key, []).append(f"{one.referring.kind} {dotted(one.referring.path)}")
    return [f"{key} <- [{', '.join(sorted(set(names)))}]" for key, names in sorted(by.items())]


def plain(parameters: str | None) -> dict[str, str]:
    """Kept parameters as a dictionary."""
    found: dict[str, str] = json.loads(parameters or "{}")
    return found
