"""A usable engine: which programs it has, where, and the variables under which they work.

Deliberately absent: making one (`engine.assembly`), and judging it (`engine.state`).
"""

import os
import sys
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

SANDBOX_PHRASE: Final = "leap-sandbox"  # protects sandbox state only, and is no secret
STATE: Final = Path(".leap") / "state"


class Origin(StrEnum):
    """Where a program came from."""

    OFFICIAL = "official"
    BUILT = "built"
    OURS = "ours"


@dataclass(frozen=True)
class InstalledProgram:
    """One program of a toolchain; `schema` is the file of a plugin's package schema, if kept."""

    name: str
    path: Path
    version: str
    origin: Origin
    schema: Path | None = None


@dataclass(frozen=True)
class Toolchain:
    """An engine that is ready to run.

    `bin` goes on the path. `home` is the engine's own folder, with the plugins in it; None means
    the user's (`PULUMI_HOME`, else `~/.pulumi`).
    """

    bin: Path
    home: Path | None
    programs: tuple[InstalledProgram, ...]

    @property
    def pulumi(self) -> Path:
        """The `pulumi` command."""
        return self.bin / "pulumi"

    def program(self, name: str) -> InstalledProgram | None:
        """The program of that name, for example `pulumi-resource-snowflake`."""
        return next((program for program in self.programs if program.name == name), None)

    def environment(self, root: Path) -> dict[str, str]:
        """The variables to run `pulumi` with in the checkout `root`; to be laid over `os.environ`.

        What the user has set is respected (backend, passphrase), except what would hide our
        plugins. Makes the folder of the local state, because the file backend wants it there.
        https://www.pulumi.com/docs/iac/cli/environment-variables/
        """
        state = root / STATE
        state.mkdir(parents=True, exist_ok=True)
        given = os.environ
        variables = {
            "PATH": _first(self.bin, given.get("PATH", os.defpath)),
            "LEAP_ENGINE_PYTHON": sys.executable,
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "PULUMI_BACKEND_URL": given.get("PULUMI_BACKEND_URL") or f"file://{state}",
            "DO_NOT_TRACK": given.get("DO_NOT_TRACK", "1"),
        }
        if not {"PULUMI_CONFIG_PASSPHRASE", "PULUMI_CONFIG_PASSPHRASE_FILE"} & set(given):
            variables["PULUMI_CONFIG_PASSPHRASE"] = SANDBOX_PHRASE
        if self.home is not None:
            variables |= self._own_home()
        return variables

    def _own_home(self) -> dict[str, str]:
        """Our plugins' home, but the user's log-ins; and no fetching of what is already here."""
        logins = os.environ.get("PULUMI_CREDENTIALS_PATH") or _users_home()
        return {
            "PULUMI_HOME": str(self.home),
            "PULUMI_CREDENTIALS_PATH": str(logins),
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
        }


def _users_home() -> Path:
    """The user's own Pulumi folder, also when ours is already in the environment."""
    named = os.environ.get("PULUMI_HOME")
    return Path(named) if named else Path.home() / ".pulumi"


def _first(folder: Path, path: str) -> str:
    others = [entry for entry in path.split(os.pathsep) if entry and entry != str(folder)]
    return os.pathsep.join([str(folder), *others])
