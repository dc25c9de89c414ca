"""Builds one program from its Go modules into the cache: whole or not at all.

What Go had compiled when a build was stopped stays in Go's own build cache, so the next try goes
on from there; a program that is finished is never built again. The versions are those of the
committed `go.sum` (`-mod=readonly`).
Deliberately absent: `-trimpath` (it would make Go compile everything again that other builds on the
machine have in common with these), retries and other module sources: a refusal is final.
"""

import subprocess
import time
from pathlib import Path
from typing import IO, Final

from engine import cache
from engine.buildfault import explain
from engine.errors import EngineError
from engine.golang import Go
from engine.programs import Program
from engine.progress import Progress, Step, StepState

SCHEMA: Final = "schema.json"
QUIET_SECONDS: Final = 0.2  # between two pieces of progress
STOP_SECONDS: Final = 10
KEPT_LINES: Final = 60


def finished(program: Program) -> Path | None:
    """The built program, when the cache has it."""
    path = cache.program_folder(program.name, program.key) / program.name
    return path if path.is_file() else None


def build(program: Program, go: Go, progress: Progress) -> Path:
    """Build a program and return its path; at once when the cache has it.

    Raises EngineError, with the module's name when one is refused.
    """
    path = finished(program)
    if path is not None:
        progress(Step(program.name, StepState.READY, detail="in the cache"))
        return path
    begun = time.monotonic()
    try:
        target = _build(program, go, _Counter(program.name, begun, progress))
    except OSError as error:
        progress(Step(program.name, StepState.FAILED, time.monotonic() - begun, str(error)))
        raise explain(program.name, str(error)) from error
    except EngineError as error:
        progress(Step(program.name, StepState.FAILED, time.monotonic() - begun, error.message))
        raise
    seconds = time.monotonic() - begun
    size = (target / program.name).stat().st_size / 1e6
    progress(Step(program.name, StepState.READY, seconds, f"{size:.0f} MB"))
    return target / program.name


def _build(program: Program, go: Go, counter: "_Counter") -> Path:
    target = cache.program_folder(program.name, program.key)
    work = cache.partial(target)
    counter.tell()
    output = work / program.name
    command = [str(go.path), "build", "-v", "-mod=readonly", "-buildvcs=false"]
    command += ["-ldflags", program.link_flags, "-o", str(output), program.package]
    process = subprocess.Popen(
        command,
        cwd=program.folder,
        env=go.environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stderr is not None
        kept = counter.follow(process.stderr)
        code = process.wait()
    finally:
        _stop(process)
    if code != 0:
        raise explain(program.name, "\n".join(kept))
    if program.shared:
        _write_schema(output, work / SCHEMA)
    work.rename(target)
    return target


def _write_schema(plugin: Path, target: Path) -> None:
    """Ask a plugin for its package schema, once, so that later checks need not start it."""
    done = subprocess.run([str(plugin), "-schema"], capture_output=True, timeout=60)
    if done.returncode != 0:
        raise explain(plugin.name, done.stderr.decode(errors="replace"))
    target.write_bytes(done.stdout)


def _stop(process: "subprocess.Popen[str]") -> None:
    """End a build that is still running (the user stopped us); Go keeps what it has compiled."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    if process.stderr is not None:
        process.stderr.close()


class _Counter:
    """Counts Go's lines (`go: downloading …`, a package's path as it is compiled) into steps."""

    def __init__(self, program: str, begun: float, progress: Progress) -> None:
        self._program, self._begun, self._progress = program, begun, progress
        self._downloaded = self._compiled = 0
        self._told = 0.0

    def follow(self, lines: IO[str]) -> list[str]:
        """Read to the end; returns the last lines that are neither of the two, for the error."""
        kept: list[str] = []
        for line in lines:
            if line.startswith("go: downloading "):
                self._downloaded += 1
            elif _is_package(line):
                self._compiled += 1
            else:
                kept.append(line.rstrip())
            if time.monotonic() - self._told > QUIET_SECONDS:
                self.tell()
        self.tell()
        return kept[-KEPT_LINES:]

    def tell(self) -> None:
        """Report now."""
        self._told = time.monotonic()
        detail = f"{self._compiled} packages compiled"
        if self._downloaded:
            detail = f"{self._downloaded} modules fetched, {detail}"
        seconds = self._told - self._begun
        self._progress(Step(self._program, StepState.RUNNING, seconds, detail))


def _is_package(line: str) -> bool:
    path = line.strip()
    return bool(path) and " " not in path and ":" not in path and not path.startswith("#")
