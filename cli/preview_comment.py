"""A preview as the comment of a pull request: one text that is replaced in place.

Its first line names it, so that the one who posts it finds the comment of the run before. The
longest part is cut, because GitHub takes 65,536 characters.
https://docs.github.com/en/rest/issues/comments
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from cli.console import hint
from cli.deployment.engine_run import Run
from cli.deployment.plan import MARKS, TO_DO
from cli.opening import Opening

MOST_CHANGES: Final = 200
MOST_LETTERS: Final = 60_000
_FENCE: Final = "```"


def marker(stack: str) -> str:
    """The first line, which no reader sees."""
    return f"<!-- leap preview of {stack} -->"


def write(file: Path, run: Run, opening: Opening, target: str) -> None:
    """Put the comment into a file."""
    file.write_text(markdown(run, opening, target), encoding="utf-8")
    hint(f"Written: {file}")


def markdown(run: Run, opening: Opening, target: str) -> str:
    """The whole comment."""
    text = "\n".join(_parts(run, opening, target))
    return f"{_cut(text) if len(text) > MOST_LETTERS else text}\n"


def _cut(text: str) -> str:
    """As much of it as GitHub takes, with every block closed."""
    kept = text[:MOST_LETTERS].rpartition("\n")[0]
    fences = sum(line.startswith(_FENCE) for line in kept.splitlines())
    closing = [_FENCE] * (fences % 2) + ["\n</details>"] * ("<details>" in kept)
    return "\n".join([kept, *closing, "", "Cut here: `leap preview` says all of it."])


def _parts(run: Run, opening: Opening, target: str) -> Iterator[str]:
    tally = run.tally
    counts = ", ".join(f"{n} {TO_DO.get(op, op)}" for op, n in tally.summary.items() if n)
    yield marker(run.stack)
    yield f"### Preview of `{run.stack}` ({target})"
    yield ""
    yield f"{counts or 'Nothing is declared.'}"
    if tally.denials:
        yield "\n#### Policies\n"
        yield "| | policy | resource | why, and what to do |\n|---|---|---|---|"
        for denial in tally.denials:
            word = "**denied**" if denial.mandatory else "advised against"
            cells = (word, f"`{denial.policy}`", denial.resource, denial.message)
            yield f"| {' | '.join(map(_cell, cells))} |"
    yield "\n#### Who gains and who loses what\n"
    yield from _fenced("diff", (_as_diff(line) for line in opening.lines()))
    if tally.errors:
        yield "\n#### Errors\n"
        yield from _fenced("text", tally.errors)
    if tally.changes:
        yield f"\n<details><summary>{len(tally.changes)} resources</summary>\n"
        shown = tally.changes[:MOST_CHANGES]
        yield from _fenced(
            "text",
            (f"{MARKS.get(c.operation, '?')} {c.operation} {c.kind} {c.name}" for c in shown),
        )
        if len(tally.changes) > MOST_CHANGES:
            yield f"\nand {len(tally.changes) - MOST_CHANGES} more"
        yield "\n</details>"


def _as_diff(line: str) -> str:
    """Marks in the first column, so that GitHub colours what is gained and lost."""
    bare = line.strip()
    return bare if bare.startswith(("+ ", "- ")) else f"  {bare}"


def _fenced(language: str, lines: Iterator[str] | list[str]) -> Iterator[str]:
    yield f"{_FENCE}{language}"
    yield from (line.replace(_FENCE, "'''") for line in lines)
    yield _FENCE


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").replace("<", "&lt;").split())
