"""What a primary group or database takes along.

https://docs.snowflake.com/en/user-guide/account-replication-intro#replicated-objects
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from sandbox.snowflake.catalog.record import Record
from sandbox.snowflake.catalog.store import Store
from sandbox.snowflake.replication import facts

_KINDS: Final = {
    "ROLES": "ROLE",
    "USERS": "USER",
    "WAREHOUSES": "WAREHOUSE",
    "RESOURCE MONITORS": "RESOURCE MONITOR",
    "NETWORK POLICIES": "NETWORK POLICY",
}
_STAYS: Final = frozenset(("BUDGET",))
"""Kinds in a schema that Snowflake does not replicate."""


@dataclass(frozen=True, slots=True)
class Scope:
    """`kinds` are whole kinds of account objects; `integrations` begins of their kinds' names."""

    kinds: frozenset[str]
    integrations: tuple[str, ...]
    databases: tuple[int, ...]
    shares: tuple[int, ...]
    parameters: bool

    @property
    def roles(self) -> bool:
        """Whether account roles, and so all grants, go along."""
        return "ROLE" in self.kinds

    def whole(self, record: Record) -> bool:
        """Whether all account objects of this one's kind belong to it."""
        return record.kind in self.kinds or record.kind.startswith(self.integrations)

    def covers(self, record: Record) -> bool:
        """Whether an account object, or what is in a database, is taken along by itself."""
        if len(record.path) == 1 and record.kind not in ("DATABASE", "SHARE"):
            return self.whole(record)
        return record.id in (*self.databases, *self.shares)

    def members(self, store: Store) -> Iterator[Record]:
        """All that is taken along, what others name or lie in first."""
        registry = store.registry.kinds
        for kind in registry:
            if kind in ("ROLE",) and self.roles:
                yield from store.all(kind)
        for kind in registry:
            if kind in self.kinds - {"ROLE"} or kind.startswith(self.integrations):
                yield from store.all(kind)
        for number in self.databases:
            database = store.get(number)
            if database is None:
                continue
            yield database
            inside = store.descendants(database.path)
            yield from (one for one in inside if one.kind not in _STAYS and not _temporary(one))
        for number in self.shares:
            share = store.get(number)
            if share is not None:
                yield share


def of(record: Record) -> Scope:
    """The scope of a primary: a group, or a database that is replicated by itself."""
    if record.kind == "DATABASE":
        return Scope(frozenset(), (), (record.id,), (), parameters=False)
    given = record.properties
    types = given[facts.TYPES]
    return Scope(
        kinds=frozenset(_KINDS[one] for one in types if one in _KINDS),
        integrations=tuple(
            one.removesuffix("S") for one in given[facts.INTEGRATIONS] if "INTEGRATIONS" in types
        ),
        databases=tuple(given[facts.DATABASES]),
        shares=tuple(given[facts.SHARES]),
        parameters="ACCOUNT PARAMETERS" in types,
    )


def _temporary(record: Record) -> bool:
    return "SESSION" in record.properties
