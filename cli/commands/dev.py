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
    from cli.workspaces.removing import Going
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
    """Make a workspace.

    Run again, it completes one that was stopped half-way.
    Without --clone it begins empty, and dbt reads from the platform what is not built there yet.
    """
    from cli.workspaces.plan import Wish, stack_of

    layers = tuple(layer.strip().upper() for layer in clone.split(",") if layer.strip())
    wish = Wish(days=days, credits=quota, login=login, clone=layers)
    _go_up("dev new", stack_of(name, pr), foundation, wish, as_json=as_json)


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
    """Renew a workspace.

    It gets other days or another limit, and what is missing of it.
    """
    from cli.workbench import toolchain, variables
    from cli.workspaces.making import require_made
    from cli.workspaces.plan import Wish, stack_of

    stack = stack_of(name, pr)
    require_made(stack, variables(toolchain()))
    wish = Wish(days=days, credits=quota, login=login)
    _go_up("dev up", stack, foundation, wish, as_json=as_json)


@command.command(epilog="\b\nExamples:\n  leap dev down jane\n  leap dev down --pr 42 --yes")
@_chosen
@yes_option
def down(
    name: str | None, pr: int | None, foundation: str | None, login: str | None, yes: bool
) -> int:
    """Take a workspace away.

    All that was built in it goes too; so does an orphan, of which only one half is left.
    """
    from cli.deployment import lock
    from cli.workspaces import removing
    from cli.workspaces.plan import foundation_of, stack_of

    stack = stack_of(name, pr)
    what = removing.going(stack, foundation_of(stack, foundation), login)
    with lock.held(stack.name, "dev down", again=f"leap dev down {stack.name}"):
        entry = _find(what)
        if entry is None:
            removing.forget_files(stack.name)
            hint(f"There is nothing of {stack.name} on {what.where.settings.stack.name}.")
            return ExitCode.DONE
        removing.refuse_what_is_not_theirs(what, entry)
        if not yes and not _agreed(f"{entry.in_words()} goes, with {entry.holds()}. Sure?"):
            hint("Nothing was done.")
            return ExitCode.DONE
        _take_down(what)
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
    """List what is over its last day; with --yes, take it down.

    Each is listed with what it holds. Orphans are listed beside, and come down only with --orphans,
    and not before their last day: their other half may be in another backend. Exit 1 when something
    is left that should go.
    """
    listed = _look(foundation, login)
    halves = [entry for entry in listed if entry.orphan]
    due = [entry for entry in listed if entry.expired and not entry.orphan]
    ripe = [entry for entry in halves if entry.over]
    if as_json:
        say_json({"expired": [e.facts() for e in due], "orphans": [e.facts() for e in halves]})
    else:
        _tell(due, halves)
    going = [*due, *(ripe if orphans else [])] if yes else []
    _expire(going, foundation, login)
    return ExitCode.FOUND if len(due) + len(ripe) > len(going) else ExitCode.DONE


def _tell(due: list[Entry], halves: list[Entry]) -> None:
    for entry in due:
        say(f"{entry.stack} of {entry.owner} expired on {entry.expires_on}: {entry.holds()}")
    for entry in halves:
        say(f"{entry.in_words()}, {entry.state.value}: {entry.holds()}")
    if not due and not halves:
        say("Nothing has expired, and there are no orphans.")


def _expire(going: list[Entry], foundation: str | None, login: str | None) -> None:
    """Take down one after the other; one that does not go keeps none of the others."""
    from cli.deployment import lock
    from cli.errors import FoundError, LeapError
    from cli.workspaces import removing
    from cli.workspaces.plan import foundation_of, stack_of

    left = []
    for entry in going:
        stack = stack_of(entry.stack, None)
        try:
            what = removing.going(stack, foundation_of(stack, foundation), login)
            with lock.held(stack.name, "dev expire", again="leap dev expire"):
                _take_down(what)
        except LeapError as error:
            hint(str(error))
            left.append(entry.stack)
    if left:
        raise FoundError(f"Still there: {', '.join(left)}", "Run it again: leap dev expire --yes")


def _go_up(
    command: str, stack: Stack, foundation: str | None, wish: Wish, *, as_json: bool
) -> None:
    from cli.deployment import lock
    from cli.deployment import stack as stacks
    from cli.workbench import Workbench, toolchain, variables
    from cli.workspaces import cloning, making
    from cli.workspaces.plan import foundation_of

    chosen = foundation_of(stack, foundation)
    environment = variables(toolchain())
    with lock.held(stack.name, command, again=f"leap {command} {stack.name}"):
        settings = making.settle(stack, chosen, wish, stacks.known(environment))
        bench = Workbench(settings, environment)
        with step(f"workspace {stack.name} on {chosen}") as running:
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


def _take_down(what: Going) -> None:
    from cli.deployment import stack as stacks
    from cli.workbench import Workbench, toolchain, variables
    from cli.workspaces import removing

    environment = variables(toolchain())
    bench = Workbench(what.where.layered, environment)
    with step(f"take down {what.stack.name}") as running:
        known = stacks.known(environment)
        running.done(removing.take_down(what, bench, known, running.note))


def _find(what: Going) -> Entry | None:
    from cli.workbench import toolchain, variables
    from cli.workspaces import listing

    return listing.find(what.where, what.stack.name, what.user, variables(toolchain()))


def _look(foundation: str | None, login: str | None) -> list[Entry]:
    from cli.workbench import toolchain, variables
    from cli.workspaces import listing

    where = listing.place(foundation)
    return listing.look(where, where.user(login), variables(toolchain()))


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
