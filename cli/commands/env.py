"""`leap env`: the variables for typing `pulumi` by hand."""

from __future__ import annotations

import os
import shlex

import click

from cli.console import hint, say, say_json
from cli.options import json_option, stack_option


@click.command(
    epilog='\b\nExamples:\n  eval "$(./leap env)" && pulumi preview\n'
    '  eval "$(./leap env --stack dev)"'
)
@stack_option
@json_option
def command(stack: str, as_json: bool) -> None:
    """Print `export` lines, and make the stack the one that a bare `pulumi` command means.

    The passphrase among them protects nothing but the state of a sandbox: it is no secret.
    """
    from cli.deployment import stack as stacks
    from cli.workbench import facts, toolchain, variables

    facts(stack)
    wanted = variables(toolchain())
    stacks.select(stack, wanted)
    ours = {name: value for name, value in wanted.items() if os.environ.get(name) != value}
    if as_json:
        say_json(ours)
        return
    for name, value in sorted(ours.items()):
        say(f"export {name}={shlex.quote(value)}")
    hint(f'# Selected stack: {stack}. Use it: eval "$(./leap env --stack {stack})"')
