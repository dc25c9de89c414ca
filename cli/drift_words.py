"""What `leap drift` found, in words and as one JSON value."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from cli.drifting import Drift
from ops.access.answer import securable_json, unread_json
from ops.drift.accepted import Acceptance, file_of
from ops.drift.finding import Finding, Fix, Origin
from ops.github.guards import writers
from ops.github.names import COLLABORATOR, PROTECTION, REPOSITORY, RULESET, TEAM

SHOWN: Final = 200
"""Letters of a statement."""


def lines(drift: Drift, *, fixes: bool = True) -> Iterator[str]:
    """Each finding with who made it and the three ways on, then what is accepted and unseen."""
    stack, split = drift.settings.stack.name, drift.split
    for number, finding in enumerate(split.open, 1):
        yield f"{number}. {finding.form}: {finding.what}{_sides(finding)}{_contents(finding)}"
        yield f"   {in_words(drift.origins[finding])}"
        for fix in drift.fixes[finding] if fixes else ():
            yield from _fix_lines(fix)
    yield from (f"accepted until {a.until} by {a.owner}: {f.what}" for f, a in split.excused)
    yield from (_ended(one, stack) for one in split.ended)
    yield from (f"accepted and no longer found: {one.finding}" for one in split.idle)
    yield from (f"could not be read: {one.what} ({_flat(one.why)})" for one in drift.unread)
    yield from _who_could(drift)
    asked = f" and {drift.hub.standing.requests} requests to GitHub" if drift.hub.guards else ""
    seen = f"{drift.statements} statements{asked}, code of {', '.join(drift.stacks)}"
    yield f"{stack}: {_count(len(split.open))} ({drift.account}; {seen})"


def as_json(drift: Drift) -> dict[str, Any]:
    """Plain values for `--json`."""
    return {
        "stack": drift.settings.stack.name,
        "account": drift.account,
        "stacks": list(drift.stacks),
        "statements": drift.statements,
        "findings": [
            {
                **_plain(finding),
                "origin": drift.origins[finding]._asdict(),
                "fixes": [fix._asdict() for fix in drift.fixes[finding]],
            }
            for finding in drift.split.open
        ],
        "accepted": [
            {**_plain(finding), "reason": one.reason, "owner": one.owner, "until": one.until}
            for finding, one in drift.split.excused
        ],
        "ended": [one.model_dump() for one in drift.split.ended],
        "idle": [one.model_dump() for one in drift.split.idle],
        "unread": unread_json(drift.unread),
        "github": {
            "owner": drift.hub.standing.owner or None,
            "requests": drift.hub.standing.requests,
            "branches": [guard.as_json() for guard in drift.hub.guards],
        },
    }


def in_words(origin: Origin) -> str:
    """Who, as what, when, by which statement."""
    who = f"{origin.user} as {origin.role}" if origin.user else ""
    who = who or (f"role {origin.role} (no history names the user)" if origin.role else "")
    when = f"{origin.when:%Y-%m-%d %H:%M:%S %Z}" if origin.when else ""
    if not who and not when:
        return "by nobody that a history names"
    text = origin.statement.partition(" --terraform_provider_usage_tracking")[0]
    said = f": {text if len(text) <= SHOWN else text[:SHOWN] + '…'}" if text else ""
    return f"by {who or 'somebody'}{', ' if when else ''}{when}{said}"


def _who_could(drift: Drift) -> Iterator[str]:
    """Who could change which branch without a review or a check, where a guard differs."""
    guarding = (PROTECTION, RULESET, REPOSITORY, COLLABORATOR, TEAM)
    touched = {f.securable.path[0] for f in drift.split.open if f.securable.kind in guarding}
    touched &= {guard.repository for guard in drift.hub.guards}
    for guard in drift.hub.guards:
        if guard.repository in touched:
            yield from (f"as it stands, {sentence}" for sentence in guard.sentences())
    for repository in sorted(touched):
        who = ", ".join(writers(drift.hub.standing, repository)) or "nobody by name"
        yield f"as it stands, who may write to {repository}: {who}, owners of the organization"


def _plain(finding: Finding) -> dict[str, Any]:
    holder = finding.holder
    return {
        "finding": finding.what,
        "form": finding.form,
        "subject": finding.subject,
        "object": securable_json(finding.securable),
        "holder": {"kind": holder.kind, "name": holder.name} if holder else None,
        "privileges": list(finding.privileges),
        "setting": finding.setting or None,
        "code": finding.code or None,
        "live": finding.live or None,
        "since": finding.since,
        "contents": finding.contents,
    }


def _sides(finding: Finding) -> str:
    return f" (code: {finding.code or 'nothing'}, live: {finding.live or 'nothing'})" * bool(
        finding.code or finding.live
    )


def _contents(finding: Finding) -> str:
    return f" (with {finding.contents} objects in it)" if finding.contents else ""


def _fix_lines(fix: Fix) -> Iterator[str]:
    yield f"   {fix.name}{f' ({fix.where})' if fix.where else ''}:"
    yield from (f"     {line}" for line in fix.text.splitlines())


def _ended(one: Acceptance, stack: str) -> str:
    return f"accepted until {one.until!r}, which is over: {one.finding} ({file_of(stack)})"


def _count(number: int) -> str:
    return {0: "no drift", 1: "1 difference"}.get(number, f"{number} differences")


def _flat(text: str) -> str:
    return " ".join(text.split())
