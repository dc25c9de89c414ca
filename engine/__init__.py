"""Finds or builds the Pulumi CLI, the provider plugins and the language host.

`find()` looks, `install()` makes ready, `status()` tells; `engine.schema` checks properties against
the plugins. Everything else here is how.
"""

from engine.errors import EngineError
from engine.installation import find, install
from engine.progress import Progress, Step, StepState
from engine.state import ProgramStatus, Status, status
from engine.toolchain import InstalledProgram, Origin, Toolchain

__all__ = [
    "EngineError",
    "InstalledProgram",
    "Origin",
    "ProgramStatus",
    "Progress",
    "Status",
    "Step",
    "StepState",
    "Toolchain",
    "find",
    "install",
    "status",
]
