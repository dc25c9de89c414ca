"""The order of a state: each entry behind all that it names.

The engine refuses a state in another order, and one that names what is not in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ops.rebuild.planned import Entry


def in_order(standing: Iterable[Mapping[str, Any]], entries: Iterable[Entry]) -> list[Entry]:
    """Both, each behind all that it names; names of what is in neither are left out."""
    found = {str(one["urn"]): dict(one) for one in (*standing, *entries)}
    for one in found.values():
        if "dependencies" in one:
            one["dependencies"] = [urn for urn in one["dependencies"] if urn in found]
    done: dict[str, Entry] = {}
    for urn in found:
        _place(urn, found, done)
    return list(done.values())


def _place(urn: str, found: Mapping[str, Entry], done: dict[str, Entry]) -> None:
    waiting = [urn]
    while waiting:
        one = found[waiting[-1]]
        open_ = [name for name in _named(one) if name in found and name not in done]
        if open_:
            waiting.append(open_[0])
            continue
        done.setdefault(waiting.pop(), one)


def _named(one: Mapping[str, Any]) -> Iterator[str]:
    yield str(one.get("parent") or "")
    yield str(one.get("provider") or "").rpartition("::")[0]
    yield str(one.get("deletedWith") or "")
    yield from one.get("dependencies") or ()
    for urns in (one.get("propertyDependencies") or {}).values():
        yield from urns or ()
