"""A preview, shown: what would change, which policies refuse it, and what that means."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from cli.console import say
from cli.deployment.engine_run import Run
from cli.deployment.events import Change

SHOWN: Final = 80
MARKS: Final[Mapping[str, str]] = {
    "create": "+",
    "update": "~",
    "delete": "-",
    "replace": "±",
    "create-replacement": "±",
    "delete-replaced": "±",
    "import": "=",
}
TO_DO: Final[Mapping[str, str]] = {
    "create": "to create",
    "update": "to update",
    "delete": "to delete",
    "replace": "to replace",
    "create-replacement": "to create anew",
    "delete-replaced": "to delete for a replacement",
    "import": "to import",
    "same": "unchanged",
}


def as_facts(run: Run) -> dict[str, Any]:
    """The preview as one JSON value."""
    tally = run.tally
    return {
        "stack": run.stack,
        "counts": tally.summary,
        "changes": [
            {"operation": c.operation, "kind": c.kind, "name": c.name, "properties": c.properties}
            for c in tally.changes
        ],
        "policies": [
            {
                "policy": d.policy,
                "resource": d.resource,
                "message": d.message,
                "mandatory": d.mandatory,
            }
            for d in tally.denials
        ],
        "errors": tally.errors,
    }


def show(run: Run) -> None:
    """Print the changes, the policies' words and the counts."""
    tally = run.tally
    for change in tally.changes[:SHOWN]:
        say(_line(change))
    if len(tally.changes) > SHOWN:
        say(f"  … and {len(tally.changes) - SHOWN} more (--json has them all)")
    for denial in tally.denials:
        word = "denied" if denial.mandatory else "advised against"
        say(f"{word} by policy {denial.policy}: {denial.resource}: {denial.message}")
    counts = ", ".join(f"{n} {TO_DO.get(op, op)}" for op, n in tally.summary.items() if n)
    say(f"{run.stack}: {counts or 'nothing declared'}")


def _line(change: Change) -> str:
    properties = f" ({', '.join(change.properties)})" if change.properties else ""
    mark = MARKS.get(change.operation, "?")
    return f"  {mark} {change.operation} {change.kind} {change.name}{properties}"
