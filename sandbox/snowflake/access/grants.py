"""The register of grants: roles to roles and users, privileges to roles, and future grants.

Everything is kept by record id, so that renames carry their grants with them.
https://docs.snowflake.com/en/sql-reference/sql/grant-privilege
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from sandbox.snowflake.catalog.record import Record
from sandbox.snowflake.catalog.store import Store

if TYPE_CHECKING:
    from sandbox.snowflake.context import Context


class Grants:
    """Interface first; the body is being written."""

    def __init__(self, store: Store, now: Callable[[], datetime]) -> None:
        self._store = store
        self._now = now

    def object_created(self, context: Context, record: Record) -> None:
        """Apply the future grants that match a new object."""

    def object_dropped(self, record: Record) -> None:
        """Forget all grants on, to and of the object."""

    def grants_on(self, record: Record) -> Sequence[object]:
        """The privilege grants on an object."""
        return ()

    def regrant(self, grants: Iterable[object], record: Record) -> None:
        """Give the same grants on another object (COPY GRANTS)."""

    def grant_role(self, role_id: int, grantee_id: int, *, granted_by: int | None) -> None:
        """Grant a role to a role or user."""

    def grant_on_account(self, privilege: str, role_id: int) -> None:
        """Grant a global privilege."""

    def role_id(self, name: str) -> int | None:
        """The id of an account role."""
        role = self._store.find("ROLE", (name,))
        return role.id if role is not None else None

    def user_has_role(self, user_id: int, role_id: int) -> bool:
        """Whether the user may activate the role, directly or through the hierarchy."""
        return True

    def available_roles(self, user_id: int) -> list[str]:
        """Names of all account roles that the user may activate."""
        return []
