"""A repository with main and develop, in a folder of its own, with git's own settings only."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Final

import pytest

from ops.release.history import History

_FIXED: Final = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_SYSTEM": os.devnull,
    "GIT_AUTHOR_NAME": "Ann",
    "GIT_AUTHOR_EMAIL": "ann@leap.example",
    "GIT_COMMITTER_NAME": "Ann",
    "GIT_COMMITTER_EMAIL": "ann@leap.example",
}


class Clone:
    """A clone; commits get a second each, so that their order is known."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.history = History(folder)
        self._second = 1_767_225_600
        self.git("init", "--quiet", "--initial-branch=main")
        self.commit("chore: begin")
        self.git("branch", "develop")

    def git(self, *arguments: str) -> str:
        """What git prints; it must succeed."""
        done = subprocess.run(
            ["git", "-C", str(self.folder), *arguments],
            env={**os.environ, **self._dates()},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def commit(self, text: str, branch: str = "", *, file: str = "") -> str:
        """A commit of one new file on a branch; its hash."""
        if branch:
            self.git("switch", "--quiet", branch)
        self._second += 1
        path = self.folder / (file or f"{self._second}.txt")
        path.write_text(text, encoding="utf-8")
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", text)
        return self.git("rev-parse", "HEAD")

    def merge_by_rebase(self, *commits: str) -> None:
        """What GitHub does to a pull request: the same changes as other commits on main."""
        self.git("switch", "--quiet", "main")
        for one in commits:
            self._second += 1
            self.git("cherry-pick", one)

    def sign_with_ssh(self, key_folder: Path) -> None:
        """Give git a key of its own."""
        key = key_folder / "key"
        command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)]
        subprocess.run(command, check=True, capture_output=True)
        public = key.with_suffix(".pub").read_text(encoding="utf-8")
        signers = key_folder / "signers"
        signers.write_text(f"ann@leap.example {public}", encoding="utf-8")
        self.git("config", "gpg.format", "ssh")
        self.git("config", "user.signingkey", str(key))
        self.git("config", "gpg.ssh.allowedSignersFile", str(signers))

    def _dates(self) -> dict[str, str]:
        moment = f"{self._second} +0000"
        return {"GIT_AUTHOR_DATE": moment, "GIT_COMMITTER_DATE": moment}


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Clone:
    """A repository with one commit on both branches."""
    for name, value in _FIXED.items():
        monkeypatch.setenv(name, value)
    folder = tmp_path / "clone"
    folder.mkdir()
    return Clone(folder)
