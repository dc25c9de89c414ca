"""`leap destroy`: remove everything that a stack made."""

from __future__ import annotations

import sys

import click

from cli.console import hint, step
from cli.errors import BadInputError, ExitCode
from cli.options import stack_option, yes_option


@click.command(epilog="\b\nExamples:\n  leap destroy\n  leap destroy --stack dev --yes")
@stack_option
@yes_option
def command(stack: str, yes: bool) -> int:
    """Remove everything that the stack made, its data too. The stack's name is asked for."""
    from cli.deployment import engine_run, repair
    from cli.deployment.events import in_words
    from cli.workbench import open_workbench

    bench = open_workbench(stack)
    if not yes and not _agreed(stack):
        hint("Nothing was done.")
        return ExitCode.DONE
    with step(f"destroy {stack}") as running:
        sound = repair.make_sound(bench)
        run = engine_run.run(
            "destroy",
            stack,
            bench.variables,
            options=["--yes", "--skip-preview", *sound.options],
            save_once=bench.on_sandbox,
            progress=running.note,
        )
        run.require_success()
        running.done(in_words(run.tally.summary) or "there was nothing")
    return ExitCode.DONE


def _agreed(stack: str) -> bool:
    if not sys.stdin.isatty():
        raise BadInputError("Nobody can be asked here.", "Say it beforehand: leap destroy --yes")
    typed: str = click.prompt(
        f"Everything in {stack} goes, data too. Its name, to be sure", err=True
    )
    return typed == stack
