"""`leap status`: what stands."""

from __future__ import annotations

import click

from cli.console import say, say_json
from cli.errors import ExitCode
from cli.options import json_option, stack_option


@click.command(epilog="\b\nExamples:\n  leap status\n  leap status --stack dev --json")
@stack_option
@json_option
def command(stack: str, as_json: bool) -> int:
    """Objects by kind, rows by table, the first rows of the mart: asked of the account."""
    from cli import standing
    from cli.deployment import stack as stacks
    from cli.workbench import open_workbench

    bench = open_workbench(stack)
    stacks.select(stack, bench.variables)
    outputs = stacks.outputs(stack, bench.variables)
    if not outputs:
        if as_json:
            say_json({"stack": stack, "deployed": False})
        else:
            say(f"{stack} is not deployed. Deploy it: leap up --stack {stack}")
        return ExitCode.FOUND
    found = standing.look(bench, outputs)
    if as_json:
        say_json({"deployed": True, **found.as_facts()})
    else:
        standing.show(found)
    return ExitCode.DONE
