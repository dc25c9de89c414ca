"""The steps that the engine plans, and what each of them would destroy: pure, one rule a function.

An object that holds data is lost when it is dropped or replaced, when its retention or a column
shrinks, when its ownership moves, when its protection ends. Policies, roles and grants hold none:
the program makes them anew. Whatever is protected counts, of any kind.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, TypeAlias

from ops.restore.column_types import is_narrower

Props: TypeAlias = Mapping[str, Any]
Path: TypeAlias = tuple[str, ...]

SNOWFLAKE: Final = "snowflake:index/"
IN_SCHEMA: Final = ("database", "schema", "name")
DROPPING: Final = frozenset({"delete"})
REPLACING: Final = frozenset({"replace", "delete-replaced", "create-replacement"})
KEEPING: Final = frozenset({"same", "update"})


class Why(StrEnum):
    """What happens to it."""

    DROP = "dropped"
    REPLACE = "replaced"
    RETENTION = "shorter retention"
    COLUMN = "column lost"
    OWNER = "ownership moved"
    PROTECTION = "protection ended"


@dataclass(frozen=True, slots=True)
class Holding:
    """A type of resource that holds data: its kind in SQL, and the inputs that name it."""

    kind: str
    name: tuple[str, ...]


HOLDING: Final[Mapping[str, Holding]] = {
    "Database": Holding("DATABASE", ("name",)),
    "Schema": Holding("SCHEMA", ("database", "name")),
    "Table": Holding("TABLE", IN_SCHEMA),
    "DynamicTable": Holding("DYNAMIC TABLE", IN_SCHEMA),
    "Stage": Holding("STAGE", IN_SCHEMA),
    "Sequence": Holding("SEQUENCE", IN_SCHEMA),
    "Task": Holding("TASK", IN_SCHEMA),
    "StreamOnTable": Holding("STREAM", IN_SCHEMA),
    "StreamOnView": Holding("STREAM", IN_SCHEMA),
    "StreamOnExternalTable": Holding("STREAM", IN_SCHEMA),
    "StreamOnDirectoryTable": Holding("STREAM", IN_SCHEMA),
}
BUCKET: Final = "pulumi-python:dynamic/aws:Bucket"


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a plan; `old` and `new` are inputs, `outputs` those of the old state."""

    op: str
    urn: str
    token: str
    old: Props
    new: Props
    outputs: Props
    protect: bool

    @property
    def inputs(self) -> Props:
        """What it is, or will be when it is new."""
        return self.old or self.new


@dataclass(frozen=True, slots=True, order=True)
class Loss:
    """One object that a plan would take something from."""

    kind: str
    path: Path
    why: Why
    detail: str
    urn: str

    @property
    def name(self) -> str:
        """As a person reads it."""
        return ".".join(self.path)

    def in_words(self) -> str:
        """`SCHEMA LEAP_ANALYTICS.RAW dropped`."""
        tail = f" ({self.detail})" if self.detail else ""
        return f"{self.kind} {self.name} {self.why}{tail}"


def steps(events: Iterable[Props]) -> list[Step]:
    """The steps of an event log, one for each resource and operation."""
    found: dict[tuple[str, str], Step] = {}
    for event in events:
        body = (event.get("resourcePreEvent") or {}).get("metadata")
        if body is None:
            continue
        old, new = body.get("old") or {}, body.get("new") or {}
        found[body["op"], body["urn"]] = Step(
            body["op"],
            body["urn"],
            body["type"],
            old.get("inputs") or {},
            new.get("inputs") or {},
            old.get("outputs") or {},
            bool(new.get("protect")),
        )
    return list(found.values())


def removal(deployment: Props) -> list[Step]:
    """The plan that removes everything a deployment has."""
    return [
        Step(
            "delete",
            resource["urn"],
            resource["type"],
            resource.get("inputs") or {},
            {},
            resource.get("outputs") or {},
            False,
        )
        for resource in deployment.get("resources") or ()
        if resource.get("custom")
    ]


