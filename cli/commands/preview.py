"""`leap preview`: what a deployment would change, judged by the policies."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cli.console import say, say_json, step
from cli.errors import ExitCode
from cli.options import dr_option, json_option, stack_option

if TYPE_CHECKING:
    from cli.deployment.engine_run import Run
    from cli.opening import Opening
    from cli.workbench import Workbench


@click.command(
    epilog="\b\nExamples:\n  leap preview\n  leap preview --stack prod --json\n"
    "  leap preview --expect-no-changes --refresh"
)
@stack_option
@click.option("--expect-no-changes", is_flag=True, help="Exit 1 when anything would change.")
@click.option("--refresh", is_flag=True, help="Ask the account first what it has by now.")
@click.option("--whole", is_flag=True, help="Look at every resource, whatever changed.")
@click.option("--base", metavar="REV", help="Access: compare with this git revision's facts.")
@click.option(
    "--markdown",
    metavar="FILE",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="Write the text for the pull request there.",
)
@dr_option
@json_option
def command(
    stack: str,
    expect_no_changes: bool,
    refresh: bool,
    whole: bool,
    base: str | None,
    markdown: Path | None,
    with_dr: bool | None,
    as_json: bool,
) -> int:
    """What `leap apply` would change, and who gains and loses access; nothing is touched.

    Where nothing changed since the last good run and every object still stands, the engine is
    not asked; where access alone changed, only that is looked at.

    Exit 0: fine. 1: a policy denies it, or there are changes with --expect-no-changes.
    2: the facts are wrong, all problems are listed. 3: no engine or no sandbox.
    """
    from cli import preview_comment, second_account
    from cli.deployment import engine_run, narrow, plan, ready
    from cli.workbench import open_workbench

    second_account.refuse_where_it_is_not_asked(stack, with_dr)
    bench = open_workbench(stack, workspaces=True)
    asked = {"--expect-no-changes": expect_no_changes, "--refresh": refresh}
    options = [option for option, given in asked.items() if given]
    declared = _declared(stack, base) if base else None
    with step(f"preview {stack}") as running, ThreadPoolExecutor(1) as beside:
        deployment = ready.make_ready(bench)
        opening_of = beside.submit(_begun, bench, deployment, declared)  # while the engine plans
        if refresh or whole:
            run = engine_run.run(
                "preview", stack, bench.variables, options=options, progress=running.note
            )
        else:
            run = narrow.preview(bench, deployment, options, running.note)
        opening = opening_of.result()(run)
    if markdown is not None:
        preview_comment.write(markdown, run, opening, bench.target)
    if as_json:
        say_json({**plan.as_facts(run), "access": opening.as_json()})
    else:
        plan.show(run)
        say("\n".join(opening.lines()))
    denied = any(denial.mandatory for denial in run.tally.denials)
    unwanted = expect_no_changes and bool(run.tally.changed)
    if run.exit_code == 0 or denied or unwanted:
        return ExitCode.FOUND if denied or unwanted else ExitCode.DONE
    run.require_success()
    return ExitCode.DONE


def _declared(stack: str, revision: str) -> Opening:
    from cli import opening

    return opening.of_revision(stack, revision)


def _begun(
    bench: Workbench, deployment: Mapping[str, Any], declared: Opening | None
) -> Callable[[Run], Opening]:
    from cli import opening

    return opening.begun(bench, deployment) if declared is None else lambda _: declared
