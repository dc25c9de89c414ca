"""Putting a state right that no longer speaks of what is there.

A run did not end well: operations are pending, or were never saved. In the sandbox what that run
made and the state does not know is taken away, by the account's own word
(`cli.deployment.settling`); for a real account the person decides.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cli.console import hint
from cli.deployment import absence, lock, ready, refreshing, settling, state, unsaved
from cli.deployment.unsaved import Unfinished
from cli.errors import NotUsableError
from infra.model.urn import named

if TYPE_CHECKING:
    from cli.workbench import Workbench


def at_rest(bench: Workbench) -> dict[str, Any]:
    """Make the stack ready, and wait until nothing of a killed run is at work on it any more.

    Raises:
        NotUsableError: another run holds the stack, or a drill has its state.
    """
    absence.refuse_while_lost(bench)
    found = ready.make_ready(bench, wait=False)
    lock.end_leftovers(bench.stack)
    return found


@dataclass(frozen=True, slots=True)
class Sound:
    """A stack that may be changed, with its state; `refresh`: the account must be asked first."""

    deployment: Mapping[str, Any]
    refresh: bool = False


def make_sound(bench: Workbench) -> Sound:
    """Make the stack ready for a change, and put right what a run left that did not end well.

    Raises:
        NotUsableError: operations are pending on a real account, or a drill has the state.
    """
    found = at_rest(bench)
    left = unsaved.unfinished(bench.stack, bench.variables, found)
    if left is None:
        unsaved.end(bench.stack)
        return Sound(found)
    pending = found.get("pending_operations") or []
    if pending and not bench.on_sandbox:
        raise NotUsableError(
            f"{bench.stack} has operations of which nobody knows whether they happened: "
            + ", ".join(in_words(operation) for operation in pending),
            f"Decide for each: pulumi refresh --stack {bench.stack}",
        )
    hint(f"  the last run of {bench.stack} was killed or failed: putting the state right")
    if not unsaved.is_open(bench.stack):
        unsaved.begin(bench.stack)  # this can be killed too
    deployment: Mapping[str, Any] = found
    asks = not left.told_all
    if bench.on_sandbox:
        deployment = _as_the_account_says(bench, found, left)
        asks = asks or deployment is not found
    if asks and deployment.get("resources"):
        # The account is asked at once, so that no later step has to.
        deployment = refreshing.refresh(bench)
    unsaved.mended(bench.stack, bench.variables)
    return Sound(deployment)


def _as_the_account_says(
    bench: Workbench, deployment: Mapping[str, Any], left: Unfinished
) -> Mapping[str, Any]:
    """Take away what the run made unknown to the state, and put back what it only forgot."""
    back = settling.settle(bench, deployment, left)
    if back is None and not deployment.get("pending_operations"):
        return deployment
    changed = {**(back or deployment), "pending_operations": []}
    state.write(bench.stack, bench.variables, changed)
    return changed


def in_words(operation: Mapping[str, Any]) -> str:
    """`creating Warehouse BI_WH`, of a pending operation."""
    return f"{operation['type']} {named(operation['resource']['urn'])}"
