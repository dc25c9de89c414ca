"""A preview that looks only at what can have changed since the last good run.

Where nothing did (facts, program, policies, versions and state) and every object still stands, the
engine is not asked at all: the answer is that of the run that made the state.
A change of access alone (the commonest of all) touches access roles and grants that are known
before the engine starts. The program then declares these alone and the engine gets them as its
targets; what is neither declared nor a target stays as the state has it. Everything else, and
every answer but plain creations, updates and deletions, is left to a preview of the whole.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from cli.console import hint
from cli.deployment import bring_up, engine_run, last_good
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
PLAIN: Final = frozenset({"create", "update", "delete", "same", "read"})


class Narrow(NamedTuple):
    """How to run the engine on a part of the stack."""

    options: tuple[str, ...]
    variables: Mapping[str, str]
    resources: int
    """In the state."""


def narrowed(bench: Workbench, deployment: Mapping[str, Any]) -> Narrow | None:
    """How to preview only what changed; None where the whole must be looked at."""
    before = last_good.facts(bench, deployment)
    part = changed_part(before, bench.settings.environment) if before else None
    if part is None or not 0 < len(part.roles) + len(part.grants) <= MANY:
        return None
    if _denied(bench):
        return None  # the policies see it only where they see all roles and grants
    return Narrow(
        options=tuple(word for target in _targets(bench, part) for word in ("--target", target)),
        variables={**bench.variables, VARIABLE: part.model_dump_json()},
        resources=len(deployment.get("resources") or ()),
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
        run = engine_run.run(
            "preview",
            bench.stack,
            part.variables,
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
    """Whether a narrow run's answer is the whole's: nothing failed and nothing is replaced."""
    return not run.tally.errors and bool(run.tally.summary) and set(run.tally.summary) <= PLAIN


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
