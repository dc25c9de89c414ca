"""What a plan would create, and the entries of a state that stand for it without creating anything.

A plan as the engine saves it has each resource's checked inputs, secrets still encrypted. An entry
without any answer is imported by the engine's refresh: the plugin reads the object under its id,
and tells all of it. Kept of that is what the program declares, as the cloud has it, and what only
the cloud can say; what nobody declared would else be taken for something to undo. Whatever no cloud
tells (a password) is left out, so that the next update sets it again.

https://github.com/pulumi/pulumi/blob/master/sdk/go/common/apitype/plan.go
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from ops.rebuild.identity import DYNAMIC

Entry: TypeAlias = dict[str, Any]
CREATE: Final = ["create"]
PROVIDERS: Final = "pulumi:providers:"
DEFAULTS: Final = "__defaults"
SIGNATURE: Final = "4dabf18193072939515e22adb298388d"
HIDDEN: Final = "1b47061264138c4ac30d75fd1eb44270"
"""The engine's mark of a value, and the mark of a secret."""
UNKNOWN: Final = frozenset(
    {
        "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
    }
)
"""What stands for a value that is known only after something was made: a text, a truth value, a
number, a list, a mapping."""
NOT_SET_AGAIN: Final[Mapping[str, tuple[str, ...]]] = {"ActionsSecret": ("plaintextValue",)}
"""Secrets that can only be set by making the object anew: held to be what the program says."""
AS_DECLARED: Final[Mapping[str, tuple[str, ...]]] = {
    "GrantPrivilegesToAccountRole": ("onSchemaObject",),
    "Repository": ("autoInit",),
    "TagAssociation": ("objectIdentifiers",),
}
"""What an import tells in other words, or as empty, since the id has it otherwise or not at all.
The next refresh reads it as it is declared."""
OWN: Final = "__"
"""Begins what engine and plugin note for themselves."""
INTERNAL: Final = "__internal"
RAW: Final = "__pulumi_raw_state_delta"
"""The plugin's own note of how its answer is written; it fits the whole answer only."""


@dataclass(frozen=True, slots=True, eq=False)
class Wanted:
    """A resource that the plan would create."""

    urn: str
    token: str
    custom: bool
    parent: str
    provider: str
    """The URN of its provider; empty for a component and for a provider."""
    dependencies: tuple[str, ...] = ()
    inputs: Mapping[str, Any] = field(default_factory=dict)
    outputs: Mapping[str, Any] = field(default_factory=dict)
    """What the plugin says that it would be, so far as that is known."""

    @property
    def is_provider(self) -> bool:
        """Whether it is a plugin's configuration, which no cloud knows."""
        return self.token.startswith(PROVIDERS)

    @property
    def is_imported(self) -> bool:
        """Whether its plugin can read it by the id alone; ours need the inputs."""
        return self.custom and not self.is_provider and not self.token.startswith(DYNAMIC)

    @property
    def is_by_statements(self) -> bool:
        """Whether it is an object that no plugin knows."""
        return self.token == f"{DYNAMIC}snowflake:Statement"

    @property
    def kind(self) -> str:
        """`Warehouse` of `snowflake:index/warehouse:Warehouse`."""
        return self.token.rpartition(":")[2]

    @property
    def is_known(self) -> bool:
        """Whether nothing of it depends on what is not known yet."""
        return not has_unknown(self.inputs)


def creations(plan: Mapping[str, Any]) -> list[Wanted]:
    """Everything that the plan would create, in the plan's order, which says nothing."""
    return [
        _wanted(urn, one["goal"], one.get("state") or {})
        for urn, one in (plan.get("resourcePlans") or {}).items()
        if one.get("steps") == CREATE and one.get("goal")
    ]


def _wanted(urn: str, goal: Mapping[str, Any], outputs: Mapping[str, Any]) -> Wanted:
    return Wanted(
        urn=urn,
        token=str(goal["type"]),
        custom=bool(goal["custom"]),
        parent=str(goal.get("parent") or ""),
        provider=str(goal.get("provider") or "").rpartition("::")[0],
        dependencies=tuple(goal.get("dependencies") or ()),
        inputs=(goal.get("inputDiff") or {}).get("adds") or {},
        outputs={
            key: value
            for key, value in outputs.items()
            if value is not None and not key.startswith(OWN) and not has_unknown(value)
        },
    )


def has_unknown(value: Any) -> bool:
    """Whether something in it is not known yet."""
    if isinstance(value, Mapping):
        return any(has_unknown(below) for below in value.values())
    if isinstance(value, list):
        return any(has_unknown(below) for below in value)
    return isinstance(value, str) and value in UNKNOWN


def is_secret(value: Any) -> bool:
    """Whether it is a secret as the engine writes one."""
    return isinstance(value, Mapping) and value.get(SIGNATURE) == HIDDEN


def set_again(wanted: Wanted) -> list[str]:
    """The properties that no cloud tells and the next update sets again.

    Of an object by statements that is what its account had answered when they were run.
    """
    if wanted.is_by_statements:
        return ["update"] if wanted.inputs.get("update") else []
    held = NOT_SET_AGAIN.get(wanted.kind, ()) if wanted.is_imported else wanted.inputs
    return sorted(k for k, value in wanted.inputs.items() if is_secret(value) and k not in held)


def believed(wanted: Wanted) -> list[str]:
    """The properties that no cloud tells and no update sets again without making it anew."""
    if wanted.is_by_statements:
        return [] if wanted.inputs.get("update") else ["create"]
    return list(NOT_SET_AGAIN.get(wanted.kind, ()))


def answered(wanted: Wanted, imported: Mapping[str, Any]) -> Entry:
    """The entry after its import, less what nobody declared, with what an import cannot tell."""
    told = {key: v for key, v in (imported.get("outputs") or {}).items() if v is not None}
    undeclared = set(imported.get("inputs") or ()) - set(wanted.inputs)
    hidden = set_again(wanted)
    silent = {
        *AS_DECLARED.get(wanted.kind, ()),
        *believed(wanted),
        *wanted.inputs.get(DEFAULTS, ()),
    }
    declared = {
        key: value
        for key, value in {**wanted.outputs, **wanted.inputs}.items()
        if key not in hidden and (key not in told or key in silent)
    }
    kept = {key: v for key, v in told.items() if key not in {*undeclared, *hidden, RAW}}
    outputs = {**kept, **_without_defaults(declared)}
    return {**imported, "inputs": dict(wanted.inputs), "outputs": outputs}


def entry(wanted: Wanted, id_: str, providers: Mapping[str, str], now: str) -> Entry:
    """The entry of a state for it; `providers` are ids by URN, `now` is when it enters."""
    made: Entry = {"urn": wanted.urn, "custom": wanted.custom, "type": wanted.token}
    if wanted.custom:
        told = {key: value for key, value in wanted.inputs.items() if key != INTERNAL}
        outputs = {} if wanted.is_imported else told
        made |= {"id": id_, "inputs": dict(wanted.inputs), "outputs": outputs}
    if wanted.parent:
        made["parent"] = wanted.parent
    if wanted.dependencies:
        made["dependencies"] = list(wanted.dependencies)
    if wanted.provider:
        made["provider"] = f"{wanted.provider}::{providers[wanted.provider]}"
    return {**made, "created": now, "modified": now}


def _without_defaults(value: Any) -> Any:
    """The same without the plugin's own notes of which values nobody gave."""
    if isinstance(value, Mapping):
        return {k: _without_defaults(v) for k, v in value.items() if k != DEFAULTS}
    if isinstance(value, list):
        return [_without_defaults(below) for below in value]
    return value
