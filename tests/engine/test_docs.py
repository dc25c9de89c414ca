"""`docs/engine.md` names the versions and the variables that the code has."""

from pathlib import Path

from engine import Toolchain
from engine.programs import CLI_VERSION, plugins

DOCS = (Path(__file__).parents[2] / "docs" / "engine.md").read_text(encoding="utf-8")


def test_the_versions_of_each_plugin_are_those_that_are_built() -> None:
    for plugin in plugins():
        core = f"[{plugin.core.split('/')[1]}](https://github.com/{plugin.core})"
        row = f"| {plugin.package} | {plugin.sdk_version} | {core}"
        assert row.lower() in DOCS.lower()
        assert f"{core} {plugin.core_version} |".lower() in DOCS.lower()


def test_the_version_of_the_command_line_is_the_one_that_is_built() -> None:
    assert f"| `pulumi` {CLI_VERSION} |" in DOCS


def test_every_variable_of_ours_is_explained(tmp_path: Path) -> None:
    ours = Toolchain(bin=tmp_path, home=tmp_path, programs=()).environment(tmp_path)
    plain = {"DO_NOT_TRACK", "PULUMI_SKIP_UPDATE_CHECK"}
    assert [name for name in sorted(set(ours) - plain) if f"`{name}`" not in DOCS] == []
