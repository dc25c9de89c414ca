"""Who may do what: levels, roles, and the grants that follow from them.

Functional and service roles are granted access roles; an access role is one level on one schema or
warehouse; privileges on the database go straight to the role that needs them. `derive_grants` is
the only place where a level turns into privileges: the program creates what it returns, and the
audit holds the live account against the same tuple. Grants to people are absent on purpose: people
get roles, never privileges.

Privileges: https://docs.snowflake.com/en/user-guide/security-access-control-privileges
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from infra.model.base import Fact
from infra.model.identifiers import Identifier


class RoleKind(StrEnum):
    """Whether people or programs work with the role."""

    FUNCTIONAL = "functional"
    SERVICE = "service"


class SchemaLevel(StrEnum):
    """What a role may do with a schema; each level contains the one before.

    APPLY is for the governance schema: its tags and row access policies, on what the role owns.
    """

    APPLY = "APPLY"
    READ = "READ"
    WRITE = "WRITE"
    OWN = "OWN"


class WarehouseLevel(StrEnum):
    """What a role may do with a warehouse; MONITOR contains USE."""

    USE = "USE"
    MONITOR = "MONITOR"


class AccountPrivilege(StrEnum):
    """Privileges on the account that go straight to a role."""

    CREATE_ROLE = "CREATE ROLE"


class DatabasePrivilege(StrEnum):
    """Privileges on the database that go straight to a role."""

    USAGE = "USAGE"
    CREATE_SCHEMA = "CREATE SCHEMA"
    MONITOR = "MONITOR"


SYSADMIN: Final = "SYSADMIN"


class Role(Fact):
    """A functional or service role."""

    kind: RoleKind
    comment: str = ""
    granted_to: tuple[Identifier, ...] = (SYSADMIN,)
    """The roles above it: other roles of the environment, or SYSADMIN."""


class Access(Fact):
    """What one role gets."""

    account: tuple[AccountPrivilege, ...] = ()
    database: tuple[DatabasePrivilege, ...]
    schemas: Mapping[Identifier, SchemaLevel] = {}
    warehouses: Mapping[Identifier, WarehouseLevel] = {}


class Person(Fact):
    """Someone who logs in. Without an e-mail address they exist on the sandbox alone."""

    role: Identifier
    """Their only role, and their default."""
    warehouse: Identifier
    """Their default warehouse."""
    email: str | None = None
    """What they log in with on a real account, by single sign-on."""
    first_name: str | None = None
    last_name: str | None = None


_READ_TABLES: Final = ("SELECT",)
_WRITE_TABLES: Final = ("DELETE", "INSERT", "SELECT", "TRUNCATE", "UPDATE")
_OWN_TABLES: Final = (*_WRITE_TABLES, "REFERENCES")
_CREATE: Final = (
    "CREATE FUNCTION",
    "CREATE PROCEDURE",
    "CREATE SEQUENCE",
    "CREATE TABLE",
    "CREATE VIEW",
)

SCHEMA_PRIVILEGES: Final[Mapping[SchemaLevel, tuple[str, ...]]] = {
    SchemaLevel.APPLY: ("USAGE",),
    SchemaLevel.READ: ("USAGE",),
    SchemaLevel.WRITE: (*_CREATE, "USAGE"),
    SchemaLevel.OWN: (*_CREATE, "MODIFY", "MONITOR", "USAGE"),
}
"""Privileges on the schema itself."""

OBJECT_PRIVILEGES: Final[Mapping[SchemaLevel, Mapping[str, tuple[str, ...]]]] = {
    SchemaLevel.APPLY: {},
    SchemaLevel.READ: {"TABLES": _READ_TABLES, "VIEWS": ("SELECT",)},
    SchemaLevel.WRITE: {"TABLES": _WRITE_TABLES, "VIEWS": ("SELECT",)},
    SchemaLevel.OWN: {"TABLES": _OWN_TABLES, "VIEWS": ("REFERENCES", "SELECT")},
}
"""Privileges on objects in the schema, existing and future, by plural object type."""

LOADING_PRIVILEGES: Final[Mapping[str, tuple[str, ...]]] = {
    "FILE FORMATS": ("USAGE",),
    "PIPES": ("MONITOR", "OPERATE"),
    "STAGES": ("USAGE",),
}
"""What WRITE adds in the schema that files land in: run a load by hand, pause and refresh pipes."""

NO_BULK_GRANTS: Final = frozenset({"PIPES"})
"""Types that Snowflake grants one by one: only objects made after the future grant are covered.

https://docs.snowflake.com/en/sql-reference/sql/grant-privilege#restrictions-and-limitations
"""

WAREHOUSE_PRIVILEGES: Final[Mapping[WarehouseLevel, tuple[str, ...]]] = {
    WarehouseLevel.USE: ("USAGE",),
    WarehouseLevel.MONITOR: ("MONITOR", "OPERATE", "USAGE"),
}
