"""From facts to grants: one pure function, whose result the program deploys and the audit compares.

A grant here is one resource there: all privileges of one role on one object, or on all or all
future objects of one type in one schema. That keeps a thousand-table estate at a few dozen grants.
"""

from collections.abc import Iterator
from enum import StrEnum
from typing import Final, NamedTuple

from infra.model import access
from infra.model.access import SYSADMIN, SchemaLevel
from infra.model.environment import Environment
from infra.model.identifiers import quoted
from infra.model.naming import logical
from infra.model.replication import second_name

ACCOUNT: Final = "ACCOUNT"
"""What a global privilege is granted on; it has no name."""
IMPORTED: Final = "IMPORTED PRIVILEGES"
"""Everything on an imported database; Snowflake shows it as USAGE."""
ROLE_GRANT: Final = ("USAGE",)
"""How Snowflake shows that a role is granted to another."""


class Scope(StrEnum):
    """Whether a grant is on one object or on the objects of a schema."""

    OBJECT = "OBJECT"
    ALL = "ALL"
    FUTURE = "FUTURE"


class Grant(NamedTuple):
    """One grant to an account role.

    ``on`` is the object's type (``ACCOUNT``, ``ROLE``, ``DATABASE``, ``SCHEMA``, ``WAREHOUSE``,
    ``INTEGRATION``, ``TAG``, …); for ALL and FUTURE it is the plural type (``TABLES``) of the
    objects in the schema that ``name`` says.
    ``name`` is a bare name for an account-level object and a quoted, dotted one for a schema and
    what lies in it.
    """

    role: str
    on: str
    name: str
    scope: Scope
    privileges: tuple[str, ...]


class AccessRole(NamedTuple):
    """A role that is one level on one schema or warehouse."""

    name: str
    comment: str


def access_roles(environment: Environment) -> tuple[AccessRole, ...]:
    """The access roles that somebody holds, sorted; a level that nobody holds has no role."""
    naming, database = environment.naming, environment.database.name
    roles = set()
    for held in environment.access.values():
        for schema, level in held.schemas.items():
            comment = f"{level} on schema {schema}"
            roles.add(AccessRole(naming.schema_role(database, schema, level), comment))
        for warehouse, use in held.warehouses.items():
            comment = f"{use} on warehouse {warehouse}"
            roles.add(AccessRole(naming.warehouse_role(warehouse, use), comment))
    return tuple(sorted(roles))


def derive_grants(environment: Environment) -> tuple[Grant, ...]:
    """Every grant that the environment's facts ask for, sorted and without repetition."""
    grants = {
        *_hierarchy(environment),
        *_account(environment),
        *_database(environment),
        *_schemas(environment),
        *_warehouses(environment),
        *_integrations(environment),
        *_governance(environment),
        *_sources(environment),
    }
    return tuple(sorted(grants))


def logical_name(grant: Grant, environment: Environment) -> str:
    """The logical name of the grant's resource: unique, and without the environment's prefix."""
    prefix = environment.prefix
    scope = "" if grant.scope is Scope.OBJECT else grant.scope.value
    place = grant.name.replace(f'"{prefix}', '"').removeprefix(prefix)
    return logical(grant.role.removeprefix(prefix), "on", scope, grant.on, place)


def _hierarchy(environment: Environment) -> Iterator[Grant]:
    naming = environment.naming
    for name, role in environment.roles.items():
        for parent in role.granted_to:
            above = parent if parent == SYSADMIN else naming.account(parent)
            yield _on_role(above, naming.account(name))


def _account(environment: Environment) -> Iterator[Grant]:
    for name, held in environment.access.items():
        if held.account:
            role, privileges = environment.naming.account(name), tuple(sorted(set(held.account)))
            yield Grant(role, ACCOUNT, "", Scope.OBJECT, privileges)


def _database(environment: Environment) -> Iterator[Grant]:
    naming = environment.naming
    database = naming.account(environment.database.name)
    for name, held in environment.access.items():
        privileges = tuple(sorted(set(held.database)))
        if privileges:
            yield Grant(naming.account(name), "DATABASE", database, Scope.OBJECT, privileges)


def _schemas(environment: Environment) -> Iterator[Grant]:
    naming, database = environment.naming, environment.database.name
    for name, held in environment.access.items():
        for schema, level in held.schemas.items():
            role = naming.schema_role(database, schema, level)
            yield _on_role(naming.account(name), role)
            yield from _schema_level(environment, role, schema, level)


def _schema_level(
    environment: Environment, role: str, schema: str, level: SchemaLevel
) -> Iterator[Grant]:
    place = quoted(environment.naming.account(environment.database.name), schema)
    yield Grant(role, "SCHEMA", place, Scope.OBJECT, access.SCHEMA_PRIVILEGES[level])
    objects = dict(access.OBJECT_PRIVILEGES[level])
    if schema == environment.landing.schema_ and level is SchemaLevel.WRITE:
        objects |= access.LOADING_PRIVILEGES
    for plural, privileges in objects.items():
        if plural not in access.NO_BULK_GRANTS:
            yield Grant(role, plural, place, Scope.ALL, privileges)
        yield Grant(role, plural, place, Scope.FUTURE, privileges)


def _warehouses(environment: Environment) -> Iterator[Grant]:
    naming = environment.naming
    for name, held in environment.access.items():
        for warehouse, level in held.warehouses.items():
            role = naming.warehouse_role(warehouse, level)
            yield _on_role(naming.account(name), role)
            yield Grant(
                role,
                "WAREHOUSE",
                naming.account(warehouse),
                Scope.OBJECT,
                access.WAREHOUSE_PRIVILEGES[level],
            )


def _integrations(environment: Environment) -> Iterator[Grant]:
    """SYSADMIN makes the stages, for which it must be allowed to use their integration."""
    names = [environment.landing.storage_integration]
    if environment.replication is not None and environment.replication.landing:
        names.append(second_name(environment.landing.storage_integration))
    for name in names:
        named = environment.naming.account(name)
        yield Grant(SYSADMIN, "INTEGRATION", named, Scope.OBJECT, ("USAGE",))


def _governance(environment: Environment) -> Iterator[Grant]:
    """Who has a level on the schema may tag what it owns, and hold its rows to a policy."""
    facts, naming = environment.governance, environment.naming
    place = (naming.account(environment.database.name), facts.schema_)
    kinds = {"TAG": facts.tags, "ROW ACCESS POLICY": facts.row_access_policies}
    levels = {held.schemas.get(facts.schema_) for held in environment.access.values()} - {None}
    for level in levels:
        role = naming.schema_role(environment.database.name, facts.schema_, str(level))
        for kind, objects in kinds.items():
            for name in objects:
                yield Grant(role, kind, quoted(*place, name), Scope.OBJECT, ("APPLY",))


def _sources(environment: Environment) -> Iterator[Grant]:
    naming = environment.naming
    for database, facts in environment.marketplace.items():
        for reader in facts.readers:
            role, name = naming.account(reader), naming.account(database)
            yield Grant(role, "DATABASE", name, Scope.OBJECT, (IMPORTED,))
    database = naming.account(environment.database.name)
    for name, stage in environment.stages.items():
        place = quoted(database, stage.schema_, name)
        for role in {*stage.readers, *stage.writers}:
            privileges = ("READ", "WRITE") if role in stage.writers else ("READ",)
            yield Grant(naming.account(role), "STAGE", place, Scope.OBJECT, privileges)


def _on_role(role: str, granted: str) -> Grant:
    return Grant(role, "ROLE", granted, Scope.OBJECT, ROLE_GRANT)
