"""`docs/policies.md` lists the rules as they are.

With `LEAP_WRITE_GOLDEN=1` the test writes the table instead.
"""

import os
from pathlib import Path

from infra.model.rules.catalogue import EVERY, RULES
from infra.model.rules.rule import DENIES, ENVIRONMENTS, Rule, Topic

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "policies.md"
BEGIN, END = "<!-- rules -->\n", "<!-- end of rules -->\n"


def table() -> str:
    """The rules by topic, each with its id, meaning, weight, benchmark and remedy."""
    parts = []
    for topic in Topic:
        parts += [f"### {topic.capitalize()}", ""]
        parts += ["| rule | what holds | severity | CIS | remedy |", "|---|---|---|---|---|"]
        parts += [row(rule) for rule in EVERY if rule.topic is topic]
        parts.append("")
    return "\n".join(parts)


def row(rule: Rule) -> str:
    """One line of the table."""
    where = "" if rule in RULES else " (audit only)"
    title = f"[{rule.title}]({rule.source}){where}"
    return f"| `{rule.id}` | {title} | {weight(rule)} | {rule.cis} | {rule.remedy} |"


def weight(rule: Rule) -> str:
    """The severity in production, and where it is another one."""
    here = rule.severity_in("prod")
    others = {e: rule.severity_in(e) for e in ENVIRONMENTS}
    told = [f"{e}: {s or 'not held'}" for e, s in others.items() if s is not here]
    return f"{here} ({', '.join(told)})" if told else f"{here}"


def test_the_document_lists_the_rules() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    head, rest = text.split(BEGIN)
    _, tail = rest.split(END)
    written = f"{head}{BEGIN}{table()}{END}{tail}"
    if os.environ.get("LEAP_WRITE_GOLDEN"):
        DOCUMENT.write_text(written, encoding="utf-8")
    assert DOCUMENT.read_text(encoding="utf-8") == written


def test_the_document_says_what_denies() -> None:
    assert f"severity {DENIES} or above denies" in DOCUMENT.read_text(encoding="utf-8")
