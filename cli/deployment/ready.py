"""A stack made ready for a look: created if need be, its lock seen to, its account there.

A sandbox that was reset is younger than the resources of the state, which is then dropped.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from cli.console import hint
from cli.deployment import stack as stacks
from cli.target import ask, connected, running_sandbox

if TYPE_CHECKING:
    from cli.workbench import Workbench


def make_ready(bench: Workbench, *, wait: bool = True) -> dict[str, Any]:
    """Select the stack, see to its lock, drop a state whose account is gone; return the state.

    `wait`: for another run that holds the stack, as what only looks does. That selects nothing, and
    neither does a workspace, which is never what a bare command should mean.

    Raises:
        NotUsableError: another run holds the stack.
    """
    choose = stacks.create if bench.is_workspace or wait else stacks.select
    choose(bench.stack, bench.variables)
    stacks.release_lock(bench.stack, bench.variables, wait=wait)
    deployment = stacks.exported(bench.stack, bench.variables)
    if not bench.on_sandbox or not _is_of_an_account_that_is_gone(bench, deployment):
        return deployment
    hint(f"  the sandbox was reset since {bench.stack} was deployed: starting from nothing")
    stacks.forget(bench.stack, bench.variables)
    return {}


def _is_of_an_account_that_is_gone(bench: Workbench, deployment: Mapping[str, Any]) -> bool:
    made = [
        datetime.fromisoformat(resource["created"])
        for resource in deployment.get("resources") or []
        if resource.get("custom") and resource.get("created") and resource.get("id")
        if not str(resource["type"]).startswith("pulumi:providers:")
    ]
    return bool(made) and min(made) < _account_birth(bench)


def _account_birth(bench: Workbench) -> datetime:
    """When the sandbox's account was made: with it, its administrator."""
    if (said := running_sandbox().snowflake.created_on) is not None:
        return said
    with connected(bench.login()) as connection:
        administrator = bench.login()["user"]
        users = ask(connection, "SHOW USERS LIKE %s", (administrator,)).dicts()
    born: datetime = users[0]["created_on"]
    return born
