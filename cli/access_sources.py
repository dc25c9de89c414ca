"""Where `leap access` gets its facts: working tree, git revision, state, plan or live account.

A revision is read by that revision's own program, in a process of its own: what a level means may
have changed with the facts.
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from cli.errors import BadInputError, NotUsableError
from cli.paths import ROOT
from cli.target import ask, connected, login
from cli.workbench import facts as stack_facts
from ops.access import facts as access_facts
from ops.access import planned
from ops.access.account import ReadRefusedError
from ops.access.declared import carriers, declared, models
from ops.access.facts import Facts
from ops.access.live import live
from ops.access.resources import resources

if TYPE_CHECKING:
    from infra.settings import Settings

OF_A_REVISION: Final = ("environments", "infra", "ingestion", "dbt", ":(glob)Pulumi*.yaml")
NOT_IN_IT: Final = "infra/.venv"


def of_tree(stack: str) -> Facts:
    """What the working tree declares for a stack."""
    return _declared(ROOT, stack_facts(stack))


def of_account(stack: str) -> Facts:
    """What stands in the stack's account.

    Raises:
        NotUsableError: nobody answers there.
    """
    settings = stack_facts(stack)
    target = str(settings.config.target)
    with connected(login(target)) as connection:

        def question(statement: str) -> Sequence[dict[str, Any]]:
            try:
                return ask(connection, statement).dicts()
            except BadInputError as error:
                raise ReadRefusedError(str(error)) from error

        found = live(question, f"live account ({target})")
    found.carriers = _declared(ROOT, settings).carriers
    return found


def of_state(stack: str) -> Facts:
    """What the engine deployed, by the stack's state.

    Raises:
        NotUsableError: no engine, or the stack was never deployed.
    """
    settings = stack_facts(stack)
    return of_deployment(settings, deployment(stack), f"deployed, stack {stack}")


def of_plan(stack: str, file: Path) -> Facts:
    """What a plan makes of the stack's state.

    Raises:
        BadInputError: the file is not what `pulumi preview --json` printed.
    """
    settings = stack_facts(stack)
    try:
        steps = planned.steps_of_preview(json.loads(file.read_text(encoding="utf-8")))
    except (OSError, ValueError, AttributeError) as error:
        allowed = "what `pulumi preview --json` printed"
        raise BadInputError(f"--plan {file}: got {error}, allowed: {allowed}") from error
    return of_deployment(
        settings, planned.after(deployment(stack), steps), f"planned, stack {stack}"
    )


def of_deployment(settings: Settings, found: Mapping[str, Any], source: str) -> Facts:
    """The access that a deployment gives, with what dbt builds beside it."""
    environment = settings.environment
    return planned.of_resources(
        resources(found), models(environment, ROOT / "dbt"), carriers(environment), source
    )


def deployment(stack: str) -> dict[str, Any]:
    """The stack's deployment.

    Raises:
        NotUsableError: no engine, or the stack was never deployed.
    """
    from cli.deployment import stack as stacks
    from cli.workbench import toolchain, variables

    seen = variables(toolchain())
    found = stacks.exported(stack, seen) if stack in stacks.known(seen) else {}
    if not found.get("resources"):
        raise NotUsableError(f"{stack} is not deployed.", f"Deploy it: leap apply --stack {stack}")
    return found


def of_revision(stack: str, revision: str) -> Facts:
    """What a git revision declares for a stack.

    Raises:
        BadInputError: there is no such revision, or its facts cannot be read.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _unpack(revision, folder)
        script = "from cli.access_sources import print_facts; print_facts()"
        done = subprocess.run(
            [sys.executable, "-c", script, str(folder), stack],
            env=os.environ | {"PYTHONPATH": os.pathsep.join((str(folder), str(ROOT)))},
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise BadInputError(f"--base: the facts of {revision} cannot be read: {reason}")
    return access_facts.from_json(json.loads(done.stdout), f"declared at {revision}")


def print_facts() -> None:
    """What `of_revision` runs in the revision's tree: folder and stack are the arguments."""
    from infra import settings

    folder, stack = Path(sys.argv[1]), sys.argv[2]
    facts = _declared(folder, settings.foundation(settings.load(folder, stack)))
    json.dump(facts.as_json(), sys.stdout)


def _declared(root: Path, settings: Settings) -> Facts:
    source = f"declared, stack {settings.stack.name}"
    return declared(settings.environment, root / "dbt", source)


def _unpack(revision: str, folder: Path) -> None:
    # The hash first: a revision that looks like an option must not become one.
    found = subprocess.run(
        ["git", "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if found.returncode:
        raise BadInputError(f"--base: got {revision!r}, allowed: a git revision")
    archive = subprocess.run(
        ["git", "archive", "--format=tar", found.stdout.strip(), "--", *OF_A_REVISION],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    if archive.returncode:
        reason = archive.stderr.decode(errors="replace").strip()
        raise BadInputError(f"--base: the files of {revision} cannot be read: {reason}")
    with tarfile.open(fileobj=io.BytesIO(archive.stdout)) as tar:
        files = [member for member in tar.getmembers() if member.name != NOT_IN_IT]
        tar.extractall(folder, members=files, filter="data")
