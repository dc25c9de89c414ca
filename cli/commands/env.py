"""`leap env`: the variables for typing `pulumi` by hand."""

from __future__ import annotations

import os
import shlex
from typing import TYPE_CHECKING

import click

from cli.console import hint, say, say_json
from cli.options import json_option, stack_option

if TYPE_CHECKING:
    from cli.workbench import Workbench


@click.command(
    epilog='\b\nExamples:\n  eval "$(./leap env)" && pulumi preview\n'
    '  eval "$(./leap env --stack dev)"'
)
@stack_option
@json_option
def command(stack: str, as_json: bool) -> None:
    """Print `export` lines, and make the stack the one that a bare `pulumi` command means.

    Where the stack is deployed, those that `dbt/profiles.yml` reads are among them. The passphrase
    protects nothing but the state of a sandbox: it is no secret.
    """
    from cli.deployment import repair, unsaved
    from cli.deployment import stack as stacks
    from cli.target import sandbox_runs
    from cli.workbench import bench_of, facts, toolchain

    bench = bench_of(facts(stack, workspaces=True), toolchain())
    amiss = bench.on_sandbox and unsaved.unfinished(stack, bench.variables, {}) is not None
    if amiss and sandbox_runs():
        repair.make_sound(bench)
    stacks.select(stack, bench.variables)
    wanted = {**bench.variables, **_for_dbt(bench), "LEAP_STACK": stack}
    ours = {name: value for name, value in wanted.items() if os.environ.get(name) != value}
    if as_json:
        say_json(ours)
        return
    for name, value in sorted(ours.items()):
        say(f"export {name}={shlex.quote(value)}")
    hint(f'# Selected stack: {stack}. Use it: eval "$(./leap env --stack {stack})"')


def _for_dbt(bench: Workbench) -> dict[str, str]:
    from cli import transforming
    from cli.deployment import stack as stacks
    from cli.target import sandbox_runs

    if bench.on_sandbox and not sandbox_runs():
        return {}
    outputs = stacks.outputs(bench.stack, bench.variables)
    return transforming.variables(bench, outputs) if outputs else {}
