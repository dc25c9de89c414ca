"""What a statement did to tables and views, written down with it for the catalogue to follow.

Rows and catalogue are two files: a process that is killed between the two commits leaves the rows
ahead. What is still noted here when it starts again, the catalogue then follows.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from sandbox.snowflake.data.model import Effect, Governed, ObjectName, QueryContext
from sandbox.snowflake.data.past.tables import hidden, text
from sandbox.snowflake.data.store import Store, run

_TABLE: Final = "pending"
_MANY: Final = 50
"""So many notes that the catalogue has followed are cleared at once."""


@dataclass(frozen=True, slots=True)
class Note:
    """The effects of one statement, and the role and place of its session."""

    id: str
    role: str
    database: str | None
    schema: str | None
    effects: tuple[Effect, ...]


class Pending:
    """The notes of all databases."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._done: dict[str, str] = {}

    def note(self, context: QueryContext, effects: Sequence[Effect]) -> tuple[str, str]:
        """The id of a new note, and the statement that writes it."""
        number = secrets.token_hex(8)
        content = {
            "role": context.role,
            "database": context.database,
            "schema": context.schema,
            "effects": [asdict(effect) for effect in effects],
        }
        place = hidden(effects[0].name.database, _TABLE)
        return number, f"INSERT INTO {place} VALUES ({text(number)}, {text(json.dumps(content))})"

    def followed(self, number: str, database: str) -> None:
        """The catalogue has it: the note may go, some time."""
        if number:
            self._done[number] = database
        if len(self._done) >= _MANY:
            self.clear()

    def clear(self) -> None:
        """Lets go of what the catalogue has followed."""
        done, self._done = self._done, {}
        with self._store.connection() as cursor:
            for database in set(done.values()) & set(self._store.databases):
                numbers = ", ".join(text(n) for n, where in done.items() if where == database)
                run(cursor, f"DELETE FROM {hidden(database, _TABLE)} WHERE id IN ({numbers})")

    def left(self) -> list[Note]:
        """All notes, each database's in their order."""
        with self._store.connection() as cursor:
            return [
                _read(number, content)
                for database in self._store.databases
                for number, content in run(
                    cursor, f"SELECT id, content FROM {hidden(database, _TABLE)} ORDER BY rowid"
                )
            ]


def _read(number: str, content: str) -> Note:
    told = json.loads(content)
    effects = tuple(_effect(item) for item in told["effects"])
    return Note(number, told["role"], told["database"], told["schema"], effects)


def _effect(item: dict[str, Any]) -> Effect:
    for key in ("name", "new_name", "source"):
        item[key] = ObjectName(*item[key]) if item[key] else None
    item["governed"] = tuple(Governed(**one) for one in item["governed"])
    return Effect(**item)
