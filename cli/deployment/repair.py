"""Putting a state right that no longer speaks of what is there.

Two accidents are told apart. The account is younger than the resources of the state: it was reset,
and the state is dropped. Or a run was killed: operations are pending, or were never saved. What it
made and the state does not know is dropped in the sandbox, where nothing can be lost; for a real
account the person decides.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from cli.console import hint
from cli.deployment import refreshing, state, unsaved
from cli.deployment import stack as stacks
from cli.errors import BadInputError, NotUsableError
from cli.target import ask, connected

if TYPE_CHECKING:
    from cli.workbench import Workbench

PROVIDER_PREFIX: Final = "snowflake:index/"
KINDS: Final[Mapping[str, str]] = {
    "AccountRole": "ROLE",
    "Alert": "ALERT",
    "AuthenticationPolicy": "AUTHENTICATION POLICY",
    "Database": "DATABASE",
    "DatabaseRole": "DATABASE ROLE",
    "EmailNotificationIntegration": "INTEGRATION",
    "FileFormat": "FILE FORMAT",
    "LegacyServiceUser": "USER",
    "MaskingPolicy": "MASKING POLICY",
    "NetworkPolicy": "NETWORK POLICY",
    "NetworkRule": "NETWORK RULE",
    "NotificationIntegration": "INTEGRATION",
    "PasswordPolicy": "PASSWORD POLICY",
    "Pipe": "PIPE",
    "ResourceMonitor": "RESOURCE MONITOR",
    "RowAccessPolicy": "ROW ACCESS POLICY",
    "Schema": "SCHEMA",
    "SecretWithBasicAuthentication": "SECRET",
    "SecretWithGenericString": "SECRET",
    "Sequence": "SEQUENCE",
    "ServiceUser": "USER",
    "Share": "SHARE",
    "SharedDatabase": "DATABASE",
    "Stage": "STAGE",
    "StorageIntegration": "INTEGRATION",
    "StreamOnTable": "STREAM",
    "StreamOnView": "STREAM",
    "Table": "TABLE",
    "Tag": "TAG",
    "Task": "TASK",
    "User": "USER",
    "View": "VIEW",
    "Warehouse": "WAREHOUSE",
}
PASSES: Final = 3
"""What is still in use by something that goes in the same pass goes in the next."""


def make_ready(bench: Workbench, *, wait: bool = True) -> dict[str, Any]:
    """Select the stack, see to its lock, drop a state whose account is gone; return the state.

    `wait`: for another run that holds the stack, as a preview does. A workspace is created and not
    selected: it is never what a bare command should mean.

    Raises:
        NotUsableError: another run holds the stack.
    """
    choose = stacks.create if bench.is_workspace else stacks.select
    choose(bench.stack, bench.variables)
    stacks.release_lock(bench.stack, bench.variables, wait=wait)
    deployment = stacks.exported(bench.stack, bench.variables)
    if not bench.on_sandbox or not _is_of_an_account_that_is_gone(bench, deployment):
        return deployment
    hint(f"  the sandbox was reset since {bench.stack} was deployed: starting from nothing")
    stacks.forget(bench.stack, bench.variables)
    return {}


@dataclass(frozen=True, slots=True)
class Sound:
    """A stack that may be changed, with its state; `refresh`: the account must be asked first."""

    deployment: Mapping[str, Any]
    refresh: bool = False


def make_sound(bench: Workbench) -> Sound:
    """Make the stack ready for a change and clear what is pending.

    Raises:
        NotUsableError: operations are pending on a real account.
    """
    deployment = make_ready(bench, wait=False)
    refresh = _drop_unsaved(bench, deployment)
    pending = deployment.get("pending_operations") or []
    if not pending:
        return _refreshed(bench, deployment, refresh=refresh)
    hint(f"  the last run was killed during {len(pending)} operations: putting the state right")
    if not bench.on_sandbox:
        raise NotUsableError(
            f"{bench.stack} has operations of which nobody knows whether they happened: "
            + ", ".join(in_words(operation) for operation in pending),
            f"Decide for each: pulumi refresh --stack {bench.stack}",
        )
    _drop(bench, [op["resource"] for op in pending if op["type"] == "creating"])
    without = {**deployment, "pending_operations": []}
    state.write(bench.stack, bench.variables, without)
    creating = all(operation["type"] == "creating" for operation in pending)
    return _refreshed(bench, without, refresh=refresh or not creating)


def _refreshed(bench: Workbench, deployment: Mapping[str, Any], *, refresh: bool) -> Sound:
    """After a killed run the account is asked at once, so that no later step has to."""
    if not refresh or not deployment.get("resources"):
        return Sound(deployment)
    return Sound(refreshing.refresh(bench))


def in_words(operation: Mapping[str, Any]) -> str:
    """`creating Warehouse BI_WH`, of a pending operation."""
    resource = operation["resource"]
    kind = str(resource["type"]).rpartition(":")[2]
    return f"{operation['type']} {kind} {str(resource['urn']).rpartition('::')[2]}"


def drop_statement(resource: Mapping[str, Any]) -> str | None:
    """The statement that removes what an unfinished creation may have made, for kinds with one."""
    token = str(resource["type"])
    kind = KINDS.get(token.rpartition(":")[2]) if token.startswith(PROVIDER_PREFIX) else None
    inputs = resource.get("inputs") or {}
    if kind is None or not isinstance(inputs.get("name"), str):
        return None
    parts = [inputs.get("database"), inputs.get("schema"), inputs["name"]]
    name = ".".join('"' + str(part).replace('"', '""') + '"' for part in parts if part)
    return f"DROP {kind} IF EXISTS {name}"


def _is_of_an_account_that_is_gone(bench: Workbench, deployment: Mapping[str, Any]) -> bool:
    made = [
        datetime.fromisoformat(resource["created"])
        for resource in deployment.get("resources") or []
        if resource.get("custom") and resource.get("created") and resource.get("id")
        if not str(resource["type"]).startswith("pulumi:providers:")
    ]
    return bool(made) and min(made) < account_birth(bench)


def account_birth(bench: Workbench) -> datetime:
    """When the sandbox's account was made: with it, its administrator."""
    with connected(bench.login()) as connection:
        administrator = bench.login()["user"]
        users = ask(connection, "SHOW USERS LIKE %s", (administrator,)).dicts()
    born: datetime = users[0]["created_on"]
    return born


def _drop_unsaved(bench: Workbench, deployment: Mapping[str, Any]) -> bool:
    """Drop what a run made and did not save; tells whether the account has to be asked."""
    if not bench.on_sandbox or not unsaved.is_open(bench.stack):
        return False
    left = unsaved.leftovers(bench.stack, deployment)
    if left.creations or left.refresh:
        hint("  the last run was killed before it saved its state: what it made is made anew")
    _drop(bench, left.creations)
    unsaved.end(bench.stack)
    return left.refresh


def _drop(bench: Workbench, made: Sequence[Mapping[str, Any]]) -> None:
    statements = [statement for resource in made if (statement := drop_statement(resource))]
    if not statements:
        return
    refused: dict[str, str] = {}
    with connected(bench.login()) as connection:
        for _ in range(PASSES):
            refused = {}
            for statement in statements:
                try:
                    ask(connection, statement)
                except BadInputError as error:
                    refused[statement] = str(error)
            statements = list(refused)
    for statement, reason in refused.items():
        hint(f"  could not be taken away: {statement}: {' '.join(reason.split())}")
