"""Which Python the runtime options of a project file mean."""

import os
from pathlib import Path

import pytest

from engine.languagehost.interpreter import InterpreterError, choose


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with an environment `.venv` and another beside it, `tools/env`."""
    for name in (".venv", "tools/env"):
        (tmp_path / name / "bin").mkdir(parents=True)
        (tmp_path / name / "bin" / "python").touch()
        (tmp_path / name / "lib" / "python3.11" / "site-packages").mkdir(parents=True)
    return tmp_path


def test_a_virtual_environment_is_relative_to_the_project_file(project: Path) -> None:
    chosen = choose(str(project), {"virtualenv": "tools/env/"})
    assert chosen.python == project / "tools" / "env" / "bin" / "python"


def test_an_absolute_virtual_environment_is_itself(project: Path) -> None:
    chosen = choose("/elsewhere", {"virtualenv": str(project / ".venv")})
    assert chosen.python == project / ".venv" / "bin" / "python"


def test_the_toolchain_uv_means_dot_venv(project: Path) -> None:
    assert choose(str(project), {"toolchain": "uv"}).environment == project / ".venv"


def test_a_missing_environment_is_named_with_the_remedy(project: Path) -> None:
    with pytest.raises(InterpreterError, match=r"nowhere is not there.*uv sync"):
        choose(str(project), {"virtualenv": "nowhere"})


def test_an_unknown_toolchain_is_refused_with_the_allowed_ones(project: Path) -> None:
    with pytest.raises(InterpreterError, match="got 'poetry', allowed pip, uv"):
        choose(str(project), {"toolchain": "poetry"})


def test_without_options_the_named_command_runs(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PULUMI_PYTHON_CMD", "sh")
    assert choose(str(project), {}).python.name == "sh"


def test_a_child_sees_an_activated_environment(project: Path) -> None:
    chosen = choose(str(project), {"virtualenv": ".venv"})
    variables = chosen.variables({"PATH": "/bin", "PYTHONHOME": "/wrong", "KEPT": "yes"})
    assert variables == {
        "PATH": f"{project}/.venv/bin{os.pathsep}/bin",
        "VIRTUAL_ENV": f"{project}/.venv",
        "KEPT": "yes",
    }


def test_the_packages_of_an_environment_are_those_in_its_folder(project: Path) -> None:
    chosen = choose(str(project), {"virtualenv": ".venv"})
    assert chosen.site_packages() == [project / ".venv" / "lib" / "python3.11" / "site-packages"]
