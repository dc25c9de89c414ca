"""What a group leaves in the second account when it is dropped there, and how it is removed.

Copies become objects of that account: databases that can be written, users, roles and the rest.
Snowflake refuses to drop a database whose policies somebody outside of it is still held to, so
users go before policies, policies before databases, and roles last.

https://docs.snowflake.com/en/sql-reference/sql/drop-failover-group
"""

from collections.abc import Iterable, Iterator

from infra.model.environment import Environment
from infra.model.grants import access_roles
from infra.model.naming import Naming
from infra.model.replication import FailoverGroup, ObjectType, second_name
from infra.model.sql import Sql, name, sql


def removal(environment: Environment, group: FailoverGroup) -> tuple[Sql, ...]:
    """The statements that remove everything that the group brought; each may find nothing."""
    return tuple(_statements(environment, frozenset(group.object_types), group))


def _statements(
    environment: Environment, types: frozenset[ObjectType], group: FailoverGroup
) -> Iterator[Sql]:
    naming, landing = environment.naming, environment.landing.storage_integration
    if ObjectType.USERS in types:
        yield from _drops("USER", naming, [*environment.service_users, *environment.people])
    if ObjectType.NETWORK_POLICIES in types:
        if environment.network.account_policy is not None:
            yield sql("ALTER ACCOUNT UNSET NETWORK_POLICY")
        yield from _drops("NETWORK POLICY", naming, environment.network.policies)
    if any(policy.account for policy in environment.password_policies.values()):
        yield sql("ALTER ACCOUNT UNSET PASSWORD POLICY")
    if ObjectType.WAREHOUSES in types:
        yield from _drops("WAREHOUSE", naming, environment.warehouses)
    if ObjectType.RESOURCE_MONITORS in types:
        yield from _drops("RESOURCE MONITOR", naming, environment.monitors)
    if ObjectType.INTEGRATIONS in types:
        storage = [landing, second_name(landing)]
        yield from _drops("INTEGRATION", naming, [*storage, *environment.notifications])
    yield from _drops("DATABASE", naming, group.databases)
    if ObjectType.ROLES in types:
        yield from _drops("ROLE", naming, environment.roles)
        for role in access_roles(environment):
            yield sql("DROP ROLE IF EXISTS {role}", role=name(role.name))


def _drops(kind: str, naming: Naming, names: Iterable[str]) -> Iterator[Sql]:
    for one in names:
        yield sql("DROP {kind} IF EXISTS {name}", kind=Sql(kind), name=name(naming.account(one)))
