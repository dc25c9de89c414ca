"""Where a drill happens and who may start it: logins, the plan in words, consent.

A drill that stops production runs on a real account only where that account is named.
"""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import click

from cli import drill_hands
from cli.console import hint
from cli.drill_place import IDENTITY, kept_place, place_of
from cli.errors import BadInputError, NotUsableError
from cli.paths import STATE
from cli.target import SANDBOX, START_IT, ask, connected, login, running_sandbox, sandbox_runs
from cli.workbench import facts
from ops.drill.catalogue import DRILLS
from ops.drill.journal import Event, Journal
from ops.drill.shelf import Kept, kept, unfinished
from ops.drill.step import Ask, Drill, Problem, Scene, Step
from ops.restore.account import RefusedError

if TYPE_CHECKING:
    from infra.settings import Settings

FOLDER: Final = STATE / "drills"
GONE: Final = "void: the sandbox was reset"


class Logins:
    """Connections by account, role and warehouse, opened when they are first asked."""

    def __init__(self, target: str, opened: ExitStack) -> None:
        self._target, self._opened = target, opened
        self._known: dict[tuple[str, str, str], Ask] = {}

    def __call__(self, *, role: str, warehouse: str = "", account: str = "") -> Ask:
        key = role, warehouse, account
        if key not in self._known:
            given = drill_hands.arguments(self._target, account)
            given |= {"role": role, "warehouse": warehouse or None}
            try:
                connection = self._opened.enter_context(connected(given))
            except NotUsableError as error:
                if not account:
                    raise
                raise RefusedError(str(error).splitlines()[0]) from error
            self._known[key] = _question(connection)
            # What a role may do is seen only where no other role of the person helps.
            self._known[key]("USE SECONDARY ROLES NONE")
        return self._known[key]


def _question(connection: Any) -> Ask:
    def question(statement: str) -> Sequence[dict[str, Any]]:
        try:
            return ask(connection, statement).dicts()
        except BadInputError as error:
            raise RefusedError(str(error)) from error
        except NotUsableError as error:  # what to start is said with the ways on
            raise NotUsableError(str(error).splitlines()[0]) from error

    return question


def named(name: str) -> Drill:
    """A drill by its name.

    Raises:
        BadInputError: there is none.
    """
    if name not in DRILLS:
        raise BadInputError(f"NAME: got {name!r}, allowed: {', '.join(DRILLS)}")
    return DRILLS[name]


@contextmanager
def logins(settings: Settings) -> Iterator[Logins]:
    """Logins to the stack's account.

    Raises:
        NotUsableError: nobody answers.
    """
    target = str(settings.config.target)
    if target == SANDBOX:
        running_sandbox()
    with ExitStack() as opened:
        yield Logins(target, opened)


def new_scene(drill: Drill, settings: Settings, open_: Logins, confirmed: str | None) -> Scene:
    """The scene of a drill that begins now.

    Raises:
        BadInputError: the account that was named is another one, or has to be named.
    """
    question = open_(role="ACCOUNTADMIN")
    target = str(settings.config.target)
    place = place_of(
        settings, question, practice=target != SANDBOX and drill.practises and confirmed is None
    )
    stamp = f"{datetime.now(UTC):%Y%m%dT%H%M%S%f}"[:-3]
    folder = FOLDER / f"{drill.name}-{stamp}"
    scene = Scene(place, open_, folder, stamp, tools=drill_hands.tools(settings))
    if confirmed is not None and confirmed.upper() != place.account.upper():
        raise BadInputError(
            f"--confirm: got {confirmed!r}, allowed: {place.account}, the account of {place.stack}"
        )
    if not place.on_sandbox and drill.stops_production and confirmed is None:
        lines = "\n".join(plan_lines(drill, scene))
        raise BadInputError(
            f"{drill.name} would stop production on {place.account}; nothing was done. "
            f"It would:\n{lines}",
            "If that is what you want, name the account: "
            f"leap drill run {drill.name} --stack {place.stack} --confirm {place.account}",
        )
    return scene


def old_scene(one: Kept, settings: Settings, open_: Logins) -> Scene:
    """The scene of a drill that was begun before.

    Raises:
        BadInputError: the stack leads to another account now.
    """
    place = kept_place(one.opened)
    account = str(open_(role="ACCOUNTADMIN")(IDENTITY)[0]["account"])
    if account != place.account:
        raise BadInputError(
            f"{one.id} is a drill of {place.account}, and {place.stack} is now {account}.",
            "Set the stack's account back, then run this again.",
        )
    stamp = str(one.opened["stamp"])
    return Scene(place, open_, one.journal.folder, stamp, tools=drill_hands.tools(settings))


def plan_lines(drill: Drill, scene: Scene) -> Iterator[str]:
    """What it will do, step by step, in words."""
    for number, step in enumerate(drill.steps(scene), 1):
        yield f"  {number}. {step.does} ({step.phase})"


