"""Who is at the keyboard, by every name that this machine knows: for the record of approvals."""

from __future__ import annotations

import getpass
import os
import subprocess
from typing import Final

from cli.paths import ROOT
from ops.restore.approval import Identity

VARIABLES: Final = ("LEAP_USER", "GITHUB_ACTOR", "GITLAB_USER_LOGIN", "SUDO_USER")
GIT: Final = ("user.email", "user.name")


def whoami() -> Identity:
    """The names of whoever typed the command, the most telling first; none is proof of a person."""
    names = [os.environ.get(variable, "") for variable in VARIABLES]
    names += [_git(key) for key in GIT]
    try:
        names.append(getpass.getuser())
    except (KeyError, OSError):
        names.append(str(os.getuid()))
    return Identity(tuple(dict.fromkeys(name for name in names if name)))


def _git(key: str) -> str:
    try:
        asked = subprocess.run(
            ["git", "config", "--get", key], cwd=ROOT, capture_output=True, text=True, check=False
        )
    except OSError:
        return ""
    return asked.stdout.strip()
