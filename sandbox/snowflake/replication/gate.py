"""Lets the statements of an account run side by side, and the switch to a new snapshot alone.

So a statement sees the old snapshot or the new one, in the catalogue and in every database. What a
statement waits for (a refresh, the clock) it waits for outside.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Gate:
    """One for each account. A thread that is inside may enter again."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._inside = 0
        self._closed = False
        self._own = threading.local()

    @contextmanager
    def passing(self) -> Iterator[None]:
        """Run a statement; waits while a switch is under way."""
        depth: int = getattr(self._own, "depth", 0)
        if depth == 0:
            self._enter()
        self._own.depth = depth + 1
        try:
            yield
        finally:
            self._own.depth = depth
            if depth == 0:
                self._leave()

    @contextmanager
    def outside(self) -> Iterator[None]:
        """Let switches happen while a statement of this thread waits."""
        depth: int = getattr(self._own, "depth", 0)
        if depth == 0:
            yield
            return
        self._own.depth = 0
        self._leave()
        try:
            yield
        finally:
            self._enter()
            self._own.depth = depth

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Switch: no statement is inside, and none enters."""
        with self._changed:
            self._changed.wait_for(lambda: not self._closed)
            self._closed = True
            self._changed.wait_for(lambda: self._inside == 0)
        try:
            yield
        finally:
            with self._changed:
                self._closed = False
                self._changed.notify_all()

    def _enter(self) -> None:
        with self._changed:
            self._changed.wait_for(lambda: not self._closed)
            self._inside += 1

    def _leave(self) -> None:
        with self._changed:
            self._inside -= 1
            self._changed.notify_all()