def announce(drill: Drill, scene: Scene) -> None:
    """Say what will be done, and to what."""
    place = scene.place
    hint(f"Drill {drill.name} on {place.stack}, account {place.account} ({place.target}):")
    for line in plan_lines(drill, scene):
        hint(line)
    hint(f"  touches: {'; '.join(drill.touches)}")


def require_consent(scene: Scene, *, yes: bool) -> bool:
    """Whether it may begin: on the sandbox always, on a real account when somebody says so.

    Raises:
        BadInputError: nobody can be asked.
    """
    if scene.place.on_sandbox or yes:
        return True
    if not sys.stdin.isatty():
        raise BadInputError("Nobody can be asked here.", "Say it beforehand: leap drill run --yes")
    return click.confirm(f"Do this on {scene.place.account}?", err=True)


def require(drill: Drill, scene: Scene) -> None:
    """All that does not hold and must, at once.

    Raises:
        BadInputError, NotUsableError: with every problem.
    """
    problems: list[Problem] = drill.problems(scene)
    if not problems:
        return
    lines = "\n".join(f"  {one.what}. {one.remedy}" for one in problems)
    kind = BadInputError if any(one.bad_input for one in problems) else NotUsableError
    raise kind(f"{drill.name} cannot begin; nothing was done:\n{lines}")


def require_no_other(account: str) -> None:
    """Refuse to begin while another drill of the account is not over.

    Raises:
        NotUsableError: with who works on it, and the ways on.
    """
    for one in unfinished(FOLDER, lambda opened: opened["account"] == account):
        raise NotUsableError(
            f"{one.id} on {one.opened['stack']} is not over ({one.where()}; {holder(one)}); "
            "nothing was done.",
            ways_on(one),
        )


def holder(one: Kept) -> str:
    """Who worked on it last, and whether they still do."""
    who = one.holder
    words = f"process {who['pid']} of {who['user']} on {who['host']}"
    if who["host"] != socket.gethostname():
        return f"by {words}"
    return f"{words} is at it" if _lives(int(who["pid"])) else f"{words} is gone"


def ways_on(one: Kept) -> str:
    """The commands that end it, with what comes before them."""
    on_sandbox = one.opened["target"] == SANDBOX
    first = f"{START_IT}\n" if on_sandbox and not sandbox_runs() else ""
    back = f"leap drill back {one.id}"
    if one.going_back:
        return f"{first}Take it back: {back}"
    return f"{first}Continue: leap drill resume {one.id}\nOr take it back: {back}"


def chosen(wanted: str | None) -> Kept:
    """The unfinished drill of that id, or the only one.

    Raises:
        BadInputError: there is none, or more than one.
    """
    open_ones = unfinished(FOLDER)
    found = [one for one in open_ones if wanted in (None, one.id)]
    if len(found) == 1:
        return found[0]
    names = ", ".join(one.id for one in open_ones)
    if not open_ones:
        raise BadInputError("No drill is unfinished.", "All drills: leap drill list")
    raise BadInputError(f"ID: got {wanted or 'nothing'}, allowed: {names}")


def forget_what_is_gone() -> None:
    """End the drills of a sandbox that was reset since: what they touched is no more."""
    open_ones = unfinished(FOLDER, lambda opened: opened["target"] == SANDBOX)
    if not open_ones:
        return
    with connected(login(SANDBOX)) as connection:
        administrator = login(SANDBOX)["user"]
        born = ask(connection, "SHOW USERS LIKE %s", (administrator,)).dicts()[0]["created_on"]
    for one in open_ones:
        if one.began < born:
            hint(f"  {one.id} is over: the sandbox was reset since")
            one.journal.write(Event.ENDED, facts={"outcome": GONE})


def steps_of(one: Kept) -> tuple[Step, ...]:
    """The steps of a kept drill, for its evidence: nothing is asked."""
    return DRILLS[one.drill].steps(_paper(one))


def _paper(one: Kept) -> Scene:
    def nobody(*, role: str, warehouse: str = "", account: str = "") -> Ask:
        raise AssertionError("evidence asks no account")

    stamp = str(one.opened["stamp"])
    return Scene(kept_place(one.opened), nobody, one.journal.folder, stamp, one.notes)


class Latest(NamedTuple):
    """The last drill of a name, and an unfinished one."""

    last: Kept | None
    open: Kept | None


def latest() -> dict[str, Latest]:
    """By name of drill."""
    every = kept(FOLDER)
    return {
        name: Latest(
            next((one for one in every if one.drill == name and one.is_over), None),
            next((one for one in every if one.drill == name and not one.is_over), None),
        )
        for name in DRILLS
    }


def settings_of(one: Kept) -> Settings:
    """The facts of the stack that a kept drill is about."""
    return facts(str(one.opened["stack"]))


def journal_of(scene: Scene) -> Journal:
    """Its journal."""
    return Journal(Path(scene.folder))


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
