"""The report as SARIF 2.1.0, for whatever shows findings beside the code.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
https://docs.github.com/en/code-security/reference/code-scanning/sarif-support-for-code-scanning
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Any, Final, NamedTuple

from infra.model.rules.judging import Finding
from infra.model.rules.rule import Rule, Severity
from ops.audit.report import Report

SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"
LEVELS: Final[Mapping[Severity, str]] = {
    Severity.LOW: "note",
    Severity.MEDIUM: "warning",
    Severity.HIGH: "error",
    Severity.CRITICAL: "error",
}
SCORES: Final[Mapping[Severity, str]] = {
    Severity.LOW: "3.0",
    Severity.MEDIUM: "5.5",
    Severity.HIGH: "8.0",
    Severity.CRITICAL: "9.5",
}
"""What GitHub makes low, medium, high and critical of."""


class Place(NamedTuple):
    """Where a finding is mended."""

    file: str
    """Relative to the repository."""
    line: int


def as_sarif(report: Report, place_of: Callable[[Finding], Place]) -> dict[str, Any]:
    """The report as one run. ``place_of`` says where in the facts a finding is mended."""
    excused = {id(one.finding): one for one in report.judgement.excused}
    found = [*report.judgement.findings, *(one.finding for one in report.judgement.excused)]
    rules = list({finding.rule.id: finding.rule for finding in found}.values())
    numbers = {rule.id: number for number, rule in enumerate(rules)}
    results = []
    for finding in found:
        result = _result(finding, numbers[finding.rule.id], place_of(finding))
        exception = excused.get(id(finding))
        if exception is not None:
            why = f"{exception.name}: {exception.exemption.reason} ({exception.exemption.owner})"
            result["suppressions"] = [{"kind": "external", "justification": why}]
        results.append(result)
    tool = {
        "name": "leap audit",
        "informationUri": "https://www.pulumi.com/docs/iac/crossguard/",
        "rules": [_rule(rule) for rule in rules],
    }
    run = {
        "tool": {"driver": tool},
        "automationDetails": {"id": f"leap-audit/{report.stack}/"},
        "columnKind": "unicodeCodePoints",
        "results": results,
        "invocations": [{"executionSuccessful": True, "toolExecutionNotifications": _gaps(report)}],
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(rule: Rule) -> dict[str, Any]:
    benchmark = [f"CIS-{rule.cis}"] if rule.cis else []
    return {
        "id": rule.id,
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": rule.why},
        "help": {"text": rule.remedy, "markdown": f"{rule.why}\n\n**Remedy:** {rule.remedy}"},
        "helpUri": rule.source,
        "defaultConfiguration": {"level": LEVELS[rule.severity]},
        "properties": {
            "tags": ["security", rule.topic.value, *benchmark],
            "security-severity": SCORES[rule.severity],
        },
    }


def _result(finding: Finding, number: int, place: Place) -> dict[str, Any]:
    item = finding.item
    mark = sha256("\0".join((finding.rule.id, item.kind, item.name)).encode()).hexdigest()
    return {
        "ruleId": finding.rule.id,
        "ruleIndex": number,
        "level": LEVELS[finding.severity],
        "message": {"text": finding.words},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": place.file, "uriBaseId": "%SRCROOT%"},
                    "region": {"startLine": place.line},
                },
                "logicalLocations": [
                    {"name": item.name, "fullyQualifiedName": item.place or item.name}
                ],
            }
        ],
        "partialFingerprints": {"ruleAndObject/v1": mark},
    }


def _gaps(report: Report) -> list[dict[str, Any]]:
    return [
        {"level": "warning", "message": {"text": f"not read: {one.what}: {one.why}"}}
        for one in report.unread
    ]
