"""The evidence as one page that needs nothing else: no script, no font, no picture."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from html import escape
from pathlib import Path
from typing import Any, Final

from ops.audit.page import STYLE as HOUSE_STYLE
from ops.drill.run import PASSED, TOOK_BACK

STYLE: Final = HOUSE_STYLE + (Path(__file__).parent / "page.css").read_text(encoding="utf-8")
UNKNOWN: Final = "-"
SMOKES: Final = (
    ("smoke_before", "before, and expected"),
    ("smoke_during", "while it was broken"),
    ("smoke_after", "afterwards"),
)


def as_page(evidence: Mapping[str, Any], title: str) -> str:
    """The whole page."""
    name = f"Drill {evidence['drill']}"
    body = "".join(
        (_head(evidence, name, title), _tiles(evidence), _verdict(evidence), *_body(evidence))
    )
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(name)}</title><style>{STYLE}</style></head>"
        f"<body><main>{body}</main></body></html>\n"
    )


def _head(evidence: Mapping[str, Any], name: str, title: str) -> str:
    where = f"{evidence['stack']} · {evidence['account']} ({evidence['target']})"
    when = f"{str(evidence['began'])[:19].replace('T', ' ')} UTC"
    return (
        f"<h1>{escape(name)}</h1><p>{escape(title[:1].upper() + title[1:])}.</p>"
        f'<p class="soft">{escape(where)} · {when} · by {escape(str(evidence["user"]))}</p>'
    )


def _tiles(evidence: Mapping[str, Any]) -> str:
    good = "good" if evidence["outcome"] == PASSED else "none"
    done = sum(1 for step in evidence["steps"] if step["state"] == "done")
    tiles = (
        (good, seconds(evidence["rto_seconds"]), "RTO: down until served again"),
        (good, seconds(evidence["rpo_seconds"]), "RPO: age of what is lost"),
        ("none", seconds(evidence["seconds"]), "the whole drill"),
        ("none", f"{done}/{len(evidence['steps'])}", "steps done"),
    )
    drawn = (f'<div class="tile {c}"><b>{n}</b><span>{w}</span></div>' for c, n, w in tiles)
    return f'<div class="tiles four">{"".join(drawn)}</div>'


def _verdict(evidence: Mapping[str, Any]) -> str:
    words = {
        PASSED: "Passed: what was lost or broken serves again; the steps say how that was proven.",
        TOOK_BACK: "Taken back: everything is as it was before. Nothing was proven.",
    }
    outcome = str(evidence["outcome"])
    text = words.get(outcome, "Unfinished: it can be continued or taken back.")
    bad = "" if outcome == PASSED else " bad"
    bases = (("RTO", evidence.get("rto_basis")), ("RPO", evidence.get("rpo_basis")))
    more = "".join(
        f'<p class="soft">{word}: {escape(str(basis))}.</p>' for word, basis in bases if basis
    )
    return f'<p class="verdict{bad}">{text}</p>{more}'


def _body(evidence: Mapping[str, Any]) -> Iterator[str]:
    yield "<h2>Steps</h2>" + _table(
        ("step", "what it does", "seconds", "came of it"), map(_step, evidence["steps"])
    )
    if evidence["interruptions"]:
        breaks = (
            (escape(str(one["step"])), escape(str(one["at"])[:19]), seconds(one["seconds"]))
            for one in evidence["interruptions"]
        )
        yield "<h2>Interruptions</h2>" + _table(("in step", "at", "for"), breaks)
    if evidence.get("smoke_query"):
        yield f"<h2>Smoke query</h2><pre>{escape(str(evidence['smoke_query']))}</pre>"
        yield from _smokes(evidence)
    if measured := evidence["measured"]:
        rows = ((escape(str(k)), escape(_words(v))) for k, v in measured.items())
        yield "<h2>Measured</h2>" + _table(("what", "value"), rows)
    if found := evidence["found"]:
        names = list(found[0])
        cells = ((escape(_words(row.get(name))) for name in names) for row in found)
        yield "<h2>Found</h2>" + _table([name.replace("_", " ") for name in names], cells)
    if lessons := evidence["lessons"]:
        yield "<h2>To know</h2><ul>" + "".join(f"<li>{escape(t)}</li>" for t in lessons) + "</ul>"


def _step(step: Mapping[str, Any]) -> tuple[str, ...]:
    words = escape(str(step["said"] or ("" if step["state"] == "done" else step["state"])))
    errors = "".join(f'<br><span class="error">{escape(text)}</span>' for text in step["errors"])
    name = f'<span class="phase {step["phase"].split()[0]}">{escape(step["name"])}</span>'
    taken = "" if step["seconds"] is None else f"{step['seconds']:.2f}"
    return name, escape(str(step["does"])), taken, words + errors


def _smokes(evidence: Mapping[str, Any]) -> Iterator[str]:
    for key, words in SMOKES:
        seen = evidence.get(key)
        if not seen:
            continue
        yield f"<h3>{words}</h3>"
        if "error" in seen:
            yield f'<p class="error">{escape(str(seen["error"]))}</p>'
            continue
        rows = list(seen["rows"])
        names = list(rows[0]) if rows else ["no rows"]
        yield _table(
            [name.replace("_", " ") for name in names],
            ((escape(_words(row[name])) for name in names) for row in rows),
        )


def _table(head: Any, rows: Any) -> str:
    drawn = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    return f"<table><tr>{''.join(f'<th>{name}</th>' for name in head)}</tr>{drawn}</table>"


def _words(value: Any) -> str:
    if isinstance(value, bool) or value is None:
        return {True: "yes", False: "no", None: UNKNOWN}[value]
    if isinstance(value, int):
        return f"{value:,}"
    return json.dumps(value) if isinstance(value, dict | list) else str(value)


def seconds(value: Any) -> str:
    """A duration as a person reads it."""
    if value is None:
        return UNKNOWN
    number = float(value)
    if number >= 120:
        return f"{number / 60:.1f} min"
    return f"{number:.0f} s" if number == int(number) else f"{number:.2f} s"
