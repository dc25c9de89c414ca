"""The last good run of a stack: what it was made from, and with which facts.

A memory of this machine only, and never believed without a look at the state: whoever updates the
stack elsewhere changes the state, and then nothing is remembered here.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pydantic import ValidationError

from cli import memory
from cli.paths import ROOT
from infra.model.environment import Environment

if TYPE_CHECKING:
    from cli.workbench import Workbench

STEP: Final = "deploy"
FACTS: Final = "facts"
PROGRAM: Final = (
    *(
        "Pulumi.yaml",
        "environments/*/**/*.*",
        "ingestion/**/*.yaml",
        "uv.lock",
        "policies/uv.lock",
    ),
    *("infra/**/*.py", "ingestion/*.py", "policies/*.py", "policies/*.yaml"),
)


def remember(bench: Workbench, deployment: Mapping[str, Any]) -> None:
    """Keep that the state is what the program makes of the facts."""
    memory.remember(bench.stack, FACTS, bench.settings.environment.model_dump_json(by_alias=True))
    memory.remember(bench.stack, STEP, _mark(bench, deployment))


def facts(bench: Workbench, deployment: Mapping[str, Any]) -> Environment | None:
    """The facts that this state was made from by this program, where that is certain."""
    if memory.recall(bench.stack, STEP) != _mark(bench, deployment):
        return None
    try:
        return Environment.model_validate_json(memory.recall(bench.stack, FACTS) or "")
    except ValidationError:
        return None


def unchanged(bench: Workbench, deployment: Mapping[str, Any]) -> bool:
    """Whether nothing that the engine's answer depends on changed since."""
    return facts(bench, deployment) == bench.settings.environment


def _mark(bench: Workbench, deployment: Mapping[str, Any]) -> str:
    """All but the facts that the engine's answer depends on."""
    patterns = (*PROGRAM, f"Pulumi.{bench.stack}.yaml", f".leap/keys/{bench.stack}/*.pub")
    files: list[Path] = [path for pattern in patterns for path in ROOT.glob(pattern)]
    urns = [resource["urn"] for resource in deployment.get("resources") or ()]
    written = (deployment.get("manifest") or {}).get("time")
    plugins = bench.variables.get("PULUMI_HOME")
    own = [path for path in files if path.is_file() and ".venv" not in path.parts]
    return memory.fingerprint(own, bench.target, bench.login(), plugins, written, urns)
