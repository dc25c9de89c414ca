"""`leap access`: who can do what, and why."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from cli.console import hint, say, say_json, say_table
from cli.errors import BadInputError, ExitCode
from cli.options import json_option, stack_option

if TYPE_CHECKING:
    from ops.access.facts import Facts
    from ops.access.names import Principal

_SOURCES = (
    click.option(
        "--live", is_flag=True, help="Ask the stack's account instead of the declared facts."
    ),
    click.option("--deployed", is_flag=True, help="Ask the stack's state: what was deployed."),
    click.option(
        "--plan",
        metavar="FILE",
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        help="Ask a plan: what `pulumi preview --json` printed.",
    ),
)


class Asked(NamedTuple):
    """Whose access is asked about: of a stack, in one of four sources."""

    stack: str
    live: bool
    deployed: bool
    plan: Path | None

    def facts(self) -> Facts:
        """The source's facts.

        Raises:
            BadInputError: several sources are named.
        """
        from cli import access_sources as sources

        if sum((self.live, self.deployed, self.plan is not None)) > 1:
            raise BadInputError("leap access: give one of --live, --deployed and --plan FILE")
        if self.plan is not None:
            return sources.of_plan(self.stack, self.plan)
        if self.deployed:
            return sources.of_state(self.stack)
        return sources.of_account(self.stack) if self.live else sources.of_tree(self.stack)


def _options(function: Callable[..., Any]) -> Callable[..., Any]:
    """The options of every question; the function gets the source as ``asked``."""

    @wraps(function)
    def asking(
        stack: str, live: bool, deployed: bool, plan: Path | None, **more: Any
    ) -> int | None:
        result: int | None = function(asked=Asked(stack, live, deployed, plan), **more)
        return result

    wrapped: Callable[..., Any] = asking
    for option in (json_option, *reversed(_SOURCES), stack_option):
        wrapped = option(wrapped)
    return wrapped


@click.group(
    epilog="\b\nExamples:\n  leap access can DATA_ANALYST SELECT LEAP_ANALYTICS.RAW.GYMS\n"
    "  leap access diff --base main"
)
def command() -> None:
    """Who can do what, and why: declared (the default), deployed, planned, or live."""


@command.command(
    epilog="\b\nExamples:\n"
    "  leap access can DATA_ANALYST SELECT LEAP_ANALYTICS.MARTS.MART_GYM_ACCESSIBILITY\n"
    '  leap access can user:ANA_ANALYST "CREATE TABLE" LEAP_ANALYTICS.RAW --live\n'
    "  leap access can REPORTER SELECT 'LEAP_ANALYTICS.MARTS.<TABLE>'"
)
@click.argument("who_")
@click.argument("privilege")
@click.argument("object_")
@_options
def can(who_: str, privilege: str, object_: str, asked: Asked, as_json: bool) -> int:
    """Exit 0 with the shortest chain of grants, or 1 with what is missing; 3 when not known.

    WHO_ is a role or a user, OBJECT_ a name, ACCOUNT, or DB.SCHEMA.<TABLE> for tables to come.
    """
    from cli.access_words import answer_lines
    from ops.access import answer, lookup
    from ops.access.graph import Graph

    facts = asked.facts()
    wanted = lookup.written_privilege(privilege)
    principal = lookup.find_principal(facts, who_)
    securable = lookup.find_securable(facts, object_, wanted)
    found = answer.can(Graph(facts), principal, wanted, securable)
    if as_json:
        say_json({"source": facts.source, **answer.as_json(found)})
    else:
        say("\n".join(answer_lines(found, facts.source)))
    codes = {answer.Verdict.YES: ExitCode.DONE, answer.Verdict.NO: ExitCode.FOUND}
    return codes.get(found.verdict, ExitCode.NOT_USABLE)


@command.command(
    epilog="\b\nExamples:\n  leap access who INSERT LEAP_ANALYTICS.RAW.GYMS\n"
    '  leap access who "MANAGE GRANTS" ACCOUNT --live --json'
)
@click.argument("privilege")
@click.argument("object_")
@_options
def who(privilege: str, object_: str, asked: Asked, as_json: bool) -> None:
    """Everybody who can, people first, each with the shortest chain."""
    from cli.access_words import unread_lines
    from ops.access import answer, lookup
    from ops.access.graph import Graph

    facts = asked.facts()
    wanted = lookup.written_privilege(privilege)
    securable = lookup.find_securable(facts, object_, wanted)
    found = answer.who(Graph(facts), wanted, securable)
    if as_json:
        listed = [answer.as_json(one) for one in found]
        unread = answer.unread_json(facts.unread)
        say_json({"source": facts.source, "who": listed, "unread": unread})
        return
    rows = [
        (one.principal.kind.lower(), one.principal.name, _way(one.chains[0].roles)) for one in found
    ]
    title = f"Who can use {wanted} on {securable} ({facts.source})"
    say_table(("kind", "name", "through"), rows, title=title)
    _warn(list(unread_lines(facts.unread)))


@command.command(
    epilog="\b\nExamples:\n  leap access matrix\n  leap access matrix --in LEAP_ANALYTICS.RAW\n"
    "  leap access matrix --format html --output access.html"
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "csv", "html"]),
    default="table",
    show_default=True,
    help="A table in words, CSV with every privilege, or a picture.",
)
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="Write it there.")
@click.option("--in", "inside", help="Only a database, a schema or an object.")
@click.option("--all", "everybody", is_flag=True, help="System and access roles as well.")
@_options
def matrix(
    form: str,
    output: Path | None,
    inside: str | None,
    everybody: bool,
    asked: Asked,
    as_json: bool,
) -> None:
    """Roles and people by objects."""
    from cli import access_grid as grid_words
    from cli.access_words import unread_lines
    from ops.access import answer
    from ops.access import matrix as grids
    from ops.access.graph import Graph

    facts = asked.facts()
    place = _place(facts, inside)
    grid = grids.matrix(Graph(facts), lambda one: one.path[: len(place)] == place)
    people = grid_words.shown(facts, everybody=everybody)
    title = f"Access ({facts.source})"
    if as_json:
        unread = answer.unread_json(facts.unread)
        say_json({"source": facts.source, "rows": grid_words.plain(grid, people), "unread": unread})
        return
    if form == "table" and output is None:
        grid_words.say_grid(grid, people, title)
    else:
        as_csv = form != "html"
        text = grids.to_csv(grid, people) if as_csv else grids.to_html(grid, people, title)
        if output is None:
            say(text.rstrip("\n"))
        else:
            output.write_text(text, encoding="utf-8")
            hint(f"Written: {output}")
    _warn(list(unread_lines(facts.unread)))


@command.command(
    epilog="\b\nExamples:\n  leap access path ENZO_ENGINEER ACCOUNTADMIN\n"
    "  leap access path USERADMIN LOADER --live"
)
@click.argument("start")
@click.argument("end")
@_options
def path(start: str, end: str, asked: Asked, as_json: bool) -> int:
    """How START could come to be END. Exit 0 when there is no way, 1 with the shortest one."""
    from cli.access_words import path_lines, unread_lines
    from ops.access import answer, escalation, lookup

    facts = asked.facts()
    first, last = (lookup.find_principal(facts, text) for text in (start, end))
    steps = escalation.path(facts, first, last)
    hidden = () if steps is not None else answer.blind_spots(facts, first)
    if as_json:
        plain = [
            {"from": one.before.name, "means": one.means.value, "to": one.after.name}
            for one in steps or ()
        ]
        unread = answer.unread_json(hidden)
        known = None if hidden else steps is not None
        say_json({"source": facts.source, "path": known, "steps": plain, "unread": unread})
    elif steps is not None:
        say(f"{first} can become {last} in {len(steps)} steps ({facts.source})")
        say("\n".join(path_lines(steps)))
    else:
        verdict = "not known whether" if hidden else "no way that"
        say(
            "\n".join(
                [f"{verdict} {first} can become {last} ({facts.source})", *unread_lines(hidden)]
            )
        )
    if hidden:
        return ExitCode.NOT_USABLE
    return ExitCode.DONE if steps is None else ExitCode.FOUND


@command.command(
    epilog="\b\nExamples:\n  leap access diff --base main\n  leap access diff --live --stack dev\n"
    "  leap access diff --plan plan.json"
)
@click.option("--base", metavar="REV", help="The git revision to compare the working tree with.")
@_options
def diff(base: str | None, asked: Asked, as_json: bool) -> int:
    """Who gains and who loses what. Exit 1 when anybody does, 3 when it is only partly known.

    With --base: from that revision to the working tree. With --live: what the account allows
    beyond the declared facts (gains) and what it lacks of them (losses). With --deployed: from
    the stack's state to the working tree. With --plan: from the state to what the plan makes.
    """
    from cli.access_words import difference_lines, unread_lines
    from ops.access import answer, difference

    before, after = _ends(asked, base)
    if asked.deployed:  # the facts know less than a state does, of what nobody is granted
        found = difference.backwards(difference.compare(after, before, declared_only=True))
    else:
        found = difference.compare(before, after, declared_only=asked.live)
    if as_json:
        ends = {"from": before.source, "to": after.source}
        say_json({**ends, **difference.as_json(found), "unread": answer.unread_json(after.unread)})
    else:
        say(f"From {before.source} to {after.source}")
        say("\n".join(difference_lines(found, before.carriers | after.carriers)))
        _warn(list(unread_lines(after.unread)))
    if found.changes:
        return ExitCode.FOUND
    return ExitCode.NOT_USABLE if found.uncertain else ExitCode.DONE


def _ends(asked: Asked, base: str | None) -> tuple[Facts, Facts]:
    """Where a difference begins and ends."""
    from cli import access_sources as sources

    stack = asked.stack
    given = (base is not None, asked.live, asked.deployed, asked.plan is not None)
    if sum(given) != 1:
        raise BadInputError(
            "leap access diff: give one of --base REV, --live, --deployed and --plan FILE"
        )
    if asked.plan is not None:
        return sources.of_state(stack), sources.of_plan(stack, asked.plan)
    if asked.live:
        return sources.of_tree(stack), sources.of_account(stack)
    before = sources.of_revision(stack, base) if base else sources.of_state(stack)
    return before, sources.of_tree(stack)


def _way(roles: Sequence[Principal]) -> str:
    return " → ".join(one.name for one in roles[1:]) or "itself"


def _warn(lines: list[str]) -> None:
    if lines:
        hint("The answer is of what could be read:\n" + "\n".join(lines))


def _place(facts: Facts, text: str | None) -> tuple[str, ...]:
    from ops.access.lookup import UnknownNameError
    from ops.access.names import parse

    if text is None:
        return ()
    try:
        place = parse(text)
    except ValueError as error:
        raise UnknownNameError("--in", text, ()) from error
    if not any(one.path[: len(place)] == place for one in facts.securables):
        raise UnknownNameError("--in", text, dict.fromkeys(one.name for one in facts.securables))
    return place
