"""`leap dev`: personal and pull-request workspaces."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

import click

from cli.console import hint, say, say_json, say_table, step
from cli.errors import BadInputError, ExitCode
from cli.options import json_option, yes_option

if TYPE_CHECKING:
    from cli.workspaces.plan import Wish
    from cli.workspaces.register import Entry
    from infra.stack import Stack

COLUMNS: Final = ("workspace", "owner", "until", "credits", "tables", "rows", "views", "state")
WORK: Final = """
Work in it:
  leap dbt --stack {stack} run   into {schema}; what is not selected is read from {foundation}
  leap dev up {stack} --days 14  keep it longer
  leap dev down {stack}          take it away"""

name_argument = click.argument("name", required=False)
pr_option = click.option("--pr", type=click.IntRange(1, 9_999_999_999), help="A pull request's.")
on_option = click.option("--on", "foundation", help="The foundation: local, dev or prod.")
login_option = click.option("--login", help="The user in the account; else the role's person.")


def _chosen(function: Callable[..., Any]) -> Callable[..., Any]:
    for option in (login_option, on_option, pr_option, name_argument):
        function = option(function)
    return function


@click.group(
    epilog="\b\nExamples:\n  leap dev new jane\n  leap dev new --pr 42\n  leap dev list\n"
    "  leap dev down jane"
)
def command() -> None:
    """Workspaces: a schema of one's own beside the platform's, made without admin rights.

    A workspace has a schema, a role, a limit of credits and a last day. NAME is a developer's name;
    --pr is a pull request's number.
    """


@command.command(
    epilog="\b\nExamples:\n  leap dev new jane\n  leap dev new jane --clone MARTS,STAGING\n"
    "  leap dev new --pr 42 --days 3"
)
@_chosen
@click.option("--days", type=click.IntRange(1, 365), help="How long it is meant to stand.")
@click.option("--credits", "quota", type=click.IntRange(1), help="Its limit, in its whole life.")
@click.option("--clone", default="", help="Schemas to begin with, e.g. MARTS,STAGING.")
@json_option
def new(
    name: str | None,
    pr: int | None,
    foundation: str | None,
    login: str | None,
    days: int | None,
    quota: int | None,
    clone: str,
    as_json: bool,
) -> None:
    """Make a workspace; run again, it completes one that was stopped half-way.

    Without --clone it begins empty, and dbt reads from the platform what is not built there yet.
    """
    from cli.workspaces.plan import Wish, stack_of

    layers = tuple(layer.strip().upper() for layer in clone.split(",") if layer.strip())
    wish = Wish(days=days, credits=quota, login=login, clone=layers)
    _go_up(stack_of(name, pr), foundation, wish, as_json=as_json)


@command.command(
    epilog="\b\nExamples:\n  leap dev up jane --days 14\n  leap dev up jane --credits 20"
)
@_chosen
@click.option("--days", type=click.IntRange(1, 365), help="From today.")
@click.option("--credits", "quota", type=click.IntRange(1), help="Its limit, in its whole life.")
@json_option
def up(
    name: str | None,
    pr: int | None,
    foundation: str | None,
    login: str | None,
    days: int | None,
    quota: int | None,
    as_json: bool,
) -> None:
    """Renew a workspace, change its limit, or put right what is missing of it."""
    from cli.workbench import toolchain, variables
    from cli.workspaces.making import require_made
    from cli.workspaces.plan import Wish, stack_of

    stack = stack_of(name, pr)
    require_made(stack, variables(toolchain()))
    wish = Wish(days=days, credits=quota, login=login)
    _go_up(stack, foundation, wish, as_json=as_json)


@command.command(epilog="\b\nExamples:\n  leap dev down jane\n  leap dev down --pr 42 --yes")
@_chosen
@yes_option
def down(
    name: str | None, pr: int | None, foundation: str | None, login: str | None, yes: bool
) -> int:
    """Take a workspace away, with all that was built in it; an orphan too."""
    from cli.workspaces.plan import foundation_of, stack_of

    stack = stack_of(name, pr)
    chosen = foundation_of(stack, foundation)
    if not yes and not _agreed(f"{stack.name} goes, with all that was built in it. Sure?"):
        hint("Nothing was done.")
        return ExitCode.DONE
    _take_down(stack, chosen, login)
    return ExitCode.DONE


@command.command("list", epilog="\b\nExamples:\n  leap dev list\n  leap dev list --json")
@on_option
@login_option
@json_option
def list_(foundation: str | None, login: str | None, as_json: bool) -> None:
    """Each workspace: owner, last day, credits, what it holds, whether both halves stand."""
    found = _look(foundation, login)
    if as_json:
        say_json([entry.facts() for entry in found])
    elif not found:
        say("There are no workspaces. Make one: leap dev new jane")
    else:
        _show(found)


@command.command(epilog="\b\nExamples:\n  leap dev expire\n  leap dev expire --yes")
@on_option
@login_option
@click.option("--orphans", is_flag=True, help="Those of which one half is gone, too.")
@yes_option
@json_option
def expire(
    foundation: str | None, login: str | None, orphans: bool, yes: bool, as_json: bool
) -> int:
    """List what is over its last day, with what it holds; take it down with --yes only.

    Orphans are listed beside, and come down only with --orphans: their other half may be in another
    backend. Exit 1 when something is left that should go.
    """
    from cli.workspaces.plan import foundation_of, stack_of
    from cli.workspaces.register import State

    listed = _look(foundation, login)
    halves = [entry for entry in listed if entry.state is not State.WHOLE]
    due = [entry for entry in listed if entry.expired and entry not in halves]
    going = [*due, *(halves if orphans else [])] if yes else []
    if as_json:
        say_json({"expired": [e.facts() for e in due], "orphans": [e.facts() for e in halves]})
    else:
        _tell(due, halves)
    for entry in going:
        stack = stack_of(entry.stack, None)
        _take_down(stack, foundation_of(stack, foundation), login)
    return ExitCode.FOUND if len(due) + len(halves) > len(going) else ExitCode.DONE


def _tell(due: list[Entry], halves: list[Entry]) -> None:
    for entry in due:
        say(f"{entry.stack} of {entry.owner} expired on {entry.expires_on}: {entry.holds()}")
    for entry in halves:
        say(f"{entry.stack}, {entry.state.value}: {entry.holds()}")
    if not due and not halves:
        say("Nothing has expired, and there are no orphans.")


def _go_up(stack: Stack, foundation: str | None, wish: Wish, *, as_json: bool) -> None:
    from cli.deployment import lock
    from cli.deployment import stack as stacks
    from cli.target import running_sandbox
    from cli.workbench import Workbench, toolchain, variables
    from cli.workspaces import cloning, making
    from cli.workspaces.plan import foundation_of

    chosen = foundation_of(stack, foundation)
    environment = variables(toolchain())
    settings = making.settle(stack, chosen, wish, stacks.known(environment))
    bench = Workbench(settings, environment)
    if bench.on_sandbox:
        running_sandbox()
    with lock.held(stack.name, "dev new"), step(f"workspace {stack.name} on {chosen}") as running:
        running.note("making the stack ready")
        outputs, words = making.deploy(bench, running.note)
        running.done(words)
    if layers := [layer for layer in settings.config.clone.split(",") if layer]:
        with step(f"clone {', '.join(layers)}") as running:
            running.done(cloning.fill(bench, outputs, layers, running.note))
    if as_json:
        say_json(outputs)
    else:
        _say_standing(stack, outputs)


def _say_standing(stack: Stack, outputs: dict[str, Any]) -> None:
    say(f"{stack.name} stands until {outputs['expires_on']} ({outputs['target']}).")
    say(f"Schema {outputs['database']}.{outputs['schema']}, for {outputs['owner']}.")
    schema, foundation = outputs["schema"], outputs["foundation"]
    say(WORK.format(stack=stack.name, schema=schema, foundation=foundation))


def _take_down(stack: Stack, foundation: str, login: str | None) -> None:
    from cli.deployment import lock
    from cli.deployment import stack as stacks
    from cli.workbench import Workbench, toolchain, variables
    from cli.workspaces import removing

    environment = variables(toolchain())
    what = removing.going(stack, foundation, login)
    bench = Workbench(what.where.layered, environment)
    with lock.held(stack.name, "dev down"), step(f"take down {stack.name}") as running:
        known = stacks.known(environment)
        running.done(removing.take_down(what, bench, known, running.note))


def _look(foundation: str | None, login: str | None) -> list[Entry]:
    from cli.workbench import toolchain, variables
    from cli.workspaces.listing import look

    return look(foundation, login, variables(toolchain()))


def _show(found: list[Entry]) -> None:
    rows = [
        (
            entry.stack,
            entry.owner,
            f"{entry.expires_on}{' (expired)' if entry.expired else ''}",
            _credits(entry),
            entry.tables,
            f"{entry.rows:,}",
            entry.views,
            entry.state.value,
        )
        for entry in found
    ]
    say_table(COLUMNS, rows)


def _credits(entry: Entry) -> str:
    if entry.credits_used is None:
        return "no limit of its own" if entry.credits else ""
    return f"{entry.credits_used:g} of {entry.credits}"


def _agreed(question: str) -> bool:
    if not sys.stdin.isatty():
        raise BadInputError("Nobody can be asked here.", "Say it beforehand: --yes")
    return click.confirm(question, err=True)
