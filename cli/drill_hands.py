"""What drills are lent by the command line: logins, deployments, dbt, git, keys, the state."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cli.target import login

if TYPE_CHECKING:
    from infra.settings import Settings
    from ops.drill.step import Scene


def arguments(target: str, account: str) -> dict[str, Any]:
    """Connector arguments for an administrator of the target, or of another account beside it."""
    given = login(target)
    return {**given, "account": account} if account else given


def give(scene: Scene, settings: Settings) -> None:
    """Lend a scene what its drill may need; nothing is opened before it is used."""
