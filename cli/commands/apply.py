"""`leap apply`: deploy what the preview said."""

from __future__ import annotations

import sys

import click

from cli.console import hint, say_json, step
from cli.errors import BadInputError, ExitCode
from cli.options import json_option, stack_option, yes_option


@click.command(epilog="\b\nExamples:\n  leap apply\n  leap apply --stack dev --yes")
@stack_option
@yes_option
@click.option("--refresh", is_flag=True, help="Ask the account first what it has by now.")
@json_option
def command(stack: str, yes: bool, refresh: bool, as_json: bool) -> int:
    """Preview, ask, deploy. A denied policy stops it before anything is touched."""
    from cli.deployment import engine_run, plan, repair
    from cli.deployment.events import in_words
    from cli.workbench import open_workbench

    bench = open_workbench(stack)
    with step(f"preview {stack}") as running:
        sound = repair.make_sound(bench)
        options = ["--refresh"] if refresh or sound.refresh else []
        preview = engine_run.run(
            "preview", stack, bench.variables, options=options, progress=running.note
        )
    if not as_json:
        plan.show(preview)
    preview.require_success()
    if not yes and not _agreed(stack, bool(preview.tally.changed)):
        hint("Nothing was done.")
        return ExitCode.DONE
    with step(f"apply {stack}") as running:
        done = engine_run.run(
            "up",
            stack,
            bench.variables,
            options=["--yes", "--skip-preview", *options],
            save_once=bench.on_sandbox,
            progress=running.note,
        )
        done.require_success()
        running.done(in_words(done.tally.summary))
    if as_json:
        say_json(plan.as_facts(done))
    return ExitCode.DONE


def _agreed(stack: str, changes: bool) -> bool:
    if not changes:
        return True
    if not sys.stdin.isatty():
        raise BadInputError("Nobody can be asked here.", "Say it beforehand: leap apply --yes")
    return click.confirm(f"Deploy this to {stack}?", err=True)
