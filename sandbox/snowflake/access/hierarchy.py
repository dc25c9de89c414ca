"""Which role was granted to which role or user, and what a role therefore inherits.

https://docs.snowflake.com/en/user-guide/security-access-control-overview#role-hierarchy-and-privilege-inheritance
"""

from __future__ import annotations

from datetime import datetime

from sandbox.snowflake.access.grant import Membership
from sandbox.snowflake.access.index import Index
from sandbox.snowflake.catalog.store import Store

_SCHEMA = """
CREATE TABLE IF NOT EXISTS memberships (
  role INTEGER, grantee INTEGER, grantor INTEGER, created TEXT, PRIMARY KEY (role, grantee)
) WITHOUT ROWID
"""


class Hierarchy:
    """The graph of roles; closures are remembered until a membership changes."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._of: Index[Membership] = Index(lambda row: row.role, lambda row: row.grantee)
        self._to: Index[Membership] = Index(lambda row: row.grantee, lambda row: row.role)
        self._by: Index[Membership] = Index(
            lambda row: row.grantor or 0, lambda row: (row.role, row.grantee)
        )
        self._closures: dict[int, frozenset[int]] = {}
        self._active: dict[tuple[int | None, int, str], frozenset[int]] = {}
        with store.lock:
            store.database.execute(_SCHEMA)
        store.on_reload(self._load)

    def of(self, role_id: int) -> list[Membership]:
        """To whom a role is granted."""
        return self._of.of(role_id)

    def to(self, grantee_id: int) -> list[Membership]:
        """The roles that a role or user was granted."""
        return self._to.of(grantee_id)

    def find(self, role_id: int, grantee_id: int) -> Membership | None:
        """The membership of one in the other, if it stands."""
        return self._of.find(role_id, grantee_id)

    def closure(self, role_id: int) -> frozenset[int]:
        """The role, all that it inherits, and PUBLIC, which every role has."""
        kept = self._closures
        found = kept.get(role_id)
        if found is None:
            public = self._store.find("ROLE", ("PUBLIC",))
            reached = {public.id} if public is not None else set()
            waiting = [role_id, *reached]
            while waiting:
                role = waiting.pop()
                reached.add(role)
                waiting += [row.role for row in self._to.of(role) if row.role not in reached]
            found = kept[role_id] = frozenset(reached)
        return found

    def of_user(self, user_id: int) -> frozenset[int]:
        """All roles that a user may activate, and the database roles that come with them."""
        return self.closure(user_id) - {user_id}

    def active(self, primary: int | None, user_id: int, secondary: str) -> frozenset[int]:
        """What a session has in force: the primary role's closure and, with ALL, the user's."""
        key = (primary, user_id, secondary)
        kept = self._active
        found = kept.get(key)
        if found is None:
            found = self.closure(primary) if primary is not None else frozenset()
            if secondary == "ALL":
                found |= self.of_user(user_id)
            kept[key] = found
        return found

    def put(self, membership: Membership) -> None:
        """Keep a membership; one that stands stays as it is."""
        if self._of.find(membership.role, membership.grantee) is not None:
            return
        for index in (self._of, self._to, self._by):
            index.put(membership)
        self._forget_closures()
        self._store.database.execute(
            "INSERT OR REPLACE INTO memberships VALUES (?, ?, ?, ?)",
            (
                membership.role,
                membership.grantee,
                membership.grantor,
                membership.created_on.isoformat(),
            ),
        )

    def remove(self, membership: Membership) -> None:
        """Forget a membership."""
        for index in (self._of, self._to, self._by):
            index.discard(membership)
        self._forget_closures()
        self._store.database.execute(
            "DELETE FROM memberships WHERE role = ? AND grantee = ?",
            (membership.role, membership.grantee),
        )

    def forget(self, record_id: int) -> None:
        """Forget all memberships in, of and by a record that is gone."""
        for row in (*self._of.of(record_id), *self._to.of(record_id), *self._by.of(record_id)):
            self.remove(row)

    def _load(self) -> None:
        rows = [
            Membership(row[0], row[1], row[2], datetime.fromisoformat(row[3]))
            for row in self._store.database.execute("SELECT * FROM memberships")
        ]
        for index in (self._of, self._to, self._by):
            index.fill(rows)
        self._forget_closures()

    def _forget_closures(self) -> None:
        # new maps: what another thread still works out goes to the old ones
        self._closures = {}
        self._active = {}
