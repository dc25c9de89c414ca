"""What a change would take, asked of the live account: rows, bytes, retention, owner and grants.

A container's loss is the loss of all that is in it, also of what is in no state of ours. Dropped
with its container, an object is kept as long as the container is, whatever its own retention:
https://docs.snowflake.com/en/user-guide/data-time-travel#dropped-containers-and-object-retention-inheritance
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from typing import Final

from ops.restore.account import Ask, Path, RefusedError, Row, columns, find, inside, named
from ops.restore.planned import Loss, Why
from ops.restore.recipe import Grant, Held, Method, deadline

ORDER: Final = ("DATABASE", "SCHEMA", "TABLE", "DYNAMIC TABLE")
UNDROPPED: Final = frozenset(ORDER)
"""https://docs.snowflake.com/en/sql-reference/sql/undrop"""
TRANSIENT_DAYS: Final = 1
NO_RETENTION: Final = "retention is 0 days: nothing is kept of it"
NOTES: Final = {
    "STAGE": "files of an internal stage are purged with it",
    "STREAM": "its offset is lost: a new stream begins at its own creation",
    "TASK": "holds no data",
    "SEQUENCE": "begins again at its start value",
}
IN_BUCKET: Final = "a protected bucket is not emptied: its deletion fails while it has objects"


def take(ask: Ask, losses: Iterable[Loss], before: datetime) -> list[Held]:
    """Every object that the losses touch, containers first."""
    listed = list(losses)
    found: dict[tuple[str, Path, str], Held] = {}
    for loss in listed:
        for held in _touched(ask, loss, before):
            key = held.kind, held.path, held.why
            if key not in found or held.urn:
                found[key] = held
    direct = {loss.path for loss in listed}
    gone = {
        held.path: held
        for held in found.values()
        if held.why in (Why.DROP, Why.REPLACE) and held.path in direct
    }
    kept = [_as_its_container(held, gone, direct, before) for held in found.values()]
    return sorted(kept, key=_in_order)


def grants_on(ask: Ask, kind: str, path: Path) -> tuple[Grant, ...]:
    """Who holds what on an object; nothing where the account does not tell."""
    try:
        rows = ask(f"SHOW GRANTS ON {named(kind, path)}")
    except RefusedError:
        return ()
    return tuple(
        Grant(
            str(row["privilege"]),
            str(row["granted_to"]),
            str(row["grantee_name"]),
            str(row.get("grant_option")).lower() == "true",
        )
        for row in rows
    )


def _touched(ask: Ask, loss: Loss, before: datetime) -> Iterator[Held]:
    if loss.kind == "BUCKET":
        yield Held(loss.kind, loss.path, loss.why, Method.ANEW, IN_BUCKET, urn=loss.urn)
        return
    row = _row(ask, loss)
    if row is None:
        if loss.kind not in ORDER:
            yield Held(loss.kind, loss.path, loss.why, Method.ANEW, loss.detail, urn=loss.urn)
        return
    yield replace(_held(ask, loss.kind, loss.path, row, loss.why, before), urn=loss.urn)
    if loss.kind not in ("DATABASE", "SCHEMA") or loss.why not in (Why.DROP, Why.REPLACE):
        return
    for kind in ("SCHEMA", "TABLE", "STAGE", "STREAM"):
        if kind == "SCHEMA" and loss.kind == "SCHEMA":
            continue
        for path, below in inside(ask, kind, loss.path):
            if kind != "STAGE" or str(below.get("type", "")).startswith("INTERNAL"):
                yield _held(ask, kind, path, below, loss.why, before)


def _row(ask: Ask, loss: Loss) -> Row | None:
    try:
        return find(ask, loss.kind, loss.path)
    except KeyError:  # a kind that SHOW has no list of here: it holds no data
        return None


def _held(ask: Ask, kind: str, path: Path, row: Row, why: str, before: datetime) -> Held:
    days = _retention(row)
    created = row["created_on"]
    held = Held(
        kind,
        path,
        why,
        Method.ANEW,
        created=created.isoformat() if isinstance(created, datetime) else str(created),
        rows=_number(row.get("rows")),
        bytes=_number(row.get("bytes")),
        retention_days=days,
        owner=str(row.get("owner") or ""),
        grants=grants_on(ask, kind, path),
    )
    return _with_method(ask, held, before)


def _with_method(ask: Ask, held: Held, before: datetime) -> Held:
    days = held.retention_days or 0
    if held.why == Why.RETENTION:
        note = "history that ages out in between does not come back"
        return replace(held, method=Method.RETENTION, note=note)
    if held.why == Why.OWNER:
        return replace(held, method=Method.OWNER)
    if held.why == Why.PROTECTION:
        return replace(held, method=Method.ANEW, note="put `protect` back into the facts")
    if held.kind not in UNDROPPED:
        method = Method.NEVER if held.kind in ("STAGE", "SEQUENCE") else Method.ANEW
        return replace(held, method=method, note=NOTES.get(held.kind, ""))
    if days == 0:
        return replace(held, method=Method.NEVER, note=NO_RETENTION)
    if held.why == Why.COLUMN:
        shape = tuple(columns(ask, held.path))
        until = deadline(before, days)
        return replace(held, method=Method.TIME_TRAVEL, until=until, columns=shape)
    return replace(held, method=Method.UNDROP, until=deadline(before, days))


def _as_its_container(
    held: Held, gone: dict[Path, Held], direct: set[Path], before: datetime
) -> Held:
    """What goes with its container, and not by a step of its own, is kept as that is."""
    if held.path in direct:
        return held
    above = [gone[held.path[:n]] for n in range(1, len(held.path)) if held.path[:n] in gone]
    if not above or not (days := above[-1].retention_days):
        return held
    if held.kind == "STAGE":
        return replace(held, method=Method.NEVER, until="")
    if held.kind not in UNDROPPED:
        return held
    return replace(held, method=Method.UNDROP, note="", until=deadline(before, days))


def _retention(row: Row) -> int | None:
    days = _number(row.get("retention_time"))
    is_transient = "TRANSIENT" in f"{row.get('kind', '')} {row.get('options', '')}".upper()
    return min(days, TRANSIENT_DAYS) if days is not None and is_transient else days


def _number(value: object) -> int | None:
    text = "" if value is None else str(value)
    return int(text) if text.isdigit() else None


def _in_order(held: Held) -> tuple[int, Path]:
    place = ORDER.index(held.kind) if held.kind in ORDER else len(ORDER)
    return place, held.path
