"""`leap release`: what is new since the last release, and bringing it from develop to main."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cli.console import hint, say, say_json
from cli.errors import BadInputError, ExitCode
from cli.options import json_option

if TYPE_CHECKING:
    from cli.releasing import Desk, Plan


def _branches(command: Callable[..., Any]) -> Callable[..., Any]:
    options = (
        click.option("--remote", default="origin", show_default=True, help="Whose branches."),
        click.option("--main", default="main", show_default=True, help="What is released."),
        click.option("--develop", default="develop", show_default=True, help="What comes next."),
    )
    for option in reversed(options):
        command = option(command)
    return command


_version = click.option("--version", "wanted", default="", help="Another version than the next.")
_yes = click.option("--yes", "-y", is_flag=True, help="Do it; without, it is only shown.")


@click.group(
    epilog="\b\nExamples:\n  leap release plan\n  leap release cut --yes\n"
    "  leap release tag --yes --push\n  leap release check origin/develop..HEAD"
)
def command() -> None:
    """The weekly release from develop to main: plan, notes, cut, tag; and the commits' form.

    Nothing is changed without --yes, and nothing is pushed without --push.
    """


@command.command("plan", epilog="\b\nExamples:\n  leap release plan\n  leap release plan --json")
@_branches
@_version
@json_option
def plan(remote: str, main: str, develop: str, wanted: str, as_json: bool) -> None:
    """What the next release would bring, its version, and what main has that develop lacks.

    It tells what was fetched last: git fetch first.
    """
    found = _desk(remote, main, develop).plan(wanted)
    if as_json:
        say_json(found.as_json())
        return
    last = found.last.tag if found.last else "nothing was released yet"
    if not found.commits:
        say(f"Nothing to release: {develop} brings nothing to {main} (last release: {last}).")
        return
    say(f"{found.version}, after {last}: {len(found.commits)} commits from {develop} to {main}\n")
    say(found.body.rstrip())
    _warn(found)
    hint(f"\nOpen its pull request: leap release cut --yes (as of the last git fetch {remote})")


@command.command("notes", epilog="\b\nExamples:\n  leap release notes\n  leap release notes v1..v2")
@click.argument("span", required=False, metavar="[RANGE]")
@_branches
@json_option
def notes(span: str | None, remote: str, main: str, develop: str, as_json: bool) -> None:
    """The notes as Markdown: of the next release, or of a RANGE of commits like v0.1.0..v0.2.0."""
    from cli import releasing
    from cli.paths import ROOT
    from ops.release import notes as form

    desk = None if span else _desk(remote, main, develop)
    commits = desk.plan().commits if desk else releasing.within(ROOT, span or "")
    if as_json:
        say_json(dict(form.sections(commits)))
    else:
        say(form.markdown(commits).rstrip())


@command.command("check", epilog="\b\nExamples:\n  leap release check origin/develop..HEAD")
@click.argument("span", required=False, metavar="[RANGE]")
@click.option(
    "--message",
    "file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A file with one message, as git's hook gives it.",
)
@click.option("--title", default=None, help="Of a pull request: what a squashed merge is called.")
def check(span: str | None, file: Path | None, title: str | None) -> int:
    """Whether messages are conventional: those of a RANGE, of a file, a pull request's title.

    Exit 0: all are. 1: some are not. 2: no such commits.
    """
    from cli import releasing
    from cli.paths import ROOT

    if span is None and file is None and title is None:
        raise BadInputError("leap release check: give a RANGE, --message or --title")
    found: list[str] = []
    if span is not None:
        found += releasing.problems(releasing.within(ROOT, span))
    if file is not None:
        text = file.read_text(encoding="utf-8", errors="replace")
        found += releasing.problems_of(text, "commit message")
    if title is not None:
        found += releasing.problems_of(title, "title")
    for problem in found:
        hint(problem)
    return ExitCode.FOUND if found else ExitCode.DONE


@command.command("cut", epilog="\b\nExamples:\n  leap release cut\n  leap release cut --yes")
@_branches
@_version
@_yes
@click.option("--renew", is_flag=True, help="Only one that is open: open none.")
@json_option
def cut(
    remote: str, main: str, develop: str, wanted: str, yes: bool, renew: bool, as_json: bool
) -> int:
    """Open the release's pull request on GitHub, with the notes; one that is open is renewed.

    As GITHUB_TOKEN or GH_TOKEN; without a token the commands to do it by hand are printed.
    """
    from cli import releasing

    desk = _desk(remote, main, develop)
    found, host = desk.plan(wanted), desk.host()
    token = releasing.token(host)
    if not found.commits:
        say_json(found.as_json()) if as_json else say(f"Nothing to release from {develop}.")
        return ExitCode.DONE
    opened = None
    if yes and host is not None and token:
        opened = desk.request(found, host, token, renew=renew)
    if as_json:
        say_json({**found.as_json(), "request": opened._asdict() if opened else None})
        return ExitCode.DONE
    say(f"{found.title}\n\n{found.body.rstrip()}")
    _warn(found)
    if opened is not None:
        say(f"\n{'Opened' if opened.anew else 'Renewed'} #{opened.number}: {opened.url}")
        hint(f"Once it is merged by rebase: git fetch {remote}, leap release tag --yes --push")
    elif host is not None and token and yes:
        hint("\nNo release is open: nothing was done.")
    elif host is not None and token:
        hint(f"\nNothing was done. Open it on {host.owner}/{host.name}: leap release cut --yes")
    else:
        _by_hand(found, desk)
    return ExitCode.DONE


@command.command("tag", epilog="\b\nExamples:\n  leap release tag\n  leap release tag --yes --push")
@_branches
@_version
@_yes
@click.option("--push", is_flag=True, help="Send the tag too.")
def tag(remote: str, main: str, develop: str, wanted: str, yes: bool, push: bool) -> None:
    """Tag main as released, signed with your key, with the notes as the tag's message."""
    desk = _desk(remote, main, develop)
    found = desk.ready(wanted)
    if not yes:
        say(f"{found.version} on {desk.main}\n\n{found.body.rstrip()}")
        hint("\nNothing was done. Make the signed tag: leap release tag --yes")
        return
    desk.tag(found)
    say(f"Tagged {found.version}, signed.")
    if push:
        desk.push(found)
        say(f"Pushed to {remote}.")
    else:
        hint(f"Send it: git push {remote} {found.version}")


def _desk(remote: str, main: str, develop: str) -> Desk:
    from cli.paths import ROOT
    from cli.releasing import Branches, Desk

    return Desk(ROOT, Branches(remote, main, develop))


def _warn(found: Plan) -> None:
    from ops.release.notes import untyped

    for one in found.stray:
        hint(f"only on {found.branches.main}, bring it to develop too: {one.short} {one.first}")
    if number := len(untyped(found.commits)):
        hint(f"{number} of the commits are not conventional: leap release check says which")


def _by_hand(found: Plan, desk: Desk) -> None:
    from cli import releasing
    from cli.paths import ROOT

    file = ROOT / ".leap" / "release" / f"{found.version}.md"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(found.body, encoding="utf-8")
    hint(
        "\nThere is no GITHUB_TOKEN (or GH_TOKEN), or the remote is neither github.com nor the "
        "GitHub of GH_HOST. By hand:"
    )
    for line in releasing.by_hand(found, desk.host(), file.relative_to(ROOT)):
        hint(f"  {line}")
