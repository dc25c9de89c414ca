"""A restore recipe run on a stack: the account first, then the state that speaks of it.

Only what is seen in the account again enters the state, so that the next preview says exactly what
differs from the files. Roles, grants and pipes are made anew by the next apply.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from cli.console import hint
from cli.deployment import destruction, emptied, engine_run, objects, repair, state
from cli.deployment import stack as stacks
from cli.deployment.objects import Named
from cli.errors import BadInputError
from cli.restoring import asking, server_time
from ops.restore.recipe import Recipe
from ops.restore.undo import Outcome, Undo

if TYPE_CHECKING:
    from cli.workbench import Workbench

STACK_TYPE: Final = "pulumi:pulumi:Stack"


def check(bench: Workbench, chosen: Recipe) -> None:
    """Refuse a recipe of another account; warn when its time is over.

    Raises:
        BadInputError: the stack now leads elsewhere.
    """
    if (chosen.target, chosen.account) != (bench.target, destruction.account_of(bench)):
        raise BadInputError(
            f"The recipe {chosen.id} is of {chosen.account} ({chosen.target}), and {bench.stack} "
            f"is now on {destruction.account_of(bench)} ({bench.target}).",
            "Set the stack's target back, then undo.",
        )
    with asking(bench) as ask:
        now = server_time(ask)
    if chosen.until is not None and now > chosen.until:
        hint(f"  its time was over at {chosen.until:{destruction.TIME}}: what is left is tried")


def restore(bench: Workbench, chosen: Recipe, progress: Callable[[str], None]) -> list[Outcome]:
    """Bring the objects back in the account, once no killed run is at work on it any more."""
    repair.at_rest(bench)
    stamp = f"{datetime.now(UTC):%Y%m%dT%H%M%S}"
    with asking(bench) as ask:
        return Undo(ask, chosen, stamp).run(progress)


def adopt(
    bench: Workbench, chosen: Recipe, back: Sequence[Outcome], progress: Callable[[str], None]
) -> str:
    """Put what is back into the state and let the engine read it; what was done, in words."""
    sound = repair.make_sound(bench)
    urns = [outcome.held.urn for outcome in back if outcome.held.urn]
    if not urns:
        return "nothing to bring along"
    known = {r["urn"] for r in sound.deployment.get("resources") or ()}
    wanted = [urn for urn in urns if urn not in known]
    entries = state.closure({"resources": chosen.resources}, wanted)
    base = sound.deployment or stacks.exported(bench.stack, bench.variables)
    if wanted and entries:
        base = state.with_entries(base, entries)
        state.write(bench.stack, bench.variables, base)
    around = [outcome.held for outcome in back if outcome.held.kind in objects.CONTAINERS]
    left = emptied.let_go(bench, base, [Named(held.kind, held.path) for held in around])
    urns += emptied.going_with(left, [held.urn for held in around])
    targets = [part for urn in dict.fromkeys(urns) for part in ("--target", urn)]
    run = engine_run.run(
        "refresh",
        bench.stack,
        bench.variables,
        options=["--yes", "--skip-preview", *targets],
        progress=progress,
    )
    run.require_success()
    gone = len(base.get("resources") or ()) - len(left.get("resources") or ())
    made_anew = f", {gone} for the next apply to make anew" if gone else ""
    return f"{len(wanted)} put back, {len(targets) // 2} read from the account{made_anew}"
