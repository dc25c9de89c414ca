"""Taking away what a killed run made and the state does not know, so that it is made anew.

It holds nothing of anybody's, as a rule: it is as old as the killed run. What holds rows all the
same is never dropped: it is renamed aside, and said.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from cli.console import hint
from cli.deployment.objects import Named, Path, dotted
from cli.errors import BadInputError
from cli.target import ask

if TYPE_CHECKING:
    from snowflake.connector import SnowflakeConnection

HOLDING: Final = frozenset({"DATABASE", "SCHEMA", "TABLE"})
POLICIES: Final = frozenset({"MASKING POLICY", "ROW ACCESS POLICY"})
"""Kinds that cannot go while they are set on something."""
PASSES: Final = 3
"""What is still in use by something that goes in the same pass goes in the next."""


def take_away(connection: SnowflakeConnection, made: Sequence[Named]) -> None:
    """Drop what was made, the latest first; what goes with its container is left to it."""
    filled = _filled(connection) if any(named.kind in HOLDING for named in made) else []
    roots = [named for named in made if not any(named.is_inside(other) for other in made)]
    stamp = f"{datetime.now(UTC):%Y%m%dT%H%M%S}"
    statements = [statement(named, filled, stamp) for named in roots]
    refused: dict[str, str] = {}
    for named in roots:
        for text in _unsetting(connection, named):
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


def _unsetting(connection: SnowflakeConnection, named: Named) -> list[str]:
    """What takes a policy from the places where it is set, and its policies from a tag.

    https://docs.snowflake.com/en/sql-reference/functions/policy_references
    """
    if named.kind in POLICIES:
        arguments = "POLICY_NAME => %s"
    elif named.kind == "TAG":
        arguments = "REF_ENTITY_DOMAIN => 'TAG', REF_ENTITY_NAME => %s"
    else:
        return []
    view = f"{dotted(named.path[:1])}.INFORMATION_SCHEMA.POLICY_REFERENCES({arguments})"
    try:
        text = f"SELECT * FROM TABLE({view})"  # noqa: S608 - a quoted identifier
        rows = ask(connection, text, (dotted(named.path),)).dicts()
    except BadInputError:
        return []  # it never came to be, or is gone
    return [unset(row) for row in rows if not row["tag_name"]]


def unset(row: Mapping[str, Any]) -> str:
    """The statement that ends one attachment, a row of POLICY_REFERENCES."""
    place = dotted([row["ref_database_name"], row["ref_schema_name"], row["ref_entity_name"]])
    policy = dotted([row["policy_db"], row["policy_schema"], row["policy_name"]])
    domain = str(row["ref_entity_domain"])
    if domain == "TAG":
        return f"ALTER TAG {place} UNSET MASKING POLICY {policy}"
    if row["policy_kind"] == "MASKING_POLICY":
        column = dotted([row["ref_column_name"]])
        return f"ALTER {domain} {place} MODIFY COLUMN {column} UNSET MASKING POLICY"
    return f"ALTER {domain} {place} DROP ROW ACCESS POLICY {policy}"


def _filled(connection: SnowflakeConnection) -> list[Path]:
    rows = ask(connection, "SHOW TABLES IN ACCOUNT").dicts()
    return [(r["database_name"], r["schema_name"], r["name"]) for r in rows if int(r["rows"] or 0)]
