"""From the engine's resources to items: type tokens and camel case to kinds and snake case.

The engine's names for the provider's types: https://www.pulumi.com/registry/packages/snowflake/
A resource of a type that no rule looks at is no item.
"""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, Final

from infra.model.identifiers import parts
from infra.model.rules.item import UNKNOWN, Item, Kind

SNOWFLAKE: Final = "snowflake:index/"
TYPES: Final[Mapping[str, Kind]] = {
    "AccountParameter": Kind.ACCOUNT_PARAMETER,
    "AccountRole": Kind.ROLE,
    "CurrentAccount": Kind.CURRENT_ACCOUNT,
    "Database": Kind.DATABASE,
    "EmailNotificationIntegration": Kind.NOTIFICATION,
    "Execute": Kind.STATEMENT,
    "FailoverGroup": Kind.FAILOVER_GROUP,
    "LegacyServiceUser": Kind.USER,
    "MaskingPolicy": Kind.MASKING_POLICY,
    "NetworkPolicy": Kind.NETWORK_POLICY,
    "NetworkRule": Kind.NETWORK_RULE,
    "NotificationIntegration": Kind.NOTIFICATION,
    "PasswordPolicy": Kind.PASSWORD_POLICY,
    "PrimaryConnection": Kind.CONNECTION,
    "ResourceMonitor": Kind.MONITOR,
    "Schema": Kind.SCHEMA,
    "ServiceUser": Kind.USER,
    "SharedDatabase": Kind.IMPORTED_DATABASE,
    "Stage": Kind.STAGE,
    "StageExternalS3": Kind.STAGE,
    "StorageIntegration": Kind.INTEGRATION,
    "StorageIntegrationAws": Kind.INTEGRATION,
    "Table": Kind.TABLE,
    "Tag": Kind.TAG,
    "TagAssociation": Kind.TAGGING,
    "User": Kind.USER,
    "Warehouse": Kind.WAREHOUSE,
}
USER_TYPES: Final = {"LegacyServiceUser": "LEGACY_SERVICE", "ServiceUser": "SERVICE"}
ELSEWHERE: Final[Mapping[str, tuple[Kind, str]]] = {
    "pulumi-python:dynamic/aws:Bucket": (Kind.BUCKET, "bucket"),
    "pulumi-python:dynamic/aws:BucketNotification": (Kind.BUCKET_NOTIFICATION, "bucket"),
    "pulumi-python:dynamic/aws:Queue": (Kind.QUEUE, "queue"),
    "pulumi-python:dynamic/aws:Role": (Kind.AWS_ROLE, "role"),
    "github:index/branchProtection:BranchProtection": (Kind.BRANCH_PROTECTION, "pattern"),
    "github:index/repositoryRuleset:RepositoryRuleset": (Kind.BRANCH_PROTECTION, "name"),
    "github:index/workflowRepositoryPermissions:WorkflowRepositoryPermissions": (
        Kind.WORKFLOWS,
        "repository",
    ),
}
KINDS_OF_GRANTS: Final[Mapping[str, Kind]] = {
    "GrantAccountRole": Kind.ROLE_GRANT,
    "GrantOwnership": Kind.OWNERSHIP,
    "GrantPrivilegesToAccountRole": Kind.GRANT,
    "GrantPrivilegesToDatabaseRole": Kind.GRANT,
}
_HUMP: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def item(
    type_: str, urn: str, inputs: Mapping[str, Any], protected: bool | None = None
) -> Item | None:
    """The item of one resource; None where no rule looks at its type."""
    values: Mapping[str, Any] = _snake(inputs)
    if type_ in ELSEWHERE:
        kind, key = ELSEWHERE[type_]
        return Item(kind, _named(values, key, urn), values, urn, protected)
    if not type_.startswith(SNOWFLAKE):
        return None
    name = type_.rpartition(":")[2]
    if name in KINDS_OF_GRANTS:
        return GRANTS[KINDS_OF_GRANTS[name]](values, urn)
    if name not in TYPES:
        return None
    if name in USER_TYPES:
        values = {**values, "type": USER_TYPES[name]}
    kind = TYPES[name]
    key = "key" if kind is Kind.ACCOUNT_PARAMETER else "name"
    return Item(kind, _named(values, key, urn), values, urn, protected)


def may_be(type_: str, kinds: Collection[Kind]) -> bool:
    """Whether a resource of the type is one of the kinds; quicker than to make the item."""
    if type_ in ELSEWHERE:
        return ELSEWHERE[type_][0] in kinds
    name = type_.rpartition(":")[2]
    kind = KINDS_OF_GRANTS.get(name) or TYPES.get(name)
    return type_.startswith(SNOWFLAKE) and kind in kinds


