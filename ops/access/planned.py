"""Access from the engine's resources: the stack's state, and a plan laid over it.

The engine knows nothing of what dbt builds, so the models' tables and views come beside it.
"""

from __future__ import annotations

from collections.abc import Collection, Container, Iterable, Mapping
from typing import Any, Final, NamedTuple

from ops.access import resources as engine
from ops.access.facts import Facts, Unread
from ops.access.names import Principal, PrincipalKind, Securable, coming
from ops.access.privileges import fitting, privileges_of
from ops.access.resources import Granted, Reach, Resource
from ops.access.system import add_system_roles, own

GOING: Final = frozenset({"delete", "delete-replaced", "discard", "discard-replaced"})
STANDING: Final = frozenset({"same", "read", "refresh"})


class Step(NamedTuple):
    """One step of a plan: what is done to a resource, and what it is then."""

    operation: str
    urn: str
    new: Mapping[str, Any] | None
    """As the engine writes a resource: urn, type, inputs, provider."""


def steps_of_preview(document: Mapping[str, Any]) -> tuple[Step, ...]:
    """The steps of ``pulumi preview --json``.

    https://www.pulumi.com/docs/iac/cli/commands/pulumi_preview/

    Raises:
        ValueError: it is something else.
    """
    steps = document.get("steps")
    if not isinstance(steps, list):
        raise ValueError("no steps in it")
    return tuple(
        Step(str(step.get("op", "")), str(step.get("urn", "")), step.get("newState"))
        for step in steps
    )


def after(deployment: Mapping[str, Any], steps: Iterable[Step]) -> dict[str, Any]:
    """The deployment as it would be when the steps are done.

    Of a resource that is replaced there are several steps; it goes only where none makes it anew.
    """
    made: dict[str, Mapping[str, Any]] = {}
    gone: set[str] = set()
    for step in steps:
        if step.operation in GOING:
            gone.add(step.urn)
        elif step.operation not in STANDING and step.new:
            made[step.urn] = step.new
    kept = [
        made.pop(entry["urn"], entry)
        for entry in deployment.get("resources") or ()
        if entry["urn"] not in gone or entry["urn"] in made
    ]
    return {**deployment, "resources": [*kept, *made.values()]}


def of_resources(
    found: Iterable[Resource],
    models: Iterable[tuple[Principal, Securable]],
    carriers: Collection[Principal],
    source: str,
) -> Facts:
    """The access that resources give.

    Args:
        found: the resources of one stack.
        models: what dbt builds in the stack's schemas, each with its owner.
        carriers: roles that nobody works in.
        source: what to call these facts.
    """
    listed = list(found)
    facts = Facts(source)
    add_system_roles(facts)
    internal = _add_objects(facts, listed)
    for owner, model in models:
        if facts.knows(Securable("SCHEMA", model.path[:2])):
            own(facts, owner, model)
    for granted in engine.grants(listed):
        spread(facts, granted, internal)
    for member in engine.members(listed):
        facts.grant_role(member.role, member.to)
    facts.carriers = {one for one in carriers if facts.number_of(one) is not None}
    facts.unread += [
        Unread(resource.urn.rpartition("::")[2], "only the update will know what it grants")
        for resource in listed
        if engine.is_unknown(resource)
    ]
    return facts


def spread(facts: Facts, granted: Granted, internal: Container[Securable] = ()) -> None:
    """One grant: on its object, or on all of a kind in a place and on those to come.

    ``internal``: the stages that hold their files themselves, which USAGE does not fit.
    """
    holder, on = granted.holder, granted.on
    privileges = _seen(granted)
    if granted.reach is Reach.OBJECT:
        facts.grant(holder, privileges, on)
        return
    # Grants are made before most objects are, so a future grant reaches those there are too.
    for securable in facts.within(on.kind, on.path):
        if not securable.to_come:
            held = fitting(on.kind, privileges, internal=securable in internal)
            facts.grant(holder, held, securable)
    if granted.reach is Reach.FUTURE:
        facts.grant(holder, privileges, coming(on.kind, *on.path))


def _seen(granted: Granted) -> tuple[str, ...]:
    """The privileges as SHOW GRANTS writes them."""
    if not granted.privileges:
        return tuple(p for p in privileges_of(granted.on.kind) if p != "OWNERSHIP")
    return tuple("USAGE" if p == "IMPORTED PRIVILEGES" else p for p in granted.privileges)


def _add_objects(facts: Facts, listed: list[Resource]) -> set[Securable]:
    """Put down the objects; the internal stages among them."""
    internal = set()
    for securable, owner, resource in engine.objects(listed):
        if securable.kind == "STAGE" and not resource.inputs.get("url"):
            internal.add(securable)
        facts.securable(securable)
        if owner is not None:
            own(facts, owner, securable)
        if securable.kind == "SCHEMA":
            for kind in ("TABLE", "VIEW"):
                facts.securable(coming(kind, *securable.path))
        if securable.kind in ("ROLE", "USER"):
            facts.principal(Principal(PrincipalKind(securable.kind), securable.path[0]))
    return internal
