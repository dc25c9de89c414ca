"""A commit message by the grammar of conventional commits: the one place that reads it.

The hook, continuous integration and the release notes share it, so that what passes the check can
be told in the notes. It is small enough to be ours; a tool beside it would be a second grammar.

https://www.conventionalcommits.org/en/v1.0.0/
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

TYPES: Final = {
    "feat": "New",
    "fix": "Fixed",
    "perf": "Faster",
    "revert": "Taken back",
    "refactor": "Rebuilt",
    "docs": "Documents",
    "test": "Tests",
    "build": "Build",
    "ci": "Continuous integration",
    "style": "Style",
    "chore": "Chores",
}
"""What may stand first, with its heading in the notes, in their order."""
LONGEST: Final = 100
"""Letters of the first line."""
BREAKING: Final = ("BREAKING CHANGE", "BREAKING-CHANGE")
FORM: Final = f"<type>(<scope>): <what>, type one of {', '.join(TYPES)}"
_FIRST: Final = re.compile(
    rf"(?P<type>{'|'.join(TYPES)})(?:\((?P<scope>[a-z0-9][a-z0-9-]*)\))?(?P<bang>!)?: "
    r"(?P<what>\S.*)"
)
_FOOTER: Final = re.compile(r"(?P<key>BREAKING[ -]CHANGE|[A-Za-z][A-Za-z-]*)(?:: | #)(?P<value>.*)")
_BY_GIT: Final = re.compile(r"Merge |(?:fixup|squash|amend)! |Revert \"")
"""What git writes by itself; it is no change of its own."""


class Message(NamedTuple):
    """What a conventional message says."""

    type: str
    scope: str
    what: str
    breaking: str
    """What breaks, in words; empty where nothing does."""


def parse(text: str) -> Message | None:
    """The message; None where it is not conventional."""
    first, _, rest = text.strip().partition("\n")
    match = _FIRST.fullmatch(first.strip())
    if match is None:
        return None
    breaks = " ".join(_breaking(rest)) or (match["what"] if match["bang"] else "")
    return Message(match["type"], match["scope"] or "", match["what"], breaks)


def is_by_git(text: str) -> bool:
    """Whether git wrote the first line: a merge, a revert, or what `--autosquash` takes in."""
    return _BY_GIT.match(text.lstrip()) is not None


def faults(text: str) -> Iterator[str]:
    """What is wrong with a message, each as ``got …, allowed: …``."""
    said = "\n".join(line for line in text.splitlines() if not line.startswith("#")).strip()
    first, _, rest = said.partition("\n")
    if is_by_git(first):
        return
    if parse(said) is None:
        yield f"got {first!r}, allowed: {FORM}"
    if len(first) > LONGEST:
        yield f"got a first line of {len(first)} letters, allowed: {LONGEST}"
    if rest and not rest.startswith("\n"):
        yield f"got {rest.splitlines()[0]!r} below the first line, allowed: an empty line"


def _breaking(rest: str) -> Iterator[str]:
    """The words of the footers that tell what breaks; they go on to the next footer."""
    inside = False
    for line in rest.splitlines():
        match = _FOOTER.fullmatch(line.strip())
        if match is not None:
            inside = match["key"] in BREAKING
            if inside:
                yield match["value"].strip()
        elif inside and line.strip():
            yield line.strip()
        else:
            inside = False
