"""Who holds which privilege on what: the account's one door to its three registers.

Everything is kept by record id, so that renames carry their grants with them.
https://docs.snowflake.com/en/user-guide/security-access-control-overview
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from sandbox.snowflake.access.authority import Authority
from sandbox.snowflake.access.future import FutureRegister
from sandbox.snowflake.access.grant import ACCOUNT, OWNERSHIP, Grant, Membership
from sandbox.snowflake.access.hierarchy import Hierarchy
from sandbox.snowflake.access.privileges import fitting
from sandbox.snowflake.access.register import PrivilegeRegister
from sandbox.snowflake.catalog.record import Record
from sandbox.snowflake.catalog.store import Store

if TYPE_CHECKING:
    from sandbox.snowflake.context import Context


class Grants:
    """The registers, and what must happen to them when objects come and go."""

    def __init__(self, store: Store, now: Callable[[], datetime]) -> None:
        self._store = store
        self._now = now
        self.hierarchy = Hierarchy(store)
        self.privileges = PrivilegeRegister(store)
        self.future = FutureRegister(store)
        self.authority = Authority(store, self)

    def object_created(self, context: Context, record: Record) -> None:
        """Apply the future grants that match a new object; OWNERSHIP first."""
        matching = self.future.matching(record)
        for future in matching:
            if future.privilege == OWNERSHIP:
                record.owner = future.grantee
                self._store.save(record)
        for future in matching:
            if future.privilege != OWNERSHIP and fitting((future.privilege,), record):
                self._put(record, future.privilege, future.grantee, option=future.option)
        if record.kind == "DATABASE ROLE":
            self._let_see_database(record)

    def _let_see_database(self, role: Record) -> None:
        """A new database role may use its database.

        https://docs.snowflake.com/en/user-guide/security-access-control-considerations
        """
        database = self._store.find("DATABASE", role.path[:1])
        if database is not None:
            self._put(database, "USAGE", role.id, option=False)

    def _put(self, record: Record, privilege: str, grantee: int, *, option: bool) -> None:
        self.privileges.put(Grant(record.id, privilege, grantee, record.owner, option, self._now()))

    def object_dropped(self, record: Record) -> None:
        """Forget all grants on, to, of and by an object."""
        self.privileges.forget(record.id)
        self.hierarchy.forget(record.id)
        self.future.forget(record.id)

    def grants_on(self, record: Record) -> list[Grant]:
        """The privilege grants on an object; OWNERSHIP is not among them."""
        return self.privileges.on(record.id)

    def regrant(self, grants: Iterable[Grant], record: Record) -> None:
        """Give the same grants on another object (COPY GRANTS), in the name of its owner.

        https://docs.snowflake.com/en/sql-reference/sql/create-table#optional-parameters
        """
        for grant in grants:
            self.privileges.put(
                replace(grant, object=record.id, grantor=record.owner, created_on=self._now())
            )

    def grant_role(self, role_id: int, grantee_id: int, *, granted_by: int | None) -> None:
        """Grant a role to a role or user."""
        self.hierarchy.put(Membership(role_id, grantee_id, granted_by, self._now()))

    def grant_on_account(self, privilege: str, role_id: int) -> None:
        """Give a system role a global privilege that nobody can take away."""
        self.privileges.put(Grant(ACCOUNT, privilege, role_id, None, True, self._now()))

    def role_id(self, name: str) -> int | None:
        """The id of an account role."""
        role = self._store.find("ROLE", (name,))
        return role.id if role is not None else None

    def user_has_role(self, user_id: int, role_id: int) -> bool:
        """Whether the user may activate the role, directly or through the hierarchy."""
        return role_id in self.hierarchy.of_user(user_id)

    def available_roles(self, user_id: int) -> list[str]:
        """Names of all account roles that the user may activate."""
        found = (self._store.get(role) for role in self.hierarchy.of_user(user_id))
        return sorted(role.name for role in found if role is not None and role.kind == "ROLE")

    def session_roles(self, context: Context) -> list[str]:
        """Names of the account roles in force, for IS_ROLE_IN_SESSION."""
        found = (self._store.get(role) for role in self.active_roles(context))
        return sorted(role.name for role in found if role is not None and role.kind == "ROLE")

    def active_roles(self, context: Context) -> frozenset[int]:
        """The primary role and, where they are on, the secondary ones, with all they inherit.

        https://docs.snowflake.com/en/sql-reference/sql/use-secondary-roles
        """
        session = context.session
        return self.hierarchy.active(session.role_id, session.user_id, session.secondary_roles)
