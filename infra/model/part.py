"""What differs between two sets of facts, when it is access alone."""

from infra.model.base import Fact
from infra.model.environment import Environment
from infra.model.grants import Grant, access_roles, derive_grants, logical_name


class Part(Fact):
    """The resources that a change of access alone touches."""

    roles: frozenset[str]
    """Access roles that are new or no longer needed, by their name in Snowflake."""
    grants: frozenset[str]
    """Grants that are new, different or gone, by logical name."""


def changed_part(before: Environment, after: Environment) -> Part | None:
    """What to look at, when the facts differ in `access` alone; None where more differs."""
    if before.model_copy(update={"access": after.access}) != after:
        return None
    old, new = set(access_roles(before)), set(access_roles(after))
    grants = _named(before).items() ^ _named(after).items()
    return Part(
        roles=frozenset(role.name for role in old ^ new),
        grants=frozenset(name for name, _ in grants),
    )


def _named(environment: Environment) -> dict[str, Grant]:
    return {logical_name(grant, environment): grant for grant in derive_grants(environment)}
