"""What breaks the rules on replication; the same rows as `rows_estate`."""

from infra.model.rules.item import Item, Kind
from tests.policies.estate import broken, thing, with_more

FULL = (
    *("ACCOUNT PARAMETERS", "DATABASES", "INTEGRATIONS", "NETWORK POLICIES"),
    *("RESOURCE MONITORS", "ROLES", "USERS", "WAREHOUSES"),
)


def without(*types: str) -> list[Item]:
    """The clean estate, whose group leaves out these object types."""
    kept = [one for one in FULL if one not in types]
    return broken(Kind.FAILOVER_GROUP, "LEAP_DR", object_types=kept)


ELSEWHERE = '"OTHER"."GOVERNANCE"'

ROWS: list[tuple[str, list[Item], str]] = [
    (
        "failover-takes-everything",
        broken(Kind.FAILOVER_GROUP, "LEAP_DR", object_types=["DATABASES", "ROLES"]),
        "it leaves out ACCOUNT PARAMETERS, INTEGRATIONS, NETWORK POLICIES, RESOURCE MONITORS,",
    ),
    (
        "failover-takes-everything",
        broken(Kind.FAILOVER_GROUP, "LEAP_DR", allowed_integration_types=["SECURITY INTEGRATIONS"]),
        "its list of integration types is without STORAGE INTEGRATIONS.",
    ),
    (
        "failover-takes-everything",
        broken(Kind.FAILOVER_GROUP, "LEAP_DR", replication_schedule=None),
        "nothing refreshes it",
    ),
    (
        "refreshes-keep-the-target",
        broken(Kind.FAILOVER_GROUP, "LEAP_DR", replication_schedule={"interval": 60}),
        "refreshes are 60 minutes apart; 30 may be lost.",
    ),
    (
        "refreshes-keep-the-target",
        broken(Kind.FAILOVER_GROUP, "LEAP_DR", replication_schedule="45 MINUTE"),
        "refreshes are 45 minutes apart; 30 may be lost.",
    ),
    (
        "nothing-dangles-in-a-replica",
        without("NETWORK POLICIES"),
        "it goes along, and its network policy SERVICES does not.",
    ),
    (
        "nothing-dangles-in-a-replica",
        without("RESOURCE MONITORS"),
        "it goes along, and its resource monitor BI_LIMIT does not.",
    ),
    (
        "nothing-dangles-in-a-replica",
        broken(Kind.FAILOVER_GROUP, "LEAP_DR", allowed_integration_types=["API INTEGRATIONS"]),
        "it goes along, and its storage integration LANDING does not.",
    ),
    (
        "nothing-dangles-in-a-replica",
        broken(
            Kind.NETWORK_POLICY, "SERVICES", allowed_network_rule_lists=[f'{ELSEWHERE}."OFFICE"']
        ),
        "it goes along, and its network rule OTHER.GOVERNANCE.OFFICE does not.",
    ),
    (
        "nothing-dangles-in-a-replica",
        with_more(
            thing(
                Kind.TAG,
                "PII",
                database="LEAP_ANALYTICS",
                masking_policies=[f'{ELSEWHERE}."PII_TEXT"'],
            )
        ),
        "it goes along, and its masking policy OTHER.GOVERNANCE.PII_TEXT does not.",
    ),
    (
        "nothing-dangles-in-a-replica",
        broken(Kind.TAGGING, "cost-centre", tag_id=f'{ELSEWHERE}."COST_CENTRE"'),
        "it goes along, and the tag of BI_WH, OTHER.GOVERNANCE.COST_CENTRE does not.",
    ),
    (
        "nothing-dangles-in-a-replica",
        [
            *without("RESOURCE MONITORS"),
            thing(
                Kind.FAILOVER_GROUP,
                "LIMITS",
                object_types=["RESOURCE MONITORS"],
                replication_schedule={"interval": 10},
            ),
        ],
        "it fails over with LEAP_DR, and its resource monitor BI_LIMIT with LIMITS.",
    ),
    (
        "databases-are-replicated",
        with_more(thing(Kind.DATABASE, "SCRATCH", data_retention_time_in_days=7)),
        "no failover group has it",
    ),
    (
        "imported-databases-stay-behind",
        with_more(thing(Kind.IMPORTED_DATABASE, "WEATHER")),
        "it is imported from a share, and no group can carry it",
    ),
    (
        "landing-has-a-second-region",
        broken(Kind.BUCKET, "leap-landing", region="us-east-1"),
        "its kind is in us-east-1 alone, and lost with that region.",
    ),
    (
        "clients-move-with-a-failover",
        [item for item in with_more() if item.kind is not Kind.CONNECTION],
        "no connection moves with it",
    ),
    (
        "clients-move-with-a-failover",
        broken(Kind.CONNECTION, "ANALYTICS", enable_failover_to_accounts=[]),
        "no account may take it over.",
    ),
]
