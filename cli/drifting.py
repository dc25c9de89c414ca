"""What `leap drift` compares: the states of all stacks that share the account, and the account."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from cli import hub as hubs
from cli.deployment import stack as stacks
from cli.errors import BadInputError, NotUsableError
from cli.hub import Hub
from cli.paths import ROOT
from cli.target import SANDBOX, ask, connected, login, running_sandbox
from cli.workbench import facts, toolchain, variables
from infra import settings as reading
from infra.settings import Settings, SettingsError
from ops.access.account import Ask, ReadRefusedError
from ops.access.facts import Unread
from ops.access.names import Securable
from ops.access.resources import Resource, resources
from ops.drift import accepted, account, origin, remedy
from ops.drift.accepted import Split
from ops.drift.account import Live
from ops.drift.code import Code, workspaces
from ops.drift.compare import compare
from ops.drift.finding import Finding, Fix, Origin
from ops.github import compare as github
from ops.github import remedy as github_remedy
from ops.github.names import Thing

if TYPE_CHECKING:
    from snowflake.connector import SnowflakeConnection

AT_ONCE: Final = 2
"""Engines that export a state at the same time."""
_PROVIDER: Final = "pulumi:providers:snowflake"


@dataclass(frozen=True)
class Drift:
    """Everything that one look found."""

    settings: Settings
    split: Split
    origins: dict[Finding, Origin]
    fixes: dict[Finding, tuple[Fix, ...]]
    unread: list[Unread]
    statements: int
    stacks: tuple[str, ...]
    hub: Hub
    """GitHub's side."""

    @property
    def account(self) -> str:
        """Which account it is about."""
        return str(self.settings.config.target)


def look(stack: str) -> Drift:
    """Compare code with the live account.

    Raises:
        NotUsableError: no engine, no account, or the stack was never deployed.
        InvalidInputError: the file of accepted differences is wrong.
    """
    settings = facts(stack)
    decisions = accepted.load(ROOT, stack)
    if settings.config.target == SANDBOX:
        running_sandbox()
    exported = _exported(settings)
    deployed = {name: resources(one) for name, one in exported.items()}
    with connected(login(str(settings.config.target))) as connection:
        question = _question(connection)
        live = account.read(question)
        code = Code(deployed, _beside(settings))
        found = compare(code, live, _workspaces(settings, code, live))
        now: datetime = question("SELECT CURRENT_TIMESTAMP() AS NOW")[0]["now"]
        origins, unread = origin.origins(found, question, now)
    place = remedy.Place(
        stack,
        settings.environment,
        f"environments/{settings.stack.environment}.yaml",
        _providers(deployed[stack]),
    )
    declared, hub = hubs.of_state(settings, exported[stack])
    beside = github.compare(declared, hub.standing)
    origins |= {finding: Origin("", "", finding.since, "", "GitHub") for finding in beside}
    today = now.date()
    split = accepted.split([*found, *beside], decisions, today)

    def ways(finding: Finding) -> tuple[Fix, ...]:
        if isinstance(finding.securable, Thing):
            return github_remedy.fixes(finding, place, declared, hub.standing, today)
        return remedy.fixes(finding, place, today)

    return Drift(
        settings,
        split,
        origins,
        {finding: ways(finding) for finding in split.open},
        [*live.unread, *unread, *hub.unread],
        live.statements + 1 + bool(found),
        tuple(deployed),
        hub,
    )


def _question(connection: SnowflakeConnection) -> Ask:
    def question(statement: str) -> Sequence[dict[str, Any]]:
        try:
            return ask(connection, statement).dicts()
        except BadInputError as error:
            raise ReadRefusedError(str(error)) from error

    return question


def _exported(settings: Settings) -> dict[str, dict[str, Any]]:
    """Deployments by stack: this one's first, then those of the others in the same account."""
    seen, own = variables(toolchain()), settings.stack.name
    known = stacks.known(seen)
    others = [name for name in sorted(known - {own}) if _shares_account(settings, name)]
    wanted = [name for name in (own, *others) if name in known]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        exported = list(pool.map(lambda name: stacks.exported(name, seen), wanted))
    found = dict(zip(wanted, exported, strict=True))
    if not found.get(own, {}).get("resources"):
        raise NotUsableError(f"{own} is not deployed.", f"Deploy it: leap apply --stack {own}")
    return found


def _shares_account(settings: Settings, name: str) -> bool:
    try:
        other = reading.load(ROOT, name).config
    except SettingsError:
        return False
    mine = settings.config
    return (other.target, other.organization_name, other.account_name) == (
        mine.target,
        mine.organization_name,
        mine.account_name,
    )


def _beside(settings: Settings) -> list[Securable]:
    """What stands by design and is in no state: the sandbox's first administrator."""
    if settings.config.target != SANDBOX:
        return []
    return [Securable("USER", (running_sandbox().snowflake.admin.user,))]


def _workspaces(settings: Settings, code: Code, live: Live) -> frozenset[Securable]:
    base = settings.environment.database.name
    databases = {
        securable.path[0]: settings.environment.naming.model_copy(
            update={"prefix": securable.path[0].removesuffix(base)}
        )
        for securable in code.objects
        if securable.kind == "DATABASE" and securable.path[0].endswith(base)
    }
    schemas = [
        (securable.path, one.owner, str(one.row.get("comment") or ""))
        for securable, one in live.objects.items()
        if securable.kind == "SCHEMA"
    ]
    return workspaces(schemas, code, databases)


def _providers(found: Sequence[Resource]) -> dict[str, str]:
    return {
        str(resource.inputs["role"]): resource.urn
        for resource in found
        if resource.type == _PROVIDER and resource.inputs.get("role")
    }
