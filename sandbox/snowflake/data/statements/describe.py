"""DESCRIBE TABLE and VIEW, and SHOW COLUMNS.

https://docs.snowflake.com/en/sql-reference/sql/desc-table
https://docs.snowflake.com/en/sql-reference/sql/show-columns
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sandbox.snowflake.data.metadata import StoredColumn
from sandbox.snowflake.data.model import Analysis, ObjectName, Outcome, QueryContext
from sandbox.snowflake.data.scope import resolve
from sandbox.snowflake.data.statements.base import Execution
from sandbox.snowflake.data.types import TEXT_LENGTH
from sandbox.snowflake.errors import NoCurrentDatabaseError
from sandbox.snowflake.result import Column, Result

_DESCRIBED: Final = (
    "name",
    "type",
    "kind",
    "null?",
    "default",
    "primary key",
    "unique key",
    "check",
    "expression",
    "comment",
    "policy name",
    "privacy domain",
    "schema evolution record",
)
_STAGE: Final = (
    "parent_property",
    "property",
    "property_type",
    "property_value",
    "property_default",
)
_SHOWN: Final = (
    "table_name",
    "schema_name",
    "column_name",
    "data_type",
    "null?",
    "default",
    "kind",
    "expression",
    "comment",
    "database_name",
    "autoincrement",
    "schema_evolution_record",
)
_STAGE_ROWS: Final = (
    ("STAGE_FILE_FORMAT", "TYPE", "String", "CSV", "CSV"),
    ("STAGE_COPY_OPTIONS", "ON_ERROR", "String", "ABORT_STATEMENT", "ABORT_STATEMENT"),
    ("STAGE_LOCATION", "URL", "String", "", ""),
    ("STAGE_INTEGRATION", "STORAGE_INTEGRATION", "String", "", ""),
    ("DIRECTORY", "ENABLE", "Boolean", "false", "false"),
)


@dataclass(frozen=True)
class Describe:
    """The columns of a table or view, or a table's own stage (`TYPE = STAGE`)."""

    path: tuple[str, ...]
    kind: str
    stage: bool = False

    def analyse(self, context: QueryContext) -> Analysis:
        """The object that is described."""
        return Analysis("DESCRIBE", reads=frozenset({resolve(self.path, context, "DESCRIBE")}))

    def execute(self, run: Execution) -> Outcome:
        """One row a column, as Snowflake lays it out."""
        name = resolve(self.path, run.context, "DESCRIBE")
        run.require(name, self.kind.capitalize())
        if self.stage:
            return Outcome(Result([Column(column) for column in _STAGE], _STAGE_ROWS))
        stored = run.metadata.columns(run.session.cursor, run.stored(name))
        masked = run.system.masking_policies(name) if run.system else {}
        rows = [_described(column, masked.get(column.info.name)) for column in stored]
        return Outcome(Result([Column(column) for column in _DESCRIBED], rows))


@dataclass(frozen=True)
class ShowColumns:
    """Columns of one table, or of all tables of a schema, a database or the account."""

    scope: str
    path: tuple[str, ...]
    like: str | None = None

    def analyse(self, context: QueryContext) -> Analysis:
        """The table whose columns are shown, if it is one."""
        reads = [resolve(self.path, context, "SHOW")] if self.scope == "TABLE" else []
        return Analysis("SHOW", reads=frozenset(reads))

    def execute(self, run: Execution) -> Outcome:
        """One row a column."""
        rows = [
            _shown(name, column)
            for name, columns in self._columns(run).items()
            for column in columns
            if self.like is None or matches(self.like, column.info.name)
        ]
        return Outcome(Result([Column(column) for column in _SHOWN], rows))

    def _columns(self, run: Execution) -> dict[ObjectName, list[StoredColumn]]:
        cursor = run.session.cursor
        if self.scope == "TABLE":
            name = resolve(self.path, run.context, "SHOW")
            run.require(name, "Table")
            return {name: run.metadata.columns(cursor, run.stored(name))}
        found: dict[ObjectName, list[StoredColumn]] = {}
        schema = self.path[-1] if self.scope == "SCHEMA" and self.path else None
        if self.scope == "SCHEMA" and schema is None:
            schema = run.context.schema
        for database in self._databases(run):
            for name, columns in run.metadata.all_columns(cursor, database).items():
                if schema in (None, name.schema) and run.lists(*name):
                    found[name] = columns
        return found

    def _databases(self, run: Execution) -> Sequence[str]:
        if self.scope == "ACCOUNT":
            return run.store.databases
        outer = self.path if self.scope == "DATABASE" else self.path[:-1]
        database = outer[0] if outer else run.context.database
        if database is None:
            raise NoCurrentDatabaseError("SHOW COLUMNS")
        run.require_database(database)
        return [database]


def matches(pattern: str, text: str) -> bool:
    """SHOW's LIKE: `%` and `_`, whatever the case."""
    expression = "".join({"%": ".*", "_": "."}.get(letter, re.escape(letter)) for letter in pattern)
    return re.fullmatch(expression, text, re.IGNORECASE | re.DOTALL) is not None


def _described(column: StoredColumn, policy: str | None) -> tuple[Any, ...]:
    info = column.info
    return (
        info.name,
        info.type,
        "COLUMN",
        "Y" if info.nullable else "N",
        info.default,
        "Y" if info.primary_key else "N",
        "Y" if info.unique_key else "N",
        None,
        None,
        info.comment,
        policy,
        None,
        None,
    )


def _shown(name: ObjectName, column: StoredColumn) -> tuple[Any, ...]:
    kind, info = column.type, column.info
    shape: dict[str, Any] = {"type": "FIXED" if kind.family == "NUMBER" else kind.wire.upper()}
    if kind.family == "NUMBER":
        shape |= {"precision": kind.precision, "scale": kind.scale}
    if kind.family == "TEXT":
        length = kind.length or TEXT_LENGTH
        shape |= {"length": length, "byteLength": min(length * 4, TEXT_LENGTH), "fixed": False}
    shape["nullable"] = info.nullable
    return (
        name.name,
        name.schema,
        info.name,
        json.dumps(shape, separators=(",", ":")),
        "true" if info.nullable else "NOT_NULL",
        info.default or "",
        "COLUMN",
        "",
        info.comment or "",
        name.database,
        "",
        None,
    )
