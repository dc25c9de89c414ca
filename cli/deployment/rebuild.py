"""A lost state, made again from what the program declares and what the clouds have.

Round by round: the engine plans on what is known so far; each resource that it would create, and
of which nothing is unknown any more, enters the state under the id that it must have; the engine's
refresh reads these from the clouds. What they answer makes more known, until nothing is left to
create. All of it happens in a backend of its own: neither an account nor the stack's state is
written. A resource that no cloud has is named, and stays out.
"""

from __future__ import annotations

import json
import shutil
import tempfile
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from cli import hub
from cli.deployment import engine_run, ready, refreshing, shadow, state
from cli.deployment import stack as stacks
from cli.deployment.secret_key import secrets_provider
from cli.errors import FoundError, NotUsableError
from cli.paths import STATE
from infra.model.urn import named
from ops.rebuild import identity, order, planned
from ops.rebuild.hub import HubNumbers
from ops.rebuild.planned import Entry, Wanted

if TYPE_CHECKING:
    from cli.workbench import Workbench

ROUNDS: Final = 20
ATTEMPTS: Final = 5
PLAN: Final = "plan.json"
Progress = Callable[[str], None]


@dataclass(slots=True)
class Rebuilt:
    """What came of it; resources are told as `kind name`."""

    deployment: dict[str, Any]
    rounds: int = 0
    set_again: list[str] = field(default_factory=list)
    """With the properties that no cloud tells; the next update sets them again."""
    believed: list[str] = field(default_factory=list)
    """With the properties that no cloud tells and that are held to be what the program says."""
    absent: list[str] = field(default_factory=list)
    """Declared, and in no cloud."""
    waiting: list[str] = field(default_factory=list)
    """Known only when what is absent stands."""


def rebuild(bench: Workbench, folder: Path, progress: Progress = lambda _: None) -> Rebuilt:
    """Make the state anew, in a backend of its own in this folder; what was there is gone.

    Raises:
        NotUsableError: a kind of resource cannot be identified, or secrets cannot be kept.
        FoundError: the program cannot be planned, or an object cannot be read.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    work = _Work(bench, folder, progress)
    work.lay([])
    made = Rebuilt({})
    for made.rounds in range(1, ROUNDS + 1):
        wanted = [one for one in work.wanted() if one.urn not in work.absent]
        found = work.identified(wanted)
        if not found:
            break
        work.adopt(found, made)
    work.refresh()  # once more as any other state: what an import cannot tell is read now
    made.absent = sorted(map(named, work.absent))
    made.waiting = sorted(named(one.urn) for one in wanted if one.urn not in work.absent)
    made.deployment = work.deployment()
    return made


def nothing(stack: str) -> dict[str, Any]:
    """A state without resources that can keep the stack's secrets."""
    manifest = {"time": _now(), "magic": "", "version": ""}
    providers = secrets_provider(stack)
    return {"manifest": manifest, "secrets_providers": providers, "resources": []}


