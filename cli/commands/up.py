"""`leap up`: from nothing, or from wherever the last run was stopped, to a platform that stands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

from cli.console import hint, say, say_json, step
from cli.errors import ExitCode
from cli.options import DEFAULT_STACK, dr_option, json_option, stack_option

if TYPE_CHECKING:
    from cli.workbench import Workbench

NEXT: Final = """
Try next:
  ./leap status{stack}                             what stands, asked again
  ./leap preview{stack} --expect-no-changes        the quiet plan
  ./leap audit{stack} --live                       the rules, held against the account
  ./leap dbt{stack} test                           any dbt command
  ./leap sandbox sql "SHOW GRANTS TO ROLE {analyst}"
  eval "$(./leap env{stack})" && pulumi preview    the engine, by hand
  ./leap destroy{stack}                            take it all away"""


@click.command(
    epilog="\b\nExamples:\n  leap up\n  leap up --stack dev\n  leap up --scale 10\n"
    "  leap up --with-dr        (with the second account; it stays until --without-dr)"
)
@stack_option
@click.option(
    "--scale", type=click.IntRange(1), default=1, show_default=True, help="Sample data; 80: all US."
)
@dr_option
@json_option
def command(stack: str, scale: int, with_dr: bool | None, as_json: bool) -> int:
    """Deploy the platform to the sandbox, load the sample feeds, build the mart, show it all.

    Run again, it does only what is missing; stopped at any point, it goes on from there.
    A second account that was asked for once stays until --without-dr.
    Exit 1: everything stands, and the audit found something in what was deployed.
    """
    from cli import second_account
    from cli.deployment import lock

    second_account.refuse_where_it_is_not_asked(stack, with_dr)
    bench = _bench(stack)
    with lock.held(stack, "up"), second_account.asked(stack, with_dr):
        return _up(bench, scale, as_json=as_json)


def _up(bench: Workbench, scale: int, *, as_json: bool) -> int:
    from cli import auditing, loading, second_account, standing, transforming
    from cli.audit_words import show_up, verdict
    from cli.deployment import bring_up

    stack = bench.stack
    with step(f"deploy {stack} (pulumi up, with the policies)") as running:
        running.note("making the stack ready")
        outputs, words = bring_up.deploy(bench, running.note)
        running.done(words)
    with step("load the sample feeds (S3, queue, Snowpipe)") as running:
        running.note("finding the files")
        loaded = loading.load(bench, outputs, loading.sample_files(scale), running.note)
        running.done(loaded.in_words())
    for failure in loaded.failed:
        hint(f"  did not load: {failure}")
    with step("dbt build") as running:
        _, words = transforming.build(bench, outputs, running.note)
        running.done(words)
    with step("audit (what was deployed)") as running:
        report = auditing.state(stack)
        running.done(verdict(report))
    if second := second_account.in_words(outputs):
        hint(f"  {second}")
    code = ExitCode.FOUND if report.failing else ExitCode.DONE
    found = standing.look(bench, outputs)
    if as_json:
        say_json({**found.as_facts(), "audit": report.counts})
        return code
    standing.show(found)
    option = "" if stack == DEFAULT_STACK else f" --stack {stack}"
    show_up(report)
    say(NEXT.format(stack=option, analyst=outputs["roles"]["DATA_ANALYST"]))
    return code


def _bench(stack: str) -> Workbench:
    """Facts first, then engine and sandbox: bad input leaves nothing behind."""
    from cli.engine_setup import install_engine
    from cli.errors import BadInputError
    from cli.paths import ROOT
    from cli.target import where
    from cli.workbench import bench_of, facts
    from sandbox import process

    settings = facts(stack)
    tools = install_engine()
    bench = bench_of(settings, tools)
    if not bench.on_sandbox:
        raise BadInputError(
            f"`leap up` loads sample data and is for the sandbox; {stack} is a real account.",
            f"Deploy it: leap apply --stack {stack}",
        )
    with step("sandbox") as running:
        running.done(where(process.start(ROOT)))
    return bench
