"""A workspace goes up: its file, its stack, its schema; and again, to renew or to complete it.

Every step leaves alone what stands, so whatever stopped the last run, the same command goes on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from cli.deployment import engine_run, repair
from cli.deployment import stack as stacks
from cli.errors import BadInputError
from cli.workspaces import account, lost, plan, register

if TYPE_CHECKING:
    from cli.workbench import Workbench
    from cli.workspaces.account import Place
    from cli.workspaces.plan import Wish
    from infra.settings import Settings
    from infra.stack import Stack


def settle(stack: Stack, foundation: str, wish: Wish, known: frozenset[str]) -> Settings:
    """Look whether the workspace may be made, write its file, and return its settings.

    Raises:
        BadInputError: it is somebody else's, or not a workspace at all; or nothing to stand on.
    """
    from cli.paths import ROOT
    from infra import settings

    where = account.place(stack.name, foundation)
    facts = settings.workspace_facts(where.layered)
    _check(where, wish)
    kept = plan.values(stack)
    user = where.user(wish.login or (kept.get("user") if stack.name in known else None))
    names = facts.names(
        where.layered.environment.naming, where.layered.environment.database.name, stack.owner
    )
    with account.opened(where, user, where.deployer) as connection:
        row = register.schema_row(connection, names.database, names.schema_)
        day = register.today(connection)
    _refuse_what_is_not_ours(stack, user, row, names.schema_, stack.name in known)
    said = register.read_comment(row["comment"]) if row else None
    expires = said.get("expires_on") if said else None
    if wish.days is not None or expires is None:
        expires = str(day + timedelta(days=wish.days or facts.expires_after_days))
    plan.write(stack, where.settings, user, date.fromisoformat(expires), wish)
    return settings.load(ROOT, stack.name)


def require_made(stack: Stack, variables: Mapping[str, str]) -> None:
    """Do nothing for a workspace that was made here.

    Raises:
        BadInputError: there is none of that name.
    """
    known = stacks.known(variables)
    if stack.name not in known:
        names = [name for name in sorted(known) if name.startswith(("dev-", "pr-"))]
        raise BadInputError(
            f"workspace: got {stack.name!r}, allowed: {', '.join(names) or 'none is here'}",
            f"Make it: leap dev new {stack.name}",
        )


def _check(where: Place, wish: Wish) -> None:
    environment, wrong = where.layered.environment, []
    schemas = sorted(environment.database.schemas)
    if unknown := [name for name in wish.clone if name not in schemas]:
        given = ", ".join(map(repr, unknown))
        wrong.append(f"--clone: got {given}, allowed: {', '.join(schemas)}")
    highest = environment.workspaces.max_credits
    if wish.credits is not None and wish.credits > highest:
        wrong.append(f"--credits: got {wish.credits}, allowed: integer from 1 to {highest}")
    if wrong:
        raise BadInputError("\n".join(wrong))


def _refuse_what_is_not_ours(stack: Stack, user: str, row: Any, schema: str, here: bool) -> None:
    if row is None:
        return
    said = register.read_comment(row["comment"])
    if said is None or said.get("stack") != stack.name:
        raise BadInputError(
            f"workspace: got {stack.name!r}, but {schema} stands and no workspace made it",
            "Allowed: another name",
        )
    if said.get("owner") != user:
        raise BadInputError(
            f"workspace: got {stack.name!r}, which is {said.get('owner')}'s "
            f"until {said.get('expires_on')}",
            f"Allowed: a name of your own, or its owner (--login {said.get('owner')})",
        )
    if not here:
        raise BadInputError(
            f"workspace: got {stack.name!r}, which stands, but its stack is not in this backend",
            f"Allowed: the backend that it was made with, or leap dev down {stack.name}, then new",
        )


def deploy(bench: Workbench, progress: Callable[[str], None]) -> tuple[dict[str, Any], str]:
    """Make the account what the workspace's file says; its outputs, and what was done in words.

    Raises:
        FoundError: a policy denied it, or a resource could not be made.
    """
    from cli.deployment.events import in_words

    sound = repair.make_sound(bench)
    refresh = sound.refresh
    if _has_lost_its_schema(bench, sound):
        lost.forget_schema(bench, sound.deployment)
        refresh = True
    run = engine_run.run(
        "up",
        bench.stack,
        bench.variables,
        options=["--yes", "--skip-preview", *(["--refresh"] if refresh else [])],
        save_once=bench.on_sandbox,
        progress=progress,
    )
    run.require_success()
    outputs = stacks.outputs(bench.stack, bench.variables)
    return outputs, in_words(run.tally.summary)


def _has_lost_its_schema(bench: Workbench, sound: repair.Sound) -> bool:
    """Whether the state speaks of a schema that is gone: the rest has to be asked for, too."""
    outputs = stacks.outputs_in(sound.deployment)
    if not outputs:
        return False
    config = bench.settings.config
    where = account.place(bench.stack, config.foundation)
    with account.opened(where, config.user, where.deployer) as connection:
        return register.schema_row(connection, outputs["database"], outputs["schema"]) is None
