"""What must hold between facts: every name that is referred to exists, and nothing is said twice.

It reads the merged values before they are known to be well formed, and passes over what is not:
the forms have their own problems, and a person wants to see all of both at once.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Final

from infra.model import (
    alert_references,
    login_references,
    replication_references,
    repository_references,
    sources,
)
from infra.model.access import SYSADMIN, DatabasePrivilege
from infra.model.faults import Fault, at, entries, known, listed, nearest
from infra.model.layers import Path
from infra.model.rules.catalogue import EVERY
from infra.model.workspace import WORKSPACE_SCHEMA

_LIKE_A_WORKSPACE: Final = (
    (("database", "schemas"), ""),
    (("warehouses",), "_WH"),
    (("monitors",), "_LIMIT"),
)


def faults(values: Mapping[str, Any], feeds: Sequence[str]) -> Iterator[Fault]:
    """Every dangling reference, missing grant and duplicate in merged values.

    ``feeds`` are the names that ``ingestion/feeds`` describes.
    """
    for rule in (
        _warehouses,
        _roles,
        _cycles,
        _access,
        _database_usage,
        _landing,
        _governance,
        _tags,
        _operations,
        _people,
        _workspace,
        _limits,
        _exceptions,
        _workspace_names,
        *login_references.RULES,
        sources.faults,
        repository_references.faults,
        replication_references.faults,
    ):
        yield from rule(values)
    yield from _feeds(values, feeds)
    for path, got, allowed in alert_references.found(values, feeds, nearest):
        yield Fault(path, got, allowed)
    yield from _repetitions(values, ())


def _warehouses(values: Mapping[str, Any]) -> Iterator[Fault]:
    monitors = list(at(values, "monitors"))
    for name, warehouse in entries(values, "warehouses"):
        path = ("warehouses", name, "resource_monitor")
        yield from known(path, warehouse.get("resource_monitor"), monitors)
        least, most = warehouse.get("min_cluster_count"), warehouse.get("max_cluster_count", 1)
        if isinstance(least, int) and isinstance(most, int) and least > most:
            place = ("warehouses", name, "min_cluster_count")
            yield Fault(place, f"{least}", f"at most its max_cluster_count, {most}")


def _roles(values: Mapping[str, Any]) -> Iterator[Fault]:
    roles = [*at(values, "roles"), SYSADMIN]
    for name, role in entries(values, "roles"):
        for index, parent in enumerate(listed(role.get("granted_to"))):
            yield from known(("roles", name, "granted_to", index), parent, roles)


def _cycles(values: Mapping[str, Any]) -> Iterator[Fault]:
    parents = {n: listed(r.get("granted_to", [SYSADMIN])) for n, r in entries(values, "roles")}
    for name in parents:
        above, waiting = set[str](), list(parents[name])
        while waiting:
            parent = waiting.pop()
            if isinstance(parent, str) and parent not in above:
                above.add(parent)
                waiting.extend(parents.get(parent, []))
        if name in above:
            path = ("roles", name, "granted_to")
            yield Fault(path, "a circle of roles", f"roles that roll up to {SYSADMIN}")
        elif SYSADMIN not in above:
            path = ("roles", name, "granted_to")
            yield Fault(path, f"{parents[name]}", f"roles that roll up to {SYSADMIN}")


def _access(values: Mapping[str, Any]) -> Iterator[Fault]:
    roles, schemas = list(at(values, "roles")), list(at(values, "database", "schemas"))
    warehouses = list(at(values, "warehouses"))
    for name, held in entries(values, "access"):
        yield from known(("access", name), name, roles)
        for schema in at(held, "schemas"):
            yield from known(("access", name, "schemas", schema), schema, schemas)
        for warehouse in at(held, "warehouses"):
            yield from known(("access", name, "warehouses", warehouse), warehouse, warehouses)


def _database_usage(values: Mapping[str, Any]) -> Iterator[Fault]:
    for name, held in entries(values, "access"):
        privileges = listed(held.get("database"))
        if (held.get("schemas") or privileges) and DatabasePrivilege.USAGE not in privileges:
            needed = "a list with USAGE, without which nothing in the database can be reached"
            yield Fault(("access", name, "database"), f"{privileges}", needed)


def _landing(values: Mapping[str, Any]) -> Iterator[Fault]:
    schemas = list(at(values, "database", "schemas"))
    yield from known(("landing", "schema"), at(values, "landing").get("schema"), schemas)


def _governance(values: Mapping[str, Any]) -> Iterator[Fault]:
    facts, roles = at(values, "governance"), list(at(values, "roles"))
    schemas, tags = list(at(values, "database", "schemas")), list(at(facts, "tags"))
    yield from known(("governance", "schema"), facts.get("schema"), schemas)
    taken: dict[tuple[str, str], str] = {}
    for name, policy in entries(facts, "masking_policies"):
        path = ("governance", "masking_policies", name)
        yield from known((*path, "tag"), policy.get("tag"), tags)
        yield from _all_known((*path, "plain_for"), policy.get("plain_for"), roles)
        kind = (str(policy.get("tag")), str(policy.get("data_type")))
        if taken.setdefault(kind, name) != name:
            allowed = f"one policy for each type and tag (there is {taken[kind]})"
            yield Fault((*path, "data_type"), f"{kind[1]!r}", allowed)
    for name, policy in entries(facts, "row_access_policies"):
        path = ("governance", "row_access_policies", name)
        yield from _all_known((*path, "everything_for"), policy.get("everything_for"), roles)
        for role in at(policy, "values_for"):
            yield from known((*path, "values_for", role), role, roles)


def _tags(values: Mapping[str, Any]) -> Iterator[Fault]:
    tags = at(values, "governance", "tags")
    places = [
        ("database",),
        *(("database", "schemas", s) for s in at(values, "database", "schemas")),
    ]
    places += [("warehouses", name) for name in at(values, "warehouses")]
    for place in places:
        for tag, value in at(values, *place, "tags").items():
            yield from known((*place, "tags", tag), tag, list(tags))
            allowed = listed(at(tags, tag).get("allowed_values"))
            if tag in tags and isinstance(value, str) and value not in allowed:
                yield Fault((*place, "tags", tag), f"{value!r}", nearest(value, allowed))


def _all_known(path: Path, names: Any, allowed: Sequence[str]) -> Iterator[Fault]:
    for index, name in enumerate(listed(names)):
        yield from known((*path, index), name, allowed)


def _operations(values: Mapping[str, Any]) -> Iterator[Fault]:
    facts, schemas = at(values, "operations"), list(at(values, "database", "schemas"))
    warehouses = list(at(values, "warehouses"))
    yield from known(("operations", "schema"), facts.get("schema"), schemas)
    yield from known(("operations", "warehouse"), facts.get("warehouse"), warehouses)


def _people(values: Mapping[str, Any]) -> Iterator[Fault]:
    for name, person in entries(values, "people"):
        yield from _role_and_warehouse(values, ("people", name), person)


def _workspace(values: Mapping[str, Any]) -> Iterator[Fault]:
    workspace, roles = at(values, "workspace"), list(at(values, "roles"))
    yield from _role_and_warehouse(values, ("workspace",), workspace)
    deployer = at(values, "workspaces").get("deployer")
    yield from known(("workspaces", "deployer"), deployer, roles)
    yield from _all_known(("workspace", "readers"), workspace.get("readers"), roles)
    yield from _workspace_warehouse(values, workspace.get("warehouse"), deployer)


def _workspace_warehouse(
    values: Mapping[str, Any], warehouse: Any, deployer: Any
) -> Iterator[Fault]:
    """What makes a workspace has to run on the warehouse that is named for it."""
    usable = list(at(values, "access", str(deployer), "warehouses"))
    if warehouse in at(values, "warehouses") and warehouse not in usable:
        allowed = f"a warehouse that {deployer} may use: {', '.join(usable) or 'none yet'}"
        yield Fault(("workspace", "warehouse"), f"{warehouse!r}", allowed)


def _workspace_names(values: Mapping[str, Any]) -> Iterator[Fault]:
    """Whoever takes a workspace down drops what is called like it."""
    for path, end in _LIKE_A_WORKSPACE:
        for name in at(values, *path):
            if re.fullmatch(f"{WORKSPACE_SCHEMA}{end}", str(name)):
                allowed = "a name that no workspace's object has (DEV_<NAME>, CI_<NUMBER>)"
                yield Fault((*path, name), "a workspace's name", allowed)


def _limits(values: Mapping[str, Any]) -> Iterator[Fault]:
    writers = at(values, "limits").get("raw_writers")
    yield from _all_known(("limits", "raw_writers"), writers, list(at(values, "roles")))


def _exceptions(values: Mapping[str, Any]) -> Iterator[Fault]:
    ids = [rule.id for rule in EVERY]
    for name, exception in entries(values, "exceptions"):
        yield from known(("exceptions", name, "rule"), exception.get("rule"), ids)
        until = exception.get("until")
        if isinstance(until, str) and not _is_day(until):
            yield Fault(("exceptions", name, "until"), f"{until!r}", "a day as YYYY-MM-DD")


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _role_and_warehouse(
    values: Mapping[str, Any], path: Path, entry: Mapping[str, Any]
) -> Iterator[Fault]:
    yield from known((*path, "role"), entry.get("role"), list(at(values, "roles")))
    warehouses = list(at(values, "warehouses"))
    yield from known((*path, "warehouse"), entry.get("warehouse"), warehouses)


def _feeds(values: Mapping[str, Any], feeds: Sequence[str]) -> Iterator[Fault]:
    for index, name in enumerate(listed(values.get("feeds"))):
        yield from known(("feeds", index), name, feeds)


def _repetitions(value: Any, path: Path) -> Iterator[Fault]:
    if isinstance(value, Mapping):
        for key, below in value.items():
            yield from _repetitions(below, (*path, key))
    for index, item in enumerate(listed(value)):
        if item in listed(value)[:index]:
            yield Fault((*path, index), f"{item!r} twice", "each entry once")
