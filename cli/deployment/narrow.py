"""A preview that looks only at what can have changed since the last good run.

Where nothing did (facts, program, policies, versions and state) and every object still stands, the
engine is not asked at all: the answer is that of the run that made the state.
A change of access alone (the commonest of all) touches access roles and grants that are known
before the engine starts. The program then declares these alone and the engine gets them as its
targets, on a copy of the state that holds nothing else but what they stand on. Everything else,
every word of a policy, and every answer but plain creations, updates and deletions, is left to a
preview of the whole.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from cli.console import hint
from cli.deployment import bring_up, engine_run, last_good, shadow, state
from cli.deployment.engine_run import Run
from cli.deployment.events import Tally
from cli.errors import ExitCode
from cli.paths import LOGS
from infra.model.naming import Token, logical
from infra.model.part import Part, changed_part
from infra.model.rules.catalogue import RULES
from infra.model.rules.declared import declared
from infra.model.rules.judging import judge
from infra.model.rules.rule import DENIES, Ground

if TYPE_CHECKING:
    from cli.workbench import Workbench

VARIABLE: Final = "LEAP_PREVIEW_PART"
MANY: Final = 200
"""So many changed resources that the whole is no slower."""
PROVIDER: Final = "pulumi:providers:"
PLAIN: Final = frozenset({"create", "update", "delete", "same", "read"})


class Narrow(NamedTuple):
    """How to run the engine on a part of the stack."""

    options: tuple[str, ...]
    variables: Mapping[str, str]
    resources: int
    """In the state."""
    part: Mapping[str, Any]
    """What of the state the engine gets to see."""


def narrowed(bench: Workbench, deployment: Mapping[str, Any]) -> Narrow | None:
    """How to preview only what changed; None where the whole must be looked at."""
    before = last_good.facts(bench, deployment)
    part = changed_part(before, bench.settings.environment) if before else None
    if part is None or not 0 < len(part.roles) + len(part.grants) <= MANY:
        return None
    if _denied(bench):
        return None  # the policies see it only where they see all roles and grants
    targets = _targets(bench, part)
    return Narrow(
        options=tuple(word for target in targets for word in ("--target", target)),
        variables={**bench.variables, VARIABLE: part.model_dump_json()},
        resources=len(deployment.get("resources") or ()),
        part=seen(deployment, targets),
    )


def preview(
    bench: Workbench,
    deployment: Mapping[str, Any],
    options: Sequence[str],
    progress: Callable[[str], None],
) -> Run:
    """Preview what can have changed, or the whole where that is not certain to be the same."""
    if last_good.unchanged(bench, deployment):
        if not (gone := bring_up.missing(bench, deployment)):
            hint("  nothing changed since the last good run; --whole looks at every resource")
            return _unchanged(bench, deployment)
        hint(f"  {bring_up.in_short('gone from the account', gone)}; --refresh asks for everything")
    part = narrowed(bench, deployment)
    if part is not None:
        with shadow.copied(bench.stack, part.variables, part.part) as variables:
            run = engine_run.run(
                "preview",
                bench.stack,
                variables,
                options=[*options, *part.options],
                progress=progress,
            )
        if stands(run):
            looked_at = sum(run.tally.changed.get(op, 0) for op in ("update", "delete"))
            run.tally.summary["same"] = part.resources - looked_at
            return run
    return engine_run.run(
        "preview", bench.stack, bench.variables, options=options, progress=progress
    )


def _unchanged(bench: Workbench, deployment: Mapping[str, Any]) -> Run:
    """What the engine would say of a state that is what the program makes of the facts."""
    tally = Tally(summary={"same": len(deployment.get("resources") or ())})
    return Run("preview", bench.stack, ExitCode.DONE, tally, LOGS / f"{bench.stack}-preview.log")


def stands(run: Run) -> bool:
    """Whether a narrow run's answer is the whole's: nothing failed, judged or replaced."""
    tally = run.tally
    return (
        not (tally.errors or tally.denials) and bool(tally.summary) and set(tally.summary) <= PLAIN
    )


def _denied(bench: Workbench) -> bool:
    """Whether the facts break a rule that denies; the whole preview then names it."""
    settings = bench.settings
    ground = Ground(settings.environment, settings.stack.environment)
    return bool(judge(RULES, declared(settings.environment), ground, date.today()).at_least(DENIES))


def _targets(bench: Workbench, part: Part) -> list[str]:
    """One pattern for each resource; the type is left open, the component is not."""
    prefix = bench.settings.environment.prefix
    roles = [(Token.ROLES, logical(name.removeprefix(prefix))) for name in part.roles]
    grants = [(Token.ACCESS, name) for name in part.grants]
    return [f"urn:**::{token}$**::{name}" for token, name in sorted(roles + grants)]


def seen(deployment: Mapping[str, Any], targets: Sequence[str]) -> dict[str, Any]:
    """The entries of the targets, the components and the providers, and what they stand on."""
    found = re.compile("|".join(_as_expression(target) for target in targets))
    urns = [
        entry["urn"]
        for entry in deployment.get("resources") or ()
        if not entry.get("custom")
        or entry["type"].startswith(PROVIDER)
        or found.fullmatch(entry["urn"])
    ]
    return state.with_entries({**deployment, "resources": []}, state.closure(deployment, urns))


def _as_expression(target: str) -> str:
    return ".*".join(re.escape(part) for part in target.split("**"))
