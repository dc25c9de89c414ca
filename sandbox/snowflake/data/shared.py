"""Tables and views of one account as another account imports them: columns, comments and rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb
import pyarrow as pa

from sandbox.snowflake.data.metadata import Metadata, encoded, literal
from sandbox.snowflake.data.model import ObjectName
from sandbox.snowflake.data.past.tables import HIDDEN_SCHEMA
from sandbox.snowflake.data.store import run
from sandbox.snowflake.sql.names import quoted

_RAW_COLUMNS = """
SELECT column_name, data_type, comment FROM duckdb_columns()
WHERE database_name = ? AND schema_name = ? AND table_name = ? ORDER BY column_index
"""
_LENT = "leap_shared_rows"


@dataclass(frozen=True)
class SharedRows:
    """Columns as (name, type, comment) in the words of the place where they are kept."""

    columns: Sequence[tuple[str, str, str | None]]
    comment: str | None
    rows: pa.Table


def read_rows(cursor: duckdb.DuckDBPyConnection, name: ObjectName) -> SharedRows:
    """A table or view with all its rows."""
    columns = [(row[0], row[1], row[2]) for row in run(cursor, _RAW_COLUMNS, [*name])]
    comment = Metadata().facts(cursor, name).get("comment")
    rows = cursor.sql(f"SELECT * FROM {_place(name)}").to_arrow_table()
    return SharedRows(columns, comment, rows)


def write_rows(
    cursor: duckdb.DuckDBPyConnection, name: ObjectName, shared: SharedRows, kind: str
) -> None:
    """Make the same table here, or a view over rows that are put aside; replaces what is there."""
    rows = name if kind == "TABLE" else _aside(name)
    columns = ", ".join(f"{quoted(column)} {type_}" for column, type_, _ in shared.columns)
    statements = [
        *_drops(cursor, name),
        f"CREATE TABLE {_place(rows)} ({columns})",
        f"INSERT INTO {_place(rows)} SELECT * FROM {_LENT}",
    ]
    if kind == "VIEW":
        statements.append(f"CREATE VIEW {_place(name)} AS SELECT * FROM {_place(rows)}")
    facts = encoded({"comment": shared.comment, "secure": kind == "VIEW"})
    statements.append(f"COMMENT ON {kind} {_place(name)} IS {facts}")
    statements += [
        f"COMMENT ON COLUMN {_place(name)}.{quoted(column)} IS {literal(comment)}"
        for column, _, comment in shared.columns
        if comment
    ]
    cursor.register(_LENT, shared.rows)
    try:
        run(cursor, ";\n".join(["BEGIN", *statements, "COMMIT"]))
    finally:
        cursor.unregister(_LENT)


def drop_rows(cursor: duckdb.DuckDBPyConnection, name: ObjectName) -> None:
    """Take such a table or view away."""
    run(cursor, ";\n".join(["BEGIN", *_drops(cursor, name), "COMMIT"]))


def _drops(cursor: duckdb.DuckDBPyConnection, name: ObjectName) -> list[str]:
    kind = Metadata().kind_of(cursor, name)
    own = [f"DROP {kind} {_place(name)}"] if kind is not None else []
    return [*own, f"DROP TABLE IF EXISTS {_place(_aside(name))}"]


def _aside(name: ObjectName) -> ObjectName:
    return ObjectName(name.database, HIDDEN_SCHEMA, f"shared {name.schema}.{name.name}")


def _place(name: ObjectName) -> str:
    return ".".join(quoted(part) for part in name)
