"""What DuckDB does not keep of a table: declared types, owners, view texts.

It lives in DuckDB's own comments, as JSON, so that it commits, renames and drops with its object.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import duckdb
import sqlglot
from sqlglot import exp

from sandbox.snowflake.data.model import ColumnInfo, ObjectName, StoredObject
from sandbox.snowflake.data.past.images import Columns
from sandbox.snowflake.data.past.tables import HIDDEN_SCHEMA
from sandbox.snowflake.data.store import KEPT, run
from sandbox.snowflake.data.types import DataType, from_duckdb, parse_type
from sandbox.snowflake.sql.names import quoted

_COLUMNS = """
SELECT column_name, data_type, is_nullable, column_default, comment
FROM duckdb_columns()
WHERE database_name = ? AND schema_name = ? AND table_name = ? ORDER BY column_index
"""
_ALL_COLUMNS = """
SELECT schema_name, table_name, column_name, data_type, is_nullable, column_default, comment
FROM duckdb_columns() WHERE database_name = ? AND NOT internal
AND NOT starts_with(schema_name, ?) AND NOT starts_with(table_name, ?)
ORDER BY schema_name, table_name, column_index
"""
_OBJECTS = """
SELECT schema_name, table_name, 'TABLE', comment, estimated_size FROM duckdb_tables()
WHERE database_name = ? AND NOT starts_with(schema_name, ?) AND NOT starts_with(table_name, ?)
UNION ALL
SELECT schema_name, view_name, 'VIEW', comment, 0 FROM duckdb_views()
WHERE database_name = ? AND NOT starts_with(schema_name, ?) AND NOT starts_with(view_name, ?)
AND NOT internal
"""
_TABLES_IN = """
SELECT table_name FROM duckdb_tables() WHERE database_name = ? AND schema_name = ?
ORDER BY table_name
"""
_VIEWS_IN = """
SELECT view_name, sql, comment FROM duckdb_views()
WHERE database_name = ? AND schema_name = ? AND NOT internal ORDER BY view_name
"""


@dataclass(frozen=True, slots=True)
class StoredColumn:
    """A column with its declared type."""

    info: ColumnInfo
    type: DataType


def literal(value: str) -> str:
    """A DuckDB string literal."""
    return "'" + value.replace("'", "''") + "'"


def encoded(facts: Mapping[str, Any]) -> str:
    """Facts as the literal of a COMMENT statement; empty ones are left out."""
    kept = {key: value for key, value in facts.items() if value not in (None, False, "", ())}
    return literal(json.dumps(kept, default=str))


def decoded(comment: str | None) -> dict[str, Any]:
    """The facts of a comment."""
    return json.loads(comment) if comment and comment.startswith("{") else {}


class Metadata:
    """Reads DuckDB's catalogue and our facts in it."""

    def kind_of(self, cursor: duckdb.DuckDBPyConnection, name: ObjectName) -> str | None:
        """`TABLE`, `VIEW` or None."""
        rows = run(
            cursor,
            "SELECT 'TABLE' FROM duckdb_tables() "
            "WHERE database_name = ? AND schema_name = ? AND table_name = ? UNION ALL "
            "SELECT 'VIEW' FROM duckdb_views() "
            "WHERE database_name = ? AND schema_name = ? AND view_name = ?",
            [*name, *name],
        )
        return rows[0][0] if rows else None

    def has_schema(self, cursor: duckdb.DuckDBPyConnection, database: str, schema: str) -> bool:
        """Whether the schema exists."""
        return bool(
            run(
                cursor,
                "SELECT 1 FROM duckdb_schemas() WHERE database_name = ? AND schema_name = ?",
                [database, schema],
            )
        )

    def facts(self, cursor: duckdb.DuckDBPyConnection, name: ObjectName) -> dict[str, Any]:
        """The facts of a table or view."""
        rows = run(
            cursor,
            "SELECT comment FROM duckdb_tables() "
            "WHERE database_name = ? AND schema_name = ? AND table_name = ? UNION ALL "
            "SELECT comment FROM duckdb_views() "
            "WHERE database_name = ? AND schema_name = ? AND view_name = ?",
            [*name, *name],
        )
        return decoded(rows[0][0]) if rows else {}

    def columns(self, cursor: duckdb.DuckDBPyConnection, name: ObjectName) -> list[StoredColumn]:
        """The columns in order; empty when there is no such object."""
        return [_column(row) for row in run(cursor, _COLUMNS, [*name])]

    def copy_sql(
        self,
        cursor: duckdb.DuckDBPyConnection,
        old: ObjectName,
        new: ObjectName,
        *,
        rows: bool,
        place: str | None = None,
        then: tuple[Columns, str] | None = None,
    ) -> list[str]:
        """The statements that make `new` a copy of the table `old`, with or without its rows.

        `then` is what it was at an earlier time: its columns and the query of its rows.
        """
        columns = then[0] if then is not None else run(cursor, _COLUMNS, [*old])
        target = place or ".".join(quoted(part) for part in new)
        source = ".".join(quoted(part) for part in old)
        parts = [
            f"{quoted(name)} {kind}"
            + (f" DEFAULT ({default})" if default is not None else "")
            + ("" if nullable else " NOT NULL")
            for name, kind, nullable, default, _ in columns
        ]
        what = "TEMPORARY TABLE" if target.startswith("temp.") else "TABLE"
        statements = [f"CREATE OR REPLACE {what} {target} ({', '.join(parts)})"]
        if rows:
            query = then[1] if then is not None else f"SELECT * FROM {source}"
            statements.append(f"INSERT INTO {target} {query}")
        statements += [
            f"COMMENT ON COLUMN {target}.{quoted(name)} IS {literal(comment)}"
            for name, _, _, _, comment in columns
            if comment
        ]
        return statements

    def move_tables_sql(
        self, cursor: duckdb.DuckDBPyConnection, database: str, old: str, new: str
    ) -> list[str]:
        """The statements that copy all tables of a schema, dropped ones too, into a new one."""
        statements = [f"CREATE SCHEMA {quoted(database)}.{quoted(new)}"]
        for (name,) in run(cursor, _TABLES_IN, [database, old]):
            table, moved = ObjectName(database, old, name), ObjectName(database, new, name)
            statements += self.copy_sql(cursor, table, moved, rows=True)
            statements.append(self._comment_sql(cursor, "TABLE", table, moved))
        return statements

    def views(
        self, cursor: duckdb.DuckDBPyConnection, database: str, schema: str
    ) -> list[tuple[ObjectName, str]]:
        """The views of a schema, each with the statements that make it again."""
        rows = run(cursor, _VIEWS_IN, [database, schema])
        found = []
        for name, sql, comment in rows:
            view = ObjectName(database, schema, name)
            place = ".".join(quoted(part) for part in view)
            text = sql.rstrip().removesuffix(";")
            kept = f";\nCOMMENT ON VIEW {place} IS {literal(comment)}" if comment else ""
            found.append((view, f"{text}{kept}"))
        return found

    def waiting_views(
        self, cursor: duckdb.DuckDBPyConnection, database: str, table: str
    ) -> list[tuple[ObjectName, str]]:
        """The views of standing schemas that could not be made so far."""
        rows = run(cursor, f"SELECT * FROM {table} WHERE NOT starts_with(schema_name, ?)", [KEPT])
        return [(ObjectName(database, schema, name), sql) for schema, name, sql in rows]

    def _comment_sql(
        self, cursor: duckdb.DuckDBPyConnection, kind: str, old: ObjectName, new: ObjectName
    ) -> str:
        place = ".".join(quoted(part) for part in new)
        return f"COMMENT ON {kind} {place} IS {encoded(self.facts(cursor, old))}"

    def clone_view_sql(
        self,
        cursor: duckdb.DuckDBPyConnection,
        old: ObjectName,
        new: ObjectName,
        fixed: Collection[ObjectName],
    ) -> str:
        """The statements that make a view again in a clone of its schema or database.

        What its text names in full (`fixed`) it goes on reading from the source.
        """
        tree = sqlglot.parse_one(self._view_text(cursor, old), read="duckdb")
        for table in tree.find_all(exp.Table):
            name = ObjectName(table.catalog or old.database, table.db, table.name)
            inside = name.database == old.database and table.db and name not in fixed
            moved = name
            if inside and old.schema == new.schema:
                moved = name._replace(database=new.database)
            elif inside and table.db == old.schema:
                moved = new._replace(name=name.name)
            if table.db:
                _rename(table, moved)
        _rename(next(tree.find_all(exp.Table)), new)
        return f"{tree.sql(dialect='duckdb')};\n{self._comment_sql(cursor, 'VIEW', old, new)}"

    def _view_text(self, cursor: duckdb.DuckDBPyConnection, name: ObjectName) -> str:
        text: str = run(
            cursor,
            "SELECT sql FROM duckdb_views() "
            "WHERE database_name = ? AND schema_name = ? AND view_name = ?",
            [*name],
        )[0][0]
        return text

    def moved_view_sql(
        self, cursor: duckdb.DuckDBPyConnection, old: ObjectName, new: ObjectName
    ) -> str:
        """The view in its renamed schema; what it read there it reads there again."""
        tree = sqlglot.parse_one(self._view_text(cursor, old), read="duckdb")
        for table in tree.find_all(exp.Table):
            if table.db == old.schema and table.catalog in ("", old.database):
                _rename(table, new._replace(name=table.name))
        return f"{tree.sql(dialect='duckdb')};\n{self._comment_sql(cursor, 'VIEW', old, new)}"

    def all_columns(
        self, cursor: duckdb.DuckDBPyConnection, database: str
    ) -> dict[ObjectName, list[StoredColumn]]:
        """The columns of every table and view of the database, by object."""
        found: dict[ObjectName, list[StoredColumn]] = {}
        for schema, table, *column in run(cursor, _ALL_COLUMNS, [database, HIDDEN_SCHEMA, KEPT]):
            name = ObjectName(database, schema, table)
            found.setdefault(name, []).append(_column(tuple(column)))
        return found

    def schemas(self, cursor: duckdb.DuckDBPyConnection, database: str) -> list[str]:
        """The names of the database's schemas, without DuckDB's own and ours."""
        rows = run(
            cursor,
            "SELECT schema_name FROM duckdb_schemas() "
            "WHERE database_name = ? AND NOT internal AND schema_name <> 'main' "
            "AND NOT starts_with(schema_name, ?)",
            [database, HIDDEN_SCHEMA],
        )
        return sorted(row[0] for row in rows)

    def kept_schemas(self, cursor: duckdb.DuckDBPyConnection, database: str) -> list[str]:
        """The names under which dropped schemas are kept."""
        rows = run(
            cursor,
            "SELECT schema_name FROM duckdb_schemas() "
            "WHERE database_name = ? AND starts_with(schema_name, ?)",
            [database, KEPT],
        )
        return sorted(row[0] for row in rows)

    def row_counts(self, cursor: duckdb.DuckDBPyConnection, database: str) -> dict[ObjectName, int]:
        """How many rows each table has; only those that ever had one need counting."""
        rows = run(
            cursor,
            "SELECT schema_name, table_name, estimated_size > 0 FROM duckdb_tables() "
            "WHERE database_name = ? AND NOT starts_with(schema_name, ?) "
            "AND NOT starts_with(table_name, ?)",
            [database, HIDDEN_SCHEMA, KEPT],
        )
        empty = {ObjectName(database, *names): 0 for *names, filled in rows if not filled}
        tables = [ObjectName(database, *names) for *names, filled in rows if filled]
        if not tables:
            return empty
        counts = " UNION ALL ".join(
            f"SELECT {position}, count(*) FROM {'.'.join(quoted(part) for part in name)}"
            for position, name in enumerate(tables)
        )
        return empty | {tables[position]: count for position, count in run(cursor, counts)}

    def objects(self, cursor: duckdb.DuckDBPyConnection, database: str) -> list[StoredObject]:
        """All tables and views of the database, with the facts that were kept."""
        rows = run(cursor, _OBJECTS, [database, HIDDEN_SCHEMA, KEPT] * 2)
        return [_object(database, row) for row in sorted(rows, key=lambda row: row[:2])]


def _rename(table: exp.Table, name: ObjectName) -> None:
    for key, part in zip(("catalog", "db", "this"), name, strict=True):
        table.set(key, exp.to_identifier(part, quoted=True))


def _object(database: str, row: tuple[Any, ...]) -> StoredObject:
    schema, name, kind, comment, _ = row
    facts = decoded(comment)
    created = facts.get("created")
    return StoredObject(
        name=ObjectName(database, schema, name),
        kind=kind,
        transient=bool(facts.get("transient")),
        secure=bool(facts.get("secure")),
        comment=facts.get("comment"),
        created=datetime.fromisoformat(created) if created else None,
        owner=facts.get("owner"),
        text=facts.get("text", ""),
    )


def _column(row: tuple[Any, ...]) -> StoredColumn:
    name, duckdb_type, nullable, default, comment = row
    facts = decoded(comment)
    declared = parse_type(facts["type"]) if "type" in facts else from_duckdb(duckdb_type)
    info = ColumnInfo(
        name=name,
        type=str(declared),
        nullable=bool(nullable),
        default=facts.get("default", default),
        comment=facts.get("comment"),
        primary_key=bool(facts.get("primary_key")),
        unique_key=bool(facts.get("unique_key")),
    )
    return StoredColumn(info, declared)
