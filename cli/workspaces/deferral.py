"""dbt in a workspace: what is not built there is read from the foundation (`--defer`).

The state that dbt defers to is the foundation's manifest: that of its last build in this clone, or
one that is parsed for it, which needs no connection.

https://docs.getdbt.com/reference/node-selection/defer
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from cli import transforming
from cli.errors import FoundError
from cli.paths import DBT, STATE

if TYPE_CHECKING:
    from cli.workbench import Workbench

DEFERRING: Final = frozenset({"build", "compile", "run", "show", "snapshot", "test"})
SAID: Final = frozenset({"--defer", "--no-defer", "--state", "--defer-state"})


def arguments(
    bench: Workbench, given: Sequence[str], variables: Mapping[str, str]
) -> tuple[str, ...]:
    """dbt's arguments with deferral added, where the command knows it and nobody said otherwise."""
    if not given or given[0] not in DEFERRING or SAID & set(given):
        return tuple(given)
    return (*given, "--defer", "--state", str(_state(bench, variables)))


def _state(bench: Workbench, variables: Mapping[str, str]) -> Path:
    """The folder with the foundation's manifest.

    Raises:
        FoundError: there is none, and dbt could not parse the project.
    """
    of_foundation = STATE / "dbt" / bench.settings.config.foundation / "target"
    if (of_foundation / "manifest.json").is_file():
        return of_foundation
    own = STATE / "dbt" / bench.stack / "foundation"
    if not (own / "manifest.json").is_file():
        names = {"LEAP_DBT_TARGET": transforming.FOUNDATION_TARGET, "DBT_TARGET_PATH": str(own)}
        done = subprocess.run(
            transforming.command(["parse", "--quiet"]),
            cwd=DBT,
            env={**os.environ, **variables, **names},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise FoundError(f"dbt could not parse the project:\n{done.stdout[-2000:]}")
    return own
