"""A restore recipe run on a stack: the account first, then the state that speaks of it.

Only what is seen in the account again enters the state, so that the next preview says exactly what
differs from the files. Roles, grants and pipes are made anew by the next apply.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from cli.console import hint
from cli.deployment import destruction, engine_run, repair, state
from cli.deployment import stack as stacks
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
    known = {r["urn"] for r in sound.deployment.get("resources") or ()}
    wanted = [urn for urn in urns if urn not in known]
    entries = state.closure({"resources": chosen.resources}, wanted)
    if wanted and entries:
        base = sound.deployment or stacks.exported(bench.stack, bench.variables)
        state.write(bench.stack, bench.variables, state.with_entries(base, entries))
    if not urns:
        return "nothing to bring along"
    targets = [part for urn in urns for part in ("--target", urn)]
    run = engine_run.run(
        "refresh",
        bench.stack,
        bench.variables,
        options=["--yes", "--skip-preview", *targets],
        progress=progress,
    )
    run.require_success()
    return f"{len(wanted)} put back, {len(urns)} read from the account"
