"""The register of privileges on objects and on the account.

OWNERSHIP is not kept here: an object's record knows its owner, and SHOW GRANTS adds the row.
https://docs.snowflake.com/en/sql-reference/sql/grant-privilege
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from sandbox.snowflake.access.grant import Grant
from sandbox.snowflake.access.index import Index
from sandbox.snowflake.catalog.store import Store

_SCHEMA = """
CREATE TABLE IF NOT EXISTS grants (
  object INTEGER, privilege TEXT, grantee INTEGER, grantor INTEGER, option INTEGER, created TEXT,
  PRIMARY KEY (object, privilege, grantee, grantor)
) WITHOUT ROWID
"""


class PrivilegeRegister:
    """Keeps grants in memory by object, grantee and grantor, and in the store's database."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._on: Index[Grant] = Index(lambda grant: grant.object, lambda grant: grant.key)
        self._to: Index[Grant] = Index(lambda grant: grant.grantee, lambda grant: grant.key)
        self._by: Index[Grant] = Index(lambda grant: grant.grantor or 0, lambda grant: grant.key)
        self._holders: dict[int, dict[tuple[str, bool], frozenset[int]]] = {}
        """By object, as asked for; forgotten when a grant on the object changes."""
        with store.lock:
            store.database.execute(_SCHEMA)
        store.on_reload(self._load)

    def on(self, object_id: int) -> list[Grant]:
        """All grants on an object."""
        return self._on.of(object_id)

    def to(self, grantee_id: int) -> list[Grant]:
        """All grants that a role or database role holds."""
        return self._to.of(grantee_id)

    def by(self, grantor_id: int) -> list[Grant]:
        """All grants that a role made."""
        return self._by.of(grantor_id)

    def holders(self, object_id: int, privilege: str, *, option: bool = False) -> frozenset[int]:
        """Who was granted a privilege on an object (with grant option, if asked)."""
        kept = self._holders.setdefault(object_id, {})
        found = kept.get((privilege, option))
        if found is None:
            found = kept[privilege, option] = frozenset(
                grant.grantee
                for grant in self._on.of(object_id)
                if privilege in ("", grant.privilege) and (grant.option or not option)
            )
        return found

    def grantees(self, object_id: int) -> frozenset[int]:
        """Who was granted anything on an object."""
        return self.holders(object_id, "")

    def holds(
        self, roles: Collection[int], privilege: str, object_id: int, *, option: bool = False
    ) -> bool:
        """Whether any of the roles was granted the privilege (with grant option, if asked)."""
        return not self.holders(object_id, privilege, option=option).isdisjoint(roles)

    def put(self, grant: Grant) -> None:
        """Keep a grant. One that stands keeps its date, and its grant option once given."""
        standing = self._on.find(grant.object, grant.key)
        if standing is not None:
            if standing.option or not grant.option:
                return
            grant = replace(standing, option=True)
        self._write(grant)

    def drop_option(self, grant: Grant) -> None:
        """GRANT OPTION FOR: keep the privilege, not the right to pass it on."""
        self._write(replace(grant, option=False))

    def remove(self, grant: Grant) -> None:
        """Forget a grant."""
        for index in (self._on, self._to, self._by):
            index.discard(grant)
        self._holders.pop(grant.object, None)
        self._store.database.execute(
            "DELETE FROM grants WHERE object = ? AND privilege = ? AND grantee = ? AND grantor = ?",
            grant.key,
        )

    def forget(self, record_id: int) -> None:
        """Forget all grants on, to and by a record that is gone."""
        for grant in (*self.on(record_id), *self.to(record_id), *self.by(record_id)):
            self.remove(grant)

    def _write(self, grant: Grant) -> None:
        for index in (self._on, self._to, self._by):
            index.put(grant)
        # only now: what another thread still works out goes to the map that is let go here
        self._holders.pop(grant.object, None)
        self._store.database.execute(
            "INSERT OR REPLACE INTO grants VALUES (?, ?, ?, ?, ?, ?)",
            (*grant.key, int(grant.option), grant.created_on.isoformat()),
        )

    def _load(self) -> None:
        grants = [
            Grant(row[0], row[1], row[2], row[3] or None, bool(row[4]), _moment(row[5]))
            for row in self._store.database.execute("SELECT * FROM grants")
        ]
        for index in (self._on, self._to, self._by):
            index.fill(grants)
        self._holders = {}


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
