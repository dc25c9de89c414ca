"""`leap destroy`: remove everything that a stack made."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from cli.console import hint, step
from cli.errors import BadInputError, ExitCode
from cli.options import consent_options, stack_option, yes_option

if TYPE_CHECKING:
    from cli.deployment.destruction import Consent
    from cli.workbench import Workbench


@click.command(
    epilog="\b\nExamples:\n  leap destroy\n  leap destroy --stack dev --yes\n"
    "  leap destroy --stack prod --approve NAME   (NAME saw and approved exactly this)"
)
@stack_option
@yes_option
@consent_options
def command(stack: str, yes: bool, approve: str, keep_clone: bool, accept_loss: bool) -> int:
    """Remove everything that the stack made, its data too. The stack's name is asked for.

    A protected environment needs a second, named approval. A restore recipe is kept, which
    `leap undo` runs while the account still keeps what was dropped. It is refused while workspaces
    stand on it.
    """
    from cli.deployment import lock
    from cli.deployment.destruction import Consent
    from cli.workbench import open_workbench
    from cli.workspaces import listing

    bench = open_workbench(stack)
    with lock.held(stack, "destroy"):
        listing.refuse_while_any_stands(bench)
        return _destroy(bench, Consent("destroy", approve, keep_clone, accept_loss), yes=yes)


def _destroy(bench: Workbench, consent: Consent, *, yes: bool) -> int:
    from cli import second_account
    from cli.deployment import destruction, engine_run, repair
    from cli.deployment.events import in_words
    from infra.model.urn import named
    from ops.restore import planned

    stack = bench.stack
    sound = repair.make_sound(bench)
    second_account.refuse_while_failed_over(bench, sound.deployment)
    change = destruction.look(bench, sound.deployment, planned.removal(sound.deployment))
    approved_by = destruction.demand(bench, change, consent) if change is not None else ""
    if not yes and not _agreed(stack):
        hint("Nothing was done.")
        return ExitCode.DONE
    made = None
    if change is not None:
        made = destruction.prepare(bench, sound.deployment, change, consent, approved_by)
    with step(f"destroy {stack}") as running:
        run = engine_run.run(
            "destroy",
            stack,
            bench.variables,
            options=["--yes", "--skip-preview"],
            save_once=bench.on_sandbox,
            progress=running.note,
        )
        run.require_success(named(entry["urn"]) for entry in sound.deployment.get("resources", ()))
        running.done(in_words(run.tally.summary) or "there was nothing")
    second_account.forget(stack)
    if made is not None:
        destruction.ended(bench, made)
    return ExitCode.DONE


def _agreed(stack: str) -> bool:
    if not sys.stdin.isatty():
        raise BadInputError("Nobody can be asked here.", "Say it beforehand: leap destroy --yes")
    typed: str = click.prompt(
        f"Everything in {stack} goes, data too. Its name, to be sure", err=True
    )
    return typed == stack
