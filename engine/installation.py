"""Finds the engine, or makes it: the official one first, a build from Go modules else.

`LEAP_ENGINE` forces one way: `official` or `build`. A build that is in the cache already is taken
before anything is fetched, so that only the first installation may touch the network.
"""

import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Final

from engine import assembly, cache, golang, official
from engine.build import build
from engine.buildfault import explain
from engine.errors import EngineError
from engine.official import Official
from engine.programs import Program, command_line, plugins
from engine.progress import Progress, Step, StepState, silent
from engine.toolchain import Toolchain

MODE: Final = "LEAP_ENGINE"
ENGINE: Final = "engine"  # the step that is about the whole and not about one program


class Mode(StrEnum):
    """The ways to an engine that `LEAP_ENGINE` can name."""

    AUTO = "auto"
    OFFICIAL = "official"
    BUILD = "build"


def mode() -> Mode:
    """The way that the user forces, else `AUTO`. Raises EngineError for an unknown word."""
    given = os.environ.get(MODE) or Mode.AUTO
    if given not in list(Mode):
        raise EngineError(
            f"environment variable {MODE}: got {given!r}, allowed {', '.join(Mode)}",
            f"unset {MODE}, or set it to one of these",
        )
    return Mode(given)


def find() -> Toolchain | None:
    """The engine that is ready now; None when there is none. Builds and fetches nothing."""
    wanted = mode()
    if wanted is not Mode.BUILD:
        command = official.find()
        ready = command and _around(command)
        if ready or wanted is Mode.OFFICIAL:
            return ready or None
    return assembly.existing()


def install(progress: Progress = silent) -> Toolchain:
    """Make the engine ready; at once when it is.

    Raises EngineError when it cannot be had: Go missing, a module refused, the disk full.
    """
    told: set[str] = set()

    def tell(step: Step) -> None:
        progress(step)
        if step.state is StepState.READY:
            told.add(step.program)

    found = find()
    if found is None:
        say = _speaker(tell)
        with _cache_faults(), cache.lock(say):
            found = find() or _make(tell, say)  # another process may have made it meanwhile
    for program in found.programs:
        if program.name not in told:
            detail = f"{program.version}, {program.origin}"
            progress(Step(program.name, StepState.READY, detail=detail))
    return found


def _make(progress: Progress, say: Callable[[str], None]) -> Toolchain:
    wanted = mode()
    command = None if wanted is Mode.BUILD else official.find() or official.install(say)
    if command is not None:
        fetched = _fetch_plugins(command, say)
        if fetched is not None:
            return fetched
    if wanted is Mode.OFFICIAL:
        raise EngineError(
            f"{MODE}=official, and an official Pulumi with its plugins cannot be had here",
            f"unset {MODE} to build the engine from Go modules, or install Pulumi "
            "(https://www.pulumi.com/docs/install/)",
        )
    return _build(command, progress, say)


def _around(command: Official) -> Toolchain | None:
    """The toolchain around an official command: its own plugins, else ours from the cache."""
    found = {wanted.package: official.plugin(wanted) for wanted in plugins()}
    complete = {package: path for package, path in found.items() if path is not None}
    if len(complete) == len(found):
        return assembly.all_official(command, complete)
    return None if mode() is Mode.OFFICIAL else assembly.existing(command)


def _fetch_plugins(command: Official, say: Callable[[str], None]) -> Toolchain | None:
    complete: dict[str, Path] = {}
    for wanted in plugins():
        path = official.plugin(wanted) or official.install_plugin(command, wanted, say)
        if path is None:
            return None
        complete[wanted.package] = path
    return assembly.all_official(command, complete)


def _build(command: Official | None, progress: Progress, say: Callable[[str], None]) -> Toolchain:
    _room()
    ours: list[Program] = [] if command else [command_line()]
    ours += [wanted.program for wanted in plugins()]
    for program in ours:
        progress(Step(program.name, StepState.WAITING))
    go = golang.find_or_bring(say)
    built = {program.name: build(program, go, progress) for program in ours}
    return assembly.assemble(built, command)


def _room() -> None:
    free = shutil.disk_usage(cache.root()).free
    if free < cache.NEEDED_BYTES:
        raise explain(ENGINE, f"no space left on device: {free / 1e6:.0f} MB free")


@contextmanager
def _cache_faults() -> Iterator[None]:
    """A cache that cannot be written (full, read-only) as an error with a way on."""
    try:
        yield
    except OSError as error:
        raise explain(ENGINE, str(error)) from error


def _speaker(progress: Progress) -> Callable[[str], None]:
    begun = time.monotonic()
    return lambda text: progress(Step(ENGINE, StepState.RUNNING, time.monotonic() - begun, text))
