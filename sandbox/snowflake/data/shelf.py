"""What a DROP takes away and an UNDROP brings back: databases, schemas and tables with their rows.

A database's file moves into a folder beside the others; a table is renamed inside its schema; a
schema's tables are copied into a hidden one, because DuckDB cannot rename a schema. Views are bound
when they are made, so their texts wait in a table until what they read stands again.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

import duckdb

from sandbox.snowflake.data.failure import translated
from sandbox.snowflake.data.metadata import Metadata, literal
from sandbox.snowflake.data.model import ObjectName
from sandbox.snowflake.data.past.ledger import Ledger, drop_places_sql
from sandbox.snowflake.data.past.tables import REMOVED, VERSIONS, hidden
from sandbox.snowflake.data.store import Store, new_place, run
from sandbox.snowflake.errors import DoesNotExistError
from sandbox.snowflake.sql.names import quoted


class Shelf:
    """Works on connections of its own, outside any session's transaction."""

    def __init__(self, store: Store, metadata: Metadata, ledger: Ledger) -> None:
        self._store = store
        self._metadata = metadata
        self._ledger = ledger

    def keep_database(self, name: str, place: str = "") -> str:
        """Takes the database away, to come back from the place that is answered."""
        return self._store.keep(name, place)

    def restore_database(self, name: str, place: str) -> None:
        """Brings a kept database back."""
        self._store.restore(name, place)
        self.settle()

    def purge_database(self, place: str) -> None:
        """Lets go of a kept database for good."""
        self._store.purge(place)

    def kept_databases(self) -> list[str]:
        """The places of all kept databases."""
        return self._store.kept()

    def kept_schemas(self, database: str) -> list[str]:
        """The places of all kept schemas of a database."""
        with self._store.connection() as cursor:
            return self._metadata.kept_schemas(cursor, database)

    def keep_schema(self, database: str, name: str, place: str = "") -> str:
        """Takes the schema away, to come back from the place that is answered."""
        place = place or new_place(name)
        with self._store.connection() as cursor:
            self._require_schema(cursor, database, name)
            views = self._metadata.views(cursor, database, name)
            waiting = [self._waiting(view._replace(schema=place), sql) for view, sql in views]
            moved = self._metadata.move_tables_sql(cursor, database, name, place)
            dropped = f"DROP SCHEMA {full(database, name)} CASCADE"
            loads = self._store.move_schema(database, name, place)
            change(cursor, [*waiting, *moved, loads, dropped])
        return place

    def restore_schema(self, database: str, name: str, place: str) -> None:
        """Brings a kept schema back, under the name."""
        with self._store.connection() as cursor:
            moved = self._metadata.move_tables_sql(cursor, database, place, name)
            loads = self._store.move_schema(database, place, name)
            views = (
                f"UPDATE {self._store.views(database)} SET schema_name = {literal(name)} "
                f"WHERE schema_name = {literal(place)}"
            )
            dropped = f"DROP SCHEMA {full(database, place)} CASCADE"
            change(cursor, [*moved, loads, views, dropped])
        self.settle()

    def rename_schema(self, database: str, old: str, new: str) -> None:
        """The same tables and views in a schema of another name."""
        with self._store.connection() as cursor:
            self._require_schema(cursor, database, old)
            views = [
                (view._replace(schema=new), view)
                for view, _ in self._metadata.views(cursor, database, old)
            ]
            waiting = [
                self._waiting(moved, self._metadata.moved_view_sql(cursor, view, moved))
                for moved, view in views
            ]
            tables = self._metadata.move_tables_sql(cursor, database, old, new)
            loads = self._store.move_schema(database, old, new)
            dropped = f"DROP SCHEMA {full(database, old)} CASCADE"
            change(cursor, [*tables, loads, *waiting, dropped])
        self.settle()

    def drop_schema(self, database: str, name: str) -> None:
        """The schema, or a kept one by its place, goes with all that was known of it."""
        with self._store.connection() as cursor:
            self._require_schema(cursor, database, name)
            forget = [
                *drop_places_sql(cursor, database, name),
                *(
                    f"DELETE FROM {hidden(database, table)} WHERE schema_name = {literal(name)}"
                    for table in ("load_history", "views_waiting", VERSIONS, REMOVED)
                ),
            ]
            change(cursor, [*forget, f"DROP SCHEMA {full(database, name)} CASCADE"])

    def keep_table(self, name: ObjectName, place: str) -> None:
        """Takes a table away, to come back from the place."""
        kept = name._replace(name=place)
        renamed = f"ALTER TABLE {full(*name)} RENAME TO {quoted(place)}"
        with self._store.connection() as cursor:
            change(cursor, [renamed, self._store.move_table(name, kept)])

    def has_table(self, name: ObjectName) -> bool:
        """Whether there is such a table, also a kept one."""
        with self._store.connection() as cursor:
            return self._metadata.kind_of(cursor, name) == "TABLE"

    def restore_table(self, name: ObjectName, place: str) -> None:
        """Brings a dropped table back, under the name."""
        kept = name._replace(name=place)
        renamed = f"ALTER TABLE {full(*kept)} RENAME TO {quoted(name.name)}"
        with self._store.connection() as cursor:
            change(cursor, [renamed, self._store.move_table(kept, name)])
        self.settle()

    def purge_table(self, kept: ObjectName) -> None:
        """Lets go of a dropped table for good; its place is the last part of the name."""
        loads = self._store.forget_loads(kept)
        with self._store.connection() as cursor:
            past = self._ledger.forget_sql(cursor, kept)
            change(cursor, [loads, *past, f"DROP TABLE IF EXISTS {full(*kept)}"])

    def add_views(self, views: Sequence[tuple[ObjectName, str]]) -> None:
        """Makes views, each as soon as what it reads stands."""
        with self._store.connection() as cursor:
            for view, sql in views:
                change(cursor, [self._waiting(view, sql)])
        self.settle()

    def settle(self) -> None:
        """Makes the views that wait, in whatever order they can be made."""
        with self._store.connection() as cursor:
            waiting = self._views(cursor)
            while waiting:
                left = [view for view in waiting if not self._made(cursor, *view)]
                if len(left) == len(waiting):
                    return
                waiting = left

    def _views(self, cursor: duckdb.DuckDBPyConnection) -> list[tuple[ObjectName, str]]:
        return [
            found
            for database in self._store.databases
            for found in self._metadata.waiting_views(cursor, database, self._store.views(database))
        ]

    def _made(self, cursor: duckdb.DuckDBPyConnection, view: ObjectName, sql: str) -> bool:
        forget = self._forget(view)
        taken = self._metadata.kind_of(cursor, view) is not None
        # DuckDB tells a view's text without the name of its own database
        home = literal(f"{quoted(view.database)}.main,memory.main")
        made = [] if taken else [f"SET search_path = {home}", sql]
        with suppress(duckdb.Error):
            run(cursor, ";\n".join([*made[:1], "BEGIN", *made[1:], forget, "COMMIT"]))
            return True
        with suppress(duckdb.Error):
            run(cursor, "ROLLBACK")
        return False

    def _waiting(self, view: ObjectName, sql: str) -> str:
        values = ", ".join(literal(value) for value in (view.schema, view.name, sql))
        return f"INSERT INTO {self._store.views(view.database)} VALUES ({values})"

    def _forget(self, view: ObjectName) -> str:
        return (
            f"DELETE FROM {self._store.views(view.database)} "
            f"WHERE schema_name = {literal(view.schema)} AND view_name = {literal(view.name)}"
        )

    def _require_schema(self, cursor: duckdb.DuckDBPyConnection, database: str, name: str) -> None:
        if not self._metadata.has_schema(cursor, database, name):
            raise DoesNotExistError("Schema", f"{database}.{name}")


def change(cursor: duckdb.DuckDBPyConnection, statements: Sequence[str]) -> None:
    """Carries out statements that succeed or fail as one."""
    try:
        run(cursor, ";\n".join(["BEGIN", *statements, "COMMIT"]))
    except duckdb.Error as error:
        with suppress(duckdb.Error):
            run(cursor, "ROLLBACK")
        raise translated(error) from None


def full(*parts: str) -> str:
    """A dotted, quoted name."""
    return ".".join(quoted(part) for part in parts)
