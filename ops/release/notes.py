"""Release notes from commits: what breaks first, then by type; every commit is told once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from ops.release.history import Commit
from ops.release.message import TYPES, is_by_git

UNTYPED = "Not conventional"


def markdown(commits: Sequence[Commit], *, title: str = "") -> str:
    """The notes as Markdown, the newest first under each heading."""
    parts = [f"# {title}"] if title else []
    for heading, lines in sections(commits):
        parts.append("\n".join([f"## {heading}", "", *(f"- {line}" for line in lines)]))
    return "\n\n".join(parts) + "\n" if parts else ""


def sections(commits: Sequence[Commit]) -> Iterator[tuple[str, list[str]]]:
    """Headings with their lines."""
    told = [one for one in commits if not is_by_git(one.text)]
    if breaking := [_line(one, _breaks(one)) for one in told if one.said and one.said.breaking]:
        yield "Breaking changes", breaking
    for kind, heading in TYPES.items():
        if lines := [_line(one, one.said.what) for one in told if one.said and _is(one, kind)]:
            yield heading, lines
    if others := [_line(one, one.first) for one in told if one.said is None]:
        yield UNTYPED, others


def untyped(commits: Iterable[Commit]) -> list[Commit]:
    """Commits of which the notes cannot say what they are."""
    return [one for one in commits if one.said is None and not is_by_git(one.text)]


def _is(one: Commit, kind: str) -> bool:
    """Whether it is told under its type; what breaks by its first line alone is told above."""
    said = one.said
    only_above = said is not None and said.breaking == said.what
    return said is not None and said.type == kind and not only_above


def _breaks(one: Commit) -> str:
    return one.said.breaking if one.said is not None else one.first


def _line(one: Commit, what: str) -> str:
    scope = f"**{one.said.scope}**: " if one.said is not None and one.said.scope else ""
    return f"{scope}{what} ({one.short})"
