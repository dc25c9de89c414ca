"""What to write into the facts so that code says what the account has, and the engine's import.

A grant is never a fact by itself: levels and roles are, so the smallest level that contains the
grant is offered, with what else it gives. https://www.pulumi.com/docs/iac/cli/commands/pulumi_import/
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

import yaml

from infra.model import access
from infra.model.access import AccountPrivilege, DatabasePrivilege, SchemaLevel, WarehouseLevel
from infra.model.identifiers import quoted
from infra.model.naming import Token, logical
from ops.access.names import PrincipalKind, Securable
from ops.drift.finding import Finding, Fix, Form, Subject
from ops.drift.properties import COMPARED
from ops.drift.undoing import plural

if TYPE_CHECKING:
    from ops.drift.remedy import Place

_LEVELS: Final = (SchemaLevel.READ, SchemaLevel.WRITE, SchemaLevel.OWN)
_SECTIONS: Final[Mapping[str, str]] = {
    "ROLE": "roles",
    "RESOURCE MONITOR": "monitors",
    "SCHEMA": "database",
    "USER": "people",
    "WAREHOUSE": "warehouses",
}
_NO_FACT: Final = (
    "# No fact says this. Declare it in the program (docs/adding.md), or take it back, or accept "
    "it."
)


def adopt(finding: Finding, place: Place) -> Fix:
    """The facts to add, and the import."""
    make = _ADOPTERS.get(finding.subject)
    facts, line = make(finding, place) if make is not None else ({}, "")
    if not facts:
        return Fix("adopt", "", _NO_FACT)
    text = _yaml(facts)
    return Fix("adopt", place.file, f"{text}\n{line}".rstrip())


def take_over(finding: Finding, place: Place) -> Fix:
    """How the facts say what is live, of something that code has otherwise."""
    name = "take out" if finding.form is Form.MISSING else "adopt"
    section = _SECTIONS.get(finding.securable.kind, "")
    bare = _bare(finding.securable, place)
    if finding.subject is Subject.PROPERTY and section and section != "database":
        for compared in COMPARED[finding.securable.kind]:
            if compared.column == finding.setting and compared.fact:
                value = int(finding.live) if finding.live.isdigit() else finding.live
                return Fix(name, place.file, _yaml({section: {bare: {compared.fact: value}}}))
    if finding.subject is Subject.OBJECT and section:
        facts: dict[str, Any] = {bare: None}
        inner = {"schemas": facts} if section == "database" else facts
        return Fix(name, place.file, _yaml({section: inner}))
    said = "what code grants" if finding.subject is not Subject.PROPERTY else "its setting"
    return Fix(name, place.file, f"# Change {said} where the facts give it; no line stands alone.")


def _object(finding: Finding, place: Place) -> tuple[dict[str, Any], str]:
    kind, bare = finding.securable.kind, _bare(finding.securable, place)
    adopted = _OBJECTS.get(kind)
    return adopted(finding, place, bare) if adopted is not None else ({}, "")


def _role(finding: Finding, place: Place, bare: str) -> tuple[dict[str, Any], str]:
    facts = {"roles": {bare: {"kind": "functional", "comment": "say what it is for"}}}
    line = _import(
        place,
        ("snowflake:index/accountRole:AccountRole", logical(bare), quoted(*finding.securable.path)),
        (Token.ROLES, "roles"),
        "USERADMIN",
    )
    return facts, line


def _warehouse(finding: Finding, place: Place, bare: str) -> tuple[dict[str, Any], str]:
    monitors = sorted(place.environment.monitors)
    fact = {
        "warehouse_size": "XSMALL",
        "auto_suspend": 60,
        "resource_monitor": monitors[0] if monitors else "say which",
        "comment": "say what it is for",
        "statement_timeout_in_seconds": 3600,
        "statement_queued_timeout_in_seconds": 600,
    }
    sort = "snowflake:index/warehouse:Warehouse"
    line = _import(
        place,
        (sort, logical(bare), quoted(*finding.securable.path)),
        (Token.COMPUTE, "compute"),
        "ACCOUNTADMIN",
    )
    return {"warehouses": {bare: fact}}, line


def _schema(finding: Finding, place: Place, bare: str) -> tuple[dict[str, Any], str]:
    database = place.environment.naming.account(place.environment.database.name)
    if finding.securable.path[0] != database:
        return {}, ""
    line = _import(
        place,
        ("snowflake:index/schema:Schema", logical(bare), quoted(*finding.securable.path)),
        (Token.DATABASE, "database"),
        "SYSADMIN",
    )
    return {"database": {"schemas": {bare: {"comment": "say what it is for"}}}}, line


def _user(finding: Finding, place: Place, bare: str) -> tuple[dict[str, Any], str]:
    fact = {"role": sorted(place.environment.roles)[0], "warehouse": "BI_WH", "email": "say which"}
    line = _import(
        place,
        ("snowflake:index/user:User", logical(bare), quoted(*finding.securable.path)),
        (Token.PEOPLE, "people"),
        "USERADMIN",
    )
    return {"people": {bare: fact}}, line


_OBJECTS: Final[Mapping[str, Callable[[Finding, Any, str], tuple[dict[str, Any], str]]]] = {
    "ROLE": _role,
    "SCHEMA": _schema,
    "USER": _user,
    "WAREHOUSE": _warehouse,
}


def _member(finding: Finding, place: Place) -> tuple[dict[str, Any], str]:
    child, holder = finding.securable.path[0], finding.holder
    if holder is None or finding.securable.kind != "ROLE":
        return {}, ""
    bare, above = _short(child, place), _short(holder.name, place)
    role = place.environment.roles.get(bare)
    if role is None:
        return {}, ""
    if holder.kind is PrincipalKind.USER:
        person = place.environment.people.get(above)
        if person is None:
            return {}, ""
        note = f"# A person has one role: this takes {person.role} away, and `apply` does the rest."
        return {"people": {above: {"role": bare}}}, note
    facts = {"roles": {bare: {"granted_to": [*role.granted_to, above]}}}
    name = logical(above, "on", "ROLE", bare)
    identity = f"{quoted(child)}|ROLE|{quoted(holder.name)}"
    sort = "snowflake:index/grantAccountRole:GrantAccountRole"
    return facts, _import(place, (sort, name, identity), (Token.ACCESS, "access"), "SECURITYADMIN")


def _grant(finding: Finding, place: Place) -> tuple[dict[str, Any], str]:
    if finding.holder is None or finding.holder.kind is not PrincipalKind.ROLE:
        return {}, ""
    bare = _short(finding.holder.name, place)
    if bare not in place.environment.roles:
        return {}, ""
    facts, note = _level(bare, finding.securable, set(finding.privileges), place)
    return ({"access": {bare: facts}}, note) if facts else ({}, "")


def _level(name: str, on: Securable, wanted: set[str], place: Place) -> tuple[dict[str, Any], str]:
    """What to add to a role's access, and a remark. A list replaces, so it is given whole."""
    facts = place.environment
    held = facts.access.get(name)
    database = facts.naming.account(facts.database.name)
    through = "# `apply` grants it through the access role: revoke the direct grant afterwards."
    if on.kind == "ACCOUNT" and wanted <= set(AccountPrivilege):
        return {"account": sorted({*(held.account if held else ()), *wanted})}, ""
    if on.path == (database,) and on.kind == "DATABASE" and wanted <= set(DatabasePrivilege):
        return {"database": sorted({*(held.database if held else ()), *wanted})}, ""
    if on.kind == "WAREHOUSE" and _short(on.path[0], place) in facts.warehouses:
        for use in WarehouseLevel:
            if wanted <= set(access.WAREHOUSE_PRIVILEGES[use]):
                return {"warehouses": {_short(on.path[0], place): str(use)}}, through
    schema = on.path[1] if on.path[:1] == (database,) and len(on.path) > 1 else ""
    has = held.schemas.get(schema) if held else None
    at_least = _LEVELS.index(has) if has in _LEVELS else 0
    for level in _LEVELS[at_least:] if schema in facts.database.schemas else ():
        if wanted <= _given(level, on):
            note = f"# The smallest level that contains it: all of {level} on the schema.\n"
            return {"schemas": {schema: str(level)}}, note + through
    return {}, ""


