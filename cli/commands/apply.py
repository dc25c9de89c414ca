"""`leap apply`: deploy what the preview said."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from cli.console import hint, say_json, step
from cli.errors import BadInputError, ExitCode, FoundError
from cli.options import consent_options, dr_option, json_option, stack_option, yes_option

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cli.deployment.destruction import Consent
    from cli.deployment.engine_run import Run
    from cli.deployment.repair import Sound
    from cli.workbench import Workbench


@click.command(
    epilog="\b\nExamples:\n  leap apply\n  leap apply --stack dev --yes\n"
    "  leap apply --stack prod --approve NAME     (NAME saw and approved exactly this change)\n"
    "  leap apply --stack prod --rebuild-state    (the Pulumi state is lost, the account is not)"
)
@stack_option
@yes_option
@click.option("--refresh", is_flag=True, help="Ask the account first what it has by now.")
@click.option(
    "--rebuild-state", is_flag=True, help="The state is lost: make it anew from the account first."
)
@consent_options
@dr_option
@json_option
def command(
    stack: str,
    yes: bool,
    refresh: bool,
    rebuild_state: bool,
    approve: str,
    keep_clone: bool,
    accept_loss: bool,
    with_dr: bool | None,
    as_json: bool,
) -> int:
    """Preview, ask, deploy. A denied policy stops it before anything is touched.

    A change that takes data out of a protected environment needs a second, named approval; a
    restore recipe is kept before it, which `leap undo` runs.
    Exit 1: denied, failed, or deployed and the audit of it found something.
    """
    from cli import second_account
    from cli.deployment import lock
    from cli.deployment.destruction import Consent
    from cli.workbench import open_workbench

    second_account.refuse_where_it_is_not_asked(stack, with_dr)
    bench = open_workbench(stack)
    consent = Consent("apply", approve, keep_clone, accept_loss)
    with lock.held(stack, "apply"):
        if rebuild_state:
            _rebuild(bench)
        return _apply(bench, consent, with_dr=with_dr, yes=yes, refresh=refresh, as_json=as_json)


def _apply(
    bench: Workbench,
    consent: Consent,
    *,
    with_dr: bool | None,
    yes: bool,
    refresh: bool,
    as_json: bool,
) -> int:
    from cli import auditing, second_account
    from cli.audit_words import show_up
    from cli.deployment import bring_up, destruction, plan

    options = ["--refresh"] if refresh else []
    sound, preview = _preview(bench, options)
    if not as_json:
        plan.show(preview)
    preview.require_success()
    change = destruction.look(bench, sound.deployment, destruction.read_steps(preview.events))
    approved_by = ""
    if change is not None:
        try:
            approved_by = destruction.demand(bench, change, consent)
        except FoundError:
            if as_json:
                say_json({**plan.as_facts(preview), **change.as_facts()})
            raise
    if not yes and not _agreed(bench.stack, bool(preview.tally.changed)):
        hint("Nothing was done.")
        return ExitCode.DONE
    made = None
    if change is not None:
        made = destruction.prepare(bench, sound.deployment, change, consent, approved_by)
    second_account.keep(bench.stack, with_dr)
    done = _deploy(bench, options, preview)
    deployment = bring_up.remember(bench)
    if made is not None:
        destruction.ended(bench, made)
    report = auditing.of_deployment(bench.settings, deployment)
    if as_json:
        say_json({**plan.as_facts(done), "audit": report.counts})
    else:
        show_up(report)
    return ExitCode.FOUND if report.failing else ExitCode.DONE


def _rebuild(bench: Workbench) -> None:
    """Nothing in any cloud is changed by this; what is lacking is in the preview that follows."""
    from cli.deployment import absence, rebuild

    absence.refuse_while_lost(bench)
    with step(f"rebuild the state of {bench.stack}") as running:
        made = rebuild.found_again(bench, running.note)
        count = len(made.deployment["resources"])
        running.done(f"{count} resources in {made.rounds} rounds")
    for words, names in (
        ("no cloud tells, set again now", made.set_again),
        ("no cloud tells, believed", made.believed),
        ("in no cloud", [*made.absent, *made.waiting]),
    ):
        if names:
            hint(f"  {words}: {', '.join(names)}")


def _preview(bench: Workbench, options: Sequence[str]) -> tuple[Sound, Run]:
    """Put the state right, and let the engine plan on it."""
    from cli import second_account
    from cli.deployment import engine_run, repair, shadow

    with step(f"preview {bench.stack}") as running:
        sound = repair.make_sound(bench)
        second_account.refuse_while_failed_over(bench, sound.deployment)
        with shadow.where_needed(bench, sound.deployment) as variables:
            preview = engine_run.run(
                "preview", bench.stack, variables, options=options, progress=running.note
            )
    return sound, preview


def _deploy(bench: Workbench, options: Sequence[str], preview: Run) -> Run:
    from cli.deployment import engine_run
    from cli.deployment.events import in_words

    with step(f"apply {bench.stack}") as running:
        done = engine_run.run(
            "up",
            bench.stack,
            bench.variables,
            options=["--yes", "--skip-preview", *options],
            save_once=bench.on_sandbox,
            progress=running.note,
        )
        done.require_success(map(str, preview.tally.changes))
        running.done(in_words(done.tally.summary))
    return done


def _agreed(stack: str, changes: bool) -> bool:
    if not changes:
        return True
    if not sys.stdin.isatty():
        raise BadInputError("Nobody can be asked here.", "Say it beforehand: leap apply --yes")
    return click.confirm(f"Deploy this to {stack}?", err=True)
