"""`leap undo`: bring back what an apply or a destroy took, by the recipe kept before it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from cli.console import hint, say, say_json, say_table, step
from cli.errors import BadInputError, ExitCode, FoundError
from cli.options import json_option, stack_option

if TYPE_CHECKING:
    from cli.workbench import Workbench
    from ops.restore.recipe import Recipe
    from ops.restore.undo import Outcome


@click.command(
    epilog="\b\nExamples:\n  leap undo --stack prod --list\n  leap undo --stack prod\n"
    "  leap undo --stack prod 20260301T101500123Z"
)
@click.argument("recipe", metavar="[ID]", required=False)
@stack_option
@click.option("--list", "listed", is_flag=True, help="What can be undone, and until when.")
@json_option
def command(recipe: str | None, stack: str, listed: bool, as_json: bool) -> int:
    """Run a restore recipe: the latest that is not undone, or the one with that id.

    What stands is left alone, so a run that was stopped is completed by running it again.
    Exit 0: all of it is back. 1: some of it is not, which is said. 2: there is no such recipe.
    """
    from cli.deployment import lock
    from cli.restoring import UNDO
    from cli.workbench import facts, open_workbench
    from ops.restore.recipe import kept

    facts(stack)
    recipes = kept(UNDO / stack)
    if listed:
        _show(stack, recipes, as_json=as_json)
        return ExitCode.DONE
    chosen = _chosen(stack, recipes, recipe)
    bench = open_workbench(stack)
    with lock.held(stack, "undo"):
        return _undo(bench, chosen, as_json=as_json)


def _undo(bench: Workbench, chosen: Recipe, *, as_json: bool) -> int:
    from cli.deployment import undoing
    from cli.restoring import UNDO
    from ops.restore.recipe import ended
    from ops.restore.undo import State

    undoing.check(bench, chosen)
    with step(f"undo {chosen.command} of {chosen.made_at[:16]} on {bench.stack}") as running:
        outcomes = undoing.restore(bench, chosen, running.note)
        back = [o for o in outcomes if o.state in (State.RESTORED, State.STANDS)]
        running.done(f"{len(back)} of {len(outcomes)} objects are there")
    with step(f"bring the state of {bench.stack} along") as running:
        running.done(undoing.adopt(bench, chosen, back, running.note))
    whole = all(o.is_whole or o.state is State.ANEW for o in outcomes)
    ended(UNDO / bench.stack, chosen, "undone" if whole else "undone in part")
    if as_json:
        say_json({"recipe": chosen.id, "objects": [_facts(outcome) for outcome in outcomes]})
    else:
        _say(outcomes)
        hint(f"What still differs from the files: leap preview --stack {bench.stack}")
    if not whole:
        raise FoundError("Not everything is as it was: the lines above say what is not.")
    return ExitCode.DONE


def _chosen(stack: str, recipes: list[Recipe], wanted: str | None) -> Recipe:
    if wanted is not None:
        found = next((recipe for recipe in recipes if recipe.id == wanted), None)
    else:
        found = next((recipe for recipe in recipes if recipe.outcome != "undone"), None)
    if found is None:
        raise BadInputError(
            f"Nothing to undo on {stack}" + (f" by the id {wanted}." if wanted else "."),
            f"What there is: leap undo --stack {stack} --list",
        )
    return found


def _show(stack: str, recipes: list[Recipe], *, as_json: bool) -> None:
    rows = [
        {
            "id": recipe.id,
            "command": recipe.command,
            "by": recipe.applied_by,
            "approved_by": recipe.approved_by,
            "objects": len(recipe.objects),
            "rows": sum(held.rows or 0 for held in recipe.objects),
            "until": recipe.until.isoformat(timespec="minutes") if recipe.until else "",
            "outcome": recipe.outcome,
        }
        for recipe in recipes
    ]
    if as_json:
        say_json(rows)
    elif rows:
        say_table(list(rows[0]), [list(row.values()) for row in rows], title=f"Undo of {stack}")
    else:
        hint(f"Nothing was taken from {stack}.")


def _say(outcomes: list[Outcome]) -> None:
    for outcome in outcomes:
        rows = f", {outcome.held.rows:,} rows" if outcome.held.rows is not None else ""
        notes = f": {'; '.join(outcome.notes)}" if outcome.notes else ""
        say(f"  {outcome.held.kind} {outcome.held.name}{rows}: {outcome.state}{notes}")


def _facts(outcome: Outcome) -> dict[str, Any]:
    held = outcome.held
    return {
        "kind": held.kind,
        "name": held.name,
        "rows": held.rows,
        "state": str(outcome.state),
        "notes": list(outcome.notes),
    }
