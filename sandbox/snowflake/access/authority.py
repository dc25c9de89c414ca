"""What a session's roles have: the closures, the holders and the owners behind every decision.

Nothing here raises. Closures and holders are remembered by the registers, and forgotten there when
a grant changes, so that a decision is a few look-ups however many grants there are.
https://docs.snowflake.com/en/user-guide/security-access-control-overview
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sandbox.snowflake.access.grant import ACCOUNT
from sandbox.snowflake.access.rules import ANY, DESCRIBE, MANAGE_GRANTS, SEE, Rule, rule_for
from sandbox.snowflake.catalog.record import Record
from sandbox.snowflake.catalog.store import Store

if TYPE_CHECKING:
    from sandbox.snowflake.access.grants import Grants
    from sandbox.snowflake.access.guard import Demand
    from sandbox.snowflake.session import Session

Roles = frozenset[int]

_SNOWFLAKE: Final = "SNOWFLAKE"
_FROM_SHARE: Final = "FROM_SHARE"
_READING: Final = frozenset(("SELECT", "USAGE", "REFERENCES", SEE, DESCRIBE))
"""What IMPORTED PRIVILEGES give on everything in an imported database."""
_LISTED: Final = frozenset(("ROLE",))
"""Kinds whose names everybody may know."""


class Authority:
    """Answers for one account."""

    def __init__(self, store: Store, grants: Grants) -> None:
        self._store = store
        self._grants = grants

    def active(self, session: Session) -> Roles:
        """The primary role and, where they are on, the secondary ones, with all they inherit."""
        return self._grants.hierarchy.active(
            session.role_id, session.user_id, session.secondary_roles
        )

    def primary(self, session: Session) -> Roles:
        """The primary role alone, with all it inherits."""
        return self._grants.hierarchy.active(session.role_id, session.user_id, "NONE")

    def may(self, session: Session, demand: Demand) -> bool:
        """Whether the table of rules gives the session what is demanded."""
        rule = self._rule(demand.record, demand.privilege)
        if rule is None:
            return False
        if rule.kind == ANY and demand.privilege == DESCRIBE and demand.record is not None:
            return self.sees(session, demand.record)
        alone = demand.primary or rule.primary
        roles = self.primary(session) if alone else self.active(session)
        return self._decides(rule, roles, demand.privilege, demand.record)

    def allows(self, roles: Roles, privilege: str, record: Record) -> bool:
        """The same, for a set of roles: an owner's, say."""
        rule = self._rule(record, privilege)
        return rule is not None and self._decides(rule, roles, privilege, record)

    def sees(self, session: Session, record: Record) -> bool:
        """Whether the object exists as far as the session can tell."""
        if record.kind in _LISTED or record.id == session.user_id:
            return True
        return self.lists(self.active(session), record)

    def lists(self, roles: Roles, record: Record) -> bool:
        """Whether an object is in INFORMATION_SCHEMA for a set of roles."""
        if self.on_account(roles, MANAGE_GRANTS, "RESOLVE ALL"):
            return True
        rule = self._rule(record, SEE)
        return rule is not None and self._decides(rule, roles, SEE, record)

    def reaches(self, roles: Roles, record: Record) -> bool:
        """Whether some privilege is held on each container."""
        return all(self._opens(roles, container) for container in self.containers(record))

    def on_account(self, roles: Roles, *privileges: str) -> bool:
        """Whether any of the privileges on the account is held."""
        held = self._grants.privileges.holders
        return any(not held(ACCOUNT, name).isdisjoint(roles) for name in privileges)

    def closure(self, role: int | None) -> Roles:
        """A role, with all it inherits."""
        return self._grants.hierarchy.active(role, 0, "NONE")

    def has_option(self, roles: Roles, privilege: str, record: Record | None) -> bool:
        """Whether the privilege is held with the right to pass it on."""
        number = record.id if record is not None else ACCOUNT
        return not self._grants.privileges.holders(number, privilege, option=True).isdisjoint(roles)

    def containers(self, record: Record) -> tuple[Record, ...]:
        """The database and the schema around an object, the outer one first."""
        found = [
            self._store.find(kind, record.path[:depth])
            for depth, kind in ((1, "DATABASE"), (2, "SCHEMA"))
            if depth < len(record.path)
        ]
        return tuple(item for item in found if item is not None)

    def managed(self, record: Record | None) -> Record | None:
        """The schema with managed access that an object lies in."""
        if record is None or len(record.path) != 3:
            return None
        schema = self._store.find("SCHEMA", record.path[:2])
        return schema if schema is not None and schema.properties.get("MANAGED ACCESS") else None

    def _rule(self, record: Record | None, asked: str) -> Rule | None:
        if record is None:
            return rule_for("ACCOUNT", asked)
        space = self._store.registry[record.kind].space()
        return rule_for("INTEGRATION" if space == "INTEGRATION" else record.kind, asked)

    def _decides(self, rule: Rule, roles: Roles, asked: str, record: Record | None) -> bool:
        if rule.role:
            only = self._store.find("ROLE", (rule.role,))
            return only is not None and only.id in roles
        if record is None:
            return self.on_account(roles, asked, *rule.by)
        if not self.reaches(roles, record):
            return False
        if rule.account and self.on_account(roles, *rule.account):
            return True
        if asked == SEE:
            return self._opens(roles, record)
        if self._owner(record) in roles:
            return True
        held = self._grants.privileges.holders
        if any(not held(record.id, name).isdisjoint(roles) for name in (asked, *rule.by)):
            return True
        return asked in _READING and len(record.path) > 1 and self._imported(roles, record)

    def _opens(self, roles: Roles, record: Record) -> bool:
        """Whether any privilege on it is held, whichever it is."""
        if self._owner(record) in roles:
            return True
        if not self._grants.privileges.grantees(record.id).isdisjoint(roles):
            return True
        if record.kind == "DATABASE":
            return self._opens_database(roles, record)
        return self._imported(roles, record)

    def _opens_database(self, roles: Roles, database: Record) -> bool:
        """A database role opens its database; everybody knows of SNOWFLAKE."""
        if database.name == _SNOWFLAKE:
            return True
        inside = self._store.inside(database.path)
        return any(item.kind == "DATABASE ROLE" and item.id in roles for item in inside)

    def _imported(self, roles: Roles, record: Record) -> bool:
        """Whether it is in an imported database that the roles were given as a whole."""
        database = self._store.find("DATABASE", record.path[:1])
        if database is None or len(record.path) < 2:
            return False
        shared = database.name == _SNOWFLAKE or bool(database.properties.get(_FROM_SHARE))
        return shared and self._uses(roles, database)

    def _owner(self, record: Record) -> int | None:
        """Who owns it; what is in SNOWFLAKE is ACCOUNTADMIN's to use."""
        if record.owner is None and len(record.path) > 1 and record.path[0] == _SNOWFLAKE:
            return self._grants.role_id("ACCOUNTADMIN")
        return record.owner

    def _uses(self, roles: Roles, database: Record) -> bool:
        holders = self._grants.privileges.holders(database.id, "USAGE")
        return database.owner in roles or not holders.isdisjoint(roles)
