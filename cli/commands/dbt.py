"""`leap dbt`: any dbt command, with the stack's own profile."""

from __future__ import annotations

import os
import subprocess

import click

from cli.errors import NotUsableError
from cli.options import stack_option


@click.command(
    context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False},
    epilog="\b\nExamples:\n  leap dbt build\n  leap dbt test --select mart_gym_accessibility\n"
    "  leap dbt --stack dev run",
)
@stack_option
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def command(stack: str, arguments: tuple[str, ...]) -> int:
    """Run dbt in the project `dbt/`, connected to the stack as its service role TRANSFORMER.

    In a workspace it runs as its owner, writes into its schema, and reads from the platform what is
    not built there (--defer).

    Everything after the options of ours goes to dbt as it is; the exit code is dbt's own.
    """
    from cli import transforming
    from cli.deployment import stack as stacks
    from cli.paths import DBT
    from cli.workbench import open_workbench
    from cli.workspaces import deferral

    bench = open_workbench(stack, workspaces=True)
    if not bench.is_workspace:
        stacks.select(stack, bench.variables)
    elif stack not in stacks.known(bench.variables):
        raise NotUsableError(f"There is no {stack}.", f"Make it: leap dev new {stack}")
    outputs = stacks.outputs(stack, bench.variables)
    profile = transforming.variables(bench, outputs)
    given = deferral.arguments(bench, arguments, profile) if bench.is_workspace else arguments
    done = subprocess.run(
        transforming.command(given or ("--help",)),
        cwd=DBT,
        env={**os.environ, **profile},
        check=False,
    )
    return done.returncode
