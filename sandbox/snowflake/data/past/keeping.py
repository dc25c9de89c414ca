"""Keeps rows as they were before a transaction that changed or deleted them: their images."""

from __future__ import annotations

import secrets
from typing import Final

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from sandbox.snowflake.data.model import ObjectName
from sandbox.snowflake.data.past.images import Images
from sandbox.snowflake.data.past.lending import among, lent
from sandbox.snowflake.data.past.making import images_table
from sandbox.snowflake.data.past.tables import AT, CHANGED, GONE, REMOVED, ROW, hidden, text
from sandbox.snowflake.data.past.transaction import TableChange, Transaction
from sandbox.snowflake.data.store import Store, run
from sandbox.snowflake.sql.names import quoted

_OLD: Final = "leap_old_rows"


class Keeper:
    """Works inside the transaction, beside what everybody else sees."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.first_local = _first_local_row(store)
        """The least id that DuckDB gives to a row of a transaction that is still open."""

    def keep(
        self, session: Transaction, name: ObjectName, change: TableChange, serial: int
    ) -> None:
        """Images of the rows that were changed or deleted, as they are for everybody else."""
        touched = pa.chunked_array([part.cast(pa.int64()) for part in change.rows])
        mine = touched.filter(pc.less(touched, self.first_local)).unique()
        old = self._old(name, mine) if len(mine) else None
        if old is None or not old.num_rows:
            return
        place, making = images_place(session.cursor, name)
        standing = ".".join(quoted(part) for part in name)
        columns = [quoted(one) for one in sorted(change.assigned)]
        differs = " OR ".join(f"old.{one} IS DISTINCT FROM new.{one}" for one in columns)
        now = "".join(f", {one}" for one in columns)
        for statement in making:
            run(session.cursor, statement)
        with lent(session.cursor, _OLD, old), among(session.cursor, mine) as only:
            run(
                session.cursor,
                f"INSERT INTO {place} SELECT {ROW}, {serial}, "
                f"CASE WHEN leap_new IS NULL THEN {GONE} ELSE {CHANGED} END, "
                f"old.* EXCLUDE ({AT}, {ROW}) "
                f"FROM {_OLD} AS old LEFT JOIN (SELECT rowid AS leap_new{now} FROM {standing} "
                f"WHERE rowid {only}) AS new ON leap_new = {AT} "
                f"WHERE leap_new IS NULL OR {differs or 'false'}",
            )

    def _old(self, name: ObjectName, rows: pa.Array) -> pa.Table:
        """Rows before the transaction, by DuckDB's ids; nobody else commits meanwhile."""
        with self._store.connection() as cursor, among(cursor, rows) as only:
            return cursor.sql(Images(cursor, name).touched_rows(only)).to_arrow_table()


def new_place() -> str:
    """A name for a table of images."""
    return f"images_{secrets.token_hex(6)}"


def images_place(cursor: duckdb.DuckDBPyConnection, name: ObjectName) -> tuple[str, list[str]]:
    """The table of images of today's columns, and the statements that make it where there is none.

    Two transactions that make the first at once make two.
    """
    images = Images(cursor, name)
    today = images.generations[-1]
    if today.places:
        return hidden(name.database, today.places[0]), []
    made = new_place()
    full = hidden(name.database, made)
    columns = ((column, kind) for column, kind, *_ in images.columns)
    return full, [
        images_table(full, columns),
        f"INSERT INTO {hidden(name.database, REMOVED)} (schema_name, table_name, place) "
        f"VALUES ({text(name.schema)}, {text(name.name)}, {text(made)})",
    ]


def _first_local_row(store: Store) -> int:
    with store.connection() as cursor:
        run(cursor, "CREATE TEMP TABLE leap_local (A INTEGER)")
        run(cursor, "BEGIN; INSERT INTO leap_local VALUES (1)")
        found: int = run(cursor, "SELECT rowid FROM temp.main.leap_local")[0][0]
        run(cursor, "ROLLBACK; DROP TABLE temp.main.leap_local")
    return found