def losses(plan: Iterable[Step], protected: Collection[str]) -> list[Loss]:
    """All that a plan would destroy. `protected`: the URNs that the state protects."""
    listed = list(plan)
    found = {
        (loss.urn, loss.why): loss
        for step in listed
        for rule in RULES
        if (loss := rule(step, protected)) is not None
    }
    standing = {object_of(step): step.op for step in listed if step.old}
    for loss in _moved(listed, standing):
        found[loss.urn, loss.why] = loss
    return sorted(found.values())


def object_of(step: Step) -> tuple[str, Path] | None:
    """Kind and path of what holds data; None for all else, such as a stage outside Snowflake."""
    if step.token == BUCKET:
        return "BUCKET", (str(step.inputs.get("bucket")),)
    word = step.token.rpartition(":")[2]
    holding = HOLDING.get(word) if step.token.startswith(SNOWFLAKE) else None
    if holding is None or (word == "Stage" and step.inputs.get("url")):
        return None
    return holding.kind, tuple(str(step.inputs.get(part, "?")) for part in holding.name)


def _gone(step: Step, protected: Collection[str]) -> Loss | None:
    if step.op not in DROPPING | REPLACING:
        return None
    why = Why.DROP if step.op in DROPPING else Why.REPLACE
    if (held := object_of(step)) is not None:
        return Loss(*held, why, "", step.urn)
    if step.urn in protected:
        kind = step.token.rpartition(":")[2]
        return Loss(kind, (step.urn.rpartition("::")[2],), why, "protected", step.urn)
    return None


def _unprotected(step: Step, protected: Collection[str]) -> Loss | None:
    held = object_of(step)
    if step.op not in KEEPING or held is None or step.protect or step.urn not in protected:
        return None
    return Loss(*held, Why.PROTECTION, "", step.urn)


def _forgets_sooner(step: Step, _protected: Collection[str]) -> Loss | None:
    held = object_of(step)
    if step.op != "update" or held is None:
        return None
    key = "noncurrent_version_expiration_days" if step.token == BUCKET else RETENTION
    before = _days(step.old.get(key)), _days(step.outputs.get(key))
    old, new = before[0] if before[0] is not None else before[1], _days(step.new.get(key))
    if new is None and before[0] is not None and old:
        return Loss(*held, Why.RETENTION, f"{old} days to what it inherits", step.urn)
    if old is None or new is None or new >= old:
        return None
    return Loss(*held, Why.RETENTION, f"{old} to {new} days", step.urn)


def _loses_columns(step: Step, _protected: Collection[str]) -> Loss | None:
    held = object_of(step)
    if step.op != "update" or held is None or held[0] != "TABLE":
        return None
    old, new = _columns(step.old), _columns(step.new)
    words = [f"{name} dropped" for name in old if name not in new]
    words += [
        f"{name} {old[name]} to {new[name]}"
        for name in old
        if name in new and is_narrower(old[name], new[name])
    ]
    return Loss(*held, Why.COLUMN, ", ".join(words), step.urn) if words else None


RETENTION: Final = "dataRetentionTimeInDays"
Rule: TypeAlias = Callable[[Step, Collection[str]], Loss | None]
RULES: Final[tuple[Rule, ...]] = (_gone, _unprotected, _forgets_sooner, _loses_columns)


def _moved(plan: Iterable[Step], standing: Mapping[Any, str]) -> Iterator[Loss]:
    """Ownership that moves away from objects that stand before and after."""
    for step in plan:
        if not step.token.endswith(":GrantOwnership") or step.op == "same":
            continue
        on = (step.new or step.old).get("on") or {}
        kind, path = str(on.get("objectType", "")).upper(), _path(str(on.get("objectName", "")))
        if standing.get((kind, path)) in KEEPING:
            role = (step.new or {}).get("accountRoleName") or "who grants"
            yield Loss(kind, path, Why.OWNER, f"to {role}", step.urn)


def _path(name: str) -> Path:
    """The parts of a qualified name; ours have no dots inside quotes."""
    return tuple(part.strip('"') for part in name.split("."))


def _columns(props: Props) -> dict[str, str]:
    return {str(c["name"]): str(c.get("type")) for c in props.get("columns") or ()}


def _days(value: Any) -> int | None:
    """A number of days; the provider writes -1 for what is inherited."""
    if value is None or not str(value).lstrip("-").split(".")[0].isdigit():
        return None
    days = int(float(value))
    return days if days >= 0 else None
