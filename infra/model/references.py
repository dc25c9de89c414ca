"""What must hold between facts: every name that is referred to exists, and nothing is said twice.

It reads the merged values before they are known to be well formed, and passes over what is not:
the forms have their own problems, and a person wants to see all of both at once.
"""

from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any, NamedTuple

from infra.model.access import SYSADMIN, DatabasePrivilege
from infra.model.layers import Path


class Fault(NamedTuple):
    """A path, what was found there, and what is allowed."""

    path: Path
    got: str
    allowed: str


def faults(values: Mapping[str, Any], feeds: Sequence[str]) -> Iterator[Fault]:
    """Every dangling reference, missing grant and duplicate in merged values.

    ``feeds`` are the names that ``ingestion/feeds`` describes.
    """
    for rule in (
        _monitors,
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
    ):
        yield from rule(values)
    yield from _feeds(values, feeds)
    yield from _repetitions(values, ())


def nearest(name: str, names: Sequence[str]) -> str:
    """The allowed names, led by the nearest to a mistyped one."""
    close = get_close_matches(str(name).upper(), [n.upper() for n in names], n=1)
    suggestion = next((n for n in names if close and n.upper() == close[0]), None)
    listed = "one of " + ", ".join(sorted(names)) if names else "nothing: none is declared"
    return f"{listed} (did you mean {suggestion}?)" if suggestion else listed


def _at(values: Any, *path: str) -> Mapping[str, Any]:
    for key in path:
        values = values.get(key) if isinstance(values, Mapping) else None
    return values if isinstance(values, Mapping) else {}


def _entries(values: Any, *path: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for name, entry in _at(values, *path).items():
        if isinstance(entry, Mapping):
            yield name, entry


def _known(path: Path, name: Any, names: Sequence[str]) -> Iterator[Fault]:
    if isinstance(name, str) and name not in names:
        yield Fault(path, f"{name!r}", nearest(name, list(names)))


def _monitors(values: Mapping[str, Any]) -> Iterator[Fault]:
    monitors = list(_at(values, "monitors"))
    for name, warehouse in _entries(values, "warehouses"):
        path = ("warehouses", name, "resource_monitor")
        yield from _known(path, warehouse.get("resource_monitor"), monitors)


def _roles(values: Mapping[str, Any]) -> Iterator[Fault]:
    roles = [*_at(values, "roles"), SYSADMIN]
    for name, role in _entries(values, "roles"):
        for index, parent in enumerate(_list(role.get("granted_to"))):
            yield from _known(("roles", name, "granted_to", index), parent, roles)


def _cycles(values: Mapping[str, Any]) -> Iterator[Fault]:
    parents = {n: _list(r.get("granted_to", [SYSADMIN])) for n, r in _entries(values, "roles")}
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
    roles, schemas = list(_at(values, "roles")), list(_at(values, "database", "schemas"))
    warehouses = list(_at(values, "warehouses"))
    for name, held in _entries(values, "access"):
        yield from _known(("access", name), name, roles)
        for schema in _at(held, "schemas"):
            yield from _known(("access", name, "schemas", schema), schema, schemas)
        for warehouse in _at(held, "warehouses"):
            yield from _known(("access", name, "warehouses", warehouse), warehouse, warehouses)


def _database_usage(values: Mapping[str, Any]) -> Iterator[Fault]:
    for name, held in _entries(values, "access"):
        privileges = _list(held.get("database"))
        if (held.get("schemas") or privileges) and DatabasePrivilege.USAGE not in privileges:
            needed = "a list with USAGE, without which nothing in the database can be reached"
            yield Fault(("access", name, "database"), f"{privileges}", needed)


def _landing(values: Mapping[str, Any]) -> Iterator[Fault]:
    schemas = list(_at(values, "database", "schemas"))
    yield from _known(("landing", "schema"), _at(values, "landing").get("schema"), schemas)


def _governance(values: Mapping[str, Any]) -> Iterator[Fault]:
    facts, roles = _at(values, "governance"), list(_at(values, "roles"))
    schemas, tags = list(_at(values, "database", "schemas")), list(_at(facts, "tags"))
    yield from _known(("governance", "schema"), facts.get("schema"), schemas)
    taken: dict[tuple[str, str], str] = {}
    for name, policy in _entries(facts, "masking_policies"):
        path = ("governance", "masking_policies", name)
        yield from _known((*path, "tag"), policy.get("tag"), tags)
        yield from _all_known((*path, "plain_for"), policy.get("plain_for"), roles)
        kind = (str(policy.get("tag")), str(policy.get("data_type")))
        if taken.setdefault(kind, name) != name:
            allowed = f"one policy for each type and tag (there is {taken[kind]})"
            yield Fault((*path, "data_type"), f"{kind[1]!r}", allowed)
    for name, policy in _entries(facts, "row_access_policies"):
        path = ("governance", "row_access_policies", name)
        yield from _all_known((*path, "everything_for"), policy.get("everything_for"), roles)
        for role in _at(policy, "values_for"):
            yield from _known((*path, "values_for", role), role, roles)


def _tags(values: Mapping[str, Any]) -> Iterator[Fault]:
    tags = _at(values, "governance", "tags")
    places = [
        ("database",),
        *(("database", "schemas", s) for s in _at(values, "database", "schemas")),
    ]
    places += [("warehouses", name) for name in _at(values, "warehouses")]
    for place in places:
        for tag, value in _at(values, *place, "tags").items():
            yield from _known((*place, "tags", tag), tag, list(tags))
            allowed = _list(_at(tags, tag).get("allowed_values"))
            if tag in tags and isinstance(value, str) and value not in allowed:
                yield Fault((*place, "tags", tag), f"{value!r}", nearest(value, allowed))


def _all_known(path: Path, names: Any, known: Sequence[str]) -> Iterator[Fault]:
    for index, name in enumerate(_list(names)):
        yield from _known((*path, index), name, known)


def _operations(values: Mapping[str, Any]) -> Iterator[Fault]:
    facts, schemas = _at(values, "operations"), list(_at(values, "database", "schemas"))
    warehouses = list(_at(values, "warehouses"))
    yield from _known(("operations", "schema"), facts.get("schema"), schemas)
    yield from _known(("operations", "warehouse"), facts.get("warehouse"), warehouses)


def _people(values: Mapping[str, Any]) -> Iterator[Fault]:
    for name, person in _entries(values, "people"):
        yield from _role_and_warehouse(values, ("people", name), person)


def _workspace(values: Mapping[str, Any]) -> Iterator[Fault]:
    yield from _role_and_warehouse(values, ("workspace",), _at(values, "workspace"))


def _role_and_warehouse(
    values: Mapping[str, Any], path: Path, entry: Mapping[str, Any]
) -> Iterator[Fault]:
    yield from _known((*path, "role"), entry.get("role"), list(_at(values, "roles")))
    warehouses = list(_at(values, "warehouses"))
    yield from _known((*path, "warehouse"), entry.get("warehouse"), warehouses)


def _feeds(values: Mapping[str, Any], feeds: Sequence[str]) -> Iterator[Fault]:
    for index, name in enumerate(_list(values.get("feeds"))):
        yield from _known(("feeds", index), name, feeds)


def _repetitions(value: Any, path: Path) -> Iterator[Fault]:
    if isinstance(value, Mapping):
        for key, below in value.items():
            yield from _repetitions(below, (*path, key))
    for index, item in enumerate(_list(value)):
        if item in _list(value)[:index]:
            yield Fault((*path, index), f"{item!r} twice", "each entry once")


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
