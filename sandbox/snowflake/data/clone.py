"""Clones of schemas: their tables copied in one transaction, their views made again.

DuckDB has no copy-on-write between tables; a million rows take well under a second.
https://docs.snowflake.com/en/user-guide/object-clone
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from sandbox.snowflake.data.metadata import Metadata, encoded
from sandbox.snowflake.data.model import ObjectName
from sandbox.snowflake.data.past.images import Images
from sandbox.snowflake.data.past.ledger import Ledger
from sandbox.snowflake.data.past.moment import Moment
from sandbox.snowflake.data.shelf import Shelf, change, full
from sandbox.snowflake.data.store import Store

Pair = tuple[ObjectName, ObjectName]


class Cloner:
    """Copies what belongs to a container that is cloned."""

    def __init__(self, store: Store, metadata: Metadata, shelf: Shelf, ledger: Ledger) -> None:
        self._store = store
        self._metadata = metadata
        self._shelf = shelf
        self._ledger = ledger

    def tables(
        self,
        pairs: Sequence[Pair],
        now: datetime,
        statement: str,
        serials: Mapping[ObjectName, int],
    ) -> None:
        """Copies tables with their rows, all or none; the new ones are of one database.

        The past of the copies begins `now`, with the statement of that id; of a table with a
        serial, the version of that serial is copied.
        """
        statements: list[str] = []
        with self._store.connection() as cursor:
            for old, new in pairs:
                then = Images(cursor, old).then(serials[old]) if old in serials else None
                statements += self._metadata.copy_sql(cursor, old, new, rows=True, then=then)
                facts = encoded(self._metadata.facts(cursor, old))
                statements.append(f"COMMENT ON TABLE {full(*new)} IS {facts}")
                statements.append(self._ledger.created_sql(new, now, statement))
            change(cursor, statements)

    def serial(self, name: ObjectName, moment: Moment) -> int | None:
        """The version of a table at a point in the past; None where there was none yet."""
        with self._store.connection() as cursor:
            return moment.serial(Images(cursor, name))

    def views(self, pairs: Sequence[tuple[ObjectName, ObjectName, str]]) -> None:
        """Makes views again: old and new name, and the text in which the view was written."""
        made: list[tuple[ObjectName, str]] = []
        with self._store.connection() as cursor:
            for old, new, text in pairs:
                fixed = _named_in_full(text)
                made.append((new, self._metadata.clone_view_sql(cursor, old, new, fixed)))
        self._shelf.add_views(made)


def _named_in_full(text: str) -> Collection[ObjectName]:
    """The objects that a view's text names with their database."""
    try:
        tree = sqlglot.parse_one(text, read="snowflake")
    except SqlglotError:
        return ()
    found: set[ObjectName] = set()
    for table in tree.find_all(exp.Table):
        parts = [part for part in table.parts if isinstance(part, exp.Identifier)]
        if len(parts) == 3:
            names = (part.name if part.quoted else part.name.upper() for part in parts)
            found.add(ObjectName(*names))
    return found
