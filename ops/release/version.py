"""The next version, by what the commits since the last one say.

Before 1.0.0 nothing is promised yet, so what breaks raises the second number.
https://semver.org/spec/v2.0.0.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final, NamedTuple

from ops.release.message import Message

_TAG: Final = re.compile(r"v?(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)")
FORM: Final = "v<major>.<minor>.<patch>"


class Version(NamedTuple):
    """Three numbers."""

    major: int
    minor: int
    patch: int

    def __str__(self) -> str:
        return f"v{self.major}.{self.minor}.{self.patch}"


FIRST: Final = Version(0, 1, 0)
"""Of a repository that was never released."""


def parse(text: str) -> Version | None:
    """A version from a tag; None where it is something else."""
    match = _TAG.fullmatch(text)
    return None if match is None else Version(*(int(part) for part in match.groups()))


def following(last: Version | None, messages: Iterable[Message]) -> Version:
    """The version after another one, by what was changed."""
    if last is None:
        return FIRST
    said = list(messages)
    breaks, adds = any(one.breaking for one in said), any(one.type == "feat" for one in said)
    if breaks and last.major:
        return Version(last.major + 1, 0, 0)
    if breaks or adds:
        return Version(last.major, last.minor + 1, 0)
    return Version(last.major, last.minor, last.patch + 1)
