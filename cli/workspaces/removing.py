"""A workspace comes down, with whatever was built in it, and leaves nothing.

First the engine destroys what its state knows, then what remains in the account goes by name, then
the stack and its files. Each step does nothing where nothing is left, so a stopped one goes on with
the same command; and an orphan, which has only one half, comes down the same way.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cli.deployment import engine_run, lock, repair, unsaved
from cli.deployment import stack as stacks
from cli.errors import BadInputError, FoundError, LeapError
from cli.paths import LOGS, ROOT, STATE
from cli.workspaces import account, lost, plan, register
from infra.model.workspace_procedures import CLOSE
from ingestion.quoting import identifier, literal

if TYPE_CHECKING:
    from snowflake.connector import SnowflakeConnection

    from cli.workbench import Workbench
    from cli.workspaces.account import Place
    from cli.workspaces.register import Entry
    from infra.model.workspace import WorkspaceNames
    from infra.stack import Stack


@dataclass(frozen=True, slots=True)
class Going:
    """A workspace that is to go: where it is, whose login takes it down, what it is called."""

    stack: Stack
    where: Place
    user: str

    @property
    def names(self) -> WorkspaceNames:
        """The names of its objects."""
        from infra import settings

        layered = self.where.layered
        facts = settings.workspace_facts(layered)
        environment = layered.environment
        return facts.names(environment.naming, environment.database.name, self.stack.owner)


def going(stack: Stack, foundation: str, login: str | None) -> Going:
    """What is to go, by its name alone: neither half need be there."""
    where = account.place(stack.name, foundation)
    return Going(stack, where, where.user(login or plan.values(stack).get("user")))


def refuse_what_is_not_theirs(what: Going, entry: Entry) -> None:
    """Do nothing for a workspace of the person who takes it down, or of nobody.

    Raises:
        BadInputError: it is somebody else's.
    """
    if entry.owner and entry.owner != what.user:
        raise BadInputError(
            f"workspace: got {entry.stack!r}, which is {entry.owner}'s until {entry.expires_on}, "
            f"not {what.user}'s",
            f"Allowed: your own, or its owner's word (--login {entry.owner}); "
            "after its last day: leap dev expire --yes",
        )


def take_down(
    what: Going, bench: Workbench, known: frozenset[str], progress: Callable[[str], None]
) -> str:
    """Take it down; what was done, in words.

    Raises:
        FoundError: something could not be removed, with what remains.
    """
    done = []
    try:
        if what.stack.name in known:
            done.append(_destroy(what, bench, progress))
        progress("looking for what remains")
        with account.opened(what.where, what.user, what.where.deployer) as connection:
            done += [f"dropped {name}" for name in _sweep(connection, what)]
        if what.stack.name in known:
            stacks.pulumi(bench.variables, "stack", "rm", what.stack.name, "--yes")
    except LeapError as error:
        raise FoundError(
            f"{what.stack.name} is not wholly down: {error}",
            f"What is done stays done. Run it again: leap dev down {what.stack.name} --yes",
        ) from error
    forget_files(what.stack.name)
    return ", ".join(filter(None, done)) or "there was nothing"


def _destroy(what: Going, bench: Workbench, progress: Callable[[str], None]) -> str:
    from cli.deployment.events import in_words

    sound = repair.make_sound(bench)
    if not stacks.outputs_in(sound.deployment) and not sound.deployment.get("resources"):
        return ""
    with account.opened(what.where, what.user, what.where.deployer) as connection:
        names = what.names
        stands = register.schema_row(connection, names.database, names.schema_) is not None
    if not stands:
        lost.forget_schema(bench, sound.deployment)
    refresh = ["--refresh"] if sound.refresh or not stands else []
    run = engine_run.run(
        "destroy",
        bench.stack,
        bench.variables,
        options=["--yes", "--skip-preview", *refresh],
        save_once=bench.on_sandbox,
        progress=progress,
    )
    run.require_success()
    return in_words(run.tally.summary)


def _sweep(connection: SnowflakeConnection, what: Going) -> list[str]:
    """Drop by name what the engine does not know; the names of what was there."""
    names, dropped = what.names, []
    if register.schema_row(connection, names.database, names.schema_) is not None:
        place = identifier(names.database, names.schema_)
        account.statement(connection, f"DROP SCHEMA IF EXISTS {place} CASCADE")
        dropped.append(f"schema {names.schema_}")
    stood = _has_a_warehouse(connection, names)
    place = identifier(names.database, what.where.layered.environment.operations.schema_)
    # Always: a limit that was made but not yet shown to anybody is not seen from here.
    account.statement(connection, f"CALL {place}.{CLOSE}({literal(names.schema_)})")
    dropped += [f"warehouse {names.warehouse}"] if stood else []
    standing = {str(row["name"]) for row in account.statement(connection, "SHOW ROLES")}
    for role in (names.own_role, names.read_role):
        if role in standing:
            account.statement(connection, f"DROP ROLE IF EXISTS {identifier(role)}")
            dropped.append(f"role {role}")
    return dropped


def _has_a_warehouse(connection: SnowflakeConnection, names: WorkspaceNames) -> bool:
    """Whether its warehouse or its limit stands."""
    wanted = {"WAREHOUSES": names.warehouse, "RESOURCE MONITORS": names.monitor}
    return any(
        row["name"] == name
        for kind, name in wanted.items()
        for row in account.statement(connection, f"SHOW {kind}")
    )


def forget_files(stack: str) -> None:
    """Drop what this clone keeps of a workspace that is gone."""
    (ROOT / f"Pulumi.{stack}.yaml").unlink(missing_ok=True)
    (STATE / "memory" / f"{stack}.json").unlink(missing_ok=True)
    lock.forget_engine(stack)
    unsaved.end(stack)
    shutil.rmtree(STATE / "dbt" / stack, ignore_errors=True)
    for log in LOGS.glob(f"{stack}-*"):
        if log.name.removeprefix(f"{stack}-").split(".")[0] in {"up", "destroy", "preview"}:
            log.unlink(missing_ok=True)
