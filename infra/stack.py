"""What a stack's name says: which environment it deploys, and whether it is a workspace.

`local`, `dev` and `prod` own an account's platform (foundations); `dev-<user>` and `pr-<number>`
own one corner of it (workspaces).
"""

import re
from enum import StrEnum
from typing import Final, NamedTuple


class StackKind(StrEnum):
    """Whether a stack owns the platform or a corner of it."""

    FOUNDATION = "foundation"
    WORKSPACE = "workspace"


class Stack(NamedTuple):
    """A stack's name, taken apart."""

    name: str
    environment: str
    """The environment file: ``local``, ``dev``, ``prod``, ``personal`` or ``ci``."""
    kind: StackKind
    owner: str = ""
    """Of a workspace: the developer or the pull request's number."""


class UnknownStackError(ValueError):
    """The name is no stack of ours."""

    def __init__(self, name: str) -> None:
        super().__init__(f"stack: got {name!r}, allowed: {ALLOWED}")


FOUNDATIONS: Final = ("local", "dev", "prod")
ALLOWED_WORKSPACES: Final = "dev-<user>, pr-<number>"
ALLOWED: Final = f"local, dev, prod, {ALLOWED_WORKSPACES}"
_WORKSPACES: Final = (
    (re.compile(r"^dev-([a-z][a-z0-9_]{0,30})$"), "personal"),
    (re.compile(r"^pr-([0-9]{1,10})$"), "ci"),
)


def parse(name: str) -> Stack:
    """The stack of that name; a name qualified by organization and project counts by its last part.

    Raises:
        UnknownStackError: the name is none of ours.
    """
    short = name.rsplit("/", 1)[-1]
    if short in FOUNDATIONS:
        return Stack(short, short, StackKind.FOUNDATION)
    for pattern, environment in _WORKSPACES:
        if match := pattern.match(short):
            return Stack(short, environment, StackKind.WORKSPACE, match.group(1))
    raise UnknownStackError(name)
