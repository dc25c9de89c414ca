"""What drills need of the engine, of dbt, of git and of keys; the command line lends it to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from ops.drill.states import States


class Keys(Protocol):
    """The key pair of a service user: files here, slots in the account."""

    def current(self, user: str) -> Path:
        """The private key that its programs use."""

    def waiting(self, user: str) -> Path:
        """The next one, while the two overlap."""

    def fingerprint(self, private: Path) -> str:
        """Of its public half, as DESCRIBE USER has it."""

    def public(self, user: str) -> Sequence[str]:
        """The fingerprints of the public keys that are declared."""

    def rotate(self, user: str) -> str:
        """The next step of `leap keys rotate`; what it did."""

    def withdraw(self, user: str) -> None:
        """Forget a next key pair that was never used."""

    def enter(self, user: str, private: Path, statement: str) -> str | None:
        """Log in with a key and say one thing; the words of a refused login, or None."""


class Engine(Protocol):
    """The stack's deployments."""

    def pending(self) -> str:
        """What a deployment would change, in words; empty for nothing."""

    def deploy(self) -> str:
        """Deploy; what was done, in words."""


class Builds(Protocol):
    """dbt, from a checkout of the drill's own."""

    def checkout(self, folder: Path) -> str:
        """Clone the last commit of the repository there; the commit. Nothing of it is touched."""

    def git(self, folder: Path, *arguments: str) -> str:
        """What git prints, run there."""

    def dbt(self, folder: Path, *arguments: str) -> str:
        """Run dbt there on the stack; its summary."""


class Buckets(Protocol):
    """S3 in the second region. Each raises DrillFailedError where AWS refuses."""

    def events(self, bucket: str) -> dict[str, Any]:
        """The bucket's configuration of notifications."""

    def set_events(self, bucket: str, configuration: Mapping[str, Any]) -> None:
        """Replace it."""

    def put(self, bucket: str, key: str, body: bytes) -> None:
        """Put an object there."""

    def remove(self, bucket: str, key: str) -> None:
        """Delete an object, if it is there."""


class Poll(Protocol):
    """A login of its own and one question, each time."""

    def __call__(
        self, account: str, role: str, warehouse: str, statement: str
    ) -> Sequence[Mapping[str, Any]]:
        """Rows by lower-case column name; RefusedError for whatever the reader met."""


@dataclass(frozen=True, slots=True)
class Tools:
    """What was lent; a drill asks only for what it needs."""

    keys: Keys | None = None
    engine: Engine | None = None
    builds: Builds | None = None
    poll: Poll | None = None
    buckets: Buckets | None = None
    states: States | None = None
