"""What the drill of a lost state is lent: the engine on the stack's state, or on one beside it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from cli.deployment import bring_up, engine_run, ready, rebuild, refreshing, shadow, state
from cli.deployment import objects as named
from cli.deployment import stack as stacks
from cli.deployment.absence import Absence
from cli.deployment.engine_run import Run
from cli.deployment.events import UNCHANGED, Change, in_words
from cli.deployment.secret_key import secrets_provider
from cli.errors import BadInputError, LeapError
from cli.target import ask, connected
from ops import private_file
from ops.drill.step import DrillFailedError, Problem
from ops.rebuild import compare

if TYPE_CHECKING:
    from cli.drill_hands import Deployments
    from cli.workbench import Workbench

COPY: Final = "state.json"
OBJECTS: Final = "objects.json"
PRINTS: Final = "prints.json"
FACTS: Final = "rebuilt.json"
BACKEND: Final = "backend"
IN_PLACE: Final = frozenset({"update"})
DEPLOY: Final = ("--yes", "--skip-preview")
SHOWN: Final = 10


class StateFiles:
    """The state of one stack."""

    def __init__(self, engine: Deployments) -> None:
        self._engine = engine

    @property
    def _bench(self) -> Workbench:
        return self._engine.bench()

    def _absence(self, folder: Path, stamp: str) -> Absence:
        bench = self._bench
        states = stacks.state_folder(bench.variables)
        if states is None:
            raise DrillFailedError("the state is in no backend of files")
        return Absence(bench.stack, states, folder, stamp)

    def _variables(self, folder: Path, *, practice: bool) -> Mapping[str, str]:
        variables = self._bench.variables
        return shadow.beside(folder / BACKEND, variables) if practice else variables

    def problems(self, *, practice: bool) -> list[Problem]:
        """Deployed, nothing pending in program or cloud, and kept where it can be moved."""
        bench, apply = self._bench, f"leap apply --stack {self._bench.stack} --refresh"
        if stacks.state_folder(bench.variables) is None and not practice:
            words = "the state is in no backend of files, and is not lost on purpose"
            return [Problem(words, "Leave --confirm out: it practises beside it", bad_input=True)]
        try:
            secrets_provider(bench.stack)
            deployment = ready.make_ready(bench)
            if not stacks.outputs_in(deployment):
                remedy = f"Deploy it: leap up --stack {bench.stack}. {REALLY_LOST}"
                return [Problem(f"{bench.stack} is not deployed", remedy)]
            run = self._preview(bench.variables, "--refresh")
        except LeapError as error:
            return [Problem(" ".join(str(error).split()), "Put that right")]
        found = {op: n for op, n in run.tally.changed.items() if op not in UNCHANGED}
        return [Problem(f"changes wait: {in_words(found)}", f"Deploy: {apply}")] if found else []

    def copy(self, folder: Path, *, practice: bool) -> dict[str, Any]:
        """The state as the engine tells it, hashes of its files, and when each object was made."""
        bench = self._bench
        folder.mkdir(parents=True, exist_ok=True)
        if not (folder / OBJECTS).exists():
            deployment = stacks.exported(bench.stack, bench.variables)
            private_file.write(folder / COPY, json.dumps(deployment).encode())
            if not practice:
                prints = self._absence(folder, "").prints()
                private_file.write(folder / PRINTS, json.dumps(prints).encode())
            made = self._made_at(deployment)
            private_file.write(folder / OBJECTS, json.dumps(made).encode())
        resources = _read(folder / COPY).get("resources") or ()
        count = len(resources)
        return {"resources": count, "said": f"{count} resources"}

    def lose(self, folder: Path, stamp: str) -> None:
        """Move it away."""
        self._absence(folder, stamp).lose()

    def is_lost(self, folder: Path, stamp: str) -> bool:
        """Whether it was moved."""
        return self._absence(folder, stamp).is_lost

    def restore(self, folder: Path, stamp: str) -> str:
        """Move it back."""
        return self._absence(folder, stamp).restore()

    def unlike(self, folder: Path, stamp: str) -> list[str]:
        """Files that are not as they were."""
        if not (folder / PRINTS).exists():
            return []
        before, now = _read(folder / PRINTS), self._absence(folder, stamp).prints()
        names = sorted(before.keys() | now.keys())
        return [name for name in names if before.get(name) != now.get(name)]

    def end(self, folder: Path, stamp: str) -> None:
        """The new state stays."""
        self._absence(folder, stamp).end()

    def missing(self, folder: Path, *, practice: bool) -> int:
        """What a plan would create."""
        bench = self._bench
        if practice:
            shadow.lay(folder / BACKEND, bench.stack, rebuild.nothing(bench.stack))
        else:
            stacks.select(bench.stack, bench.variables)
        run = self._run("preview", self._variables(folder, practice=practice), judged=False)
        run.require_success()
        return run.tally.summary.get("create", 0)

    def rebuild(self, folder: Path) -> dict[str, Any]:
        """Make it again; the facts are written last."""
        (folder / FACTS).unlink(missing_ok=True)
        made = asdict(rebuild.rebuild(self._bench, folder / BACKEND))
        count = len(made.pop("deployment")["resources"])
        facts = {**made, "said": f"{count} resources in {made['rounds']} rounds"}
        private_file.write(folder / FACTS, json.dumps(facts).encode())
        return facts

    def rebuilt(self, folder: Path) -> dict[str, Any] | None:
        """Its facts."""
        return _read(folder / FACTS) if (folder / FACTS).exists() else None

    def write(self, folder: Path) -> None:
        """Import it into the stack's backend."""
        bench = self._bench
        stacks.select(bench.stack, bench.variables)
        stacks.release_lock(bench.stack, bench.variables)
        made = stacks.exported(bench.stack, self._variables(folder, practice=True))
        state.write(bench.stack, bench.variables, made)

    def settle(self, folder: Path, *, practice: bool) -> dict[str, Any]:
        """Deploy updates, and nothing else."""
        bench, variables = self._bench, self._variables(folder, practice=practice)
        stacks.release_lock(bench.stack, variables)
        plan = self._preview(variables)
        more = [_in_words(c) for c in plan.tally.changes if c.operation not in IN_PLACE]
        if more:
            raise DrillFailedError(f"a deployment would {'; '.join(more[:SHOWN])}: not begun")
        run = self._run("up", variables, options=DEPLOY, save_once=bench.on_sandbox)
        run.require_success()
        if not practice:
            bring_up.remember(bench)
        updated = sorted(map(str, run.tally.changes))
        return {"updated": updated, "said": in_words(run.tally.summary)}

    def quiet(self, folder: Path, *, practice: bool) -> str:
        """The engine's own word."""
        run = self._preview(self._variables(folder, practice=practice), "--refresh")
        if changed := run.tally.changed:
            words = "; ".join(_in_words(c) for c in run.tally.changes[:SHOWN])
            raise DrillFailedError(f"{in_words(changed)} would change: {words}")
        return in_words(run.tally.summary)

    def proof(self, folder: Path, *, practice: bool) -> dict[str, Any]:
        """States compared, and the objects' times of creation."""
        bench = self._bench
        lost = _read(folder / COPY)
        made = stacks.exported(bench.stack, self._variables(folder, practice=practice))
        before, now = _read(folder / OBJECTS), self._made_at(lost)
        other = [f"{name} was made anew" for name in before if before[name] != now.get(name)]
        return {
            "differences": [*compare.differences(lost, made), *other],
            "alike": compare.inputs_alike(lost, made),
            "objects": len(before),
        }

    def _preview(self, variables: Mapping[str, str], *options: str) -> Run:
        run = self._run("preview", variables, options=options)
        run.require_success()
        return run

    def _run(self, command: str, variables: Mapping[str, str], **more: Any) -> Run:
        return engine_run.run(command, self._bench.stack, variables, **more)

    def _made_at(self, deployment: Mapping[str, Any]) -> dict[str, str]:
        """When the account says that each object of the state was made."""
        wanted = set(refreshing.objects_in(deployment, second=False).values())
        with connected(self._bench.login()) as connection:
            times = {
                str(one): str(row["created_on"])
                for kind in sorted({one.kind for one in wanted})
                for row in _listed(connection, kind)
                if (one := named.of_row(kind, row)) in wanted
            }
        return dict(sorted(times.items()))


REALLY_LOST: Final = "If its state is really lost: leap apply --rebuild-state (docs/continuity.md)"


def _listed(connection: Any, kind: str) -> Iterable[Mapping[str, Any]]:
    """The account's own list; empty where it has none of the kind."""
    try:
        return ask(connection, named.listing(kind)).dicts()
    except BadInputError:
        return []


def _in_words(change: Change) -> str:
    properties = f" ({', '.join(change.properties)})" if change.properties else ""
    return f"{change.operation} {change}{properties}"


def _read(path: Path) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return read
