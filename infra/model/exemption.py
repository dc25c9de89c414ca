"""Exceptions to rules: somebody's decision, with a reason and an end.

An exception that has ended, or whose date cannot be read, excuses nothing: a mistake in a date must
not switch a rule off. The last day counts.
"""

from datetime import date
from fnmatch import fnmatchcase
from typing import Annotated

from pydantic import Field, StringConstraints

from infra.model.base import Fact

Words = Annotated[str, StringConstraints(min_length=3)]


class Exemption(Fact):
    """Objects that one rule does not hold for, until a day."""

    rule: str
    """The rule's id (docs/policies.md)."""
    objects: Annotated[tuple[str, ...], Field(min_length=1)]
    """Names as a finding gives them; ``*`` stands for any letters."""
    reason: Words
    owner: Words
    """Who answers for it."""
    until: str
    """The last day it holds, ``YYYY-MM-DD``; anything else has ended."""

    def covers(self, rule: str, name: str) -> bool:
        """Whether it is about this rule and object, in time or not."""
        return rule == self.rule and any(fnmatchcase(name, one) for one in self.objects)

    def holds_on(self, day: date) -> bool:
        """Whether it still excuses on that day."""
        try:
            return day <= date.fromisoformat(self.until)
        except ValueError:
            return False
