"""What a rule is: an id, the reason for it, the remedy, and a pure function over resources.

Rules never see Pulumi: they are given plain inputs, in which a value that a preview cannot know yet
is `UNKNOWN`. A rule passes over what it cannot know; the engine asks again during the update, when
everything is known. Exceptions are absent: a limit that is wrong is changed in the facts.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final, NamedTuple

from infra.model.limits import Limits


class _Unknown(Enum):
    UNKNOWN = "unknown"


UNKNOWN: Final = _Unknown.UNKNOWN
"""Stands for a value that only the update will know."""


class Resource(NamedTuple):
    """A resource as the program asks for it; property names are the engine's, in camel case."""

    type: str
    urn: str
    inputs: Mapping[str, Any]


class Violation(NamedTuple):
    """What breaks the rule, by its name in the account, and how."""

    subject: str
    urn: str
    message: str


Check = Callable[[Sequence[Resource], Limits], Iterator[Violation]]


@dataclass(frozen=True)
class Rule:
    """One rule over one resource at a time, or over the whole stack where they must be compared."""

    id: str
    title: str
    why: str
    remedy: str
    source: str
    """The page that the rule rests on."""
    check: Check
    whole_stack: bool = False

    def words(self, violation: Violation) -> str:
        """The denial: who, which rule, what, and the way on."""
        return f"{violation.subject}: {self.id}: {violation.message} {self.remedy}"
