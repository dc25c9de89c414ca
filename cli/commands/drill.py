"""`leap drill`: disasters made on purpose, the way back from them, and the proof."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from cli.console import hint, say, say_json, say_table, step
from cli.errors import ExitCode, FoundError
from cli.options import json_option, stack_option, yes_option

if TYPE_CHECKING:
    from ops.drill.shelf import Kept
    from ops.drill.step import Drill, Scene


@click.group(
    epilog="\b\nExamples:\n  leap drill list\n  leap drill run restore-table\n"
    "  leap drill resume\n  leap drill back"
)
def command() -> None:
    """Disaster and recovery drills: list, run, resume, back (take back)."""


@command.command("list", epilog="\b\nExamples:\n  leap drill list\n  leap drill list --json")
@json_option
def list_drills(as_json: bool) -> None:
    """Every drill: what it needs and touches, its last result, and what is unfinished."""
    from cli import drilling
    from ops.drill.catalogue import DRILLS

    latest = drilling.latest()
    facts = [_listed(drill, *latest[name]) for name, drill in DRILLS.items()]
    if as_json:
        say_json(facts)
        return
    columns = ("drill", "what happens", "needs", "touches", "last")
    rows = [[" ".join(_cell(row[name]).split()) for name in columns] for row in facts]
    say_table(columns, rows, title="Drills")
    for row in facts:
        if row["unfinished"]:
            say(f"Unfinished: {row['unfinished']} ({row['where']})")
            for line in row["ways on"].splitlines():
                say(f"  {line}")


@command.command(
    epilog="\b\nExamples:\n  leap drill run restore-table\n  leap drill run undrop-schema --json\n"
    "  leap drill run failover --stack prod --confirm MYORG-PROD"
)
@click.argument("name")
@stack_option
@click.option(
    "--confirm",
    metavar="ACCOUNT",
    help="On a real account: do it to production itself. The account, as ORGANIZATION-ACCOUNT.",
)
@yes_option
@json_option
def run(name: str, stack: str, confirm: str | None, yes: bool, as_json: bool) -> int:
    """Run the drill NAME: say what it will do, check what it needs, do it, prove it, tidy up.

    Stopped anywhere, it can be continued (leap drill resume) or taken back (leap drill back).
    Exit 0: passed. 1: a step failed. 2: bad input. 3: what it needs is not there.
    """
    from cli import drilling
    from cli.deployment import lock
    from cli.workbench import facts
    from ops.drill import run as running

    drill, settings = drilling.named(name), facts(stack)
    with lock.held(stack, f"drill run {name}"), drilling.logins(settings) as logins:
        drilling.forget_what_is_gone()
        scene = drilling.new_scene(drill, settings, logins, confirm)
        drilling.require_no_other(scene.place.account)
        drilling.require(drill, scene)
        drilling.announce(drill, scene)
        if not drilling.require_consent(scene, yes=yes):
            hint("Nothing was done.")
            return ExitCode.DONE
        running.open_journal(drilling.journal_of(scene), drill, scene)
        return _go(drill, scene, running.forward, as_json=as_json)


@command.command(
    epilog="\b\nExamples:\n  leap drill resume\n  leap drill resume failover-20260301T101500"
)
@click.argument("drill_id", metavar="[ID]", required=False)
@json_option
def resume(drill_id: str | None, as_json: bool) -> int:
    """Continue a drill that failed or was stopped, from the step that it was in."""
    from cli import drilling
    from cli.errors import BadInputError

    one = drilling.chosen(drill_id)
    if one.going_back:
        raise BadInputError(f"{one.id} is being taken back already.", drilling.ways_on(one))
    return _again(one, "resume", as_json=as_json)


@command.command(
    epilog="\b\nExamples:\n  leap drill back\n  leap drill back failover-20260301T101500\n"
    "  leap drill back --accept      (somebody meant what differs now)"
)
@click.argument("drill_id", metavar="[ID]", required=False)
@click.option(
    "--accept",
    is_flag=True,
    help="End it although something is not as before: somebody meant it. The evidence says what.",
)
@json_option
def back(drill_id: str | None, accept: bool, as_json: bool) -> int:
    """Take back a drill that failed or was stopped: everything as it was before it."""
    from cli import drilling

    return _again(drilling.chosen(drill_id), "back", as_json=as_json, accept=accept)


def _again(one: Kept, way: str, *, as_json: bool, accept: bool = False) -> int:
    from cli import drilling
    from cli.deployment import lock
    from ops.drill import run as running
    from ops.drill.journal import Event

    drill, settings = drilling.named(one.drill), drilling.settings_of(one)
    line = f"drill {way} {one.id}"
    with (
        lock.held(settings.stack.name, line, f"leap {line}"),
        drilling.logins(settings) as logins,
    ):
        drilling.forget_what_is_gone()
        one = drilling.chosen(one.id)
        scene = drilling.old_scene(one, settings, logins)
        drilling.journal_of(scene).write(Event.GOES_ON, facts=running.runner())
        taken = partial(running.backward, accept=accept)
        return _go(drill, scene, taken if way == "back" else running.forward, as_json=as_json)


def _go(drill: Drill, scene: Scene, walk: Callable[..., None], *, as_json: bool) -> int:
    from cli import drilling
    from ops.drill import run as running
    from ops.drill.step import DrillFailedError

    journal = drilling.journal_of(scene)
    with ExitStack() as after:
        after.callback(_keep, scene.folder.name)
        try:
            walk(drill, scene, journal, step)
        except (running.StepFailedError, DrillFailedError) as error:
            one = drilling.chosen(scene.folder.name)
            ways_on = drilling.ways_on(one)
            if isinstance(error, DrillFailedError):
                ways_on += f"\nIf somebody meant what differs: leap drill back {one.id} --accept"
            raise FoundError(f"{one.id}: {error}", ways_on) from error
        except KeyboardInterrupt:
            one = drilling.chosen(scene.folder.name)
            hint(f"\n{one.id} is not over ({one.where()}).\n{drilling.ways_on(one)}")
            return ExitCode.STOPPED
    evidence = _keep(scene.folder.name)
    if as_json:
        say_json(evidence)
    else:
        _show(evidence)
    return ExitCode.DONE


def _keep(drill_id: str) -> dict[str, Any]:
    """Write the evidence and its page; what is in them."""
    from cli import drilling
    from cli.paths import ROOT
    from ops.drill import evidence, page
    from ops.drill.catalogue import DRILLS
    from ops.drill.shelf import kept

    one = next(one for one in kept(drilling.FOLDER) if one.id == drill_id)
    found = evidence.of(one, drilling.steps_of(one))
    text = page.as_page(found, DRILLS[one.drill].title)
    written = evidence.write(one.journal.folder, found, text)
    paths = [str(path.relative_to(ROOT)) for path in written]
    return {**found, "evidence": paths[0], "page": paths[1]}


def _show(evidence: dict[str, Any]) -> None:
    from ops.drill.page import seconds

    say(f"{evidence['drill']} on {evidence['stack']} ({evidence['target']}): {evidence['outcome']}")
    if evidence["rto_seconds"] is not None:
        basis = evidence["rto_basis"] or "from the damage to the right rows again"
        say(f"  RTO {seconds(evidence['rto_seconds'])}: {basis}")
    if evidence["rpo_seconds"] is not None:
        say(f"  RPO {seconds(evidence['rpo_seconds'])}: {evidence['rpo_basis']}")
    for name, value in evidence["measured"].items():
        say(f"  {name}: {value}")
    for text in evidence["lessons"]:
        say(f"  to know: {text}")
    say(f"  evidence: {evidence['evidence']}")
    say(f"  page:     {evidence['page']}")


def _listed(drill: Drill, last: Kept | None, open_: Kept | None) -> dict[str, Any]:
    from cli import drilling
    from ops.drill import evidence

    result = evidence.of(last, drilling.steps_of(last)) if last else None
    return {
        "drill": drill.name,
        "what happens": drill.title,
        "needs": drill.needs,
        "touches": drill.touches,
        "stops_production": drill.stops_production,
        "last": _last(result),
        "last_result": result
        and {key: result[key] for key in ("id", "outcome", "ended", "rto_seconds", "rpo_seconds")},
        "unfinished": open_.id if open_ else None,
        "where": f"{open_.where()}; {drilling.holder(open_)}" if open_ else None,
        "ways on": drilling.ways_on(open_) if open_ else None,
    }


def _last(result: dict[str, Any] | None) -> str:
    from ops.drill.page import seconds

    if result is None:
        return "never"
    times = f", RTO {seconds(result['rto_seconds'])}" if result["rto_seconds"] is not None else ""
    return f"{str(result['ended'])[:16].replace('T', ' ')} {result['outcome']}{times}"


def _cell(value: Any) -> str:
    return "; ".join(value) if isinstance(value, tuple) else str(value)
