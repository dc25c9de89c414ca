"""Identifiers: how they resolve, and how Snowflake writes them back.

https://docs.snowflake.com/en/sql-reference/identifiers-syntax
"""

from __future__ import annotations

import re
from typing import TypeAlias

Path: TypeAlias = tuple[str, ...]
"""A resolved name from the outside in: (database, schema, object), or shorter."""

_BARE = re.compile(r"[A-Z_][A-Z0-9_$]*")


def rendered(part: str) -> str:
    """`part` bare where it may stand bare, otherwise in double quotes."""
    return part if _BARE.fullmatch(part) else quoted(part)


def quoted(part: str) -> str:
    """`part` in double quotes."""
    return '"' + part.replace('"', '""') + '"'


def dotted(path: Path) -> str:
    """The path as SHOW GRANTS and error texts write it."""
    return ".".join(rendered(part) for part in path)


def dotted_quoted(path: Path) -> str:
    """The path with every part in double quotes."""
    return ".".join(quoted(part) for part in path)
