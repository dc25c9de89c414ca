"""The report as one page that needs nothing else: no script, no font, no picture from elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Final

from infra.model.rules.judging import Finding
from infra.model.rules.rule import Topic
from ops.audit.report import Report

STYLE: Final = (Path(__file__).parent / "page.css").read_text(encoding="utf-8")


def as_page(report: Report) -> str:
    """The whole page."""
    title = f"Audit of {report.stack}"
    parts = (_head(report), _tiles(report), _verdict(report), *_body(report))
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(title)}</title><style>{STYLE}</style></head>"
        f"<body><main>{''.join(parts)}</main></body></html>\n"
    )


def _head(report: Report) -> str:
    day = report.today.isoformat()
    return (
        f"<h1>Audit of {escape(report.stack)}</h1>"
        f'<p class="soft">{escape(report.source)} · {day}</p>'
    )


def _tiles(report: Report) -> str:
    tiles = [
        (severity if number else "none", number, severity)
        for severity, number in report.counts.items()
    ]
    tiles.append(("none", len(report.judgement.excused), "excused"))
    tiles.append(("good", len(report.kept), "rules not broken"))
    drawn = (f'<div class="tile {c}"><b>{n}</b><span>{w}</span></div>' for c, n, w in tiles)
    return f'<div class="tiles">{"".join(drawn)}</div>'


def _verdict(report: Report) -> str:
    number = len(report.failing)
    if number:
        noun = "finding is" if number == 1 else "findings are"
        words = f"{number} {noun} {report.threshold} or graver."
    else:
        words = f"No finding is {report.threshold} or graver."
    if report.unread:
        words += " Some of the account could not be read; see below."
    return f'<p class="verdict{" bad" if number else ""}">{words}</p>'


def _body(report: Report) -> Iterator[str]:
    for topic in Topic:
        found = [f for f in report.judgement.findings if f.rule.topic is topic]
        if found:
            yield f"<h2>{topic.capitalize()}</h2>"
            yield from map(_finding, found)
    yield _guards(report)
    yield _unread(report)
    yield _excused(report)
    rows = "".join(
        f'<tr><td><code>{rule.id}</code></td><td><a href="{escape(rule.source)}">'
        f"{escape(rule.title)}</a></td><td>{rule.cis}</td></tr>"
        for rule in report.kept
    )
    head = "<tr><th>rule</th><th>what holds</th><th>CIS</th></tr>"
    count = f"{len(report.kept)} rules that nothing seen here breaks"
    listed = f"<summary>{count}</summary><table>{head}{rows}</table>"
    yield f"<h2>Not broken</h2><details>{listed}</details>"


def _finding(finding: Finding) -> str:
    rule, item, weight = finding.rule, finding.item, finding.severity.value
    tags = [f'<span class="tag"><code>{rule.id}</code></span>']
    tags += [f'<span class="tag">CIS {rule.cis}</span>'] if rule.cis else []
    ended = f'<p class="soft">Exception {escape(finding.ended)}.</p>' if finding.ended else ""
    place = f' <code class="soft">{escape(item.place)}</code>' if item.place else ""
    return (
        f'<article class="finding {weight}"><header><span class="weight {weight}">{weight}</span>'
        f"<h3>{escape(item.name)}</h3>{''.join(tags)}</header>"
        f"<p>{escape(finding.message[:1].upper() + finding.message[1:])}{place}</p>"
        f"<p><b>{escape(rule.remedy)}</b></p>"
        f'<p class="soft">{escape(rule.why)} <a href="{escape(rule.source)}">Source</a></p>'
        f"{ended}</article>"
    )


def _guards(report: Report) -> str:
    if not report.guards:
        return ""
    told = "".join(
        f"<li>{escape(sentence)}</li>" for guard in report.guards for sentence in guard.sentences()
    )
    return f"<h2>Who may change the code</h2><ul>{told}</ul>"


def _unread(report: Report) -> str:
    if not report.unread:
        return ""
    rows = "".join(
        f"<tr><td><code>{escape(one.what)}</code></td><td>{escape(one.why)}</td></tr>"
        for one in report.unread
    )
    head = "<tr><th>what</th><th>why</th></tr>"
    return f"<h2>Could not be read</h2><table>{head}{rows}</table>"


def _excused(report: Report) -> str:
    excused = report.judgement.excused
    if not excused:
        return ""
    rows = "".join(
        f"<tr><td>{escape(one.finding.item.name)}</td><td><code>{one.finding.rule.id}</code></td>"
        f"<td>{escape(one.exemption.reason)}</td><td>{escape(one.exemption.owner)}</td>"
        f"<td>{escape(one.exemption.until)}</td></tr>"
        for one in excused
    )
    head = "<tr><th>object</th><th>rule</th><th>reason</th><th>owner</th><th>until</th></tr>"
    return f"<h2>Excused</h2><table>{head}{rows}</table>"
