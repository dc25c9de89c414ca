"""What stands: the account's workspaces by the comments of their schemas, and the stacks beside.

A workspace is whole when both are there. An orphan is one half: objects whose stack is gone from
the backend, or a stack whose schema is gone from the account.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from cli.workspaces.account import Place, statement
from ingestion.quoting import identifier

if TYPE_CHECKING:
    from snowflake.connector import SnowflakeConnection

SCHEMA: Final = re.compile(r"DEV_([A-Z][A-Z0-9_]*)|CI_([0-9]+)")


class State(StrEnum):
    """Whether both halves of a workspace are there."""

    WHOLE = "stands"
    NO_STACK = "orphan: its stack is not in this backend"
    NO_SCHEMA = "orphan: its schema is gone"


@dataclass(frozen=True, slots=True)
class Entry:
    """One workspace. `credits_used` is None where it has no limit of its own."""

    stack: str
    schema: str
    state: State
    owner: str = ""
    created_on: str = ""
    expires_on: str = ""
    expired: bool = False
    credits: int | None = None
    credits_used: float | None = None
    tables: int = 0
    views: int = 0
    rows: int = 0

    @property
    def orphan(self) -> bool:
        """Whether one half is missing."""
        return self.state is not State.WHOLE

    @property
    def over(self) -> bool:
        """Whether nothing says that it should still stand."""
        return self.expired or not self.expires_on

    def facts(self) -> dict[str, Any]:
        """As JSON says it."""
        return asdict(self)

    def in_words(self) -> str:
        """Its name, whose it is and until when, as far as that is known."""
        whose = f" of {self.owner}" if self.owner else ""
        return f"{self.stack}{whose}{f' until {self.expires_on}' if self.expires_on else ''}"

    def holds(self) -> str:
        """What would be lost, in words."""
        return f"{self.tables} tables with {self.rows:,} rows, {self.views} views"


def stack_name(schema: str) -> str | None:
    """`dev-jane` of `DEV_JANE`, `pr-42` of `CI_42`; None for any other schema."""
    match = SCHEMA.fullmatch(schema)
    if match is None:
        return None
    return f"dev-{match[1].lower()}" if match[1] else f"pr-{match[2]}"


def read_comment(comment: str | None) -> dict[str, Any] | None:
    """What a workspace's schema says of itself; None for a schema that is none."""
    try:
        said = json.loads(comment or "")
    except ValueError:
        return None
    entry = said.get("workspace") if isinstance(said, dict) else None
    return entry if isinstance(entry, dict) else None


def today(connection: SnowflakeConnection) -> date:
    """The account's own day, by its own clock."""
    found: date = statement(connection, "SELECT CURRENT_DATE() AS TODAY")[0]["today"]
    return found


def schema_row(connection: SnowflakeConnection, database: str, schema: str) -> Any:
    """The row of SHOW SCHEMAS for one schema, or None."""
    rows = statement(connection, f"SHOW SCHEMAS IN DATABASE {identifier(database)}")
    return next((row for row in rows if row["name"] == schema), None)


def entries(
    connection: SnowflakeConnection, where: Place, stacks: Mapping[str, str]
) -> list[Entry]:
    """Every workspace of a foundation, sorted by stack.

    `stacks` are the workspaces that the backend knows, each with its foundation.
    """
    scope = f"IN DATABASE {identifier(where.database)}"
    day = today(connection)
    found = {}
    for row in statement(connection, f"SHOW SCHEMAS {scope}"):
        said, stack = read_comment(row["comment"]), stack_name(str(row["name"]))
        if said is not None and stack is not None:
            state = State.WHOLE if stack in stacks else State.NO_STACK
            found[stack] = _entry(stack, row, said, state, day)
    spent = _spent(connection, where)
    for stack in _left_over(connection, where, spent):
        state = State.NO_SCHEMA if stack in stacks else State.NO_STACK
        found.setdefault(stack, Entry(stack, _schema(stack), state))
    for stack, foundation in stacks.items():
        if foundation == where.settings.stack.name:
            found.setdefault(stack, Entry(stack, _schema(stack), State.NO_SCHEMA))
    tables = statement(connection, f"SHOW TABLES {scope}")
    views = statement(connection, f"SHOW VIEWS {scope}")
    return [_with_holdings(found[stack], tables, views, spent) for stack in sorted(found)]


def _entry(
    stack: str, row: Mapping[str, Any], said: Mapping[str, Any], state: State, day: date
) -> Entry:
    expires = str(said.get("expires_on", ""))
    return Entry(
        stack=stack,
        schema=str(row["name"]),
        state=state,
        owner=str(said.get("owner", "")),
        created_on=str(row["created_on"])[:19],
        expires_on=expires,
        expired=bool(expires) and expires < day.isoformat(),
        credits=said.get("credits"),
    )


def _left_over(
    connection: SnowflakeConnection, where: Place, monitors: Iterable[str]
) -> Iterator[str]:
    """Workspaces of which a role, a warehouse or a limit stands, whatever became of the rest."""
    prefix = where.layered.environment.prefix
    roles = _names(connection, "ROLES", f"{where.database}__")
    warehouses = _names(connection, "WAREHOUSES", prefix)
    schemas = [
        *(role.rpartition("__")[0] for role in roles),
        *(pool.removesuffix("_WH") for pool in warehouses if pool.endswith("_WH")),
        *(name.removesuffix("_LIMIT") for name in monitors if name.endswith("_LIMIT")),
    ]
    for schema in schemas:
        if (stack := stack_name(schema)) is not None:
            yield stack


def _names(connection: SnowflakeConnection, kind: str, begin: str) -> list[str]:
    """Of what is called so and seen by this role, without that beginning."""
    found = (str(row["name"]) for row in statement(connection, f"SHOW {kind}"))
    return [name.removeprefix(begin) for name in found if name.startswith(begin)]


def _spent(connection: SnowflakeConnection, where: Place) -> dict[str, float]:
    """Credits used by monitor, its name without the prefix: those that this role may see."""
    prefix = where.layered.environment.prefix
    return {
        name.removeprefix(prefix): float(row["used_credits"] or 0)
        for row in statement(connection, "SHOW RESOURCE MONITORS")
        if (name := str(row["name"])).startswith(prefix)
    }


def _with_holdings(
    entry: Entry,
    tables: Iterable[Mapping[str, Any]],
    views: Iterable[Mapping[str, Any]],
    spent: Mapping[str, float],
) -> Entry:
    inside = [row for row in tables if row["schema_name"] == entry.schema]
    return replace(
        entry,
        tables=len(inside),
        views=sum(1 for row in views if row["schema_name"] == entry.schema),
        rows=sum(int(row["rows"] or 0) for row in inside),
        credits_used=spent.get(f"{entry.schema}_LIMIT"),
    )


def _schema(stack: str) -> str:
    kind, _, name = stack.partition("-")
    return f"{'DEV' if kind == 'dev' else 'CI'}_{name.upper()}"
