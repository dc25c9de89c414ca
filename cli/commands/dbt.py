"""`leap dbt`: any dbt command, with the stack's own profile."""

from __future__ import annotations

import os
import subprocess

import click

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

    Everything after the options of ours goes to dbt as it is; the exit code is dbt's own.
    """
    from cli import transforming
    from cli.deployment import stack as stacks
    from cli.paths import DBT
    from cli.workbench import open_workbench

    bench = open_workbench(stack)
    stacks.select(stack, bench.variables)
    outputs = stacks.outputs(stack, bench.variables)
    done = subprocess.run(
        transforming.command(arguments or ("--help",)),
        cwd=DBT,
        env={**os.environ, **transforming.variables(bench, outputs)},
        check=False,
    )
    return done.returncode
