"""The audit's four sources: declared facts, the stack's state, a plan of it, the live account."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import yaml

from cli import access_sources, hub
from cli.console import step
from cli.errors import BadInputError, NotUsableError
from cli.target import ask, connected, login
from cli.workbench import facts as stack_facts
from infra.model.rules import declared as items_of_facts
from infra.model.rules import resources
from infra.model.rules.catalogue import RULES
from infra.model.rules.item import UNKNOWN, Item, Kind
from infra.model.rules.judging import judge, sifted, together
from infra.model.rules.rule import DENIES, Ground, Severity
from ingestion.quoting import identifier
from ops.audit import reach, use
from ops.audit.granted import facts_of
from ops.audit.live import RefusedError, read
from ops.audit.protected import protections, unseen, workflows
from ops.audit.report import Report, Unseen, needless

if TYPE_CHECKING:
    from infra.settings import Settings
    from ops.access.facts import Facts

SENTINELS: Final = frozenset(
    {
        "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
    }
)
"""What the engine writes for a text, flag, number, list or mapping that is not known yet.

https://github.com/pulumi/pulumi/blob/master/sdk/go/common/resource/plugin/rpc.go
"""
SIGNED: Final = "4dabf18193072939515e22adb298388d"
"""The key by which a state marks a mapping as a hidden value.

https://github.com/pulumi/pulumi/blob/master/sdk/go/common/resource/sig/sig.go
"""
GOING: Final = frozenset({"delete", "delete-replaced", "discard", "discard-replaced"})


def declared(stack: str, threshold: Severity = DENIES) -> Report:
    """What the working tree declares."""
    settings = stack_facts(stack)
    items = items_of_facts.declared(settings.environment)
    access = access_sources.of_tree(stack)
    return _report(settings, access.source, items, access, threshold)


def state(stack: str, threshold: Severity = DENIES) -> Report:
    """What the engine deployed.

    Raises:
        NotUsableError: no engine, or the stack was never deployed.
    """
    from cli.deployment import stack as stacks
    from cli.workbench import toolchain, variables

    settings = stack_facts(stack, workspaces=True)
    seen = variables(toolchain())
    found = stacks.exported(stack, seen) if stack in stacks.known(seen) else {}
    if not found.get("resources"):
        raise NotUsableError(f"{stack} is not deployed.", f"Deploy it: leap apply --stack {stack}")
    return of_deployment(settings, found, threshold)


def of_deployment(
    settings: Settings, deployment: Mapping[str, Any], threshold: Severity = DENIES
) -> Report:
    """The same, of a state that was read already."""
    standing = (r for r in deployment.get("resources") or () if not r.get("delete"))
    return _of_resources(settings, f"deployed, stack {settings.stack.name}", standing, threshold)


def plan(stack: str, threshold: Severity = DENIES) -> Report:
    """What a deployment would make, by a preview of the whole.

    Raises:
        NotUsableError: no engine or no account.
        FoundError: the preview failed.
    """
    from cli.deployment import engine_run, ready
    from cli.workbench import open_workbench

    bench = open_workbench(stack, workspaces=True)
    with step(f"preview {stack}") as running:
        ready.make_ready(bench)
        run = engine_run.run("preview", stack, bench.variables, progress=running.note)
    if not run.tally.denials:
        run.require_success()
    planned = _planned(run.events)
    return _of_resources(bench.settings, f"planned, stack {stack}", planned, threshold)


def live(stack: str, threshold: Severity = DENIES) -> Report:
    """What stands in the stack's account.

    Raises:
        NotUsableError: nobody answers there.
    """
    settings = stack_facts(stack)
    environment, target = settings.environment, str(settings.config.target)
    access, now = access_sources.of_account(stack), datetime.now(UTC)
    with connected(login(target)) as connection:

        def question(statement: str) -> Sequence[dict[str, Any]]:
            try:
                return ask(connection, statement).dicts()
            except BadInputError as error:
                raise RefusedError(str(error)) from error

        with suppress(RefusedError):  # history needs a warehouse; without one it is named as unread
            warehouse = environment.naming.account(environment.operations.warehouse)
            question(f"USE WAREHOUSE {identifier(warehouse)}")
        account = read(question, access, now, environment.limits.login_days)
    mine = [item for item in account.items if _is_of(item, settings)]
    github = hub.of_facts(settings)
    if github is not None:
        mine += [*protections(github.guards), *workflows(github.standing)]
    unread = (*account.unread, *unseen(github.unread if github is not None else ()))
    ground = Ground(environment, settings.stack.environment)
    more = sifted(use.findings(account, access, ground, now), environment.exceptions, date.today())
    found = _report(settings, access.source, mine, access, threshold, unread)
    judged = together((found.judgement, more))
    # Only an account has all that an exception may be for.
    idle = sifted(needless(ground, judged.excused), {}, date.today())
    guards = tuple(github.guards) if github is not None else ()
    return found._replace(judgement=together((judged, idle)), guards=guards)


def _is_of(item: Item, settings: Settings) -> bool:
    """Whether an item of the account is this environment's, or nobody's we know.

    Environments that share an account tell their names apart by a prefix.
    """
    own = settings.environment.prefix
    others = {prefix for prefix in _prefixes(settings.root) if prefix and prefix != own}
    words = [str(item.get("database", "")), item.name, *item.name.split(" to ")]
    if any(word.startswith(prefix) for prefix in others for word in words):
        return False
    return not own or any(word.startswith(own) for word in words)


@cache
def _prefixes(root: Path) -> frozenset[str]:
    files = sorted((root / "environments").glob("*.yaml"))
    found = (yaml.safe_load(file.read_text(encoding="utf-8")) for file in files)
    return frozenset(str(facts.get("prefix") or "") for facts in found if isinstance(facts, dict))


def _planned(events: Path) -> Iterator[Mapping[str, Any]]:
    """The resources as the steps of an event log leave them, the last step of each."""
    found: dict[str, Mapping[str, Any]] = {}
    for line in events.read_text(encoding="utf-8").splitlines():
        body = json.loads(line).get("resourcePreEvent")
        if body is None:
            continue
        metadata = body["metadata"]
        if metadata["op"] not in GOING and metadata.get("new"):
            found[metadata["urn"]] = metadata["new"]
    yield from found.values()


def _of_resources(
    settings: Settings,
    source: str,
    found: Iterable[Mapping[str, Any]],
    threshold: Severity,
) -> Report:
    items = [item for one in found if (item := _item(one)) is not None]
    return _report(settings, source, items, facts_of(items, source), threshold)


def _item(resource: Mapping[str, Any]) -> Item | None:
    inputs = _plain(resource.get("inputs") or {})
    return resources.item(resource["type"], resource["urn"], inputs, bool(resource.get("protect")))


def _plain(value: Any) -> Any:
    """A value as rules want it: what is hidden, or not known yet, is unknown."""
    if isinstance(value, Mapping):
        if SIGNED in value:
            return UNKNOWN
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return UNKNOWN if isinstance(value, str) and value in SENTINELS else value


def _report(
    settings: Settings,
    source: str,
    items: Sequence[Item],
    access: Facts,
    threshold: Severity,
    unread: Sequence[Unseen] = (),
) -> Report:
    ground, today = Ground(settings.environment, settings.stack.environment), date.today()
    programs = {i.name for i in items if i.kind is Kind.USER and i.get("type")}
    judged = judge(RULES, items, ground, today)
    graph = sifted(reach.findings(access, ground, programs), ground.environment.exceptions, today)
    judgement = together((judged, graph))
    return Report(settings.stack.name, source, judgement, threshold, today, tuple(unread))
