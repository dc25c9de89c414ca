"""Options that mean the same in every command that has them."""

from __future__ import annotations

from typing import Final

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
yes_option = click.option("--yes", "-y", is_flag=True, help="Do not ask.")
