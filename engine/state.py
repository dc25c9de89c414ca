"""What `leap engine status` tells: each program that is there or missing, and what does not match.

Deliberately absent: any change; asking costs no network and builds nothing.
"""

from dataclasses import asdict, dataclass
from typing import Any, Final

from engine import cache, golang, installation
from engine.assembly import SCRIPT_NAMES
from engine.programs import CLI_VERSION, plugins
from engine.toolchain import Origin, Toolchain

MISSING: Final = "missing"
INSTALL: Final = "run `leap engine install`"


@dataclass(frozen=True)
class ProgramStatus:
    """One program: `origin` is `official`, `built`, `ours` or `missing`; `core` a plugin's core."""

    name: str
    version: str
    origin: str
    path: str | None
    core: str | None = None


@dataclass(frozen=True)
class Status:
    """The state of the engine; `skew` is empty when every plugin is of its SDK's version."""

    ready: bool
    mode: str
    bin: str | None
    home: str | None
    cache: str
    go: str | None
    programs: tuple[ProgramStatus, ...]
    skew: str
    way_on: str | None

    def to_json(self) -> dict[str, Any]:
        """The same as plain values."""
        return asdict(self)


def status() -> Status:
    """Look at the engine of this checkout. Raises EngineError for an unknown `LEAP_ENGINE`."""
    found = installation.find()
    go = None if found else golang.find()
    return Status(
        ready=found is not None,
        mode=installation.mode().value,
        bin=str(found.bin) if found else None,
        home=str(found.home) if found and found.home else None,
        cache=str(cache.root()),
        go=go.version if go else None,
        programs=_present(found) if found else _missing(),
        skew="\n".join(_skew(found)),
        way_on=None if found else INSTALL,
    )


def _present(found: Toolchain) -> tuple[ProgramStatus, ...]:
    cores = {plugin.program.name: f"{plugin.core} {plugin.core_version}" for plugin in plugins()}
    return tuple(
        ProgramStatus(
            program.name,
            program.version,
            program.origin.value,
            str(program.path),
            cores.get(program.name) if program.origin is Origin.BUILT else None,
        )
        for program in found.programs
    )


def _missing() -> tuple[ProgramStatus, ...]:
    wanted = [("pulumi", CLI_VERSION)]
    wanted += [(name, "") for name in SCRIPT_NAMES]
    wanted += [(plugin.program.name, plugin.sdk_version) for plugin in plugins()]
    return tuple(ProgramStatus(name, version, MISSING, None) for name, version in wanted)


def _skew(found: Toolchain | None) -> list[str]:
    """How each plugin of ours differs from the SDK that drives it, one sentence each."""
    if found is None:
        return []
    sentences = []
    for plugin in plugins():
        program = found.program(plugin.program.name)
        if program is not None and program.origin is Origin.BUILT:
            sentences.append(
                f"The plugin {plugin.package} answers to the Python SDK {plugin.sdk_version} and "
                f"carries {plugin.core} {plugin.core_version}: what only the SDK knows cannot be "
                "used."
            )
    return sentences
