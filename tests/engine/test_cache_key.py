"""What makes a cached program another program."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from engine import programs
from engine.programs import MODULES, Program, command_line, plugins, required_version


@pytest.fixture
def program(tmp_path: Path) -> Program:
    """A copy of the Snowflake plugin's recipe that a test may change."""
    recipe = plugins()[0].program
    shutil.copytree(MODULES / "snowflake", tmp_path / "snowflake")
    shutil.copytree(MODULES / "bridge", tmp_path / "bridge")
    return replace(recipe, folder=tmp_path / "snowflake", shared=(tmp_path / "bridge",))


def test_the_same_recipe_elsewhere_has_the_same_key(program: Program) -> None:
    assert program.key == plugins()[0].program.key


@pytest.mark.parametrize(
    "changed", ["snowflake/go.mod", "snowflake/go.sum", "snowflake/main.go", "bridge/schema.go"]
)
def test_a_changed_module_file_is_another_key(
    program: Program, tmp_path: Path, changed: str
) -> None:
    path = tmp_path / changed
    path.write_text(path.read_text() + "\n")
    assert program.key != plugins()[0].program.key


def test_a_file_that_go_does_not_read_leaves_the_key(program: Program, tmp_path: Path) -> None:
    (tmp_path / "snowflake" / "notes.txt").write_text("nothing")
    assert program.key == plugins()[0].program.key


def test_other_link_flags_are_another_key(program: Program) -> None:
    assert replace(program, link_flags="-s").key != program.key


def test_a_new_way_of_building_is_another_key(monkeypatch: pytest.MonkeyPatch) -> None:
    before = command_line().key
    monkeypatch.setattr(programs, "RECIPE", "next")
    assert command_line().key != before


def test_the_command_line_is_required_at_the_version_that_is_linked_in() -> None:
    version = required_version(MODULES / "cli" / "go.mod", "github.com/pulumi/pulumi/pkg/v3")
    assert version == f"v{programs.CLI_VERSION}"


def test_each_plugin_names_the_core_of_its_module_file() -> None:
    assert {(plugin.package, plugin.core_version) for plugin in plugins()} == {
        ("snowflake", "v1.2.3"),
        ("github", "v6.11.1"),
    }


@pytest.mark.parametrize("module", ["cli", "snowflake", "github"])
def test_every_module_is_locked(module: str) -> None:
    assert (MODULES / module / "go.sum").stat().st_size > 0
