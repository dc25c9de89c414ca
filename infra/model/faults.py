"""Faults between facts, and the few steps that rules over unchecked values need.

A rule reads merged values before they are known to be well formed, and passes over what is not.
"""

from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any, NamedTuple

from infra.model.layers import Path


class Fault(NamedTuple):
    """A path, what was found there, and what is allowed."""

    path: Path
    got: str
    allowed: str


def nearest(name: str, names: Sequence[str]) -> str:
    """The allowed names, led by the nearest to a mistyped one."""
    close = get_close_matches(str(name).upper(), [n.upper() for n in names], n=1)
    suggestion = next((n for n in names if close and n.upper() == close[0]), None)
    words = "one of " + ", ".join(sorted(names)) if names else "nothing: none is declared"
    return f"{words} (did you mean {suggestion}?)" if suggestion else words


def at(values: Any, *path: str) -> Mapping[str, Any]:
    """The mapping at a path; an empty one where there is none."""
    for key in path:
        values = values.get(key) if isinstance(values, Mapping) else None
    return values if isinstance(values, Mapping) else {}


def entries(values: Any, *path: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Name and mapping of each well-formed entry at a path."""
    for name, entry in at(values, *path).items():
        if isinstance(entry, Mapping):
            yield name, entry


def known(path: Path, name: Any, names: Sequence[str]) -> Iterator[Fault]:
    """A fault where a name is not one of those that exist."""
    if isinstance(name, str) and name not in names:
        yield Fault(path, f"{name!r}", nearest(name, list(names)))


def listed(value: Any) -> list[Any]:
    """The value where it is a list; an empty one where it is not."""
    return value if isinstance(value, list) else []
