"""`leap engine`: the Pulumi CLI, its plugins and the language host."""

from __future__ import annotations

import click

from cli.console import say, say_json, say_table
from cli.errors import ExitCode
from cli.options import json_option


@click.group(epilog="\b\nExamples:\n  leap engine install\n  leap engine status --json")
def command() -> None:
    """The Pulumi engine: an official one if there is one, else built from Go modules."""


@command.command(epilog="\b\nExample:\n  leap engine install")
def install() -> None:
    """Find, fetch or build the engine; what is there already is kept."""
    from cli.engine_setup import install_engine

    install_engine()


@command.command(epilog="\b\nExamples:\n  leap engine status\n  leap engine status --json")
@json_option
def status(as_json: bool) -> int:
    """Each program: where it is, its version, where it came from. Exit 3 when one is missing."""
    import engine

    now = engine.status()
    if as_json:
        say_json(now.to_json())
    else:
        say_table(
            ("program", "version", "origin", "path"),
            [(p.name, p.version, p.origin, p.path) for p in now.programs],
        )
        for line in filter(None, (now.skew, now.way_on)):
            say(line)
    return ExitCode.DONE if now.ready else ExitCode.NOT_USABLE
