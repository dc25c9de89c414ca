"""What a rule is: an id, why it is there, what to do, how much it matters where, and a pure check.

A check looks at one item at a time and yields what is wrong with it, or it looks at the whole and
yields items with what is wrong. Messages hold no secret and no value that might be one.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, NamedTuple

from infra.model.environment import Environment
from infra.model.rules.item import Item, Kind


class Severity(StrEnum):
    """How much it matters. The policy pack denies from MEDIUM on; LOW is advice."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """The place in the order, from 0."""
        return list(Severity).index(self)


DENIES: Final = Severity.MEDIUM
"""The least severity that stops a deployment, and the audit's own threshold."""

ENVIRONMENTS: Final = ("local", "dev", "prod", "personal", "ci")


class Topic(StrEnum):
    """What a rule is about; the order is that of the documents."""

    ACCESS = "access"
    LOGINS = "logins"
    COST = "cost"
    STORAGE = "storage"
    CONTINUITY = "continuity"
    ORDER = "order"


class Ground(NamedTuple):
    """What items are judged against: the facts of their environment."""

    environment: Environment
    name: str
    """The environment's own: ``local``, ``dev``, ``prod``, ``personal``, ``ci``."""

    def named(self, name: str) -> str:
        """An account-level name as the environment prefixes it."""
        return self.environment.naming.account(name)


class Violation(NamedTuple):
    """An item that breaks a rule, and how, in a sentence that begins with the item."""

    item: Item
    message: str


Each = Callable[[Item, Ground], Iterator[str]]
Whole = Callable[[Sequence[Item], Ground], Iterator[Violation]]


@dataclass(frozen=True)
class Rule:
    """One rule. Its check is ``each`` or ``whole``; without either the audit alone can judge it."""

    id: str
    title: str
    why: str
    remedy: str
    source: str
    """The page that the rule rests on."""
    topic: Topic
    severity: Severity
    kinds: tuple[Kind, ...] = ()
    """What ``each`` looks at."""
    each: Each | None = None
    whole: Whole | None = None
    cis: str = ""
    """The number in the CIS Snowflake Foundations Benchmark 1.0.0, where it has one."""
    elsewhere: Mapping[str, Severity | None] = field(default_factory=dict)
    """Another severity by environment; None where the rule does not hold."""

    def severity_in(self, environment: str) -> Severity | None:
        """How much it matters there; None where it does not hold."""
        return self.elsewhere.get(environment, self.severity)

    def violations(self, items: Sequence[Item], ground: Ground) -> Iterator[Violation]:
        """What breaks the rule, whatever exceptions say."""
        if self.severity_in(ground.name) is None:
            return
        if self.whole is not None:
            yield from self.whole(items, ground)
        if self.each is not None:
            for item in items:
                if item.kind in self.kinds:
                    for message in self.each(item, ground):
                        yield Violation(item, message)

    def words(self, violation: Violation) -> str:
        """The denial: who, which rule, what, and the way on."""
        return f"{violation.item.name}: {self.id}: {violation.message} {self.remedy}"
