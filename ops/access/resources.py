"""What the engine's resources say of the account: objects with owners, and grants.

A resource comes from the stack's state, or from a plan laid over it (`ops.access.planned`). Only
what the program gave (inputs) counts: what the account answered is another source. Types that are
no object of the account by themselves (attachments, taggings, AWS) say nothing here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from typing import Any, Final, NamedTuple

from infra.model.naming import of_second_account
from ops.access.names import (
    Path,
    Principal,
    PrincipalKind,
    Securable,
    dotted,
    parse,
    parsed_object,
    role,
    signature,
    user,
)
from ops.access.privileges import singular

PROVIDER: Final = "snowflake:index/"
STATEMENT: Final = "pulumi-python:dynamic/snowflake:Statement"
UNKNOWN: Final = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
"""What the engine writes for a string that only the update will know.

https://github.com/pulumi/pulumi/blob/master/sdk/go/common/resource/plugin/rpc.go
"""

_ACCOUNT_LEVEL: Final = {
    "AccountRole": "ROLE",
    "Database": "DATABASE",
    "FailoverGroup": "FAILOVER GROUP",
    "NetworkPolicy": "NETWORK POLICY",
    "PrimaryConnection": "CONNECTION",
    "ResourceMonitor": "RESOURCE MONITOR",
    "ServiceUser": "USER",
    "SharedDatabase": "DATABASE",
    "User": "USER",
    "Warehouse": "WAREHOUSE",
}
_IN_A_DATABASE: Final = {"DatabaseRole": "DATABASE ROLE", "Schema": "SCHEMA"}
_IN_A_SCHEMA: Final = {
    "Alert": "ALERT",
    "AuthenticationPolicy": "AUTHENTICATION POLICY",
    "FileFormat": "FILE FORMAT",
    "MaskingPolicy": "MASKING POLICY",
    "NetworkRule": "NETWORK RULE",
    "PasswordPolicy": "PASSWORD POLICY",
    "Pipe": "PIPE",
    "ProcedureSql": "PROCEDURE",
    "RowAccessPolicy": "ROW ACCESS POLICY",
    "SecretWithGenericString": "SECRET",
    "Stage": "STAGE",
    "Table": "TABLE",
    "Tag": "TAG",
    "Task": "TASK",
    "View": "VIEW",
}
_KINDS_BY_STATEMENT: Final = {
    "budget": "BUDGET",
    "notification integration": "INTEGRATION",
    "replication group": "REPLICATION GROUP",
}


class Reach(StrEnum):
    """How far one grant resource goes."""

    OBJECT = "OBJECT"
    ALL = "ALL"
    FUTURE = "FUTURE"


class Resource(NamedTuple):
    """One resource of the engine."""

    urn: str
    type: str
    inputs: Mapping[str, Any]
    maker: str
    """The role that its provider works as; empty where it is not known."""

    @property
    def sort(self) -> str:
        """The last part of the type: ``Warehouse``."""
        return self.type.rpartition(":")[2]


class Object(NamedTuple):
    """An object of the account that a resource stands for."""

    securable: Securable
    owner: Principal | None
    resource: Resource


class Granted(NamedTuple):
    """Privileges of one principal on an object, or on the objects of a kind in a place."""

    holder: Principal
    privileges: tuple[str, ...]
    """Empty for all that the object has."""
    reach: Reach
    on: Securable
    """For ALL and FUTURE: the kind, and the path of the database or schema."""
    urn: str


class Member(NamedTuple):
    """A role that was granted to a role or user."""

    role: Principal
    to: Principal
    urn: str


def resources(deployment: Mapping[str, Any]) -> tuple[Resource, ...]:
    """The resources of an exported deployment, in its order; what waits for deletion is left out.

    What is of the second account alone says nothing of this one, and is left out too.

    https://github.com/pulumi/pulumi/blob/master/sdk/go/common/apitype/core.go
    """
    entries = [
        r
        for r in deployment.get("resources") or ()
        if not r.get("delete") and not of_second_account(str(r.get("provider") or ""))
    ]
    roles = {
        str(r["urn"]): str((r.get("inputs") or {}).get("role", ""))
        for r in entries
        if str(r["type"]).startswith("pulumi:providers:")
    }
    return tuple(
        Resource(
            str(r["urn"]),
            str(r["type"]),
            r.get("inputs") or {},
            _maker(r, roles),
        )
        for r in entries
    )


def objects(found: Iterable[Resource]) -> Iterator[Object]:
    """The objects that resources stand for, each with the role that made or was given it."""
    listed = list(found)
    given = dict(_handed_over(listed))
    for resource in listed:
        for securable in _securable(resource):
            maker = role(resource.maker) if resource.maker else None
            yield Object(securable, given.get(securable, maker), resource)


def grants(found: Iterable[Resource]) -> Iterator[Granted]:
    """The privileges that resources grant; what is unknown before the update is left out."""
    for resource in found:
        holder = _holder(resource)
        if holder is not None and not is_unknown(resource):
            inputs = resource.inputs
            every = inputs.get("allPrivileges")
            privileges = () if every else tuple(map(str, inputs.get("privileges") or ()))
            for reach, on in _target(inputs):
                yield Granted(holder, privileges, reach, on, resource.urn)


def members(found: Iterable[Resource]) -> Iterator[Member]:
    """The roles that resources grant."""
    for resource in found:
        inputs = resource.inputs
        if resource.sort == "GrantAccountRole" and not is_unknown(resource):
            granted = role(str(inputs["roleName"]))
            if inputs.get("userName"):
                yield Member(granted, user(str(inputs["userName"])), resource.urn)
            if inputs.get("parentRoleName"):
                yield Member(granted, role(str(inputs["parentRoleName"])), resource.urn)


def is_unknown(resource: Resource) -> bool:
    """Whether a grant hangs on something that only the update will know."""
    return "Grant" in resource.sort and UNKNOWN in str(resource.inputs)


def _maker(entry: Mapping[str, Any], roles: Mapping[str, str]) -> str:
    if entry["type"] == STATEMENT:
        return str((entry.get("inputs") or {}).get("role", ""))
    # A reference is URN::id, and the id of a provider that is made anew is not known in a plan.
    return roles.get(str(entry.get("provider", "")).rpartition("::")[0], "")


def _securable(resource: Resource) -> Iterator[Securable]:
    inputs, sort = resource.inputs, resource.sort
    if resource.type == STATEMENT:
        words, _, name = str(inputs.get("object", "")).rpartition(" ")
        if words in _KINDS_BY_STATEMENT:
            yield Securable(_KINDS_BY_STATEMENT[words], parse(name))
    elif resource.type.startswith(PROVIDER) and "name" in inputs:
        name = str(inputs["name"])
        if sort in _ACCOUNT_LEVEL or sort.endswith("Integration"):
            yield Securable(_ACCOUNT_LEVEL.get(sort, "INTEGRATION"), (name,))
        elif sort in _IN_A_DATABASE:
            yield Securable(_IN_A_DATABASE[sort], (str(inputs["database"]), name))
        elif sort in _IN_A_SCHEMA:
            if sort == "ProcedureSql":
                types = (str(a["argDataType"]) for a in inputs.get("arguments") or ())
                name = signature(f"{name}({', '.join(types)})")
            place = (str(inputs["database"]), str(inputs["schema"]))
            yield Securable(_IN_A_SCHEMA[sort], (*place, name))


def _handed_over(found: Iterable[Resource]) -> Iterator[tuple[Securable, Principal]]:
    for resource in found:
        inputs = resource.inputs
        on = inputs.get("on") or {}
        if resource.sort == "GrantOwnership" and on.get("objectName"):
            kind = str(on["objectType"])
            holder = _holder(resource, "GrantOwnership")
            if holder is not None:
                yield Securable(kind, _path(kind, str(on["objectName"]))), holder


def _holder(resource: Resource, sort: str = "GrantPrivilegesTo") -> Principal | None:
    inputs = resource.inputs
    if not resource.sort.startswith(sort):
        return None
    if inputs.get("databaseRoleName"):
        return Principal(
            PrincipalKind.DATABASE_ROLE, dotted(parse(str(inputs["databaseRoleName"])))
        )
    return role(str(inputs["accountRoleName"])) if inputs.get("accountRoleName") else None


def _target(inputs: Mapping[str, Any]) -> Iterator[tuple[Reach, Securable]]:
    if inputs.get("onAccount"):
        yield Reach.OBJECT, Securable("ACCOUNT", ())
    if on := inputs.get("onAccountObject"):
        yield Reach.OBJECT, Securable(str(on["objectType"]), (str(on["objectName"]),))
    if inputs.get("onDatabase"):
        yield Reach.OBJECT, Securable("DATABASE", parse(str(inputs["onDatabase"])))
    if on := inputs.get("onSchema"):
        yield from _schemas(on)
    if on := inputs.get("onSchemaObject"):
        yield from _schema_objects(on)


def _schemas(on: Mapping[str, Any]) -> Iterator[tuple[Reach, Securable]]:
    if on.get("schemaName"):
        yield Reach.OBJECT, Securable("SCHEMA", parse(str(on["schemaName"])))
    for key, reach in (
        ("allSchemasInDatabase", Reach.ALL),
        ("futureSchemasInDatabase", Reach.FUTURE),
    ):
        if on.get(key):
            yield reach, Securable("SCHEMA", parse(str(on[key])))


def _schema_objects(on: Mapping[str, Any]) -> Iterator[tuple[Reach, Securable]]:
    if on.get("objectName"):
        kind = str(on["objectType"])
        yield Reach.OBJECT, Securable(kind, _path(kind, str(on["objectName"])))
    for key, reach in (("all", Reach.ALL), ("future", Reach.FUTURE)):
        if bulk := on.get(key):
            place = str(bulk.get("inSchema") or bulk.get("inDatabase"))
            yield reach, Securable(singular(str(bulk["objectTypePlural"])), parse(place))


def _path(kind: str, name: str) -> Path:
    """An account-level name is bare in a resource; the others are written as in SQL."""
    bare = not name.startswith('"') and kind in _ACCOUNT_LEVEL.values()
    return (name,) if bare else parsed_object(kind, name)