class _Work:
    """The backend of its own, and what is in it."""

    def __init__(self, bench: Workbench, folder: Path, progress: Progress) -> None:
        self._bench, self._folder, self._progress = bench, folder, progress
        self._variables = shadow.beside(folder, bench.variables)
        self._empty = nothing(bench.stack)
        settings = bench.settings
        self._numbers = HubNumbers(lambda: hub.api_of(settings), hub.owner_of(settings))
        self.absent: set[str] = set()

    def deployment(self) -> dict[str, Any]:
        return stacks.exported(self._bench.stack, self._variables)

    def entries(self) -> list[Entry]:
        return list(self.deployment().get("resources") or ())

    def lay(self, entries: Sequence[Entry]) -> None:
        """Make these the state."""
        shadow.lay(self._folder, self._bench.stack, {**self._empty, "resources": list(entries)})

    def wanted(self) -> list[Wanted]:
        """What the program would still create, on what is known so far."""
        self._progress(f"{len(self.entries())} resources, planning")
        plan = self._folder / PLAN
        run = engine_run.run(
            "preview",
            self._bench.stack,
            self._variables,
            options=["--save-plan", str(plan)],
            judged=False,
        )
        run.require_success()
        read = json.loads(plan.read_text(encoding="utf-8"))
        self._empty["manifest"] = read["manifest"]
        return planned.creations(read)

    def identified(self, wanted: Sequence[Wanted]) -> dict[Wanted, str]:
        """Those of which all is known, and their parents and providers, each with its id."""
        found: dict[Wanted, str] = {}
        strangers: set[str] = set()
        for one in wanted:
            if not one.custom:
                found[one] = ""
            elif one.is_provider:
                found[one] = str(uuid.uuid4())
            elif one.is_known:
                try:
                    id_ = identity.of(one.token, one.inputs, self._numbers)
                except identity.UnknownKindError as error:
                    strangers.add(error.token)
                    continue
                if id_ is None:
                    self.absent.add(one.urn)
                else:
                    found[one] = id_
        if strangers:
            raise NotUsableError(
                f"How these are identified is not known: {', '.join(sorted(strangers))}; "
                "nothing was written.",
                "Restore a version of the state from its backend, or import them by hand: "
                "https://www.pulumi.com/docs/iac/adopting-pulumi/import/",
            )
        return found

    def adopt(self, found: Mapping[Wanted, str], made: Rebuilt) -> None:
        """Enter them, have the engine read each, and keep of the answers what is to be kept."""
        standing = self.entries()
        providers = {
            one["urn"]: one["id"] for one in standing if one["type"].startswith(planned.PROVIDERS)
        } | {one.urn: id_ for one, id_ in found.items() if one.is_provider}
        now = _now()
        new = [planned.entry(one, id_, providers, now) for one, id_ in found.items()]
        self.lay(order.in_order(standing, new))
        asked = {one.urn for one in found if one.custom and not one.is_provider}
        self.refresh(asked)
        left = self.deployment()
        left = refreshing.without(left, refreshing.empty_grants(left) & asked)
        read = {one["urn"]: one for one in left["resources"]}
        for one in (one for one in found if one.custom and one.urn in read):
            if names := planned.set_again(one):
                made.set_again.append(_with(one, names))
            if names := planned.believed(one):
                made.believed.append(_with(one, names))
            if one.is_imported:
                read[one.urn] = planned.answered(one, read[one.urn])
        self.lay(list(read.values()))
        self.absent |= asked - read.keys()

    def refresh(self, asked: set[str] | None = None) -> None:
        """Read some, or all, from the clouds. What is set on an object that is gone goes, too."""
        for _ in range(ATTEMPTS):
            if asked is not None and not asked:
                return
            self._progress(f"reading {'all' if asked is None else len(asked)}")
            targets = [word for urn in sorted(asked or ()) for word in ("--target", urn)]
            run = engine_run.run(
                "refresh",
                self._bench.stack,
                self._variables,
                options=["--yes", "--skip-preview", *targets],
                save_once=True,
            )
            gone = refreshing.unreadable(run)
            if run.exit_code == 0 or not gone:
                break
            self.lay(refreshing.without(self.deployment(), gone)["resources"])
            asked = asked - gone if asked is not None else None
        run.require_success()


def found_again(bench: Workbench, progress: Progress = lambda _: None) -> Rebuilt:
    """Rebuild the state of a stack that has lost it, and make it the stack's.

    Raises:
        FoundError: the stack has a state, or nothing of it stands in any cloud.
    """
    known = ready.make_ready(bench, wait=False).get("resources") or ()
    if any(one.get("custom") for one in known):
        raise FoundError(
            f"{bench.stack} has a state with {len(known)} resources; nothing was done.",
            f"If it is wrong and not lost: leap apply --stack {bench.stack} --refresh",
        )
    with tempfile.TemporaryDirectory(prefix="rebuild-", dir=STATE) as folder:
        made = rebuild(bench, Path(folder) / "backend", progress)
    made_there = (one for one in made.deployment.get("resources") or () if one.get("custom"))
    if all(one["type"].startswith(planned.PROVIDERS) for one in made_there):
        raise FoundError(
            f"Nothing of {bench.stack} stands in any cloud; nothing was done.",
            f"Deploy it: leap apply --stack {bench.stack}",
        )
    state.write(bench.stack, bench.variables, made.deployment)
    return made


def _with(wanted: Wanted, names: Sequence[str]) -> str:
    return f"{named(wanted.urn)} ({', '.join(names)})"


def _now() -> str:
    return datetime.now(UTC).isoformat().replace("+00:00", "Z")
