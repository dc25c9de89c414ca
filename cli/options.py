"""Options that mean the same in every command that has them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import click

DEFAULT_STACK: Final = "local"

stack_option = click.option(
    "--stack",
    default=DEFAULT_STACK,
    show_default=True,
    envvar="LEAP_STACK",
    help="local, dev or prod (or LEAP_STACK).",
)
json_option = click.option(
    "--json", "as_json", is_flag=True, help="One JSON value on standard output, nothing else."
)
dr_option = click.option(
    "--with-dr/--without-dr",
    "with_dr",
    default=None,
    help="With a second account, where the facts have it on request; as it was, if not said.",
)
yes_option = click.option("--yes", "-y", is_flag=True, help="Do not ask.")


def consent_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """What may be said beforehand about data that goes."""
    options = (
        click.option(
            "--approve",
            default="",
            metavar="NAME[:CHANGE]",
            help="Who approved that data goes: somebody else than you, who saw this change.",
        ),
        click.option(
            "--keep-clone", is_flag=True, help="Keep a zero-copy clone of what goes, until dropped."
        ),
        click.option(
            "--accept-loss", is_flag=True, help="Go on where nothing brings the data back."
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command
