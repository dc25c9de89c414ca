"""Which object of which account a replicated object is a copy of, and what brings it.

The origin is the object's identity throughout the organization: `<locator>:<id>` of where it was
made. System roles, the administrator and the SNOWFLAKE database are the same in all accounts, by
name. What brings an object, its link, is a group of this account, or the database itself.
https://docs.snowflake.com/en/user-guide/account-replication-config#apply-global-ids-to-objects-created-by-scripts-in-target-accounts
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sandbox.snowflake.access.grant import ACCOUNT
from sandbox.snowflake.catalog.record import Record
from sandbox.snowflake.catalog.store import Store
from sandbox.snowflake.sharing.organization import PRIMARY

if TYPE_CHECKING:
    from sandbox.snowflake.account import Identity

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS replicas (
  record INTEGER PRIMARY KEY, origin TEXT NOT NULL, link INTEGER NOT NULL
)
"""
_SYSTEM_ROLES: Final = frozenset(
    ("ACCOUNTADMIN", "ORGADMIN", "PUBLIC", "SECURITYADMIN", "SYSADMIN", "USERADMIN")
)
_SAME: Final = "same:"


class Replicas:
    """The register of one account, in memory and in the store's database."""

    def __init__(self, store: Store, identity: Identity) -> None:
        self._store = store
        self._locator = identity.locator
        self._admin = identity.admin_user
        self._rows: dict[int, tuple[str, int]] = {}
        self._by_origin: dict[str, int] = {}
        with store.lock:
            store.database.execute(_SCHEMA)
        store.on_reload(self._load)

    def is_same(self, record: Record) -> bool:
        """Whether every account has this object of its own."""
        if record.kind == "ROLE":
            return record.name in _SYSTEM_ROLES
        if record.kind == "USER":
            return record.name == self._admin
        return record.path[0] == "SNOWFLAKE" and record.kind in ("DATABASE", "SCHEMA")

    def origin(self, record: Record) -> str:
        """The object's identity in the organization."""
        if self.is_same(record):
            return f"{_SAME}{record.kind}:{'.'.join(record.path)}"
        row = self._rows.get(record.id)
        return row[0] if row is not None else f"{self._locator}:{record.id}"

    def origin_of(self, record_id: int) -> str | None:
        """The same by id; the account itself is `same:account`. None for what is gone."""
        if record_id == ACCOUNT:
            return f"{_SAME}account"
        record = self._store.get(record_id)
        return self.origin(record) if record is not None else None

    def find(self, origin: str) -> Record | None:
        """This account's object of that identity."""
        if origin.startswith(_SAME):
            kind, _, path = origin.removeprefix(_SAME).partition(":")
            return self._store.find(kind, tuple(path.split("."))) if path else None
        known = self._by_origin.get(origin)
        locator, _, number = origin.partition(":")
        if known is None and locator == self._locator:
            known = int(number)
        return self._store.get(known)

    def find_id(self, origin: str) -> int | None:
        """The same, with the account itself as an id."""
        if origin == f"{_SAME}account":
            return ACCOUNT
        record = self.find(origin)
        return record.id if record is not None else None

    def link(self, record: Record) -> int | None:
        """What brings the object here: the id of a group or database; None for a local one."""
        row = self._rows.get(record.id)
        return row[1] if row is not None else None

    def linked(self, link: int) -> list[Record]:
        """All objects that a group brought."""
        found = (self._store.get(number) for number, row in self._rows.items() if row[1] == link)
        return [record for record in found if record is not None]

    def secondary(self, record: Record) -> Record | None:
        """The secondary group or database that an object, or the database around it, is of."""
        around = record
        if len(record.path) > 1:
            database = self._store.find("DATABASE", record.path[:1])
            if database is None:
                return None
            around = database
        row = self._rows.get(around.id)
        link = self._store.get(row[1]) if row is not None else None
        return link if link is not None and link.properties.get(PRIMARY) else None

    def put(self, record: Record, origin: str, link: int) -> None:
        """Keep what an object is a copy of."""
        if self.is_same(record) or self._rows.get(record.id) == (origin, link):
            return
        self._rows[record.id] = (origin, link)
        self._by_origin[origin] = record.id
        self._store.database.execute(
            "INSERT OR REPLACE INTO replicas VALUES (?, ?, ?)", (record.id, origin, link)
        )

    def forget(self, record_id: int) -> None:
        """An object is gone."""
        row = self._rows.pop(record_id, None)
        if row is not None:
            self._by_origin.pop(row[0], None)
            self._store.database.execute("DELETE FROM replicas WHERE record = ?", (record_id,))

    def _load(self) -> None:
        rows = self._store.database.execute("SELECT record, origin, link FROM replicas").fetchall()
        self._rows = {record: (origin, link) for record, origin, link in rows}
        self._by_origin = {origin: record for record, origin, _ in rows}
