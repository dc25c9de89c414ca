"""One audit's outcome, and its form for other programs.

What could not be read is part of the outcome: a rule that says nothing about it has not been kept.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, NamedTuple

from infra.model.rules.catalogue import EVERY
from infra.model.rules.item import Item, Kind
from infra.model.rules.judging import Excused, Finding, Judgement
from infra.model.rules.reach import EXCEPTIONS_ARE_NEEDED
from infra.model.rules.rule import Ground, Rule, Severity
from ops.github.guards import Guard


class Unseen(NamedTuple):
    """Something that could not be read, and why."""

    what: str
    why: str


class Report(NamedTuple):
    """Everything that an audit found."""

    stack: str
    source: str
    """What was looked at, in words."""
    judgement: Judgement
    threshold: Severity
    today: date
    unread: tuple[Unseen, ...] = ()
    guards: tuple[Guard, ...] = ()
    """Who could change which branch without a review or a check, where GitHub was asked."""

    @property
    def failing(self) -> tuple[Finding, ...]:
        """The findings that make the audit fail."""
        return self.judgement.at_least(self.threshold)

    @property
    def kept(self) -> tuple[Rule, ...]:
        """Rules that nothing breaks; what could not be read may break them still."""
        broken = {finding.rule.id for finding in self.judgement.findings}
        return tuple(rule for rule in EVERY if rule.id not in broken)

    @property
    def counts(self) -> dict[str, int]:
        """Findings by severity, the gravest first."""
        found = Counter(finding.severity for finding in self.judgement.findings)
        return {severity.value: found[severity] for severity in reversed(Severity)}


def needless(ground: Ground, excused: Sequence[Excused]) -> Iterable[Finding]:
    """A finding for each exception that excused nothing."""
    severity = EXCEPTIONS_ARE_NEEDED.severity_in(ground.name)
    used = {one.name for one in excused}
    for name, exception in ground.environment.exceptions.items():
        if severity is not None and name not in used:
            item = Item(Kind.EXCEPTION, name, {}, f"exceptions.{name}")
            words = f"nothing breaks {exception.rule} on {', '.join(exception.objects)}."
            yield Finding(EXCEPTIONS_ARE_NEEDED, severity, item, words)


def as_json(report: Report) -> dict[str, Any]:
    """Plain values."""
    judgement = report.judgement
    return {
        "stack": report.stack,
        "source": report.source,
        "date": report.today.isoformat(),
        "threshold": report.threshold.value,
        "counts": report.counts,
        "findings": [_finding(finding) for finding in judgement.findings],
        "excused": [
            {
                **_finding(one.finding),
                "exception": one.name,
                "reason": one.exemption.reason,
                "owner": one.exemption.owner,
                "until": one.exemption.until,
            }
            for one in judgement.excused
        ],
        "unread": [one._asdict() for one in report.unread],
        "github": [guard.as_json() for guard in report.guards],
        "unbroken": [rule.id for rule in report.kept],
    }


def _finding(finding: Finding) -> dict[str, Any]:
    rule, item = finding.rule, finding.item
    return {
        "rule": rule.id,
        "severity": finding.severity.value,
        "kind": item.kind.value,
        "object": item.name,
        "message": finding.message,
        "remedy": rule.remedy,
        "why": rule.why,
        "source": rule.source,
        "cis": rule.cis,
        "place": item.place,
        "exception_ended": finding.ended,
    }
