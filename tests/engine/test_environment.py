"""The variables under which a toolchain works."""

from pathlib import Path

import pytest

from engine import Toolchain


@pytest.fixture
def toolchain(tmp_path: Path) -> Toolchain:
    """A toolchain of ours, with a home of its own."""
    return Toolchain(bin=tmp_path / "bin", home=tmp_path / "home", programs=())


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch) -> None:
    """None of the variables is set by whoever runs the tests."""
    for name in (
        "PULUMI_BACKEND_URL",
        "PULUMI_CONFIG_PASSPHRASE",
        "PULUMI_CONFIG_PASSPHRASE_FILE",
        "PULUMI_CREDENTIALS_PATH",
        "PULUMI_HOME",
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PATH", "/usr/bin:/bin")


def test_the_engine_is_first_on_the_path(toolchain: Toolchain, tmp_path: Path) -> None:
    assert toolchain.environment(tmp_path)["PATH"] == f"{tmp_path}/bin:/usr/bin:/bin"


def test_the_path_does_not_grow_when_it_is_set_twice(
    toolchain: Toolchain, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    once = toolchain.environment(tmp_path)["PATH"]
    monkeypatch.setenv("PATH", once)
    assert toolchain.environment(tmp_path)["PATH"] == once


def test_the_state_is_local_and_its_folder_is_there(toolchain: Toolchain, tmp_path: Path) -> None:
    variables = toolchain.environment(tmp_path)
    assert variables["PULUMI_BACKEND_URL"] == f"file://{tmp_path}/.leap/state"
    assert (tmp_path / ".leap" / "state").is_dir()


def test_a_backend_that_the_user_chose_is_kept(
    toolchain: Toolchain, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PULUMI_BACKEND_URL", "s3://state")
    assert toolchain.environment(tmp_path)["PULUMI_BACKEND_URL"] == "s3://state"


@pytest.mark.parametrize("name", ["PULUMI_CONFIG_PASSPHRASE", "PULUMI_CONFIG_PASSPHRASE_FILE"])
def test_a_passphrase_that_the_user_chose_is_kept(
    toolchain: Toolchain, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, "mine")
    assert "PULUMI_CONFIG_PASSPHRASE" not in toolchain.environment(tmp_path)


def test_our_plugins_have_a_home_and_the_logins_stay_the_users(
    toolchain: Toolchain, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", "/home/someone")
    variables = toolchain.environment(tmp_path)
    assert variables["PULUMI_HOME"] == f"{tmp_path}/home"
    assert variables["PULUMI_CREDENTIALS_PATH"] == "/home/someone/.pulumi"


def test_an_official_engine_keeps_the_users_home(tmp_path: Path) -> None:
    official = Toolchain(bin=tmp_path, home=None, programs=())
    assert not {"PULUMI_HOME", "PULUMI_CREDENTIALS_PATH"} & set(official.environment(tmp_path))
