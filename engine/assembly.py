"""Puts a toolchain together from built programs: hard links, the language host and two scripts.

The plugins lie in a Pulumi home of the toolchain's own, under the version that the Python SDKs ask
for, and not on the path: from the path the engine would use them with a warning in every run.
A toolchain's key adds the host's files and the SDKs' versions to the programs' keys, so that a
checkout with another host has another toolchain, and the same binaries.
"""

import compileall
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from engine import cache
from engine.build import SCHEMA
from engine.languagehost.version import VERSION as HOST_VERSION
from engine.official import Official
from engine.programs import CLI_VERSION, Plugin, command_line, digest, plugins
from engine.toolchain import InstalledProgram, Origin, Toolchain

HOST: Final = Path(__file__).parent / "languagehost"
SCRIPTS: Final = Path(__file__).parent / "scripts"
SCRIPT_NAMES: Final = ("pulumi-language-python", "pulumi-resource-pulumi-python")
HOST_MAIN: Final = "from engine.languagehost.server import main\n\nmain()\n"


def key(official: Official | None = None) -> str:
    """The key of the toolchain that this checkout wants, around an official command or our own."""
    words = [plugin.program.key for plugin in plugins()]
    if official is not None:
        return digest(["official", *words], [])
    files = [*_host_files(), *(SCRIPTS / name for name in SCRIPT_NAMES)]
    return digest([command_line().key, *words], files)


def existing(official: Official | None = None) -> Toolchain | None:
    """The toolchain of this checkout's key, when the cache has it."""
    folder = cache.toolchain_folder(key(official))
    return _describe(folder, official) if folder.is_dir() else None


def assemble(built: Mapping[str, Path], official: Official | None = None) -> Toolchain:
    """Make the toolchain from the built programs, by name; whole or not at all.

    With an official command only the plugins are ours.
    """
    folder = cache.toolchain_folder(key(official))
    if folder.is_dir():
        return _describe(folder, official)
    work = cache.partial(folder)
    if official is None:
        cache.link(built["pulumi"], work / "bin" / "pulumi")
        for name in SCRIPT_NAMES:
            _write_script(SCRIPTS / name, work / "bin" / name)
        _copy_host(work / "host")
    for plugin in plugins():
        _place_plugin(built[plugin.program.name], plugin, work)
    _share_workspaces(work / "home")
    work.rename(folder)
    return _describe(folder, official)


def all_official(official: Official, found: Mapping[str, Path]) -> Toolchain:
    """The toolchain of an official command with official plugins, by package: nothing is ours."""
    programs = [
        InstalledProgram("pulumi", official.pulumi, official.version, Origin.OFFICIAL),
        *(
            InstalledProgram(
                plugin.program.name, found[plugin.package], plugin.sdk_version, Origin.OFFICIAL
            )
            for plugin in plugins()
        ),
    ]
    return Toolchain(bin=official.pulumi.parent, home=None, programs=tuple(programs))


def plugin_folder(home: Path, plugin: Plugin) -> Path:
    """Where a Pulumi home keeps the plugin of the SDK's version.

    https://www.pulumi.com/docs/iac/concepts/plugins/
    """
    return home / "plugins" / f"resource-{plugin.package}-v{plugin.sdk_version}"


def _place_plugin(binary: Path, plugin: Plugin, work: Path) -> None:
    cache.link(binary, plugin_folder(work / "home", plugin) / binary.name)
    cache.link(binary.with_name(SCHEMA), work / "schemas" / f"{plugin.package}.json")


def _write_script(source: Path, target: Path) -> None:
    target.write_text(source.read_text().replace("@PYTHON@", sys.executable))
    target.chmod(0o755)


def _copy_host(target: Path) -> None:
    """Copy the host as a folder that Python can run, with a package `engine` of only the host."""
    package = target / "engine" / HOST.name
    package.mkdir(parents=True)
    for path in _host_files():
        (package / path.name).write_bytes(path.read_bytes())
    (package.parent / "__init__.py").touch()
    (target / "__main__.py").write_text(HOST_MAIN)
    compileall.compile_dir(target, quiet=2)


def _share_workspaces(home: Path) -> None:
    """Keep the stacks that the user selected when a newer checkout has another toolchain."""
    shared = cache.root() / "workspaces"
    shared.mkdir(parents=True, exist_ok=True)
    (home / "workspaces").symlink_to(shared)


def _host_files() -> list[Path]:
    return sorted(HOST.glob("*.py"))


def _describe(folder: Path, official: Official | None) -> Toolchain:
    home, bin_folder = folder / "home", folder / "bin"
    programs: list[InstalledProgram] = []
    if official is not None:
        bin_folder = official.pulumi.parent
        programs.append(
            InstalledProgram("pulumi", official.pulumi, official.version, Origin.OFFICIAL)
        )
    else:
        programs.append(
            InstalledProgram("pulumi", bin_folder / "pulumi", CLI_VERSION, Origin.BUILT)
        )
        for name in SCRIPT_NAMES:
            programs.append(InstalledProgram(name, bin_folder / name, HOST_VERSION, Origin.OURS))
    for plugin in plugins():
        programs.append(
            InstalledProgram(
                name=plugin.program.name,
                path=plugin_folder(home, plugin) / plugin.program.name,
                version=plugin.sdk_version,
                origin=Origin.BUILT,
                schema=folder / "schemas" / f"{plugin.package}.json",
            )
        )
    return Toolchain(bin=bin_folder, home=home, programs=tuple(programs))
