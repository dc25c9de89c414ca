"""What a second account in another region adds to the estate, and in which order.

Its providers and its landing zone come first, then the groups, which carry what stands by then;
who may read the landing zones is known once the first refresh has gone through.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import pulumi

from infra.components.landing import Landing
from infra.components.landing_events import LandingEvents
from infra.components.providers import Credentials, Providers
from infra.components.regional_clone import QuarterlyClone
from infra.components.replication import Groups
from infra.components.second_account import SecondAccount
from infra.dynamic.replicated_integration import ReplicatedIntegration
from infra.model.environment import Environment
from infra.model.naming import DR
from infra.model.pipelines import Feed
from infra.model.replication import Replication
from infra.model.stack_config import DR_PRIVATE_KEY, PROJECT
from infra.model.target import Destination, SecondTarget


class SecondRegion(NamedTuple):
    """The second account, and its landing zone where it has one."""

    replication: Replication
    target: SecondTarget
    account: SecondAccount
    landing: Landing | None


def landing_zones(
    environment: Environment,
    place: Destination,
    providers: Providers,
    credentials: Credentials,
    feeds: Sequence[Feed],
    carried: Sequence[pulumi.Resource],
) -> tuple[Landing, SecondRegion | None]:
    """The landing zone, and the second region where the facts want one.

    ``credentials`` are the first account's; ``carried`` is what should arrive in the second
    account with the first refresh.
    """
    prefixes = [facts.prefix for facts in feeds]
    landing = Landing("landing", environment, providers, place.aws, prefixes)
    region = _open(environment, place, providers, credentials, prefixes)
    if region is None:
        landing.admit()
        return landing, None
    landing.admit(*_replicate(environment, region, providers, place, landing, carried))
    return landing, region


def _open(
    environment: Environment,
    place: Destination,
    providers: Providers,
    credentials: Credentials,
    prefixes: Sequence[str],
) -> SecondRegion | None:
    replication, target = environment.replication, place.second
    if replication is None or target is None:
        return None
    key = pulumi.Config(PROJECT).get_secret(DR_PRIVATE_KEY)
    if key is not None and credentials.private_key is not None:
        credentials = Credentials(private_key=key)
    account = SecondAccount("second-account", target.snowflake, credentials)
    landing = None
    if replication.landing:
        landing = Landing("dr-landing", environment, providers, target.aws, prefixes, DR)
    return SecondRegion(replication, target, account, landing)


def _replicate(
    environment: Environment,
    region: SecondRegion,
    providers: Providers,
    place: Destination,
    landing: Landing,
    needs: Sequence[pulumi.Resource],
) -> list[ReplicatedIntegration]:
    """Makes the groups and what waits for them; who else reads the first landing zone."""
    zones = [zone for zone in (landing, region.landing) if zone is not None]
    groups = Groups(
        "replication",
        environment,
        region.replication,
        (providers, region.account),
        (place.snowflake, region.target.snowflake),
        [*needs, *(zone.integration for zone in zones)],
        [zone.names.storage_integration for zone in zones],
    )
    if region.landing is not None:
        region.landing.admit(*_of(region.landing, groups))
        aws = region.target.aws
        LandingEvents("dr-landing-events", region.landing, [], providers, aws, twin=True)
    clone = region.replication.clone
    if clone is not None:
        arrived = [*groups.secondaries, *groups.arrived.values()]
        QuarterlyClone(
            "quarterly-clone", environment, region.replication, clone, region.account, arrived
        )
    return _of(landing, groups)


def integrations(landing: Landing, region: SecondRegion | None) -> dict[str, pulumi.Resource]:
    """The storage integrations of the first account, by name."""
    zones = [landing, *([region.landing] if region and region.landing else [])]
    return {zone.names.storage_integration: zone.integration for zone in zones}


def export_second_account(environment: Environment, region: SecondRegion | None) -> None:
    """What the stack says of its second account. Commands and checks read these names."""
    if region is not None:
        pulumi.export("second_account", _told(environment, region))


def _told(environment: Environment, region: SecondRegion) -> dict[str, Any]:
    naming, replication = environment.naming, region.replication
    account, connection = region.target.snowflake, replication.connection
    reading, zone = replication.reading, region.landing
    return {
        "account": account.account,
        "host": account.host or "",
        "port": account.port or 443,
        "protocol": account.protocol or "https",
        "aws_region": region.target.aws.region,
        "failover_groups": [naming.account(key) for key in replication.groups],
        "connection": naming.account(connection.name) if connection else "",
        "connection_account": f"{account.organization_name}-{naming.account(connection.name)}"
        if connection
        else "",
        "rpo_minutes": replication.rpo_minutes,
        "reading": {
            "role": naming.account(reading.role),
            "warehouse": naming.account(reading.warehouse),
        }
        if reading
        else {},
        "clone_database": naming.account(replication.clone.database) if replication.clone else "",
        "landing_bucket": zone.names.bucket if zone else "",
        "landing_queue_url": zone.queue.url if zone else "",
        "storage_integration": zone.names.storage_integration if zone else "",
    }


def _of(zone: Landing, groups: Groups) -> list[ReplicatedIntegration]:
    found = groups.arrived.get(zone.names.storage_integration)
    return [] if found is None else [found]