def _given(level: SchemaLevel, on: Securable) -> set[str]:
    if on.kind == "SCHEMA":
        return set(access.SCHEMA_PRIVILEGES[level])
    return set(access.OBJECT_PRIVILEGES[level].get(plural(on.kind), ()))


_ADOPTERS: Final[Mapping[Subject, Callable[[Finding, Any], tuple[dict[str, Any], str]]]] = {
    Subject.OBJECT: _object,
    Subject.MEMBERSHIP: _member,
    Subject.GRANT: _grant,
    Subject.FUTURE_GRANT: _grant,
}


def _import(
    place: Place, resource: tuple[str, str, str], parent: tuple[str, str], role: str
) -> str:
    """The line that takes an object into the stack, below its component and by its provider."""
    provider = place.providers.get(role, "")
    by = f" --provider {role.lower()}='{provider}'" if provider else ""
    sort, name, identity = resource
    return (
        'eval "$(./leap env)"\n'
        f"pulumi import {sort} {name} '{identity}' --stack {place.stack}"
        f" --parent {parent[1]}='{place.urn(*parent)}'{by}"
        " --protect=false --generate-code=false --yes"
    )


def _bare(securable: Securable, place: Place) -> str:
    last = securable.path[-1]
    return last if len(securable.path) > 1 else _short(last, place)


def _short(name: str, place: Place) -> str:
    return name.removeprefix(place.environment.prefix)


def _yaml(facts: Mapping[str, Any]) -> str:
    plain = json.loads(json.dumps(facts))  # words of enumerations become plain text
    return yaml.safe_dump(plain, sort_keys=False, width=100, allow_unicode=True).rstrip()
