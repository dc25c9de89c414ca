"""Faults between facts, and the few steps that rules over unchecked values need.

A rule reads merged values before they are known to be well formed, and passes over what is not.
"""

from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any, Final, NamedTuple

from infra.model.layers import Path


class Fault(NamedTuple):
    """A path, what was found there, and what is allowed."""

    path: Path
    got: str
    allowed: str


NONE_DECLARED: Final = "nothing: none is declared"


def nearest(name: str, names: Sequence[str]) -> str:
    """The allowed names, led by the nearest to a mistyped one."""
    words = "one of " + ", ".join(sorted(names)) if names else NONE_DECLARED
    return words + suggestion(name, names)


def suggestion(name: str, names: Sequence[str]) -> str:
    """The nearest to a mistyped name as a question; empty where none is near."""
    close = get_close_matches(str(name).upper(), [n.upper() for n in names], n=1)
    near = next((n for n in names if close and n.upper() == close[0]), None)
    return f" (did you mean {near}?)" if near else ""


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
