"""Previews on a copy of the state in a backend of its own; the stack's own is never written.

The engine ends a preview at the first protected object that would go, and tells of no other: on a
copy without protection the whole of what a change would destroy is in one plan. And a copy of the
few entries that a change can concern spares the engine, the plugins and the policies all others.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from cli.deployment import stack as stacks
from cli.deployment import state
from cli.paths import STATE
from infra.model.stack_config import PROJECT

if TYPE_CHECKING:
    from cli.workbench import Workbench

VERSION: Final = 3
OWN_BACKEND: Final = "PULUMI_BACKEND_URL"


@contextmanager
def where_needed(bench: Workbench, deployment: Mapping[str, Any]) -> Iterator[Mapping[str, str]]:
    """The stack's own variables, or those of a shadow where something is protected."""
    if not state.protected(deployment):
        yield bench.variables
        return
    with unprotected(bench.stack, bench.variables, deployment) as variables:
        yield variables


@contextmanager
def unprotected(
    stack: str, variables: Mapping[str, str], deployment: Mapping[str, Any]
) -> Iterator[dict[str, str]]:
    """Variables under which the engine sees the stack without its protection, for previews only."""
    with copied(stack, variables, state.without_protection(deployment)) as shadow:
        yield shadow


@contextmanager
def copied(
    stack: str, variables: Mapping[str, str], deployment: Mapping[str, Any]
) -> Iterator[dict[str, str]]:
    """Variables under which the engine sees this deployment as the stack's."""
    STATE.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="plan-", dir=STATE) as folder:
        lay(Path(folder), stack, deployment)
        yield beside(Path(folder), variables)


def beside(folder: Path, variables: Mapping[str, str]) -> dict[str, str]:
    """Variables under which the engine keeps its states in this folder."""
    return {**variables, OWN_BACKEND: folder.as_uri()}


def lay(folder: Path, stack: str, deployment: Mapping[str, Any]) -> None:
    """Make a deployment the stack's in a backend of files; the state is replaced at once.

    The shape of the file is the engine's own:
    https://github.com/pulumi/pulumi/blob/master/sdk/go/common/apitype/core.go
    """
    file = stacks.state_file(folder, stack)
    file.parent.mkdir(parents=True, exist_ok=True)
    (folder / ".pulumi" / "meta.yaml").write_text("version: 1\n", encoding="utf-8")
    checkpoint = {"stack": f"organization/{PROJECT}/{stack}", "latest": deployment}
    draft = file.with_suffix(".new")
    document = {"version": VERSION, "checkpoint": checkpoint}
    draft.write_text(json.dumps(document), encoding="utf-8")
    draft.replace(file)
