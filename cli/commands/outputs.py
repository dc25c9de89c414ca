"""`leap outputs`: what the deployed stack says about itself."""

from __future__ import annotations

import json

import click

from cli.console import say, say_json, say_table
from cli.options import json_option, stack_option


@click.command(epilog="\b\nExamples:\n  leap outputs\n  leap outputs --stack dev --json")
@stack_option
@json_option
def command(stack: str, as_json: bool) -> None:
    """Names and addresses that the last deployment left: bucket, queue, pipes, roles, dbt."""
    from cli.deployment import stack as stacks
    from cli.workbench import facts, toolchain, variables

    facts(stack, workspaces=True)
    environment = variables(toolchain())
    stacks.select(stack, environment)
    values = stacks.outputs(stack, environment)
    if as_json:
        say_json(values)
    elif not values:
        say(f"{stack} is not deployed. Deploy it: leap up --stack {stack}")
    else:
        say_table(("output", "value"), [(name, _text(value)) for name, value in values.items()])


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)
