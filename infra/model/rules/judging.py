"""Rules over items, with the exceptions of the facts taken into account.

The clock is an argument: the same items on another day may be judged otherwise, because exceptions
end.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from infra.model.exemption import Exemption
from infra.model.rules.item import Item
from infra.model.rules.rule import Ground, Rule, Severity, Violation


class Finding(NamedTuple):
    """A broken rule, as it is reported."""

    rule: Rule
    severity: Severity
    item: Item
    message: str
    ended: str = ""
    """The exception that would excuse it, if it had not ended."""

    @property
    def words(self) -> str:
        """Who, which rule, what, the way on, and what became of an exception."""
        end = f" (its exception {self.ended})" if self.ended else ""
        return f"{self.rule.words(Violation(self.item, self.message))}{end}"


class Excused(NamedTuple):
    """What an exception keeps from being a finding."""

    finding: Finding
    name: str
    exemption: Exemption


class Judgement(NamedTuple):
    """Everything that was found, the gravest first."""

    findings: tuple[Finding, ...]
    excused: tuple[Excused, ...]

    def at_least(self, threshold: Severity) -> tuple[Finding, ...]:
        """The findings that are as grave as that, or graver."""
        return tuple(f for f in self.findings if f.severity.rank >= threshold.rank)


def judge(rules: Iterable[Rule], items: Sequence[Item], ground: Ground, today: date) -> Judgement:
    """What the items break, and what is excused."""
    found = (
        Finding(rule, severity, item, message)
        for rule in rules
        if (severity := rule.severity_in(ground.name)) is not None
        for item, message in rule.violations(items, ground)
    )
    return sifted(found, ground.environment.exceptions, today)


def sifted(found: Iterable[Finding], exceptions: Mapping[str, Exemption], today: date) -> Judgement:
    """The findings that stand, and those that an exception excuses."""
    findings, excused = [], []
    for finding in found:
        about = list(_about(finding, exceptions))
        holding = [(name, one) for name, one in about if one.holds_on(today)]
        if holding:
            excused.append(Excused(finding, *holding[0]))
            continue
        ended = ", ".join(f"{name} ended with {one.until!r}" for name, one in about)
        findings.append(finding._replace(ended=ended))
    return Judgement(tuple(sorted(findings, key=_order)), tuple(excused))


def together(judgements: Iterable[Judgement]) -> Judgement:
    """Several judgements as one."""
    every = list(judgements)
    findings = sorted((f for one in every for f in one.findings), key=_order)
    return Judgement(tuple(findings), tuple(e for one in every for e in one.excused))


def _about(
    finding: Finding, exceptions: Mapping[str, Exemption]
) -> Iterator[tuple[str, Exemption]]:
    for name, one in exceptions.items():
        if one.covers(finding.rule.id, finding.item.name):
            yield name, one


def _order(finding: Finding) -> tuple[int, str, str, str]:
    return -finding.severity.rank, finding.rule.id, finding.item.name, finding.message
