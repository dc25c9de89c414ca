"""Replication: what the second account would lack on the day that it takes over.

A group carries what it lists. What is left out, refers to what is left out, or lives in the first
region alone is missing over there, and nobody notices before that day.

https://docs.snowflake.com/en/user-guide/account-replication-considerations
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from infra.model.identifiers import parts
from infra.model.replication import interval
from infra.model.rules.item import UNKNOWN, Item, Kind, is_set, known, of_kind
from infra.model.rules.rule import Ground, Rule, Severity, Topic, Violation

CONSIDERATIONS: Final = (
    "https://docs.snowflake.com/en/user-guide/account-replication-considerations"
)
REHEARSED: Final[dict[str, Severity | None]] = {"dev": Severity.LOW, "local": Severity.LOW}
NEEDED: Final = frozenset({"DATABASES", "ROLES", "USERS", "WAREHOUSES"})
"""What a second account cannot go on without, whatever is declared."""
TYPE_OF: Final = {
    Kind.ACCOUNT_PARAMETER: "ACCOUNT PARAMETERS",
    Kind.INTEGRATION: "INTEGRATIONS",
    Kind.NOTIFICATION: "INTEGRATIONS",
    Kind.MONITOR: "RESOURCE MONITORS",
    Kind.NETWORK_POLICY: "NETWORK POLICIES",
}
"""The object type that carries a kind."""
INTEGRATION_TYPE_OF: Final = {
    Kind.INTEGRATION: "STORAGE INTEGRATIONS",
    Kind.NOTIFICATION: "NOTIFICATION INTEGRATIONS",
}
OF_A_DATABASE: Final = frozenset({"DATABASE", "SCHEMA", "TABLE", "VIEW", "COLUMN"})


class Carried(NamedTuple):
    """What the primary groups of an estate carry, and which one each part."""

    groups: tuple[Item, ...]
    types: Mapping[str, str]
    databases: Mapping[str, str]
    integrations: frozenset[str]


def carried(items: Sequence[Item]) -> Carried | None:
    """The primary groups; None where there are none, or a preview does not know their lists."""
    lists = ("object_types", "allowed_databases", "allowed_integration_types")
    groups = tuple(g for g in of_kind(items, Kind.FAILOVER_GROUP) if not g.get("from_replica"))
    if not groups or any(g.get(name) is UNKNOWN for g in groups for name in lists):
        return None
    return Carried(
        groups,
        {str(one).upper(): g.name for g in groups for one in g.get("object_types", ())},
        {_bare(one): g.name for g in groups for one in g.get("allowed_databases", ())},
        frozenset(
            str(one).upper() for g in groups for one in g.get("allowed_integration_types", ())
        ),
    )


def takes_little(items: Sequence[Item], ground: Ground) -> Iterator[Violation]:
    """Groups that would leave the second account unable to go on."""
    found = carried(items)
    if found is None:
        return
    kinds = {item.kind for item in items}
    wanted = {*NEEDED, *(TYPE_OF[kind] for kind in kinds if kind in TYPE_OF)}
    if missing := sorted(wanted - set(found.types)):
        yield Violation(found.groups[0], f"it leaves out {', '.join(missing)}.")
    if "INTEGRATIONS" in found.types:
        wanted = {INTEGRATION_TYPE_OF[kind] for kind in kinds if kind in INTEGRATION_TYPE_OF}
        if unlisted := sorted(wanted - found.integrations):
            message = f"its list of integration types is without {', '.join(unlisted)}."
            yield Violation(found.groups[0], message)
    for group in found.groups:
        if not group.get("replication_schedule") and not _is_assured(group, ground):
            yield Violation(group, "nothing refreshes it: it has no schedule.")


def is_too_slow(items: Sequence[Item], ground: Ground) -> Iterator[Violation]:
    """A group whose refreshes are further apart than what may be lost."""
    facts, found = ground.environment.replication, carried(items)
    for group in found.groups if found and facts else ():
        minutes = _minutes(group.get("replication_schedule"))
        if facts and minutes is not None and minutes > facts.rpo_minutes:
            message = f"refreshes are {minutes} minutes apart; {facts.rpo_minutes} may be lost."
            yield Violation(group, message)


def dangles(items: Sequence[Item], _ground: Ground) -> Iterator[Violation]:
    """What goes along, and refers to what does not, or to what fails over by itself."""
    found = carried(items)
    if found is None:
        return
    for item in items:
        for what, ours, theirs in _references(item, found):
            if theirs is None:
                yield Violation(item, f"it goes along, and {what} does not.")
            elif theirs != ours:
                message = f"it fails over with {ours}, and {what} with {theirs}."
                yield Violation(item, message)


def _references(item: Item, found: Carried) -> Iterator[tuple[str, str, str | None]]:
    """What the item refers to: in words, the item's group, and the other's."""
    if item.kind is Kind.USER and "USERS" in found.types and (policy := item.get("network_policy")):
        named = f"its network policy {_bare(policy)}"
        yield named, found.types["USERS"], found.types.get("NETWORK POLICIES")
    monitor = item.get("resource_monitor") if item.kind is Kind.WAREHOUSE else None
    if monitor and "WAREHOUSES" in found.types:
        named = f"its resource monitor {_bare(monitor)}"
        yield named, found.types["WAREHOUSES"], found.types.get("RESOURCE MONITORS")
    if item.kind is Kind.STAGE and (integration := item.get("storage_integration")):
        home = found.databases.get(_bare(item.get("database", "")))
        theirs = found.types.get("INTEGRATIONS")
        listed = "STORAGE INTEGRATIONS" in found.integrations
        if home is not None and not listed:
            yield f"its storage integration {_bare(integration)}", home, None
        elif home is not None:
            yield f"its storage integration {_bare(integration)}", home, theirs
    for text, words, home in _names(item, found):
        path = parts(str(text))
        if home is not None and len(path) > 1:
            yield f"{words} {'.'.join(path)}", home, found.databases.get(path[0])


def _names(item: Item, found: Carried) -> Iterator[tuple[Any, str, str | None]]:
    """Full names of other databases' objects that the item has: name, words, its own group."""
    if item.kind is Kind.NETWORK_POLICY:
        for rule in _list(item, "allowed_network_rule_lists"):
            yield rule, "its network rule", found.types.get("NETWORK POLICIES")
    if item.kind is Kind.TAG:
        for policy in _list(item, "masking_policies"):
            yield policy, "its masking policy", found.databases.get(_bare(item.get("database", "")))
    if item.kind is Kind.TAGGING:
        for one in _list(item, "object_identifiers"):
            place = str(item.get("object_type"))
            home = (
                found.databases.get(parts(str(one))[0])
                if place in OF_A_DATABASE
                else found.types.get(f"{place}S")
            )
            yield item.get("tag_id", ""), f"the tag of {'.'.join(parts(str(one)))},", home


