"""What guards a repository, by kind and name: the words that findings and acceptances repeat."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, TypeAlias

from ops.access.names import Securable

REPOSITORY: Final = "REPOSITORY"
PROTECTION: Final = "BRANCH PROTECTION"
RULESET: Final = "RULESET"
TEAM: Final = "TEAM"
COLLABORATOR: Final = "COLLABORATOR"
ENVIRONMENT: Final = "DEPLOYMENT ENVIRONMENT"
LABEL: Final = "LABEL"
VARIABLE: Final = "ACTIONS VARIABLE"
SECRET: Final = "ACTIONS SECRET"  # noqa: S105 -- the kind's name, and no secret
KINDS: Final = (
    *(REPOSITORY, PROTECTION, RULESET, TEAM, COLLABORATOR),
    *(ENVIRONMENT, LABEL, VARIABLE, SECRET),
)


class Thing(Securable):
    """One thing of a repository; its path is the repository, and the name where it has one."""

    __slots__ = ()

    def __str__(self) -> str:
        words = f"{self.kind.lower()} {self.path[-1]}"
        return words if len(self.path) == 1 else f"{words} of repository {self.path[0]}"

    @property
    def repository(self) -> str:
        """The repository's name."""
        return self.path[0]


Settings: TypeAlias = dict[str, Any]
Things: TypeAlias = dict[Thing, Settings]


def thing(kind: str, repository: str, *name: str) -> Thing:
    """A thing by kind, repository and name."""
    return Thing(kind, (repository, *name))


def shown(value: Any) -> str:
    """A setting as both sides write it."""
    if value is None or value == ():
        return "none"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple | list | frozenset | set):
        return ", ".join(sorted(map(str, value)))
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {shown(one)}" for key, one in sorted(value.items()))
    return str(int(value)) if isinstance(value, float) else str(value)