def grant(
    role: Any, privileges: Any, on: str, path: tuple[str, ...], **more: Any
) -> Mapping[str, Any]:
    """The properties of a grant, the same from every source. ``on`` is singular."""
    return {"role": role, "privileges": privileges, "on": on, "path": path, **more}


def grant_name(role: Any, on: str, path: Sequence[str]) -> str:
    """A grant in words: who, and on what."""
    return " ".join(word for word in (f"{_text(role)} on", on.lower(), ".".join(path)) if word)


def singular(plural: str) -> str:
    """``TABLES`` to ``TABLE``, ``MASKING POLICIES`` to ``MASKING POLICY``."""
    return f"{plural[:-3]}Y" if plural.endswith("IES") else plural.removesuffix("S")


def _privileges(values: Mapping[str, Any], urn: str) -> Item:
    on, path, scope = _target(values)
    every = values.get("all_privileges")
    listed = values.get("privileges")
    privileges = ("ALL PRIVILEGES",) if every is True else listed or ()
    role = values.get("account_role_name") or values.get("database_role_name") or ""
    properties = grant(
        role,
        privileges if privileges is UNKNOWN else tuple(privileges),
        on,
        path,
        scope=scope,
        with_grant_option=values.get("with_grant_option"),
    )
    return Item(Kind.GRANT, grant_name(role, on, path), properties, urn)


def _target(values: Mapping[str, Any]) -> tuple[str, tuple[str, ...], str]:
    """What a grant is on: singular kind, path, and whether it is one object, all, or future."""
    if values.get("on_account") is True:
        return "ACCOUNT", (), "OBJECT"
    if isinstance(database := values.get("on_database"), str):
        return "DATABASE", parts(database), "OBJECT"
    for key in ("on_account_object", "on_schema", "on_schema_object", "on"):
        found = values.get(key)
        if isinstance(found, Mapping):
            return _object(key, found)
    return "OBJECT", (), "OBJECT"


def _object(key: str, found: Mapping[str, Any]) -> tuple[str, tuple[str, ...], str]:
    for scope in ("all", "future"):
        inner = found.get(scope)
        if isinstance(inner, Mapping):
            on = singular(_text(inner.get("object_type_plural")))
            place = _parts(inner.get("in_schema")) or _parts(inner.get("in_database"))
            return on, (*place, f"<{on}>"), scope.upper()
    if key == "on_schema":
        whole = _parts(found.get("all_schemas_in_database"))
        future = _parts(found.get("future_schemas_in_database"))
        if whole or future:
            return "SCHEMA", (*(whole or future), "<SCHEMA>"), "FUTURE" if future else "ALL"
        return "SCHEMA", _parts(found.get("schema_name")), "OBJECT"
    return _text(found.get("object_type")), _parts(found.get("object_name")), "OBJECT"


def _role_grant(values: Mapping[str, Any], urn: str) -> Item:
    role, to_role = values.get("role_name"), values.get("parent_role_name")
    to_user = values.get("user_name")
    properties = {"role": role, "to_role": to_role or "", "to_user": to_user or ""}
    return Item(Kind.ROLE_GRANT, f"{_text(role)} to {_text(to_role or to_user)}", properties, urn)


def _ownership(values: Mapping[str, Any], urn: str) -> Item:
    on, path, scope = _target(values)
    role = values.get("account_role_name") or values.get("database_role_name") or ""
    properties = grant(role, ("OWNERSHIP",), on, path, scope=scope)
    return Item(Kind.OWNERSHIP, grant_name(role, on, path), properties, urn)


GRANTS: Final[Mapping[Kind, Callable[[Mapping[str, Any], str], Item]]] = {
    Kind.GRANT: _privileges,
    Kind.OWNERSHIP: _ownership,
    Kind.ROLE_GRANT: _role_grant,
}


def _snake(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {_HUMP.sub("_", str(key)).lower(): _snake(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_snake(one) for one in value]
    return value


def _named(values: Mapping[str, Any], key: str, urn: str) -> str:
    name = values.get(key)
    return str(name) if name and name is not UNKNOWN else urn.rpartition("::")[2]


def _text(value: Any) -> str:
    return value if isinstance(value, str) else "?"


def _parts(value: Any) -> tuple[str, ...]:
    return parts(value) if isinstance(value, str) else ()
