"""What a person sees: steps as they go (standard error), facts when they stand (standard output).

On a terminal the running step has a spinner and a clock; in a pipe or in CI each step is a plain
line, and a long one says at intervals that it is alive. JSON goes to standard output alone.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, Protocol

import click

if TYPE_CHECKING:
    from rich.table import Table

SIGN_OF_LIFE_SECONDS: Final = 30.0
PIPE_WIDTH: Final = 140
FOLDED_WIDTH: Final = 28


class Step(Protocol):
    """One running step; `note` says what it is doing, `done` what came of it."""

    def note(self, text: str) -> None:
        """Show what the step is doing at the moment."""

    def done(self, text: str) -> None:
        """Set the words that stand behind the step's name when it has ended."""


class _PlainStep:
    """A step in a pipe: notes are printed, but rarely."""

    def __init__(self, title: str) -> None:
        self.title = title
        self.result = ""
        self._text = ""
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._show_life, daemon=True)
        self.started = time.monotonic()

    def note(self, text: str) -> None:
        self._text = text

    def done(self, text: str) -> None:
        self.result = text

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._end.set()
        self._thread.join()

    def _show_life(self) -> None:
        while not self._end.wait(SIGN_OF_LIFE_SECONDS):
            seconds = time.monotonic() - self.started
            click.echo(f"  … {self.title}, {seconds:.0f} s: {self._text or 'working'}", err=True)


class _LiveStep(_PlainStep):
    """A step on a terminal: one line that is drawn again and again."""

    def start(self) -> None:
        from rich.console import Console

        self._status = Console(stderr=True).status(self.title)
        self._status.start()
        super().start()

    def stop(self) -> None:
        super().stop()
        self._status.stop()

    def _show_life(self) -> None:
        from rich.text import Text

        while not self._end.wait(0.5):
            seconds = time.monotonic() - self.started
            self._status.update(Text(f"{self.title} {seconds:.0f} s {self._text}"))


@contextmanager
def step(title: str) -> Iterator[Step]:
    """Run one step of a command: its end is one line with its seconds and its result."""
    running = _LiveStep(title) if sys.stderr.isatty() else _PlainStep(title)
    running.start()
    mark = "✗"
    try:
        yield running
        mark = "✓"
    finally:
        running.stop()
        seconds = time.monotonic() - running.started
        tail = f": {running.result}" if running.result else ""
        click.echo(f"{mark} {title} ({seconds:.1f} s){tail}", err=True)


def say(text: str = "") -> None:
    """Print a fact on standard output."""
    click.echo(text)


def hint(text: str) -> None:
    """Print a remark on standard error, where it cannot disturb a reader of the facts."""
    click.echo(text, err=True)


def say_json(value: object) -> None:
    """Print one JSON value and nothing else."""
    click.echo(json.dumps(value, indent=2, default=str))


def say_table(columns: Sequence[str], rows: Iterable[Sequence[object]], *, title: str = "") -> None:
    """Print rows under their column names; one value a line where they do not fit the terminal."""
    from rich.console import Console

    console = Console(width=None if sys.stdout.isatty() else PIPE_WIDTH)
    cells = [["" if cell is None else str(cell) for cell in row] for row in rows]
    shown = list(range(len(columns)))
    if not _fits(console.width, columns, cells):
        shown = [at for at in shown if any(row[at] for row in cells)] or shown
    names, values = [columns[at] for at in shown], [[row[at] for at in shown] for row in cells]
    if _fits(console.width, names, values):
        with console.capture() as drawn:
            console.print(_table(names, values, title))
        say("\n".join(line.rstrip() for line in drawn.get().splitlines()))
    else:
        _say_records(names, values, title)


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]], title: str) -> Table:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, title=title or None, title_justify="left", pad_edge=False)
    for name in columns:
        table.add_column(name, overflow="fold")
    for row in rows:
        table.add_row(*map(Text, row))
    return table


def _fits(width: int, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> bool:
    values = [[row[at] for row in rows] for at in range(len(columns))]
    return sum(map(_least_width, columns, values)) <= width


def _least_width(name: str, values: Sequence[str]) -> int:
    """What a column needs to be read with ease: the name's longest word, values folded once."""
    longest = max(map(len, values), default=0)
    return max(*map(len, name.split() or [""]), min(longest, FOLDED_WIDTH), 1) + 3


def _say_records(columns: Sequence[str], rows: Sequence[Sequence[str]], title: str) -> None:
    width = max(map(len, columns))
    if title:
        say(title)
    for number, row in enumerate(rows, 1):
        say(f"── {number} of {len(rows)} ──")
        for name, cell in zip(columns, row, strict=True):
            if cell:
                say(f"{name:<{width}}  {cell}")
    if not rows:
        say("(no rows)")
