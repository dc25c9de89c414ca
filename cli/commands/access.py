"""`leap access`: who can do what, and why."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cli.console import hint, say, say_json, say_table
from cli.errors import BadInputError, ExitCode
from cli.options import json_option, stack_option

if TYPE_CHECKING:
    from ops.access.facts import Facts
    from ops.access.matrix import Matrix
    from ops.access.names import Principal

live_option = click.option(
    "--live", is_flag=True, help="Ask the stack's account instead of the declared facts."
)


def _options(function: Callable[..., Any]) -> Callable[..., Any]:
    for option in (json_option, live_option, stack_option):
        function = option(function)
    return function


@click.group(
    epilog="\b\nExamples:\n  leap access can DATA_ANALYST SELECT LEAP_ANALYTICS.RAW.GYMS\n"
    "  leap access diff --base main"
)
def command() -> None:
    """Who can do what, and why: in the declared facts, or with --live in the account."""


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
def can(who_: str, privilege: str, object_: str, stack: str, live: bool, as_json: bool) -> int:
    """Exit 0 with the shortest chain of grants, or 1 with what is missing; 3 when not known.

    WHO_ is a role or a user, OBJECT_ a name, ACCOUNT, or DB.SCHEMA.<TABLE> for tables to come.
    """
    from cli.access_words import answer_lines
    from ops.access import answer, lookup
    from ops.access.graph import Graph

    facts = _facts(stack, live=live)
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
def who(privilege: str, object_: str, stack: str, live: bool, as_json: bool) -> None:
    """Everybody who can, people first, each with the shortest chain."""
    from cli.access_words import unread_lines
    from ops.access import answer, lookup
    from ops.access.graph import Graph

    facts = _facts(stack, live=live)
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
    stack: str,
    live: bool,
    as_json: bool,
) -> None:
    """Roles and people by objects."""
    from cli.access_words import unread_lines
    from ops.access import answer
    from ops.access import matrix as grids
    from ops.access.graph import Graph

    facts = _facts(stack, live=live)
    place = _place(facts, inside)
    grid = grids.matrix(Graph(facts), lambda one: one.path[: len(place)] == place)
    people = _shown(facts, everybody=everybody)
    title = f"Access ({facts.source})"
    if as_json:
        unread = answer.unread_json(facts.unread)
        say_json({"source": facts.source, "rows": _plain(grid, people), "unread": unread})
        return
    if form == "table" and output is None:
        _say_grid(grid, people, title)
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
def path(start: str, end: str, stack: str, live: bool, as_json: bool) -> int:
    """How START could come to be END. Exit 0 when there is no way, 1 with the shortest one."""
    from cli.access_words import path_lines, unread_lines
    from ops.access import answer, escalation, lookup

    facts = _facts(stack, live=live)
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
    epilog="\b\nExamples:\n  leap access diff --base main\n  leap access diff --live --stack dev"
)
@click.option("--base", metavar="REV", help="The git revision to compare the working tree with.")
@_options
def diff(base: str | None, stack: str, live: bool, as_json: bool) -> int:
    """Who gains and who loses what. Exit 1 when anybody does, 3 when it is only partly known.

    With --base: from that revision to the working tree. With --live: what the account allows
    beyond the declared facts (gains) and what it lacks of them (losses).
    """
    from cli import access_sources as sources
    from cli.access_words import difference_lines, unread_lines
    from ops.access import answer, difference

    if live == (base is not None):
        raise BadInputError("leap access diff: give one of --base REV and --live")
    before = sources.of_revision(stack, base) if base else sources.of_tree(stack)
    after = sources.of_account(stack) if live else sources.of_tree(stack)
    found = difference.compare(before, after, declared_only=live)
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


def _facts(stack: str, *, live: bool) -> Facts:
    from cli import access_sources as sources

    return sources.of_account(stack) if live else sources.of_tree(stack)


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


def _shown(facts: Facts, *, everybody: bool) -> list[Principal]:
    """People, then the roles that somebody works in."""
    from ops.access.graph import PUBLIC
    from ops.access.names import PrincipalKind
    from ops.access.system import ADMINISTRATORS

    hidden = set() if everybody else {PUBLIC, *ADMINISTRATORS, *facts.carriers}
    shown = [one for one in facts.principals if one not in hidden]
    return sorted(shown, key=lambda one: (one.kind is not PrincipalKind.USER, one.name))


def _plain(grid: Matrix, people: list[Principal]) -> list[dict[str, Any]]:
    from ops.access.answer import securable_json

    return [
        {
            "object": securable_json(row.securable),
            "access": {
                f"{one.kind.lower()}:{one.name}": list(cell)
                for one, cell in zip(people, grid.cells(row, people), strict=True)
                if cell
            },
        }
        for row in grid.rows
    ]


def _say_grid(grid: Matrix, people: list[Principal], title: str) -> None:
    """One line for each principal and place; objects with the same access stand together."""
    from ops.access.matrix import in_a_word

    places: dict[tuple[Principal, str, str], list[str]] = {}
    for row in grid.rows:
        for one, cell in zip(people, grid.cells(row, people), strict=True):
            if cell:
                path = row.securable.path
                place = ".".join(path[:-1]) or "account"
                places.setdefault((one, place, in_a_word(cell)), []).append(
                    path[-1] if path else ""
                )
    rows = [
        (one.name, place, word, ", ".join(names))
        for (one, place, word), names in sorted(places.items(), key=lambda item: item[0])
    ]
    say_table(("who", "in", "may", "objects"), rows, title=title)
