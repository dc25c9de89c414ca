"""What must hold between the facts of a second account, and with everything that goes there.

Called by `infra.model.references` over merged values that may not be well formed.

https://docs.snowflake.com/en/user-guide/account-replication-considerations
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from infra.model.cron import CronError
from infra.model.faults import Fault, at, entries, known, listed
from infra.model.layers import Path
from infra.model.notification import Channel
from infra.model.replication import (
    LONGEST_MINUTES,
    OPTIMIZED_MINUTES,
    IntegrationType,
    ObjectType,
    interval,
    longest_wait,
)

GROUPS: Final = ("replication", "groups")
READ_ONLY: Final = ("replication", "replication_groups")
NEEDS: Final = (
    (ObjectType.USERS, ObjectType.ROLES, "without which users have no rights over there"),
    (ObjectType.DATABASES, ObjectType.ROLES, "which own what is in the databases"),
    (
        ObjectType.RESOURCE_MONITORS,
        ObjectType.WAREHOUSES,
        "which a monitor would have nothing to stop without",
    ),
)
"""Object types, what each needs in the same group, and why."""
FOR_READING: Final = (ObjectType.DATABASES, ObjectType.ROLES, ObjectType.WAREHOUSES)


def faults(values: Mapping[str, Any]) -> Iterator[Fault]:
    """Every fault of `replication`."""
    for name, group in entries(values, *GROUPS):
        path = (*GROUPS, name)
        for rule in (_databases, _integrations, _needs, _schedule, _mode):
            yield from rule(values, path, group)
    for name, group in entries(values, *READ_ONLY):
        path = (*READ_ONLY, name)
        for rule in (_databases, _integrations, _schedule):
            yield from rule(values, path, group)
    yield from _once(values)
    yield from _together(values)
    yield from _reading(values)
    yield from _clone(values)


def _databases(values: Mapping[str, Any], path: Path, group: Mapping[str, Any]) -> Iterator[Fault]:
    named, own = listed(group.get("databases")), at(values, "database").get("name")
    imported = list(at(values, "marketplace"))
    for index, name in enumerate(named):
        where = (*path, "databases", index)
        if name in imported and name != own:
            allowed = (
                f"{own}: what is imported from a share cannot be replicated; "
                "get the listing in the second account"
            )
            yield Fault(where, f"{name!r}, an imported database", allowed)
        else:
            yield from known(where, name, [str(own)])
    yield from _both(path, group, "databases", ObjectType.DATABASES)


def _integrations(
    values: Mapping[str, Any], path: Path, group: Mapping[str, Any]
) -> Iterator[Fault]:
    yield from _both(path, group, "integration_types", ObjectType.INTEGRATIONS)
    given = listed(group.get("integration_types"))
    missing = [kind for kind in _made(values) if kind not in given]
    if given and missing:
        whole = ", ".join(sorted({*map(str, given), *missing}))
        reason = "all kinds that this environment makes, because the list is taken as a whole"
        yield Fault((*path, "integration_types"), f"{given}", f"{reason}: {whole}")


def _made(values: Mapping[str, Any]) -> Iterator[IntegrationType]:
    """The kinds of integrations that the environment makes."""
    if at(values, "landing").get("storage_integration"):
        yield IntegrationType.STORAGE
    channels = [told.get("channel") for _, told in entries(values, "notifications")]
    if any(channel in list(Channel) for channel in channels):
        yield IntegrationType.NOTIFICATION


def _both(path: Path, group: Mapping[str, Any], key: str, kind: ObjectType) -> Iterator[Fault]:
    """A list and its object type come together."""
    has, listed_too = bool(listed(group.get(key))), kind in listed(group.get("object_types"))
    if has and not listed_too:
        yield Fault((*path, "object_types"), f"no {kind}", f"{kind} too, since {key} are named")
    if listed_too and not has:
        yield Fault((*path, key), "nothing", f"at least one, since object_types has {kind}")


def _needs(values: Mapping[str, Any], path: Path, group: Mapping[str, Any]) -> Iterator[Fault]:
    types = listed(group.get("object_types"))
    for kind, needed, reason in NEEDS:
        if kind in types and needed not in types:
            yield Fault((*path, "object_types"), f"{kind} alone", f"{needed} too, {reason}")
    rules = at(values, "network", "groups")
    own = at(values, "database").get("name")
    if ObjectType.NETWORK_POLICIES in types and rules and own not in listed(group.get("databases")):
        allowed = f"{own} too, in which the policies' network rules are"
        yield Fault((*path, "databases"), f"{ObjectType.NETWORK_POLICIES} alone", allowed)


def _schedule(values: Mapping[str, Any], path: Path, group: Mapping[str, Any]) -> Iterator[Fault]:
    schedule, where = group.get("schedule"), (*path, "schedule")
    if not isinstance(schedule, str):
        return
    try:
        wait = longest_wait(schedule)
    except CronError as error:
        allowed = "10 MINUTES, or minute hour day month weekday in UTC"
        yield Fault(where, f"{schedule!r} ({error})", allowed)
        return
    minutes = interval(schedule)
    least = at(values, "limits").get("min_replication_minutes")
    if minutes is not None and isinstance(least, int) and minutes < least:
        allowed = f"at least {least} MINUTES (limits.min_replication_minutes)"
        yield Fault(where, f"{schedule!r}", allowed)
    if minutes is not None and minutes > LONGEST_MINUTES:
        yield Fault(where, f"{schedule!r}", f"at most {LONGEST_MINUTES} MINUTES, or cron")
    most = at(values, "replication").get("rpo_minutes")
    if path[:-1] == GROUPS and isinstance(most, int) and wait > most:
        allowed = f"a refresh at least every {most} minutes (replication.rpo_minutes)"
        yield Fault(where, f"{schedule!r}, {wait} minutes apart", allowed)


def _mode(_values: Mapping[str, Any], path: Path, group: Mapping[str, Any]) -> Iterator[Fault]:
    """Exactly one thing paces a group."""
    schedule, assured = group.get("schedule"), group.get("rpo_assurance") is True
    where = (*path, "schedule")
    if schedule is None and not assured:
        yield Fault(where, "nothing", "10 MINUTES, for instance: nothing else refreshes the group")
    if schedule is not None and assured:
        allowed = "nothing: rpo_assurance sets its own pace"
        yield Fault(where, f"{schedule!r}", allowed)
    if group.get("optimized_refresh") is not True:
        return
    if assured:
        yield Fault((*path, "optimized_refresh"), "True", "False: rpo_assurance includes it")
    elif isinstance(schedule, str) and _wait(schedule) > OPTIMIZED_MINUTES:
        allowed = f"at least every {OPTIMIZED_MINUTES} minutes, with optimized_refresh"
        yield Fault(where, f"{schedule!r}", allowed)


def _wait(schedule: str) -> int:
    try:
        return longest_wait(schedule)
    except CronError:
        return 0


def _once(values: Mapping[str, Any]) -> Iterator[Fault]:
    """Each database is in one failover group."""
    owners: dict[str, str] = {}
    for name, group in entries(values, *GROUPS):
        for index, one in enumerate(listed(group.get("databases"))):
            if isinstance(one, str) and (owner := owners.setdefault(one, name)) != name:
                got, allowed = f"{one!r} twice", f"one failover group ({owner} has it)"
                yield Fault((*GROUPS, name, "databases", index), got, allowed)


def _together(values: Mapping[str, Any]) -> Iterator[Fault]:
    """An account has one group with more than databases: of whichever sort, for whomever."""
    first = ""
    for path in (GROUPS, READ_ONLY):
        for name, group in entries(values, *path):
            types = [str(one) for one in listed(group.get("object_types"))]
            more = [one for one in types if one != ObjectType.DATABASES]
            if more and first:
                allowed = f"DATABASES alone: an account has one group with more, here {first}"
                yield Fault((*path, name, "object_types"), ", ".join(more), allowed)
            first = first or (name if more else "")


def _reading(values: Mapping[str, Any]) -> Iterator[Fault]:
    path = ("replication", "reading")
    reading = at(values, *path)
    role, warehouse = reading.get("role"), reading.get("warehouse")
    yield from known((*path, "role"), role, list(at(values, "roles")))
    usable = [
        name for name, level in at(values, "access", str(role), "warehouses").items() if level
    ]
    if role in at(values, "roles") and warehouse not in usable and isinstance(warehouse, str):
        allowed = f"a warehouse that {role} may use: {', '.join(usable) or 'none yet'}"
        yield Fault((*path, "warehouse"), f"{warehouse!r}", allowed)
    carried = {
        kind for _, group in entries(values, *GROUPS) for kind in listed(group.get("object_types"))
    }
    missing = [kind for kind in FOR_READING if kind not in carried]
    if reading and missing:
        allowed = "nothing, or groups that carry it: over there nothing else may stand"
        yield Fault(path, f"a reader without {', '.join(missing)}", allowed)


def _clone(values: Mapping[str, Any]) -> Iterator[Fault]:
    path = ("replication", "clone")
    clone = at(values, *path)
    taken = [at(values, "database").get("name"), *at(values, "marketplace")]
    if clone.get("database") in taken:
        allowed = "a name that no other database has: it is of the second account alone"
        yield Fault((*path, "database"), f"{clone['database']!r}", allowed)
    schedule = clone.get("schedule")
    if not isinstance(schedule, str):
        return
    if interval(schedule) is not None:
        allowed = "cron in UTC, like 0 3 1 1,4,7,10 *"
        yield Fault((*path, "schedule"), f"{schedule!r}", allowed)
        return
    try:
        longest_wait(schedule)
    except CronError as error:
        allowed = "cron in UTC, like 0 3 1 1,4,7,10 *"
        yield Fault((*path, "schedule"), f"{schedule!r} ({error})", allowed)
