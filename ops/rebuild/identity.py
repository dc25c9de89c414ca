"""The id by which a plugin imports a resource, from what the program says of it.

The plugins compute an id when they make an object, so that it can be told again without one: a
name, a path in one of three spellings, or a grant with its privileges. GitHub numbers some of its
objects, which only GitHub can tell (`ops.rebuild.hub`). Whether the object is there is not asked
here: the engine's own refresh reads each by the id, and keeps the one that the plugin answers.

https://registry.terraform.io/providers/snowflakedb/snowflake/latest/docs (Import, of each page)
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final, Protocol, TypeAlias

from ingestion.quoting import identifier

Inputs: TypeAlias = Mapping[str, Any]
SNOWFLAKE: Final = "snowflake:index/"
GITHUB: Final = "github:index/"
DYNAMIC: Final = "pulumi-python:dynamic/"
_ARGUMENTS: Final = re.compile(r"\([^()]*\)")


class Numbers(Protocol):
    """What only GitHub knows. Each is None where there is no such thing, or none to be seen."""

    def team(self, name: str) -> str | None:
        """The number of a team."""

    def ruleset(self, repository: str, name: str) -> str | None:
        """The number of a ruleset."""

    def deployment_policy(self, repository: str, environment: str, pattern: str) -> str | None:
        """The number of a branch pattern that may deploy."""

    def protection(self, repository: str, pattern: str) -> str | None:
        """Repository and pattern of a rule of branch protection; the repository is a node."""


class UnknownKindError(Exception):
    """A kind of resource whose ids nobody described here."""

    def __init__(self, token: str) -> None:
        super().__init__(f"how {token} is identified is not known")
        self.token = token


def of(token: str, inputs: Inputs, numbers: Numbers) -> str | None:
    """The id of a resource of this type; None where what only GitHub could tell is not there.

    Raises:
        UnknownKindError: of such a resource nothing is known here.
    """
    kind = token.rpartition(":")[2]
    if token.startswith(GITHUB) and kind in _NUMBERED:
        return _NUMBERED[kind](inputs, numbers)
    for prefix, known in _KNOWN.items():
        if token.startswith(prefix) and kind in known:
            return known[kind](inputs)
    raise UnknownKindError(token)


def comparable(token: str, id_: str) -> str:
    """The id as it compares: the order of privileges in a grant's is the plugin's, by chance."""
    if not token.endswith(_GRANT):
        return id_
    parts = id_.split("|")
    return "|".join([*parts[:3], ",".join(sorted(parts[3].split(","))), *parts[4:]])


_GRANT: Final = ":GrantPrivilegesToAccountRole"


def _named(inputs: Inputs) -> str:
    return str(inputs["name"])


def _piped(inputs: Inputs) -> str:
    return "|".join(str(inputs[key]) for key in ("database", "schema", "name"))


def _dotted(inputs: Inputs) -> str:
    parts = (inputs.get("database"), inputs.get("schema"), inputs["name"])
    return identifier(*(str(part) for part in parts if part))


def _procedure(inputs: Inputs) -> str:
    types = (str(one["argDataType"]) for one in inputs.get("arguments") or ())
    return f"{_dotted(inputs)}({', '.join(_ARGUMENTS.sub('', text) for text in types)})"


def quoted(name: str) -> str:
    """A name of one part or more as the plugin writes it; what has quotes keeps them.

    Of the types of a procedure's arguments their own arguments are left out.
    """
    bare, bracket, types = name.partition("(")
    whole = bare if bare.startswith('"') else identifier(*bare.split("."))
    return f"{whole}({_ARGUMENTS.sub('', types[:-1])})" if bracket else whole


def _bare(name: str) -> str:
    return "|".join(part.strip('"') for part in name.split("."))


def _role_grant(inputs: Inputs) -> str:
    if parent := inputs.get("parentRoleName"):
        return f"{quoted(inputs['roleName'])}|ROLE|{quoted(parent)}"
    return f"{quoted(inputs['roleName'])}|USER|{quoted(inputs['userName'])}"


def _privileges(inputs: Inputs) -> str:
    every = inputs.get("allPrivileges")
    held = "ALL" if every else ",".join(sorted(inputs["privileges"]))
    flags = ("withGrantOption", "alwaysApply")
    given = (str(bool(inputs.get(flag))).lower() for flag in flags)
    return "|".join((quoted(inputs["accountRoleName"]), *given, held, *_on(inputs)))


def _on(inputs: Inputs) -> tuple[str, ...]:
    if inputs.get("onAccount"):
        return ("OnAccount",)
    if one := inputs.get("onAccountObject"):
        return "OnAccountObject", one["objectType"], quoted(one["objectName"])
    if one := inputs.get("onSchema"):
        kind = next(key for key in _SCHEMAS if one.get(key))
        return "OnSchema", _SCHEMAS[kind], quoted(one[kind])
    return "OnSchemaObject", *_on_objects(inputs["onSchemaObject"])


_SCHEMAS: Final[Mapping[str, str]] = {
    "schemaName": "OnSchema",
    "allSchemasInDatabase": "OnAllSchemasInDatabase",
    "futureSchemasInDatabase": "OnFutureSchemasInDatabase",
}
_PLACES: Final[Mapping[str, str]] = {"inDatabase": "InDatabase", "inSchema": "InSchema"}


def _on_objects(one: Inputs) -> tuple[str, ...]:
    for key, word in (("all", "OnAll"), ("future", "OnFuture")):
        if many := one.get(key):
            place = next(key for key in _PLACES if many.get(key))
            return word, many["objectTypePlural"], _PLACES[place], quoted(many[place])
    return "OnObject", one["objectType"], quoted(one["objectName"])


def _ownership(inputs: Inputs) -> str:
    left = str(inputs.get("outboundPrivileges") or "")
    role = quoted(inputs["accountRoleName"])
    return "|".join(("ToAccountRole", role, left, *_on_objects(inputs["on"])))


def _tagged(inputs: Inputs) -> str:
    return "|".join((quoted(inputs["tagId"]), str(inputs["tagValue"]), inputs["objectType"]))


def _policy_of_user(inputs: Inputs) -> str:
    policy = inputs.get("authenticationPolicyName") or inputs["passwordPolicyName"]
    return f"{quoted(inputs['userName'])}|{quoted(policy)}"


def _in_repository(key: str) -> Callable[[Inputs], str]:
    return lambda inputs: f"{inputs['repository']}:{inputs[key]}"


def _repository(inputs: Inputs) -> str:
    return str(inputs["repository"])


def _by(key: str) -> Callable[[Inputs], str]:
    return lambda inputs: str(inputs[key])


def _under(kinds: str, identify: Callable[[Inputs], str]) -> dict[str, Callable[[Inputs], str]]:
    return dict.fromkeys(kinds.split(), identify)


_OF_SNOWFLAKE: Final[Mapping[str, Callable[[Inputs], str]]] = {
    **_under("AccountRole Database EmailNotificationIntegration FailoverGroup", _named),
    **_under("LegacyServiceUser NetworkPolicy NotificationIntegration PrimaryConnection", _named),
    **_under("ResourceMonitor SecondaryConnection ServiceUser Share SharedDatabase", _named),
    **_under("StorageIntegration User Warehouse", _named),
    **_under("Alert FileFormat NetworkRule PasswordPolicy Pipe Sequence Stage Table", _piped),
    **_under("AuthenticationPolicy DatabaseRole MaskingPolicy RowAccessPolicy Schema", _dotted),
    **_under("SecretWithBasicAuthentication SecretWithGenericString StreamOnTable", _dotted),
    **_under("StreamOnView Tag Task View", _dotted),
    "AccountParameter": _by("key"),
    "AccountPasswordPolicyAttachment": lambda inputs: _bare(inputs["passwordPolicy"]),
    "GrantAccountRole": _role_grant,
    "GrantOwnership": _ownership,
    "GrantPrivilegesToAccountRole": _privileges,
    "NetworkPolicyAttachment": lambda inputs: f"{inputs['networkPolicyName']}_attachment",
    "ProcedureSql": _procedure,
    "TagAssociation": _tagged,
    "UserAuthenticationPolicyAttachment": _policy_of_user,
    "UserPasswordPolicyAttachment": _policy_of_user,
}
_OF_GITHUB: Final[Mapping[str, Callable[[Inputs], str]]] = {
    "ActionsSecret": _in_repository("secretName"),
    "ActionsVariable": _in_repository("variableName"),
    "Branch": _in_repository("branch"),
    "Repository": _named,
    "RepositoryEnvironment": _in_repository("environment"),
    "TeamRepository": lambda inputs: f"{inputs['teamId']}:{inputs['repository']}",
    **_under("BranchDefault IssueLabels RepositoryDependabotSecurityUpdates", _repository),
    **_under("WorkflowRepositoryPermissions", _repository),
}
_OF_OURS: Final[Mapping[str, Callable[[Inputs], str]]] = {
    **_under("Bucket BucketNotification", _by("bucket")),
    "Queue": _by("queue"),
    "ReplicaPlace": _by("group"),
    "ReplicatedIntegration": _by("integration"),
    "Role": _by("role"),
    "Statement": _by("object"),
}
_KNOWN: Final[Mapping[str, Mapping[str, Callable[[Inputs], str]]]] = {
    SNOWFLAKE: _OF_SNOWFLAKE,
    GITHUB: _OF_GITHUB,
    DYNAMIC: _OF_OURS,
}


def _policy_number(inputs: Inputs, numbers: Numbers) -> str | None:
    repository, environment = inputs["repository"], inputs["environment"]
    found = numbers.deployment_policy(repository, environment, inputs["branchPattern"])
    return f"{repository}:{environment}:{found}" if found else None


def _ruleset_number(inputs: Inputs, numbers: Numbers) -> str | None:
    found = numbers.ruleset(inputs["repository"], inputs["name"])
    return f"{inputs['repository']}:{found}" if found else None


_NUMBERED: Final[Mapping[str, Callable[[Inputs, Numbers], str | None]]] = {
    "BranchProtection": lambda i, ask: ask.protection(i["repositoryId"], i["pattern"]),
    "RepositoryEnvironmentDeploymentPolicy": _policy_number,
    "RepositoryRuleset": _ruleset_number,
    "Team": lambda i, ask: ask.team(i["name"]),
}
