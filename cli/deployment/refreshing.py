"""Asking the account what it has, where a killed run may have left the state behind it.

The provider ends a refresh at some objects that are gone with what held them, instead of saying
so. On the sandbox, where nothing is hidden from LEAP's login, the account is therefore asked first
which objects still stand; what is gone leaves the state. Some resources that are only set on an
object end a refresh too: they hold nothing, leave the state, and the next run sets them again.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from cli.deployment import engine_run, objects, state, unsaved
from cli.deployment import stack as stacks
from cli.deployment.engine_run import Run
from cli.errors import BadInputError
from cli.second_account import login
from cli.target import ask, connected
from infra.model.naming import of_second_account
from infra.model.urn import kind_of

if TYPE_CHECKING:
    from snowflake.connector import SnowflakeConnection

    from cli.workbench import Workbench

ATTEMPTS: Final = 5
SET_ON_SOMETHING: Final = (
    "TagAssociation",
    "TableColumnMaskingPolicyApplication",
    "TableConstraint",
    "AccountAuthenticationPolicyAttachment",
    "AccountPasswordPolicyAttachment",
    "NetworkPolicyAttachment",
    "ObjectParameter",
    "UserAuthenticationPolicyAttachment",
    "UserPasswordPolicyAttachment",
    "UserPublicKeys",
    *("IssueLabels", "RepositoryDependabotSecurityUpdates", "WorkflowRepositoryPermissions"),
)
GRANTS: Final = "GrantPrivilegesTo"
"""Begins the kinds of what grants privileges."""
_REFRESHING: Final = re.compile(r"refreshing (urn:pulumi:\S+): ")
_GONE: Final = re.compile(r"does not exist|not found|cannot be performed", re.IGNORECASE)


def refresh(bench: Workbench, progress: Callable[[str], None] = lambda _: None) -> dict[str, Any]:
    """Make the state what the account has; the deployment as it then is.

    Raises:
        FoundError: the engine could not read something that should be readable.
    """
    variables = bench.variables
    if bench.on_sandbox:
        _forget_the_gone(bench)
        variables = {**variables, unsaved.VARIABLE: "true"}
    for _ in range(ATTEMPTS):
        run = engine_run.run(
            "refresh",
            bench.stack,
            variables,
            options=["--yes", "--skip-preview"],
            progress=progress,
        )
        gone = unreadable(run)
        if run.exit_code == 0 or not gone:
            break
        deployment = stacks.exported(bench.stack, bench.variables)
        state.write(bench.stack, bench.variables, without(deployment, gone))
    run.require_success()
    deployment = stacks.exported(bench.stack, bench.variables)
    if not (empty := empty_grants(deployment)):
        return deployment
    left = without(deployment, empty)
    state.write(bench.stack, bench.variables, left)
    return left


def _forget_the_gone(bench: Workbench) -> None:
    deployment = stacks.exported(bench.stack, bench.variables)
    if gone := not_in_account(bench, deployment):
        state.write(bench.stack, bench.variables, without(deployment, gone))


def not_in_account(bench: Workbench, deployment: Mapping[str, Any]) -> set[str]:
    """The entries of a state whose objects their account does not list, as LEAP's login sees it."""
    gone: set[str] = set()
    for second in (False, True):
        if not objects_in(deployment, second=second):
            continue
        with connected(login(bench) if second else bench.login()) as connection:
            gone |= not_standing(deployment, partial(_rows, connection), second=second)
    return gone


def _rows(connection: SnowflakeConnection, text: str) -> list[Any]:
    return ask(connection, text).dicts()


def not_standing(
    deployment: Mapping[str, Any], rows: Callable[[str], list[Any]], *, second: bool = False
) -> set[str]:
    """The entries of the state whose objects the account does not list.

    `rows` asks the account, the `second` one for what is there; a kind that it has no list of is
    left to the engine.
    """
    wanted = objects_in(deployment, second=second)
    standing: dict[str, set[objects.Named] | None] = {}
    for kind in {found.kind for found in wanted.values()}:
        try:
            standing[kind] = {objects.of_row(kind, row) for row in rows(objects.listing(kind))}
        except BadInputError:
            standing[kind] = None
    return {
        urn
        for urn, found in wanted.items()
        if (listed := standing[found.kind]) is not None and found not in listed
    }


def objects_in(deployment: Mapping[str, Any], *, second: bool) -> dict[str, objects.Named]:
    """The entries of the state that are objects with a name in that account, by URN."""
    return {
        entry["urn"]: found
        for entry in deployment.get("resources") or ()
        if (found := objects.of_resource(entry)) is not None
        if entry.get("id") and not entry.get("delete") and objects.ON not in found.kind
        if of_second_account(str(entry.get("provider") or "")) is second
    }


def empty_grants(deployment: Mapping[str, Any]) -> set[str]:
    """Grants that the account no longer has: the provider can neither revoke nor change them."""
    return {
        entry["urn"]
        for entry in deployment.get("resources") or ()
        if kind_of(entry["type"]).startswith(GRANTS)
        if not any((entry.get("outputs") or {}).get(key) for key in ("privileges", "allPrivileges"))
    }


def unreadable(run: Run) -> set[str]:
    """The resources whose refresh failed because what they are set on is gone."""
    return {
        match[1]
        for error in run.tally.errors
        if (match := _REFRESHING.search(error)) is not None
        if _GONE.search(error) and kind_of(match[1].split("::")[2]) in SET_ON_SOMETHING
    }


def without(deployment: Mapping[str, Any], urns: set[str]) -> dict[str, Any]:
    """The deployment less some entries, and less what pointed to them."""
    kept = []
    for entry in deployment.get("resources") or ():
        if entry["urn"] in urns:
            continue
        cut = dict(entry)
        for pointers in state.POINTERS:
            if cut.get(pointers):
                cut[pointers] = [urn for urn in cut[pointers] if urn not in urns]
        if cut.get("deletedWith") in urns:
            del cut["deletedWith"]
        cut["propertyDependencies"] = {
            name: [urn for urn in found or () if urn not in urns]
            for name, found in (cut.get("propertyDependencies") or {}).items()
        }
        kept.append(cut)
    return {**deployment, "resources": kept, "pending_operations": []}
