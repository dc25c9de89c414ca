"""Taking away what a killed run made and the state does not know, so that it is made anew.

It holds nothing of anybody's, as a rule: it is as old as the killed run. What holds rows all the
same is never dropped: it is renamed aside, and said.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from cli.console import hint
from cli.deployment import attachments
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
    for text in attachments.unsetting(connection, roots):
        _try(connection, text)
    for _ in range(PASSES):
        refused = {}
        for text in statements:
            reason = _try(connection, text)
            if reason:
                refused[text] = reason
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


def _try(connection: SnowflakeConnection, text: str) -> str:
    """Why the account refused a statement; nothing where it did not."""
    try:
        ask(connection, text)
    except BadInputError as error:
        return " ".join(str(error).split())
    return ""


def _filled(connection: SnowflakeConnection) -> list[Path]:
    """Tables with rows; what an imported database shows is its provider's, and stays there."""
    databases = ask(connection, "SHOW DATABASES").dicts()
    imported = {row["name"] for row in databases if row.get("origin")}
    rows = ask(connection, "SHOW TABLES IN ACCOUNT").dicts()
    return [
        (row["database_name"], row["schema_name"], row["name"])
        for row in rows
        if int(row["rows"] or 0) and row["database_name"] not in imported
    ]
