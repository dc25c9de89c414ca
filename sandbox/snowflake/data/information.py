"""INFORMATION_SCHEMA as the data plane knows it; the control plane adds owners and times.

https://docs.snowflake.com/en/sql-reference/info-schema
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from sandbox.snowflake.data.information_columns import (
    COLUMNS,
    COPY_HISTORY,
    DATABASES,
    LOAD_HISTORY,
    SCHEMATA,
    TABLES,
    VIEWS,
)
from sandbox.snowflake.data.model import ObjectName, StoredObject, VirtualTable
from sandbox.snowflake.data.statements.base import Execution
from sandbox.snowflake.data.types import DataType

Facts = Mapping[str, Any]
Answer = tuple[Sequence[tuple[str, str]], Sequence[Facts]]


def view(run: Execution, name: ObjectName) -> VirtualTable | None:
    """The rows of `database.INFORMATION_SCHEMA.name`, or None when there is no such view."""
    if (name.database, name.schema) == ("SNOWFLAKE", "ACCOUNT_USAGE"):
        return _of_account(run, name.name)
    build = _BUILDERS.get(name.name)
    if build is None or name.schema != "INFORMATION_SCHEMA":
        return None
    run.require_database(name.database)
    columns, rows = build(run, name.database)
    names = [column for column, _ in columns]
    return VirtualTable(columns, [[row.get(column) for column in names] for row in rows])


def function(
    run: Execution, database: str | None, name: str, arguments: Mapping[str, Any]
) -> VirtualTable | None:
    """The rows of a table function of INFORMATION_SCHEMA, or None when it is unknown."""
    if name != "COPY_HISTORY" or database is None:
        return None
    return VirtualTable(COPY_HISTORY, _copies(run, database, arguments))


def _of_account(run: Execution, name: str) -> VirtualTable | None:
    """COPY_HISTORY and LOAD_HISTORY of all databases together."""
    databases = run.store.databases
    if name == "COPY_HISTORY":
        copies = [row for database in databases for row in _copies(run, database, {})]
        return VirtualTable(COPY_HISTORY, copies)
    if name != "LOAD_HISTORY":
        return None
    columns = (("CATALOG_NAME", "TEXT"), *LOAD_HISTORY)
    loads = [
        [database, *(row.get(column) for column, _ in LOAD_HISTORY)]
        for database in databases
        for row in _load_history(run, database)[1]
    ]
    return VirtualTable(columns, loads)


def _owned(run: Execution, stored: StoredObject) -> Facts:
    facts = run.system.object_facts(stored.name) if run.system else {}
    return {
        "TABLE_CATALOG": stored.name.database,
        "TABLE_SCHEMA": stored.name.schema,
        "TABLE_NAME": stored.name.name,
        "TABLE_OWNER": stored.owner,
        "CREATED": stored.created,
        "LAST_ALTERED": stored.created,
        "LAST_DDL": stored.created,
        "COMMENT": stored.comment,
        "IS_TRANSIENT": "YES" if stored.transient else "NO",
        **facts,
    }


def _tables(run: Execution, database: str) -> Answer:
    counts = run.metadata.row_counts(run.session.cursor, database)
    rows = [
        {
            "RETENTION_TIME": 1,
            "IS_INSERTABLE_INTO": "YES",
            "IS_TYPED": "YES",
            "AUTO_CLUSTERING_ON": "NO",
            "IS_TEMPORARY": "NO",
            "IS_ICEBERG": "NO",
            "IS_DYNAMIC": "NO",
            "IS_IMMUTABLE": "NO",
            "IS_HYBRID": "NO",
            "TABLE_TYPE": "VIEW" if stored.kind == "VIEW" else "BASE TABLE",
            "ROW_COUNT": counts.get(stored.name),
            "BYTES": counts[stored.name] * 64 if stored.name in counts else None,
            **_owned(run, stored),
        }
        for stored in run.metadata.objects(run.session.cursor, database)
        if run.lists(*stored.name)
    ]
    return TABLES, rows


def _views(run: Execution, database: str) -> Answer:
    rows = [
        {
            "VIEW_DEFINITION": stored.text,
            "CHECK_OPTION": "NONE",
            "IS_UPDATABLE": "NO",
            "INSERTABLE_INTO": "NO",
            "IS_SECURE": "YES" if stored.secure else "NO",
            **_owned(run, stored),
        }
        for stored in run.metadata.objects(run.session.cursor, database)
        if stored.kind == "VIEW" and run.lists(*stored.name)
    ]
    return VIEWS, rows


def _columns(run: Execution, database: str) -> Answer:
    rows: list[Facts] = []
    for name, columns in run.metadata.all_columns(run.session.cursor, database).items():
        for position, column in enumerate(columns, start=1) if run.lists(*name) else ():
            rows.append(
                {
                    "TABLE_CATALOG": name.database,
                    "TABLE_SCHEMA": name.schema,
                    "TABLE_NAME": name.name,
                    "COLUMN_NAME": column.info.name,
                    "ORDINAL_POSITION": position,
                    "COLUMN_DEFAULT": column.info.default,
                    "IS_NULLABLE": "YES" if column.info.nullable else "NO",
                    "IS_IDENTITY": "NO",
                    "COMMENT": column.info.comment,
                    **_sizes(column.type),
                }
            )
    return COLUMNS, rows


def _sizes(kind: DataType) -> Facts:
    sizes: dict[str, Any] = {"DATA_TYPE": kind.family}
    if kind.family == "NUMBER":
        sizes |= {
            "NUMERIC_PRECISION": kind.precision,
            "NUMERIC_PRECISION_RADIX": 10,
            "NUMERIC_SCALE": kind.scale,
        }
    elif kind.precision is not None:
        sizes["DATETIME_PRECISION"] = kind.precision
    if kind.length is not None:
        factor = 4 if kind.family == "TEXT" else 1
        sizes["CHARACTER_MAXIMUM_LENGTH"] = kind.length
        sizes["CHARACTER_OCTET_LENGTH"] = min(kind.length * factor, 16_777_216)
    return sizes


def _schemata(run: Execution, database: str) -> Answer:
    names = [*run.metadata.schemas(run.session.cursor, database), "INFORMATION_SCHEMA"]
    rows = [
        {
            "CATALOG_NAME": database,
            "SCHEMA_NAME": name,
            "IS_TRANSIENT": "NO",
            "IS_MANAGED_ACCESS": "NO",
            "RETENTION_TIME": 1,
            **(run.system.schema_facts(database, name) if run.system else {}),
        }
        for name in sorted(names)
        if name == "INFORMATION_SCHEMA" or run.lists(database, name)
    ]
    return SCHEMATA, rows


def _databases(run: Execution, database: str) -> Answer:
    rows = [
        {
            "DATABASE_NAME": name,
            "IS_TRANSIENT": "NO",
            "RETENTION_TIME": 1,
            "TYPE": "STANDARD",
            **(run.system.database_facts(name) if run.system else {}),
        }
        for name in run.store.databases
        if run.lists(name)
    ]
    return DATABASES, rows


def _load_history(run: Execution, database: str) -> Answer:
    names = [name for name, _ in LOAD_HISTORY]
    rows = run.run(
        "SELECT schema_name, file_name, table_name, last_load_time, status, row_count, row_parsed,"
        " first_error_message, first_error_line, first_error_character, first_error_column,"
        f" error_count, error_limit FROM {run.store.history(database)} ORDER BY last_load_time"
    )
    return LOAD_HISTORY, [dict(zip(names, row, strict=True)) for row in rows]


def _copies(run: Execution, database: str, arguments: Mapping[str, Any]) -> list[list[Any]]:
    table = str(arguments.get("TABLE_NAME", arguments.get("0", "")))
    wanted = [part.strip('"').upper() for part in table.split(".")] if table else []
    rows = run.run(
        "SELECT file_name, stage, last_load_time, row_count, row_parsed, file_size,"
        " first_error_message, first_error_line, first_error_character, first_error_column,"
        " error_count, error_limit, status, schema_name, table_name, pipe"
        f" FROM {run.store.history(database)} ORDER BY last_load_time"
    )
    answer: list[list[Any]] = []
    for row in rows:
        *facts, schema, name, pipe = row
        full = [database.upper(), schema.upper(), name.upper()]
        if (wanted and wanted != full[-len(wanted) :]) or not _within(row[2], arguments):
            continue
        parts = pipe.split(".") if pipe else [None, None, None]
        facts[12] = str(facts[12]).replace("_", " ").capitalize()
        answer.append([*facts, database, schema, name, *parts, row[2] if pipe else None])
    return answer


def _within(moment: Any, arguments: Mapping[str, Any]) -> bool:
    start, end = arguments.get("START_TIME"), arguments.get("END_TIME")
    return (start is None or moment >= start) and (end is None or moment <= end)


_BUILDERS: Final[dict[str, Callable[[Execution, str], Answer]]] = {
    "TABLES": _tables,
    "VIEWS": _views,
    "COLUMNS": _columns,
    "SCHEMATA": _schemata,
    "DATABASES": _databases,
    "LOAD_HISTORY": _load_history,
}
