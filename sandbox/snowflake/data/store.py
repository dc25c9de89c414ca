"""The rows on disk: one DuckDB file per database, attached to one in-memory instance.

DuckDB's write-ahead log makes a file whole again after `kill -9`. Names keep their case but two
that differ only in case are one to DuckDB; the catalogue refuses the second. A hidden schema in
each file keeps the load history, so that rows and history commit together. Renaming a database is
renaming its file, because DuckDB stores no catalogue name inside; a file's name has a random part,
so that a name can be used again while a session still holds the dropped database.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib import resources
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, unquote

import duckdb
from fakesnow import macros

from sandbox.snowflake.data.model import ObjectName
from sandbox.snowflake.data.past.making import prepare_database
from sandbox.snowflake.data.past.tables import (
    CONSUMED,
    HIDDEN_SCHEMA,
    REMOVED,
    VERSIONS,
    hidden,
    of_table,
    text,
)
from sandbox.snowflake.errors import AlreadyExistsError, DoesNotExistError, UnsupportedError
from sandbox.snowflake.sql.names import quoted

SUFFIX: Final = ".duckdb"
_MARK: Final = "@"
KEPT: Final = "_leap_dropped_"
"""Begins the name of a schema or table that was dropped and is kept for UNDROP."""
_RESERVED: Final = frozenset({"MEMORY", "SYSTEM", "TEMP"})
_OF_TABLES: Final = ("load_history", VERSIONS, REMOVED)
"""What is kept of tables, by their names."""
_HISTORY: Final = """
CREATE TABLE IF NOT EXISTS {schema}."load_history" (
    schema_name VARCHAR, table_name VARCHAR, stage VARCHAR, file_name VARCHAR, etag VARCHAR,
    file_size BIGINT, last_load_time TIMESTAMPTZ, status VARCHAR, row_count BIGINT,
    row_parsed BIGINT, error_count BIGINT, error_limit BIGINT, first_error_message VARCHAR,
    first_error_line BIGINT, first_error_character BIGINT, first_error_column VARCHAR,
    pipe VARCHAR, query_id VARCHAR
)
"""
_PENDING: Final = """
CREATE TABLE IF NOT EXISTS {schema}."pending" (id VARCHAR, content VARCHAR)
"""
_VIEWS: Final = """
CREATE TABLE IF NOT EXISTS {schema}."views_waiting" (
    schema_name VARCHAR, view_name VARCHAR, sql VARCHAR
)
"""


class Store:
    """The DuckDB instance and its attached databases."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self._aside = folder / "dropped"
        self._lock = threading.Lock()
        self._guards = 0
        self._loads: dict[ObjectName, threading.Lock] = {}
        # what does not fit into memory spills beside the rows, not into the working directory
        self._root = duckdb.connect(":memory:", config={"temp_directory": str(folder / "spill")})
        run(self._root, "SET python_enable_replacements = false")
        functions = resources.files("sandbox.snowflake.data").joinpath("functions.sql")
        run(self._root, functions.read_text("utf-8"))
        run(self._root, macros.creation_sql("memory"))
        self.serial = 0
        """The last serial that a version of a table got, in any database."""
        self.committed = 0
        """Versions up to this serial are there for everybody."""
        self._paths: dict[str, Path] = {}
        for path in sorted(folder.glob(f"*{SUFFIX}")):
            self._attach(unquote(path.name.removesuffix(SUFFIX).partition(_MARK)[0]), path)

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """A connection of its own for one session."""
        cursor = self._root.cursor()
        run(cursor, "SET TimeZone = 'UTC'")
        return cursor

    @contextmanager
    def connection(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection for a piece of the sandbox's own work."""
        cursor = self.cursor()
        try:
            yield cursor
        finally:
            cursor.close()

    @property
    def databases(self) -> tuple[str, ...]:
        """The names of all databases, sorted."""
        return tuple(sorted(self._paths))

    def create(self, name: str) -> None:
        """A new, empty database; AlreadyExistsError when the name is taken."""
        if name.upper() in _RESERVED:
            raise UnsupportedError(f"a database named '{name}'")
        with self._lock:
            if name.upper() in {known.upper() for known in self._paths}:
                raise AlreadyExistsError(name)
            self._attach(name, self._new_path(name))

    def drop(self, name: str) -> None:
        """The database and its file; DoesNotExistError when there is none."""
        with self._lock:
            self._hand_on(name)
            path = self._detach(name)
            path.unlink(missing_ok=True)
            _log(path).unlink(missing_ok=True)

    def kept(self) -> list[str]:
        """The names of all kept files."""
        return sorted(path.name for path in self._aside.glob(f"*{SUFFIX}"))

    def keep(self, name: str, place: str = "") -> str:
        """Takes the database away and keeps its file; the name under which it comes back."""
        with self._lock:
            with suppress(duckdb.Error):  # somebody's transaction is open: the log moves too
                run(self._root, f"CHECKPOINT {quoted(name)}")
            self._hand_on(name)
            path = self._detach(name)
            self._aside.mkdir(exist_ok=True)
            _move(path, self._aside / (place or path.name))
            return place or path.name

    def restore(self, name: str, place: str) -> None:
        """Brings a kept database back under a name; AlreadyExistsError when it is taken."""
        with self._lock:
            if name.upper() in {known.upper() for known in self._paths}:
                raise AlreadyExistsError(name)
            path = self._new_path(name)
            _move(self._aside / place, path)
            self._attach(name, path)

    def purge(self, place: str) -> None:
        """Frees a kept database."""
        for path in (self._aside / place, _log(self._aside / place)):
            path.unlink(missing_ok=True)

    def rename(self, old: str, new: str) -> None:
        """The same rows under another name; nobody may be in a transaction on them."""
        with self._lock:
            if new.upper() in {known.upper() for known in self._paths if known != old}:
                raise AlreadyExistsError(new)
            self._require(old)
            run(self._root, f"CHECKPOINT {quoted(old)}")
            path = self._new_path(new)
            self._detach(old).rename(path)
            self._attach(new, path)

    @contextmanager
    def guarded_expressions(self) -> Iterator[None]:
        """Keeps DuckDB from computing a common part of expressions outside their TRY.

        The setting is the whole instance's; other queries are only planned a little worse.
        """
        self._share(+1)
        try:
            yield
        finally:
            self._share(-1)

    def history(self, database: str) -> str:
        """The DuckDB name of the database's load history."""
        return hidden(database, "load_history")

    def views(self, database: str) -> str:
        """The DuckDB name of the database's views that wait for what they read."""
        return hidden(database, "views_waiting")

    def move_schema(self, database: str, old: str, new: str) -> str:
        """The statements that carry along what is kept of the tables of a renamed schema."""
        return ";\n".join(
            f"UPDATE {hidden(database, table)} SET schema_name = {text(new)} "
            f"WHERE schema_name = {text(old)}"
            for table in _OF_TABLES
        )

    def forget_loads(self, name: ObjectName) -> str:
        """The statement that forgets which files the table was loaded from."""
        return f"DELETE FROM {self.history(name.database)} WHERE {of_table(name)}"

    def move_table(self, old: ObjectName, new: ObjectName) -> str:
        """The statements that carry along what is kept of a renamed table."""
        return ";\n".join(
            f"UPDATE {hidden(old.database, table)} SET schema_name = {text(new.schema)}, "
            f"table_name = {text(new.name)} WHERE {of_table(old)}"
            for table in _OF_TABLES
        )

    @contextmanager
    def loading(self, table: ObjectName) -> Iterator[None]:
        """Lets one COPY into a table run at a time, so that no file is loaded twice."""
        with self._lock:
            lock = self._loads.setdefault(table, threading.Lock())
        with lock:
            yield

    def close(self) -> None:
        """Writes everything out and lets go of the files."""
        self._root.close()

    def _share(self, change: int) -> None:
        with self._lock:
            self._guards += change
            disabled = "common_subexpressions" if self._guards else ""
            run(self._root, f"SET GLOBAL disabled_optimizers = '{disabled}'")

    def _new_path(self, name: str) -> Path:
        return self.folder / f"{quote(name, safe=' ')}{_MARK}{secrets.token_hex(4)}{SUFFIX}"

    def _attach(self, name: str, path: Path) -> None:
        file = str(path).replace("'", "''")
        run(self._root, f"ATTACH '{file}' AS {quoted(name)}")
        schema = f"{quoted(name)}.{quoted(HIDDEN_SCHEMA)}"
        run(self._root, f"CREATE SCHEMA IF NOT EXISTS {schema}")
        run(self._root, ";".join(t.format(schema=schema) for t in (_HISTORY, _VIEWS, _PENDING)))
        self.serial = max(self.serial, prepare_database(self._root, name, self.serial))
        self.committed = max(self.committed, self.serial)
        self._paths[name] = path

    def _detach(self, name: str) -> Path:
        self._require(name)
        run(self._root, f"DETACH {quoted(name)}")
        return self._paths.pop(name)

    def _hand_on(self, name: str) -> None:
        """How far streams were read by changes of this database is told in another from now on."""
        others = [database for database in self._paths if database != name]
        if name in self._paths and others:
            kept, told = hidden(others[0], CONSUMED), hidden(name, CONSUMED)
            run(self._root, f"INSERT INTO {kept} SELECT * FROM {told}")

    def _require(self, name: str) -> None:
        if name not in self._paths:
            raise DoesNotExistError("Database", name)


def _log(path: Path) -> Path:
    """Where DuckDB keeps the write-ahead log of a file."""
    return path.with_name(f"{path.name}.wal")


def _move(old: Path, new: Path) -> None:
    old.rename(new)
    if _log(old).exists():
        _log(old).rename(_log(new))


def new_place(name: str) -> str:
    """A name for what is dropped and kept; it ends with what that was called."""
    return f"{KEPT}{secrets.token_hex(6)}_{name}"


def name_of(place: str) -> str:
    """What was called so before it was dropped: a schema, or a database by its file."""
    if place.endswith(SUFFIX):
        return unquote(place.removesuffix(SUFFIX).partition(_MARK)[0])
    return place.removeprefix(KEPT)[13:]


def run(
    cursor: duckdb.DuckDBPyConnection, sql: str, parameters: list[Any] | None = None
) -> list[tuple[Any, ...]]:
    """Carries the statement out whole and answers its rows."""
    cursor.execute(sql, parameters)
    rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows
