"""What a CREATE is about, read before the name."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.snowflake.catalog.kind import Kind


@dataclass(frozen=True, slots=True)
class Target:
    """The kind, whether it may replace, and the words before the kind."""

    kind: Kind
    or_replace: bool
    modifiers: tuple[str, ...]
