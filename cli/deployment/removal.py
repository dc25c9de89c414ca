"""Taking away what a killed run made and the state does not know, so that it is made anew.

It holds nothing of anybody's, as a rule: it is as old as the killed run. What holds rows all the
same is never dropped: it is renamed aside, and said.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from cli.console import hint
from cli.deployment.objects import Named, Path, dotted
from cli.errors import BadInputError
from cli.target import ask

if TYPE_CHECKING:
    from snowflake.connector import SnowflakeConnection

HOLDING: Final = frozenset({"DATABASE", "SCHEMA", "TABLE"})
PASSES: Final = 3
"""What is still in use by something that goes in the same pass goes in the next."""


def take_away(connection: SnowflakeConnection, made: Sequence[Named]) -> None:
    """Drop what was made, the latest first; what goes with its container is left to it."""
    filled = _filled(connection) if any(named.kind in HOLDING for named in made) else []
    roots = [named for named in made if not any(named.is_inside(other) for other in made)]
    stamp = f"{datetime.now(UTC):%Y%m%dT%H%M%S}"
    statements = [statement(named, filled, stamp) for named in roots]
    refused: dict[str, str] = {}
    for _ in range(PASSES):
        refused = {}
        for text in statements:
            try:
                ask(connection, text)
            except BadInputError as error:
                refused[text] = " ".join(str(error).split())
        statements = list(refused)
    for text, reason in refused.items():
        hint(f"  could not be taken away: {text}: {reason}")


def statement(named: Named, filled: Sequence[Path], stamp: str) -> str:
    """What takes one away: dropped when empty, else renamed aside."""
    depth = len(named.path)
    if named.kind not in HOLDING or not any(path[:depth] == named.path for path in filled):
        return named.removal
    aside = (*named.path[:-1], f"{named.path[-1]}__KEPT_{stamp}")
    hint(f"  {named} was made by the killed run and holds rows: kept as {dotted(aside)}")
    return f"ALTER {named.kind} {dotted(named.path)} RENAME TO {dotted(aside)}"


def _filled(connection: SnowflakeConnection) -> list[Path]:
    rows = ask(connection, "SHOW TABLES IN ACCOUNT").dicts()
    return [(r["database_name"], r["schema_name"], r["name"]) for r in rows if int(r["rows"] or 0)]
