"""The gate before data goes: what would be lost, who agreed to it, and the recipe to undo it.

It stands in `leap apply`, `leap destroy` and `leap up`. A `pulumi up` typed by hand passes it by:
there only `protect` and the policies hold. Anywhere the recipe is kept; in a protected environment
nothing goes without a second, named approval of exactly this change, nor without a word on what
nothing brings back.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from cli.console import hint
from cli.deployment import engine_run, shadow, state
from cli.errors import FoundError
from cli.identity import whoami
from cli.paths import STATE
from cli.restoring import UNDO, asking, server_time
from ops.restore import approval, inventory, planned, recipe
from ops.restore.account import Ask, named
from ops.restore.approval import ApprovalError, Register
from ops.restore.planned import Loss, Step, Why
from ops.restore.recipe import Held, Method, Recipe

if TYPE_CHECKING:
    from cli.workbench import Workbench

APPROVALS: Final = STATE / "approvals"
SHOWN: Final = 40
CLONED: Final = frozenset({"DATABASE", "SCHEMA", "TABLE"})
TIME: Final = "%Y-%m-%d %H:%M UTC"


@dataclass(frozen=True, slots=True)
class Consent:
    """What the person said beforehand."""

    command: str
    approve: str = ""
    keep_clone: bool = False
    accept_loss: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """A change that takes data; `protected`: the URNs to unprotect for it."""

    id: str
    losses: tuple[Loss, ...]
    objects: tuple[Held, ...]
    before: datetime
    protected: frozenset[str]
    is_guarded: bool

    def as_facts(self) -> dict[str, Any]:
        """One JSON value."""
        return {
            "change": self.id,
            "guarded": self.is_guarded,
            "losses": [asdict(loss) for loss in self.losses],
            "objects": [asdict(held) for held in self.objects],
        }


def is_guarded(bench: Workbench, deployment: Mapping[str, Any]) -> bool:
    """Whether a second approval is needed here: by the facts, or still by the state."""
    return bench.settings.environment.protect or bool(state.protected(deployment))


def read_steps(events: Path) -> list[Step]:
    """The plan that an event log tells."""
    if not events.exists():
        return []
    return planned.steps(_lines(events))


def look(bench: Workbench, deployment: Mapping[str, Any], steps: Sequence[Step]) -> Change | None:
    """What a plan would take from the live account; None when that is nothing."""
    held_back = state.protected(deployment)
    losses = planned.losses(steps, held_back)
    if not losses:
        return None
    with asking(bench) as ask:
        before = server_time(ask)
        objects = inventory.take(ask, losses, before)
    going = {s.urn for s in steps if s.op in planned.DROPPING | planned.REPLACING}
    return Change(
        approval.change_id(bench.stack, bench.target, losses, deployment),
        tuple(losses),
        tuple(objects),
        before,
        frozenset(going & held_back),
        is_guarded(bench, deployment),
    )


def refuse_losses(
    bench: Workbench,
    deployment: Mapping[str, Any],
    progress: Callable[[str], None],
) -> None:
    """Let a guarded stack come up only where that takes nothing from it.

    Raises:
        FoundError: it would; `leap apply` is the way.
    """
    if not deployment.get("resources"):
        return
    with shadow.where_needed(bench, deployment) as variables:
        preview = engine_run.run("preview", bench.stack, variables, progress=progress)
    preview.require_success()
    change = look(bench, deployment, read_steps(preview.events))
    if change is not None:
        show(bench, change)
        raise FoundError(
            f"{bench.stack} is protected, and nothing was done: data would go.",
            f"See it and have it approved: leap apply --stack {bench.stack}",
        )


def demand(bench: Workbench, change: Change, consent: Consent) -> str:
    """Show what goes and hold it to its keys; the name that approved, empty where none must.

    Raises:
        FoundError: an approval, or a word on what is lost for good, is missing.
    """
    show(bench, change)
    return _demand(bench, change, consent) if change.is_guarded else ""


def prepare(
    bench: Workbench,
    deployment: Mapping[str, Any],
    change: Change,
    consent: Consent,
    approved_by: str,
) -> Recipe:
    """Keep the recipe, and clones where they are wanted; take the protection off what may go."""
    made = _recipe(bench, deployment, change, consent, approved_by)
    recipe.save(UNDO / bench.stack, made)
    if consent.keep_clone:
        with asking(bench) as ask:
            made = replace(made, clones=_keep_clones(ask, change, made))
        recipe.save(UNDO / bench.stack, made)
    if change.protected:
        # The program protects again what it still declares; the rest is what goes.
        state.write(
            bench.stack, bench.variables, state.without_protection(deployment, change.protected)
        )
    return made


def ended(bench: Workbench, made: Recipe) -> None:
    """Note that the change was made, and say how it is undone."""
    recipe.ended(UNDO / bench.stack, made, "applied")
    until = f", until {made.until:{TIME}}" if made.until else ""
    if any(held.method not in (Method.ANEW, Method.NEVER) for held in made.objects):
        hint(f"  It comes back by: leap undo --stack {bench.stack} {made.id}{until}")


def show(bench: Workbench, change: Change) -> None:
    """Say what goes, with rows and bytes, and until when it can come back."""
    word = "protected" if change.is_guarded else "not protected"
    hint(f"This takes data out of {bench.stack} ({word}), change {change.id}:")
    for loss in change.losses:
        hint(f"  {loss.in_words()}")
    for held in change.objects[:SHOWN]:
        hint(f"    {_in_words(held)}")
    if len(change.objects) > SHOWN:
        hint(f"    … and {len(change.objects) - SHOWN} more objects")


def _in_words(held: Held) -> str:
    size = f", {held.rows:,} rows, {held.bytes or 0:,} bytes" if held.rows is not None else ""
    until = f" until {datetime.fromisoformat(held.until):{TIME}}" if held.until else ""
    note = f" ({held.note})" if held.note else ""
    return f"{held.kind} {held.name}{size}: {held.method}{until}{note}"


def _demand(bench: Workbench, change: Change, consent: Consent) -> str:
    """The name that approved; every missing key is said together."""
    missing: list[str] = []
    ways_on: list[str] = []
    lost = [h for h in change.objects if h.method is Method.NEVER and _matters(h)]
    uncloned = [h for h in lost if not (consent.keep_clone and h.kind in CLONED)]
    if uncloned and not consent.accept_loss:
        names = ", ".join(f"{held.kind} {held.name}" for held in uncloned[:SHOWN])
        missing.append(f"nothing brings back {names}")
        ways_on.append("Keep a clone: --keep-clone. Or say that it may be lost: --accept-loss")
    name = ""
    try:
        name = _approved(bench, change, consent)
    except ApprovalError as error:
        missing.append(str(error))
        ways_on += [
            f"Somebody else: leap approve {change.id} --stack {bench.stack} --as NAME",
            f"Then, within 24 hours: leap {consent.command} --stack {bench.stack} --approve NAME",
        ]
    if missing:
        text = "; ".join(missing)
        raise FoundError(
            f"{bench.stack} is protected, and nothing was done: {text}.", "\n".join(ways_on)
        )
    return name


def _approved(bench: Workbench, change: Change, consent: Consent) -> str:
    register, now, who = Register(APPROVALS / bench.stack), datetime.now(UTC), whoami()
    waiting = register.find(change.id)
    known = waiting is not None and now < waiting.expires()
    request = register.ask(change.id, bench.stack, [x.in_words() for x in change.losses], who, now)
    name, _, given_id = consent.approve.partition(":")
    if not name:
        raise ApprovalError("this change needs a second, named approval")
    if who.is_called(name):
        raise ApprovalError(f"{name} is who applies it: somebody else has to approve")
    if given_id and given_id != change.id:
        raise ApprovalError(f"{name} approved {given_id}, and this change is {change.id}")
    if any(given.name.lower() == name.lower() for given in request.approvals):
        return name
    if not known and not given_id:
        raise ApprovalError(
            f"{name} cannot have seen this change: it is told here for the first time"
        )
    register.approve(change.id, name, who, now)
    return name


def _recipe(
    bench: Workbench,
    deployment: Mapping[str, Any],
    change: Change,
    consent: Consent,
    approved_by: str,
) -> Recipe:
    now = datetime.now(UTC)
    urns = [loss.urn for loss in change.losses if loss.why in (Why.DROP, Why.REPLACE)]
    return Recipe(
        id=f"{now:%Y%m%dT%H%M%S%f}"[:-3] + "Z",
        stack=bench.stack,
        target=bench.target,
        account=account_of(bench),
        made_at=now.isoformat(),
        before=change.before.isoformat(),
        change=change.id,
        command=consent.command,
        applied_by=str(whoami()),
        approved_by=approved_by,
        objects=change.objects,
        resources=tuple(state.closure(deployment, urns)),
    )


def account_of(bench: Workbench) -> str:
    """Organization and account, as the facts name them."""
    config = bench.settings.config
    return "sandbox" if bench.on_sandbox else f"{config.organization_name}-{config.account_name}"


def _keep_clones(ask: Ask, change: Change, made: Recipe) -> dict[str, str]:
    """One zero-copy clone beside each container or table that goes."""
    going = [h for h in change.objects if h.why in (Why.DROP, Why.REPLACE, Why.COLUMN)]
    clones = {}
    for held in recipe.roots([h for h in going if h.kind in CLONED]):
        path = (*held.path[:-1], f"{held.path[-1]}__KEPT_{made.id[:15]}")
        ask(f"CREATE {named(held.kind, path)} CLONE {named('', held.path).strip()}")
        clones[named(held.kind, held.path)] = named("", path).strip()
        hint(f"  kept: {held.kind} {'.'.join(path)}")
    return clones


def _matters(held: Held) -> bool:
    return held.rows != 0


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            event = json.loads(line)
        except ValueError:
            continue  # the last line of a run that was cut off
        if isinstance(event, dict):
            yield event