def stays_behind(items: Sequence[Item], ground: Ground) -> Iterator[Violation]:
    """A database of our own in no group; the clones' own lives over there already."""
    found, facts = carried(items), ground.environment.replication
    clone = ground.named(facts.clone.database) if facts and facts.clone else ""
    for item in of_kind(items, Kind.DATABASE) if found else ():
        if found and item.name not in found.databases and item.name != clone:
            yield Violation(item, "no failover group has it: its data is lost with the account.")


def cannot_go(items: Sequence[Item], _ground: Ground) -> Iterator[Violation]:
    """An imported database."""
    for item in of_kind(items, Kind.IMPORTED_DATABASE) if carried(items) else ():
        message = "it is imported from a share, and no group can carry it; its grants go with it."
        yield Violation(item, message)


def is_lost_with_its_region(items: Sequence[Item], _ground: Ground) -> Iterator[Violation]:
    """Buckets and queues without a twin in another region."""
    if carried(items) is None:
        return
    for kind in (Kind.BUCKET, Kind.QUEUE):
        found = [item for item in of_kind(items, kind) if item.get("region")]
        regions = {item.get("region") for item in found}
        if len(regions) == 1 and known(*regions):
            for item in found:
                region = item.get("region")
                yield Violation(item, f"its kind is in {region} alone, and lost with that region.")


