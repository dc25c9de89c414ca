"""Which Python a program or a policy pack runs under, by the runtime options of its project file.

`virtualenv` names a folder relative to the project file; `toolchain: uv` means `.venv` unless
`virtualenv` says otherwise. Without either, `PULUMI_PYTHON_CMD`, else the Python of this host.
https://www.pulumi.com/docs/iac/concepts/projects/project-file/#runtime-options
Deliberately absent: poetry, and making or filling an environment (`uv sync` does that).
"""

import os
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

SUPPORTED_TOOLCHAINS: Final = ("pip", "uv")


class InterpreterError(Exception):
    """The options name an environment that is not there; the text says what to do."""


@dataclass(frozen=True)
class Interpreter:
    """A Python to run, and the environment that it belongs to, when there is one."""

    python: Path
    environment: Path | None

    def variables(self, base: Mapping[str, str]) -> dict[str, str]:
        """`base` as it is inside the environment: what `activate` would have set."""
        variables = dict(base)
        if self.environment is None:
            return variables
        variables["VIRTUAL_ENV"] = str(self.environment)
        path = variables.get("PATH", os.defpath)
        variables["PATH"] = f"{self.environment / 'bin'}{os.pathsep}{path}"
        variables.pop("PYTHONHOME", None)
        return variables

    def site_packages(self) -> list[Path]:
        """The folders in which the environment's packages are installed."""
        if self.environment is not None:
            return sorted(self.environment.glob("lib/python3*/site-packages"))
        return [Path(entry) for entry in sys.path if entry.endswith("site-packages")]


def choose(root: str, options: Mapping[str, object]) -> Interpreter:
    """The interpreter for a project whose file is in `root`. Raises InterpreterError."""
    toolchain = str(options.get("toolchain") or "pip")
    if toolchain not in SUPPORTED_TOOLCHAINS:
        raise InterpreterError(
            f"runtime option toolchain: got {toolchain!r}, "
            f"allowed {', '.join(SUPPORTED_TOOLCHAINS)}"
        )
    named = str(options.get("virtualenv") or (".venv" if toolchain == "uv" else ""))
    if not named:
        return Interpreter(_default_python(), None)
    folder = Path(os.path.normpath(Path(root) / Path(named).expanduser()))
    python = folder / "bin" / "python"
    if not python.exists():
        raise InterpreterError(
            f"the virtual environment {folder} is not there or has no bin/python; "
            f"the option virtualenv of the project file in {root} names it; "
            "make it with `uv sync`"
        )
    return Interpreter(python, folder)


def _default_python() -> Path:
    command = os.environ.get("PULUMI_PYTHON_CMD")
    found = shutil.which(command) if command else None
    return Path(found) if found else Path(sys.executable)
