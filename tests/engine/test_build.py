"""Builds with a Go that is a script: progress, faults with their way on, interruption, locking."""

import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

import engine
from engine import EngineError, Step, StepState, cache

BrokenGo = Callable[[str], Path]
PROGRAMS = ["pulumi", "pulumi-resource-snowflake", "pulumi-resource-github"]


@pytest.fixture(autouse=True)
def _no_official(offline: None) -> None:
    """What is tested here is the build."""


def _fails(script: str, broken_go: BrokenGo) -> EngineError:
    broken_go(f"{script}\nexit 1\n")
    with pytest.raises(EngineError) as caught:
        engine.install()
    return caught.value


def _last_states(steps: list[Step]) -> dict[str, StepState]:
    return {step.program: step.state for step in steps}


def test_an_installation_ends_with_every_program_ready(working_go: Path, steps: list[Step]) -> None:
    toolchain = engine.install(steps.append)
    states = _last_states(steps)
    assert [states[name] for name in PROGRAMS] == [StepState.READY] * 3
    assert all(program.path.is_file() for program in toolchain.programs)
    assert engine.find() == toolchain


def test_progress_says_what_was_fetched_and_compiled(working_go: Path, steps: list[Step]) -> None:
    engine.install(steps.append)
    told = [step.detail for step in steps if step.program == "pulumi"]
    assert "1 modules fetched, 1 packages compiled" in told


def test_the_second_installation_runs_no_go(working_go: Path, steps: list[Step]) -> None:
    engine.install()
    working_go.write_text("#!/bin/sh\nexit 1\n")
    engine.install(steps.append)
    assert set(_last_states(steps).values()) == {StepState.READY}


def test_no_compiled_program_is_on_the_path_but_the_command_line(working_go: Path) -> None:
    # From the path the engine would use a plugin with a warning in every run.
    toolchain = engine.install()
    assert sorted(path.name for path in toolchain.bin.iterdir()) == [
        "pulumi",
        "pulumi-language-python",
        "pulumi-resource-pulumi-python",
    ]


def test_an_interrupted_build_is_stopped_and_goes_on_where_it_was(
    broken_go: BrokenGo, working_go: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.build.QUIET_SECONDS", 0)
    good = working_go.read_text().removeprefix("#!/bin/sh\n")
    hangs = f"""case "$PWD" in */cli) ;; *)
      echo $$ > {tmp_path}/pid; echo "example.org/p" >&2; exec sleep 60 ;;
    esac
    """
    broken_go(hangs + good)

    def interrupt(step: Step) -> None:
        if step.program == "pulumi-resource-snowflake" and "1 packages" in step.detail:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        engine.install(interrupt)
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)
    assert engine.find() is None

    broken_go('case "$PWD" in */cli) exit 1 ;; esac\n' + good)  # the finished one is not rebuilt
    assert engine.install().pulumi.is_file()


# Each as Go 1.26 prints it for a registry that answers so.
@pytest.mark.parametrize(
    "output",
    [
        "main.go:4:2: example.org/some/module@v1.2.3-beta: reading "
        "https://registry.test/example.org/some/module/@v/v1.2.3-beta.zip: 403 Forbidden",
        "main.go:4:2: example.org/some/module@v1.2.3-beta: reading "
        "https://registry.test/example.org/some/module/@v/v1.2.3-beta.zip: 404 Not Found",
        "main.go:4:2: example.org/some/module@v1.2.3-beta: invalid version: git ls-remote -q",
        "main.go:4:2: reading example.org/some/module/go.mod at revision v1.2.3-beta: git -q",
    ],
)
def test_a_refused_module_is_named_and_the_refusal_is_final(
    broken_go: BrokenGo, output: str
) -> None:
    error = _fails(f'echo "{output}" >&2', broken_go)
    assert "example.org/some/module at version v1.2.3-beta" in error.message
    assert "refusal by the registry is final" in error.way_on


def test_a_full_disk_is_named_with_the_cache(broken_go: BrokenGo, cache_home: Path) -> None:
    error = _fails('echo "write /x/y.a: no space left on device" >&2', broken_go)
    assert "disk is full" in error.message
    assert str(cache_home) in error.message
    assert "kept" in error.way_on


def test_too_little_room_is_said_before_the_build(
    working_go: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache, "NEEDED_BYTES", 10**18)
    with pytest.raises(EngineError, match="disk is full"):
        engine.install()


@pytest.mark.parametrize(
    ("output", "said"),
    [
        ("main.go:5:2: module lookup disabled by GOPROXY=off", "forbids to fetch"),
        ("dial tcp: lookup registry.test: no such host", "cannot be reached"),
        ("verifying example.org/m@v1.0.0: checksum mismatch", "not the one recorded"),
        ("compile: signal: killed", "want of memory"),
        ("go: something new", "go: something new"),
    ],
)
def test_each_fault_of_a_build_has_its_sentence(
    broken_go: BrokenGo, output: str, said: str
) -> None:
    assert said in _fails(f'echo "{output}" >&2', broken_go).message


def test_a_failed_build_leaves_no_program_behind(broken_go: BrokenGo, cache_home: Path) -> None:
    _fails('while [ "$1" != -o ]; do shift; done; echo half > "$2"', broken_go)
    finished = [
        path
        for path in (cache_home / "leap" / "engine" / "programs").iterdir()
        if not path.name.endswith(cache.PARTIAL)
    ]
    assert finished == []


def test_a_cache_that_cannot_be_written_is_an_error_with_a_way_on(
    working_go: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    with pytest.raises(EngineError) as caught:
        engine.install()
    assert caught.value.way_on


def test_two_installations_wait_for_each_other(working_go: Path, steps: list[Step]) -> None:
    done = threading.Event()

    def other() -> None:
        engine.install(steps.append)
        done.set()

    with cache.lock(lambda text: None):
        thread = threading.Thread(target=other)
        thread.start()
        while not any("another build runs" in step.detail for step in steps):
            time.sleep(0.01)
        assert not done.is_set()
    thread.join(60)
    assert done.is_set()
