"""`leap drift`: what differs between code and the live account."""

from __future__ import annotations

import click

from cli.console import say, say_json, step
from cli.errors import ExitCode
from cli.options import json_option, stack_option


@click.command(
    epilog="\b\nExamples:\n  leap drift\n  leap drift --short\n  leap drift --stack prod --json"
)
@stack_option
@click.option("--short", is_flag=True, help="Without the ways to end each difference.")
@json_option
def command(stack: str, short: bool, as_json: bool) -> int:
    """What differs between code and the account, and what is live but in no code.

    With each: who made it and when, and three ways to end it: the facts that adopt it, what takes
    it back, or the entry that accepts it until a date.

    Exit 0: no drift. 1: drift. 2: environments/drift/<stack>.yaml is wrong. 3: not usable, or
    nothing was found in an account that could be read only partly.
    """
    from cli import drift_words, drifting

    with step(f"compare {stack} with its account") as running:
        drift = drifting.look(stack)
        running.done(f"{drift.statements} statements")
    if as_json:
        say_json(drift_words.as_json(drift))
    else:
        say("\n".join(drift_words.lines(drift, fixes=not short)))
    if drift.split.open:
        return ExitCode.FOUND
    return ExitCode.NOT_USABLE if drift.unread else ExitCode.DONE
