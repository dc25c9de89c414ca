"""A cache of each test's own, and fakes of Go and Pulumi: small shell scripts on a small path."""

from collections.abc import Callable
from pathlib import Path

import pytest

from engine.progress import Step

FakeProgram = Callable[[str, str], Path]

GO_VERSION = 'if [ "$1" = env ]; then echo go1.26.8; exit 0; fi\n'
GO_BUILDS = (
    GO_VERSION
    + """
echo "go: downloading example.org/module v1.0.0" >&2
echo "example.org/module/package" >&2
while [ "$1" != -o ]; do shift; done
printf '#!/bin/sh\\necho "{}"\\n' > "$2"
chmod +x "$2"
"""
)


@pytest.fixture
def cache_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty user cache; the engine's part of it is `<this>/leap/engine`."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("LEAP_ENGINE", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.delenv("PULUMI_HOME", raising=False)
    return tmp_path / "cache"


@pytest.fixture
def fake_program(tmp_path: Path, cache_home: Path, monkeypatch: pytest.MonkeyPatch) -> FakeProgram:
    """Puts a shell script under a name on a path that has nothing else but the system's tools."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")

    def make(name: str, script: str) -> Path:
        path = folder / name
        path.write_text(f"#!/bin/sh\n{script}")
        path.chmod(0o755)
        return path

    return make


@pytest.fixture
def working_go(fake_program: FakeProgram) -> Path:
    """A Go that builds at once: its programs print an empty JSON object."""
    return fake_program("go", GO_BUILDS)


@pytest.fixture
def broken_go(fake_program: FakeProgram) -> Callable[[str], Path]:
    """Makes a Go whose build does what a given script says."""
    return lambda script: fake_program("go", GO_VERSION + script)


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    """No official host answers."""
    monkeypatch.setattr("engine.official.fetch", lambda url: None)


@pytest.fixture
def steps() -> list[Step]:
    """Where a test collects progress: pass `steps.append`."""
    return []
