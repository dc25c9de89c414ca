"""The deployment of `leap up`: the engine runs, unless it is certain that it would do nothing.

It is certain when facts, program, policies, versions and state are those of the last good run, and
every object of that run is still in the account. An object that is gone, or a repository that is
guarded otherwise than code says, makes the engine ask first. Grants and properties that were
changed by hand in the account are not looked for here: that is `leap preview --refresh`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from cli import hub, memory, second_account, standing
from cli.console import hint
from cli.deployment import destruction, engine_run, last_good, refreshing, repair
from cli.deployment import stack as stacks
from cli.deployment.events import in_words
from cli.target import connected
from ingestion.feed import RAW_SCHEMA
from ops.drift.finding import Form

if TYPE_CHECKING:
    from cli.workbench import Workbench

OBJECTS: Final = "objects"
SHOWN: Final = 5
MADE_BY_DBT: Final = frozenset({"tables", "views"})
NAMED_BY_WAREHOUSES: Final = frozenset({"resource monitors"})  # gone with the last that does


def deploy(bench: Workbench, progress: Callable[[str], None]) -> tuple[dict[str, Any], str]:
    """Make the account what the files say; the stack's outputs, and what was done in words.

    Raises:
        FoundError: a policy denied it, or a resource could not be made.
        FailedOverError: the second account leads; nothing was done.
    """
    sound = repair.make_sound(bench)
    second_account.refuse_while_failed_over(bench, sound.deployment)
    gone = missing(bench, sound.deployment)
    weakened = [] if gone else changed_on_github(bench, sound.deployment)
    if gone:
        hint(f"  {in_short('gone from the account', gone)}; looking at everything")
    elif weakened:
        hint(f"  {in_short('changed on GitHub', weakened)}; looking at everything")
    elif last_good.unchanged(bench, sound.deployment):
        return stacks.outputs_in(sound.deployment), "nothing changed since the last deployment"
    ask_first = bool(gone or weakened)
    deployment = refreshing.refresh(bench, progress) if ask_first else sound.deployment
    if destruction.is_guarded(bench, deployment):
        destruction.refuse_losses(bench, deployment, progress)
    run = engine_run.run(
        "up",
        bench.stack,
        bench.variables,
        options=["--yes", "--skip-preview"],
        save_once=bench.on_sandbox,
        progress=progress,
    )
    run.require_success()
    return stacks.outputs_in(remember(bench)), in_words(run.tally.summary)


def remember(bench: Workbench) -> dict[str, Any]:
    """Keep what a run that went well left in state and account; the deployment as it is now."""
    deployment = stacks.exported(bench.stack, bench.variables)
    memory.remember(bench.stack, OBJECTS, json.dumps(_objects(bench, deployment)))
    last_good.remember(bench, deployment)
    return deployment


def in_short(what: str, found: Sequence[str]) -> str:
    """The first of what was found, and how many more."""
    more = f" and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
    return f"{what}: {', '.join(found[:SHOWN])}{more}"


def changed_on_github(bench: Workbench, deployment: Mapping[str, Any]) -> list[str]:
    """What code made on GitHub and somebody changed or took away; what cannot be seen is not."""
    found = hub.differences(bench.settings, deployment)
    return [one.what for one in found if one.form is not Form.UNKNOWN]


def missing(bench: Workbench, deployment: Mapping[str, Any]) -> list[str]:
    """What the last good run left in the account and is there no more."""
    try:
        kept = set(json.loads(memory.recall(bench.stack, OBJECTS) or "[]"))
    except ValueError:
        kept = set()
    if not kept or not stacks.outputs_in(deployment):
        return []
    return sorted(kept - set(_objects(bench, deployment)))


def _objects(bench: Workbench, deployment: Mapping[str, Any]) -> list[str]:
    """The account's objects of this stack, as `kind name`, without those that dbt makes."""
    outputs = stacks.outputs_in(deployment)
    if not outputs:
        return []
    with connected(bench.login()) as connection:
        found = standing.objects(connection, outputs)
    return [
        f"{kind} {name}"
        for kind, names in found.items()
        for name in names
        if kind not in NAMED_BY_WAREHOUSES
        if kind not in MADE_BY_DBT or name.startswith(f"{RAW_SCHEMA}.")
    ]
