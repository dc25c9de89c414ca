"""An audit in words, for the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cli.console import hint, say, say_table

if TYPE_CHECKING:
    from ops.audit.report import Report

UNREAD_SHOWN: Final = 10


def show(report: Report) -> None:
    """Print the findings, what is excused, what could not be read, and the verdict."""
    from infra.model.rules.catalogue import EVERY

    judgement = report.judgement
    if judgement.findings:
        rows = [
            (f.severity.value, f.item.name, f.rule.id, f.message, f.rule.remedy, f.ended)
            for f in judgement.findings
        ]
        columns = ("severity", "object", "rule", "what", "remedy", "exception")
        say_table(columns, rows, title=f"Audit of {report.stack} ({report.source})")
    for one in judgement.excused:
        finding, until = one.finding, one.exemption.until
        say(f"excused until {until} by {one.name}: {finding.item.name}: {finding.rule.id}")
    for guard in report.guards:
        say("\n".join(guard.sentences()))
    say(verdict(report))
    if report.unread:
        lines = [f"  {one.what}: {one.why}" for one in report.unread[:UNREAD_SHOWN]]
        more = len(report.unread) - UNREAD_SHOWN
        lines += [f"  … and {more} more (--json has them all)"] if more > 0 else []
        hint("\n".join(["Not judged, because it could not be read:", *lines]))
    if not judgement.findings and not report.unread:
        hint(f"{len(EVERY)} rules: docs/policies.md")


def show_up(report: Report) -> None:
    """Print the findings, if there are any."""
    if report.judgement.findings:
        show(report)


def verdict(report: Report) -> str:
    """One line: how many findings, and of what weight."""
    told = ", ".join(f"{n} {severity}" for severity, n in report.counts.items() if n)
    return f"Audit of {report.stack} ({report.source}): {told or 'nothing found'}"
