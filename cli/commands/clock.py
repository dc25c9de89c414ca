"""`leap sandbox clock`: the sandbox's time, and moving it."""

from __future__ import annotations

from typing import Any

import click

from cli.console import say, say_json, step
from cli.options import json_option


@click.group(
    invoke_without_command=True,
    epilog="\b\nExamples:\n  leap sandbox clock\n  leap sandbox clock advance 1h30m\n"
    "  leap sandbox clock reset",
)
@json_option
@click.pass_context
def command(context: click.Context, as_json: bool) -> None:
    """The sandbox's time; tasks and alerts run on it."""
    if context.invoked_subcommand is None:
        _show(as_json)


@command.command(epilog="\b\nExample:\n  leap sandbox clock show --json")
@json_option
def show(as_json: bool) -> None:
    """Tell the time, and how far it is ahead."""
    _show(as_json)


@command.command(epilog="\b\nExamples:\n  leap sandbox clock advance 90m")
@click.argument("by", metavar="DURATION")
@json_option
def advance(by: str, as_json: bool) -> None:
    """Move forward by DURATION (90s, 1h30m, 7d); run all that comes due, each at its time."""
    from cli import sandbox_clock

    span = sandbox_clock.duration(by)
    ran: list[dict[str, Any]] = []

    def told(run: dict[str, Any]) -> None:
        ran.append(run)
        if not as_json:
            say(_line(run))

    with step(f"advance the clock by {by}") as running:
        now = sandbox_clock.order({"advance_seconds": span.total_seconds()}, told)
        running.done(f"{len(ran)} ran; it is {now:%Y-%m-%d %H:%M:%S} UTC")
    if as_json:
        say_json({"now": now.isoformat(), "ran": ran})


@command.command(epilog="\b\nExample:\n  leap sandbox clock reset")
@json_option
def reset(as_json: bool) -> None:
    """Return to real time; what happened in the future stays in the histories."""
    from cli import sandbox_clock

    sandbox_clock.order({"reset": True})
    _show(as_json)


def _show(as_json: bool) -> None:
    from datetime import UTC, datetime

    from cli import sandbox_clock

    now = sandbox_clock.order({})
    ahead = round((now - datetime.now(UTC)).total_seconds())
    if as_json:
        say_json({"now": now.isoformat(), "ahead_seconds": ahead})
    else:
        say(f"{now:%Y-%m-%d %H:%M:%S} UTC, {ahead} s ahead of real time")


def _line(run: dict[str, Any]) -> str:
    """A run as a line: its moment, what it was, how it ended."""
    reason = " ".join(run["message"].split())
    return f"{run['at'][:19]}  {run['kind']} {run['name']}  {run['state']}  {reason}".rstrip()
