"""Two states of one stack: whether they speak of the same objects."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

from infra.model.urn import named
from ops.rebuild.identity import comparable
from ops.rebuild.planned import DEFAULTS, PROVIDERS, is_secret

State: TypeAlias = Mapping[str, Any]


def differences(lost: State, rebuilt: State) -> list[str]:
    """What the rebuilt one has otherwise: a resource more or less, or under another id.

    The ids of the plugins' configurations are the engine's own, drawn by lot, and not compared.
    """
    before, now = _ids(lost), _ids(rebuilt)
    return [
        *(f"{named(urn)} is missing" for urn in before if urn not in now),
        *(f"{named(urn)} was not there" for urn in now if urn not in before),
        *(
            f"{named(urn)} is {now[urn]!r}, and was {before[urn]!r}"
            for urn in before
            if urn in now and before[urn] != now[urn]
        ),
    ]


def inputs_alike(lost: State, rebuilt: State) -> int:
    """How many resources were declared in the same words, secrets left aside."""
    before, now = _inputs(lost), _inputs(rebuilt)
    return sum(1 for urn, given in before.items() if now.get(urn) == given)


def _entries(state: State) -> Iterator[Mapping[str, Any]]:
    yield from (one for one in state.get("resources") or () if not one.get("delete"))


def _ids(state: State) -> dict[str, str]:
    return {
        one["urn"]: ""
        if one["type"].startswith(PROVIDERS)
        else comparable(one["type"], str(one.get("id") or ""))
        for one in _entries(state)
    }


def _inputs(state: State) -> dict[str, Any]:
    return {
        one["urn"]: _open(one.get("inputs") or {})
        for one in _entries(state)
        if one.get("custom") and not one["type"].startswith(PROVIDERS)
    }


def _open(value: Any) -> Any:
    """Without what is encrypted anew each time, and without the plugin's own notes."""
    if isinstance(value, Mapping):
        if is_secret(value):
            return "a secret"
        return {key: _open(below) for key, below in value.items() if key != DEFAULTS}
    return [_open(below) for below in value] if isinstance(value, list) else value