def does_not_move(items: Sequence[Item], _ground: Ground) -> Iterator[Violation]:
    """An estate that fails over, whose clients would go on asking the lost account."""
    found = carried(items)
    if found is None:
        return
    connections = list(of_kind(items, Kind.CONNECTION))
    accounts = [item.get("enable_failover_to_accounts", ()) for item in connections]
    if not connections:
        message = "no connection moves with it: every client keeps the lost account's address."
        yield Violation(found.groups[0], message)
    elif known(*accounts) and not any(accounts):
        yield Violation(connections[0], "no account may take it over.")


def _is_assured(group: Item, ground: Ground) -> bool:
    facts = ground.environment.replication
    declared = facts is not None and any(
        one.rpo_assurance and ground.named(key) == group.name for key, one in facts.groups.items()
    )
    return declared or is_set(group.get("rpo_assurance"))


def _minutes(schedule: Any) -> int | None:
    """Minutes of a schedule by interval, as the provider or the account has it."""
    found = schedule[0] if isinstance(schedule, list) and schedule else schedule
    if isinstance(found, Mapping):
        value = found.get("interval")
        return int(value) if isinstance(value, int | float) and value else None
    return interval(f"{str(found).removesuffix('S')}S") if found else None


def _list(item: Item, name: str) -> list[Any]:
    value = item.get(name, ())
    return [] if value is UNKNOWN else list(value)


def _bare(name: Any) -> str:
    return str(name).strip('"')


def _rule(**given: Any) -> Rule:
    return Rule(topic=Topic.CONTINUITY, **given)


RULES: Final = (
    _rule(
        id="failover-takes-everything",
        title="Failover groups take along what the second account needs, on a schedule",
        why="Databases without their roles and warehouses are data that nobody can use.",
        remedy="Add what is missing to a group under replication.groups in environments/.",
        source="https://docs.snowflake.com/en/user-guide/account-replication-failover-failback",
        severity=Severity.HIGH,
        elsewhere=REHEARSED,
        whole=takes_little,
    ),
    _rule(
        id="refreshes-keep-the-target",
        title="Failover groups are refreshed as often as the recovery point asks for",
        why="What was written since the last refresh is lost with the first account.",
        remedy="Shorten the schedule of the group, or decide on a longer replication.rpo_minutes.",
        source="https://docs.snowflake.com/en/sql-reference/sql/create-failover-group",
        severity=Severity.MEDIUM,
        elsewhere=REHEARSED,
        whole=is_too_slow,
    ),
    _rule(
        id="nothing-dangles-in-a-replica",
        title="What a group carries refers to nothing that stays behind",
        why="A refresh fails on a dangling reference, or a rule holds nothing over there.",
        remedy="Put both into the same group under replication.groups.",
        source=CONSIDERATIONS,
        severity=Severity.HIGH,
        elsewhere=REHEARSED,
        whole=dangles,
    ),
    _rule(
        id="databases-are-replicated",
        title="Every database of our own is in a failover group",
        why="A database in no group is lost with its account.",
        remedy="Name it under databases of a group, or except it with a reason.",
        source=CONSIDERATIONS,
        severity=Severity.MEDIUM,
        elsewhere=REHEARSED,
        whole=stays_behind,
    ),
    _rule(
        id="imported-databases-stay-behind",
        title="What is imported from a share is got again in the second account",
        why="Snowflake cannot replicate a database that came from a share.",
        remedy="Get the listing in the second account under the same name, and except it here.",
        source=CONSIDERATIONS,
        severity=Severity.LOW,
        whole=cannot_go,
    ),
    _rule(
        id="landing-has-a-second-region",
        title="Files can land in the second region",
        why="Buckets, queues and the integrations on them are lost with their region.",
        remedy="Set replication.landing in environments/.",
        source="https://docs.snowflake.com/en/user-guide/account-replication-stages-pipes-load-history",
        severity=Severity.MEDIUM,
        elsewhere=REHEARSED,
        whole=is_lost_with_its_region,
    ),
    _rule(
        id="clients-move-with-a-failover",
        title="A client connection fails over with the groups",
        why="Clients that know the account's own address do not find the promoted one.",
        remedy="Name a connection under replication.connection, and let clients use it.",
        source="https://docs.snowflake.com/en/user-guide/client-redirect",
        severity=Severity.MEDIUM,
        elsewhere=REHEARSED,
        whole=does_not_move,
    ),
)
