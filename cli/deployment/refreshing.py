"""Asking the account what it has, where a killed run may have left the state behind it.

Some resources of the provider end a refresh instead of saying that they are gone, once the object
that they are set on is gone. They hold nothing: they leave the state, and the next run sets them
again.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from cli.deployment import engine_run, state
from cli.deployment import stack as stacks
from cli.deployment.engine_run import Run

if TYPE_CHECKING:
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
)
_REFRESHING: Final = re.compile(r"refreshing (urn:pulumi:\S+): ")
_GONE: Final = re.compile(r"does not exist|not found|cannot be performed", re.IGNORECASE)


def refresh(bench: Workbench, progress: Callable[[str], None] = lambda _: None) -> dict[str, Any]:
    """Make the state what the account has; the deployment as it then is.

    Raises:
        FoundError: the engine could not read something that should be readable.
    """
    for _ in range(ATTEMPTS):
        run = engine_run.run(
            "refresh",
            bench.stack,
            bench.variables,
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


def empty_grants(deployment: Mapping[str, Any]) -> set[str]:
    """Grants that the account no longer has: the provider can neither revoke nor change them."""
    return {
        entry["urn"]
        for entry in deployment.get("resources") or ()
        if ":GrantPrivilegesTo" in entry["type"]
        if not any((entry.get("outputs") or {}).get(key) for key in ("privileges", "allPrivileges"))
    }


def unreadable(run: Run) -> set[str]:
    """The resources whose refresh failed because what they are set on is gone."""
    return {
        match[1]
        for error in run.tally.errors
        if (match := _REFRESHING.search(error)) is not None
        if _GONE.search(error) and match[1].split("::")[2].rpartition(":")[2] in SET_ON_SOMETHING
    }


def without(deployment: Mapping[str, Any], urns: set[str]) -> dict[str, Any]:
    """The deployment less some entries, and less what pointed to them."""
    kept = []
    for entry in deployment.get("resources") or ():
        if entry["urn"] in urns:
            continue
        cut = dict(entry)
        if cut.get("dependencies"):
            cut["dependencies"] = [urn for urn in cut["dependencies"] if urn not in urns]
        cut["propertyDependencies"] = {
            name: [urn for urn in found or () if urn not in urns]
            for name, found in (cut.get("propertyDependencies") or {}).items()
        }
        kept.append(cut)
    return {**deployment, "resources": kept, "pending_operations": []}
