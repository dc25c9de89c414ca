"""`leap keys`: the key pairs of service users: what they are, and exchanging one."""

from __future__ import annotations

import click

from cli.console import hint, say, say_json, say_table
from cli.options import json_option, stack_option


@click.group(epilog="\b\nExamples:\n  leap keys list\n  leap keys rotate LOADER_SVC")
def command() -> None:
    """Key pairs of service users: list them, exchange one without a pause."""


@command.command("list", epilog="\b\nExamples:\n  leap keys list\n  leap keys list --stack prod")
@stack_option
@json_option
def list_keys(stack: str, as_json: bool) -> None:
    """Both slots of each service user: fingerprint, age in days, private key on this machine."""
    from cli import rotation
    from cli.workbench import facts

    found = [slot.as_facts() for slot in rotation.slots(facts(stack))]
    if as_json:
        say_json(found)
        return
    columns = ("user", "slot", "fingerprint", "age_days", "private_key")
    rows = [["" if row[name] is None else str(row[name]) for name in columns] for row in found]
    say_table([name.replace("_", " ") for name in columns], rows, title=f"Keys of {stack}")
    if any((row["age_days"] or 0) >= rotation.OLD_DAYS for row in found):
        hint(f"A key of {rotation.OLD_DAYS} days is due: leap keys rotate USER --stack {stack}")


@command.command(
    "rotate",
    epilog="\b\nExamples:\n  leap keys rotate LOADER_SVC\n  leap keys rotate CI_SVC --stack prod",
)
@click.argument("user")
@stack_option
@json_option
def rotate(user: str, stack: str, as_json: bool) -> None:
    """Exchange USER's key pair, one step at a time; run it again after each deployment.

    First a new pair in the free slot; when that is deployed, a login with it, and the old key is
    retired. Stopped at any point, it goes on from there. While both are deployed both work.
    """
    from cli import rotation
    from cli.workbench import facts

    step = rotation.rotate(facts(stack), user.upper())
    if as_json:
        say_json(step._asdict())
        return
    say(step.done)
    for line in step.to_do:
        say(f"  {line}")
