"""Three ways to end a finding, ready to use: adopt it, take it back, or accept it for a while.

To adopt is facts, and for what is an object or grant of its own the engine's import. Where no fact
says such a thing, the text says so instead of inventing one.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Final, NamedTuple

import yaml

from infra.model.environment import Environment
from infra.model.stack_config import PROJECT
from ops.drift import adoption, undoing
from ops.drift.accepted import file_of
from ops.drift.finding import Finding, Fix, Form

ACCEPT_FOR: Final = timedelta(days=30)


class Place(NamedTuple):
    """What the texts are about."""

    stack: str
    environment: Environment
    file: str
    """The environment's file of facts, from the repository's root."""
    providers: Mapping[str, str]
    """The URN of the provider of each administrator's role."""

    def urn(self, sort: str, name: str) -> str:
        """The URN of a component."""
        return f"urn:pulumi:{self.stack}::{PROJECT}::{sort}::{name}"


def fixes(finding: Finding, place: Place, today: date) -> tuple[Fix, ...]:
    """The ways, the one that keeps what is live first."""
    if finding.form is Form.UNKNOWN:
        first = adoption.adopt(finding, place)
        second = Fix("revoke", "", undoing.revoke(finding))
    else:
        first = adoption.take_over(finding, place)
        second = Fix("put back", "", undoing.put_back(finding, place.stack))
    return first, second, accept(finding, place.stack, today)


def accept(finding: Finding, stack: str, today: date) -> Fix:
    """The entry of the stack's file of accepted differences."""
    entry = {
        "finding": finding.what,
        "reason": "say why it may stay",
        "owner": "say who answers for it",
        "until": (today + ACCEPT_FOR).isoformat(),
    }
    text = yaml.safe_dump([entry], sort_keys=False, width=1000, allow_unicode=True)
    return Fix("accept", file_of(stack), f"accepted:\n{text}".rstrip())
