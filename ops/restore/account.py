"""The few questions about objects that restoring asks of a live account, and how names are written.

https://docs.snowflake.com/en/sql-reference/sql/show-tables
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeAlias

from ingestion.quoting import identifier

Row: TypeAlias = Mapping[str, Any]
Ask: TypeAlias = Callable[[str], Sequence[Row]]
"""Runs one statement; rows by lower-case column name. Raises `RefusedError`."""
Path: TypeAlias = tuple[str, ...]

PLURALS: Final[Mapping[str, str]] = {
    "DATABASE": "DATABASES",
    "SCHEMA": "SCHEMAS",
    "TABLE": "TABLES",
    "DYNAMIC TABLE": "DYNAMIC TABLES",
    "STAGE": "STAGES",
    "STREAM": "STREAMS",
    "TASK": "TASKS",
    "SEQUENCE": "SEQUENCES",
}
CONTAINERS: Final = ("ACCOUNT", "DATABASE", "SCHEMA")
"""The kind of what holds an object, by the number of parts before its name."""
NO_TABLES: Final = "INFORMATION_SCHEMA"


class RefusedError(Exception):
    """The account refused a statement; the text is its own."""


def find(ask: Ask, kind: str, path: Path) -> Row | None:
    """The row that SHOW has for one object; None when it, or what holds it, is not there."""
    pattern = path[-1].replace("\\", "\\\\").replace("'", "''")
    try:
        rows = ask(f"SHOW {PLURALS[kind]} LIKE '{pattern}' {within(path[:-1])}")
    except RefusedError:
        return None
    return next((row for row in rows if row["name"] == path[-1]), None)


def inside(ask: Ask, kind: str, container: Path) -> list[tuple[Path, Row]]:
    """All objects of a kind in a database or schema, with their paths."""
    rows = ask(f"SHOW {PLURALS[kind]} {within(container)}")
    return [(path, row) for row in rows if NO_TABLES not in (path := path_of(kind, row, container))]


def path_of(kind: str, row: Row, container: Path) -> Path:
    """The full path of a row of SHOW."""
    if kind == "SCHEMA":
        return container[0], str(row["name"])
    return container[0], str(row["schema_name"]), str(row["name"])


def within(container: Path) -> str:
    """`IN DATABASE "D"`."""
    if not container:
        return ""
    return f"IN {CONTAINERS[len(container)]} {identifier(*container)}"


def named(kind: str, path: Path) -> str:
    """`SCHEMA "D"."S"`."""
    return f"{kind} {identifier(*path)}"


def columns(ask: Ask, path: Path) -> list[tuple[str, str]]:
    """Name and type of each column of a table."""
    return [(str(r["name"]), str(r["type"])) for r in ask(f"DESCRIBE {named('TABLE', path)}")]
