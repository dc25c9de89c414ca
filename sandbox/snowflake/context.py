"""What a verb works with: the account, the session, and the statement under way."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sandbox.snowflake.access.guard import Demand
from sandbox.snowflake.catalog.kind import Kind, Registry, Scope
from sandbox.snowflake.catalog.record import Record
from sandbox.snowflake.catalog.store import Store
from sandbox.snowflake.errors import (
    DoesNotExistError,
    NoCurrentDatabaseError,
    NoCurrentSchemaError,
)
from sandbox.snowflake.replication import read_only
from sandbox.snowflake.session import Session
from sandbox.snowflake.sharing.imports import check_demand
from sandbox.snowflake.sql.names import Path, dotted

if TYPE_CHECKING:
    from sandbox.snowflake.account import Account


@dataclass(frozen=True, slots=True)
class Statement:
    """The text without the provider's trailing comment, and what that comment said."""

    id: str
    text: str
    full_text: str
    started: datetime
    resource: str | None = None
    operation: str | None = None


@dataclass(frozen=True, slots=True)
class Context:
    """Passed to every verb, hook and SHOW cell."""

    account: Account
    session: Session
    statement: Statement

    @property
    def store(self) -> Store:
        """The account's objects."""
        return self.account.store

    @property
    def registry(self) -> Registry:
        """The account's kinds."""
        return self.account.store.registry

    @property
    def now(self) -> datetime:
        """The sandbox clock."""
        return self.account.now()

    @property
    def role(self) -> Record | None:
        """The session's primary role."""
        return self.store.get(self.session.role_id)

    @property
    def user(self) -> Record:
        """The session's user."""
        user = self.store.get(self.session.user_id)
        if user is None:
            raise DoesNotExistError("user", str(self.session.user_id))
        return user

    def demand(
        self,
        privilege: str,
        record: Record | None = None,
        *,
        grantable: bool = False,
        primary: bool = False,
    ) -> None:
        """Have the guard decide whether the session may; None stands for the account."""
        check_demand(self.store, privilege, record)
        read_only.check(self.account, privilege, record, grantable=grantable)
        self.account.guard.permit(self, Demand(privilege, record, grantable, primary))

    def sees(self, record: Record) -> bool:
        """Whether the object exists as far as the session can tell."""
        return self.account.guard.sees(self, record)

    def resolve(self, kind: Kind, path: Path) -> Path:
        """Complete a name with the session's database and schema."""
        depth = kind.scope.depth
        if len(path) > depth:
            raise DoesNotExistError(kind.name, dotted(path))
        missing = depth - len(path)
        if missing == 0:
            return path
        if kind.scope is Scope.DATABASE or missing == 2:
            database = self.session.database
            if database is None:
                raise NoCurrentDatabaseError(kind.name)
            if kind.scope is Scope.DATABASE:
                return (database, *path)
            if self.session.schema is None:
                raise NoCurrentSchemaError(kind.name)
            return (database, self.session.schema, *path)
        if self.session.database is None:
            raise NoCurrentDatabaseError(kind.name)
        return (self.session.database, *path)

    def find(self, kind: Kind, path: Path) -> Record | None:
        """The object of that (possibly short) name and that very kind, if it stands."""
        record = self.store.find(kind.space(), self.resolve(kind, path))
        return record if record is not None and self._names(record, kind) else None

    def get(self, kind: Kind, path: Path) -> Record:
        """The object of that name, or the error that Snowflake gives."""
        full = self.resolve(kind, path)
        self.check_parent(full)
        record = self.store.find(kind.space(), full)
        if record is None or not self._names(record, kind):
            raise DoesNotExistError(kind.name, dotted(full))
        return record

    def _names(self, record: Record, kind: Kind) -> bool:
        """Whether the kind names it, and the session may know of it; users can always be named."""
        fits = record.kind == kind.name or kind.family or kind.name == kind.space()
        return fits and (record.kind == "USER" or self.sees(record))

    def check_parent(self, path: Path) -> None:
        """Fail when the database or schema that a path names is not there."""
        for depth, kind in ((1, "DATABASE"), (2, "SCHEMA")):
            record = self.store.find(kind, path[:depth]) if depth < len(path) else None
            if depth < len(path) and (record is None or not self.sees(record)):
                raise DoesNotExistError(kind, dotted(path[:depth]))

    def owner_name(self, record: Record) -> str:
        """The name of the role that owns the object; empty for Snowflake's own."""
        owner = self.store.get(record.owner)
        return owner.name if owner is not None else ""

    def owner_type(self, record: Record) -> str:
        """ROLE or DATABASE_ROLE; empty where nobody owns it."""
        owner = self.store.get(record.owner)
        return owner.kind.replace(" ", "_") if owner is not None else ""
