"""The stack that the engine works on, made ready: chosen or made, unlocked, and not out of date.

A run that was killed leaves a lock, and operations of which nobody knows whether they happened; a
sandbox that was reset leaves a state that speaks of an account that is gone. Each is noticed here
and put right with a message, and only where it is certain.
"""

from __future__ import annotations

import getpass
import json
import os
import re
import socket
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlparse
from urllib.request import url2pathname

from cli.console import hint
from cli.deployment import lock
from cli.errors import NotUsableError
from cli.paths import ROOT
from infra.model.stack_config import PROJECT

LOCK_PATIENCE_SECONDS: Final = 600.0
STATE_FILE: Final = re.compile(r"([^.]+)\.json(\.gz)?")
STACK_TYPE: Final = "pulumi:pulumi:Stack"


def pulumi(variables: Mapping[str, str], *arguments: str, check: bool = True) -> str:
    """Run a short `pulumi` command in the clone and return what it printed.

    Raises:
        NotUsableError: it failed; the text holds what it said.
    """
    done = subprocess.run(
        ["pulumi", *arguments, "--non-interactive", "--color", "never"],
        cwd=ROOT,
        env=dict(variables),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if check and done.returncode != 0:
        said = (done.stderr or done.stdout).strip()
        raise NotUsableError(f"`pulumi {' '.join(arguments)}` did not succeed:\n{said}")
    return done.stdout


def state_folder(variables: Mapping[str, str]) -> Path | None:
    """The folder of a file backend; None for a backend elsewhere."""
    url = urlparse(variables.get("PULUMI_BACKEND_URL", ""))
    return Path(url2pathname(url.path)) if url.scheme == "file" else None


def state_file(folder: Path, stack: str) -> Path:
    """Where a file backend in this folder keeps the state of a stack, unless it is compressed."""
    return folder / ".pulumi" / "stacks" / PROJECT / f"{stack}.json"


def select(stack: str, variables: Mapping[str, str]) -> None:
    """Make the stack the one that a bare `pulumi` command means, and create it if need be."""
    _make_room(variables)
    pulumi(variables, "stack", "select", "--create", stack)


def create(stack: str, variables: Mapping[str, str]) -> None:
    """Create the stack if need be, and leave alone which one a bare `pulumi` command means.

    Many can be created at once: the engine's note of the selected stack is one file for all.
    """
    _make_room(variables)
    if stack not in known(variables):
        pulumi(variables, "stack", "init", stack, "--no-select")


def known(variables: Mapping[str, str]) -> frozenset[str]:
    """The names of the stacks of this project that the backend keeps."""
    folder = state_folder(variables)
    if folder is None:
        listed = json.loads(pulumi(variables, "stack", "ls", "--json"))
        return frozenset(str(stack["name"]).rsplit("/", 1)[-1] for stack in listed)
    files = (folder / ".pulumi" / "stacks").glob("*/*")
    return frozenset(match[1] for file in files if (match := STATE_FILE.fullmatch(file.name)))


def _make_room(variables: Mapping[str, str]) -> None:
    folder = state_folder(variables)
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)


def release_lock(stack: str, variables: Mapping[str, str], *, wait: bool = False) -> None:
    """Take away the lock of a run that died, and wait for one that outlived its `leap`.

    With `wait`, as for a preview, any run is waited for.

    Raises:
        NotUsableError: somebody else's run holds the stack.
    """
    deadline = time.monotonic() + LOCK_PATIENCE_SECONDS
    told = False
    while (owner := _run_under_way(stack, variables)) is not None:
        here = owner.host == socket.gethostname()
        if here and not _lives(owner.process):
            hint(f"  the last run on {stack} (process {owner.process}) was killed: taking its lock")
            pulumi(variables, "cancel", stack, "--yes")
            return
        orphan = here and owner.process == lock.engine_of(stack)
        if time.monotonic() > deadline or not (wait or orphan):
            raise NotUsableError(
                f"Stack {stack} is locked by a pulumi of {owner.in_words()}; nothing was done.",
                f"Wait for it, or if it is gone: pulumi cancel {stack} --yes",
            )
        if not told:
            hint(f"  waiting for another run on {stack}: {owner.in_words()}")
            told = True
        time.sleep(1)


def exported(stack: str, variables: Mapping[str, str]) -> dict[str, Any]:
    """The stack's deployment: resources and pending operations, secrets still encrypted.

    A file backend's own file is read, which the engine replaces as a whole; any other is asked.
    """
    folder = state_folder(variables)
    file = state_file(folder, stack) if folder else None
    if file is not None and file.is_file():
        checkpoint = json.loads(file.read_text(encoding="utf-8"))["checkpoint"]
        return dict(checkpoint.get("latest") or {})
    text = pulumi(variables, "stack", "export", "--stack", stack)
    deployment: dict[str, Any] = json.loads(text).get("deployment") or {}
    return deployment


def outputs(stack: str, variables: Mapping[str, str]) -> dict[str, Any]:
    """What the program exported at the last update; empty before the first."""
    return outputs_in(exported(stack, variables))


def outputs_in(deployment: Mapping[str, Any]) -> dict[str, Any]:
    """The outputs that a deployment holds, with its stack's own resource."""
    for resource in deployment.get("resources") or ():
        if resource["type"] == STACK_TYPE:
            return dict(resource.get("outputs") or {})
    return {}


def forget(stack: str, variables: Mapping[str, str]) -> None:
    """Drop the state (never a resource) of a stack whose account is gone, and begin a new one."""
    pulumi(variables, "stack", "rm", stack, "--force", "--yes", "--preserve-config")
    create(stack, variables)


@dataclass(frozen=True, slots=True)
class _Owner:
    host: str
    process: int
    user: str
    since: str

    def in_words(self) -> str:
        return f"{self.user}, process {self.process} on {self.host}, since {self.since}"


def _run_under_way(stack: str, variables: Mapping[str, str]) -> _Owner | None:
    """Who holds the stack; also an engine of ours that has not got as far as its lock."""
    owner = _lock_owner(stack, variables)
    engine = lock.engine_of(stack)
    if owner is not None or engine is None:
        return owner
    return _Owner(socket.gethostname(), engine, getpass.getuser(), "a moment ago")


def _lock_owner(stack: str, variables: Mapping[str, str]) -> _Owner | None:
    folder = state_folder(variables)
    if folder is None:
        return None
    for path in sorted(folder.glob(f".pulumi/locks/*/*/{stack}/*.json")):
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):
            continue  # it was released while we looked
        return _Owner(
            str(content.get("hostname", "")),
            int(content.get("pid", 0)),
            str(content.get("username", "somebody")),
            str(content.get("timestamp", "an unknown time"))[:19],
        )
    return None


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return not _is_zombie(process)


def _is_zombie(process: int) -> bool:
    try:
        status = Path(f"/proc/{process}/stat").read_text(encoding="utf-8")
    except OSError:
        return False
    return status.rpartition(")")[2].split()[0] in {"Z", "X"}
