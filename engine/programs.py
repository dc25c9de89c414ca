"""Which programs are built from Go modules, from what, and under which key they are cached.

A program's key is the hash of its recipe: its module files, its link flags and the package to
build. Two checkouts with the same recipe share one binary; a changed recipe never reuses an old
one. The toolchain's key adds the files of the language host, which are assembled and not compiled.
Deliberately absent: the versions of single Go modules (`modules/*/go.mod` holds them).
"""

import hashlib
import importlib.metadata
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

MODULES: Final = Path(__file__).parent / "modules"
CLI_VERSION: Final = "3.259.0"
RECIPE: Final = "1"  # raise it when the way of building changes and no file says so
KEY_LENGTH: Final = 16


@dataclass(frozen=True)
class Program:
    """A program built from one Go module: the folder, the package in it, and the linker's flags."""

    name: str
    folder: Path
    package: str
    link_flags: str
    shared: tuple[Path, ...] = ()

    @property
    def key(self) -> str:
        """The hash of all that decides what comes out of a build."""
        files = [
            path
            for folder in (self.folder, *self.shared)
            for path in sorted(folder.iterdir())
            if path.name in ("go.mod", "go.sum") or path.suffix == ".go"
        ]
        return digest([RECIPE, self.name, self.package, self.link_flags], files)


@dataclass(frozen=True)
class Plugin:
    """A provider plugin: the package's name, the version that the SDK asks for, the core within."""

    package: str
    sdk: str
    sdk_version: str
    core: str
    core_version: str
    program: Program


def digest(words: list[str], files: list[Path]) -> str:
    """A short hash of words and of files (their names and contents), in the given order."""
    sha = hashlib.sha256()
    for word in words:
        sha.update(f"word {len(word)}\n{word}".encode())
    for path in files:
        content = path.read_bytes()
        sha.update(f"file {path.name} {len(content)}\n".encode() + content)
    return sha.hexdigest()[:KEY_LENGTH]


def required_version(module_file: Path, module: str) -> str:
    """The version, as `v1.2.3`, at which a `go.mod` requires a module. Raises KeyError."""
    line = rf"^\s*(?:require )?{re.escape(module)} (v\S+)"
    found = re.search(line, module_file.read_text(), re.MULTILINE)
    if found is None:
        raise KeyError(f"{module_file} does not require {module}")
    return found.group(1)


def command_line() -> Program:
    """The `pulumi` command. The version is linked in: the Automation API reads it."""
    variable = "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version"
    return Program(
        name="pulumi",
        folder=MODULES / "cli",
        package="github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
        link_flags=f"-s -w -X {variable}=v{CLI_VERSION}",
    )


def plugins() -> tuple[Plugin, ...]:
    """The provider plugins, each at the version that its installed Python SDK asks for."""
    return (
        _plugin("snowflake", "github.com/Snowflake-Labs/terraform-provider-snowflake"),
        _plugin("github", "github.com/integrations/terraform-provider-github/v6"),
    )


def _plugin(package: str, core: str) -> Plugin:
    sdk = f"pulumi-{package}"
    sdk_version = importlib.metadata.version(sdk)
    folder = MODULES / package
    return Plugin(
        package=package,
        sdk=sdk,
        sdk_version=sdk_version,
        core=core.removeprefix("github.com/").removesuffix("/v6"),
        core_version=required_version(folder / "go.mod", core),
        program=Program(
            name=f"pulumi-resource-{package}",
            folder=folder,
            package=".",
            link_flags=f"-s -w -X main.version={sdk_version}",
            shared=(MODULES / "bridge",),
        ),
    )
