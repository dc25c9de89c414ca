"""Code against GitHub: every difference, each once, as `leap drift` reports them.

A thing is missing only where everything of its kind was told. A setting that one side does not
tell is not compared.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from ops.drift.finding import Finding, Form, Subject
from ops.github import names
from ops.github.deployed import Deployed
from ops.github.names import Thing, shown, thing
from ops.github.standing import Standing


def compare(code: Deployed, standing: Standing) -> list[Finding]:
    """All findings: what is unknown, what is missing, what differs."""
    ours = set(code.repositories)
    strange = sorted(set(standing.things) - set(code.things) - standing.above)
    found = [
        Finding(Form.UNKNOWN, Subject.OBJECT, one, since=_since(standing, one))
        for one in strange
        if one.repository in ours
    ]
    found += [Finding(Form.MISSING, Subject.OBJECT, one) for one in _missing(code, standing)]
    for one, settings in sorted(code.things.items()):
        found += _settings(one, settings, standing)
    return found


def _missing(code: Deployed, standing: Standing) -> Iterator[Thing]:
    for one in sorted(code.things):
        if one.repository in standing.gone:
            if one == thing(names.REPOSITORY, one.repository):
                yield one
        elif one not in standing.things and standing.sees(one.repository, one.kind):
            yield one


def _settings(one: Thing, code: dict[str, Any], standing: Standing) -> Iterator[Finding]:
    live = standing.things.get(one, {})
    for setting, wanted in code.items():
        if setting not in live or shown(wanted) == shown(live[setting]):
            continue
        yield Finding(
            Form.DIFFERENT,
            Subject.PROPERTY,
            one,
            setting=setting,
            code=shown(wanted),
            live=shown(live[setting]),
            since=_since(standing, one),
        )


def _since(standing: Standing, one: Thing) -> datetime | None:
    told = standing.since.get(one)
    return None if told is None else datetime.fromisoformat(told)
