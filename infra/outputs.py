"""What a deployed stack says of itself. Commands and checks read these names, so they are fixed."""

from collections.abc import Mapping
from typing import Any

import pulumi

from infra.components.feed import Feed
from infra.components.landing import Landing
from infra.model.environment import Environment
from infra.model.public_key import PublicKeys
from infra.model.target import Destination
from infra.settings import Settings

DBT_ROLE = "TRANSFORMER"
"""The service role that dbt works with."""


def export(
    settings: Settings,
    destination: Destination,
    landing: Landing,
    feeds: Mapping[str, Feed],
    keys: Mapping[str, PublicKeys],
) -> None:
    """Exports every output of the stack."""
    environment = settings.environment
    naming = environment.naming
    outputs: dict[str, Any] = {
        "environment": settings.stack.environment,
        "target": destination.target.value,
        "database": naming.account(environment.database.name),
        "schemas": {name: name for name in environment.database.schemas},
        "warehouses": {name: naming.account(name) for name in environment.warehouses},
        "roles": {name: naming.account(name) for name in environment.roles},
        "landing_bucket": landing.names.bucket,
        "landing_queue_url": landing.queue.url,
        "pipes": {name: feed.pipe_name for name, feed in feeds.items()},
        "storage_integration": landing.names.storage_integration,
        "dbt": dbt_connection(environment, destination, keys),
    }
    for name, value in outputs.items():
        pulumi.export(name, value)


def dbt_connection(
    environment: Environment, destination: Destination, keys: Mapping[str, PublicKeys]
) -> dict[str, Any]:
    """How dbt reaches the account, without its secret.

    The user is the service user of that role, if it has a key; else the sandbox's person of it.
    """
    naming, account = environment.naming, destination.snowflake
    programs = [n for n, u in environment.service_users.items() if u.role == DBT_ROLE]
    people = [name for name, person in environment.people.items() if person.role == DBT_ROLE]
    users = [*(name for name in programs if any(keys.get(name, ()))), *people]
    warehouses = environment.access[DBT_ROLE].warehouses if DBT_ROLE in environment.access else {}
    return {
        "account": account.account,
        "host": account.host or "",
        "port": account.port or 443,
        "protocol": account.protocol or "https",
        "user": naming.account(users[0]) if users else "",
        "role": naming.account(DBT_ROLE),
        "warehouse": naming.account(next(iter(warehouses), "")),
        "database": naming.account(environment.database.name),
    }
