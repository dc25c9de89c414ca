"""Where a sandbox keeps what: every path under `<root>/.leap`, in one place.

The lock that starters hold lies beside the folder, so that a reset may empty the folder while it
holds the lock.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sandbox.errors import SandboxError

CONNECTION_VARIABLE: Final = "LEAP_SANDBOX_CONNECTION"
_SURVIVES_RESET: Final = frozenset({"connection.json", "ports.json", "serve.lock"})


@dataclass(frozen=True, slots=True)
class Place:
    """The files of the sandbox that belongs to one repository (`root`)."""

    root: Path

    @property
    def folder(self) -> Path:
        """Everything the sandbox writes."""
        return self.root / ".leap" / "sandbox"

    @property
    def start_lock(self) -> Path:
        """Held by whoever starts, stops or resets."""
        return self.root / ".leap" / "sandbox.lock"

    @property
    def serve_lock(self) -> Path:
        """Held by the serving process for as long as it lives."""
        return self.folder / "serve.lock"

    @property
    def connection(self) -> Path:
        """How clients connect; `LEAP_SANDBOX_CONNECTION` names another file."""
        other = os.environ.get(CONNECTION_VARIABLE)
        return Path(other) if other else self.folder / "connection.json"

    @property
    def ports(self) -> Path:
        """The ports chosen at the first start."""
        return self.folder / "ports.json"

    @property
    def log(self) -> Path:
        """What the serving process prints."""
        return self.folder / "sandbox.log"

    @property
    def clock(self) -> Path:
        """How far the sandbox's clock was moved."""
        return self.folder / "clock.json"

    @property
    def outbox(self) -> Path:
        """The messages that the account delivered; nothing leaves the machine."""
        return self.folder / "outbox" / "notifications.jsonl"

    @property
    def snowflake(self) -> Path:
        """The Snowflake account's catalogue and data."""
        return self.folder / "snowflake"

    @property
    def stages(self) -> Path:
        """Files of internal stages."""
        return self.folder / "stages"

    @property
    def cache(self) -> Path:
        """Copies of S3 objects that were loaded; may be removed at any time."""
        return self.folder / "cache"

    @property
    def aws(self) -> Path:
        """What moto holds, kept on disk."""
        return self.folder / "aws"

    @property
    def github(self) -> Path:
        """What the local GitHub keeps."""
        return self.folder / "github" / "documents.sqlite"

    def prepare(self) -> None:
        """Create the folder, readable by its owner only."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self.folder.chmod(0o700)
        except OSError as error:
            raise SandboxError(
                f"The sandbox cannot write to {self.folder}: {error.strerror}.",
                "Make the folder writable, or free some disk space, and start again.",
            ) from error

    def wipe(self) -> None:
        """Remove the state. Ports and passwords stay, so that clients stay connected to the name.

        Raises:
            SandboxError: the folder is not really `<root>/.leap/sandbox`, as when it is a link to
                somewhere else; nothing is removed then.
        """
        if not self.folder.exists():
            return
        if self.folder.resolve() != self.root.resolve() / ".leap" / "sandbox":
            raise SandboxError(
                f"{self.folder} leads elsewhere ({self.folder.resolve()}): nothing was removed.",
                "Remove the link by hand, then reset again.",
            )
        for entry in self.folder.iterdir():
            if entry.name in _SURVIVES_RESET:
                continue
            if entry.is_dir() and not entry.is_symlink():
                shutil.rmtree(entry)
            else:
                entry.unlink()
