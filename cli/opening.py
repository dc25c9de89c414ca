"""Who gains and who loses what by a change, from the engine's plan for it.

The plan is laid over the stack's state, and the access of both is compared: what is said is what
the engine would do, not what the facts seem to ask for.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from cli import access_sources as sources
from cli.access_words import difference_lines, unread_lines
from ops.access import difference, planned
from ops.access.answer import unread_json
from ops.access.difference import Difference
from ops.access.facts import Facts

if TYPE_CHECKING:
    from cli.deployment.engine_run import Run
    from cli.workbench import Workbench


class Opening(NamedTuple):
    """The access of a change."""

    before: Facts
    after: Facts
    found: Difference
    whole: bool
    """Whether the plan was finished; a denied or failed one may lack something."""

    def lines(self) -> Iterator[str]:
        """The change in people and tables."""
        yield f"Access, from {self.before.source} to {self.after.source}:"
        hidden = self.before.carriers | self.after.carriers
        yield from (f"  {line}" for line in difference_lines(self.found, hidden))
        yield from (f"  {line.strip()}" for line in unread_lines(self.after.unread))
        if not self.whole:
            yield "  The plan was not finished: there may be more."

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        ends = {"from": self.before.source, "to": self.after.source, "whole": self.whole}
        unread = unread_json(self.after.unread)
        return {**ends, **difference.as_json(self.found), "unread": unread}


def begun(bench: Workbench, deployment: Mapping[str, Any]) -> Callable[[Run], Opening]:
    """Read the state's side, and return what compares it with a preview's plan for it."""
    before = sources.of_deployment(bench.settings, deployment, f"deployed, stack {bench.stack}")

    def planned_by(run: Run) -> Opening:
        steps = tuple(_steps(run.events))
        after = sources.of_deployment(bench.settings, planned.after(deployment, steps), "the plan")
        found = difference.compare(before, after)
        whole = bool(run.tally.summary) and not run.tally.errors
        return Opening(before, after, found, whole)

    return planned_by


def of_revision(stack: str, revision: str) -> Opening:
    """From what a git revision declares to what the working tree does.

    Raises:
        BadInputError: there is no such revision, or its facts cannot be read.
    """
    before, after = sources.of_revision(stack, revision), sources.of_tree(stack)
    return Opening(before, after, difference.compare(before, after), whole=True)


def _steps(events: Path) -> Iterator[planned.Step]:
    """The plan's steps, from the engine's event log."""
    if not events.is_file():
        return
    for line in events.read_text(encoding="utf-8").splitlines():
        body = json.loads(line).get("resourcePreEvent")
        if body is not None:
            step = body["metadata"]
            yield planned.Step(str(step["op"]), str(step["urn"]), step.get("new"))
