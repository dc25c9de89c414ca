"""INFORMATION_SCHEMA as the data plane knows it; the control plane adds owners and times.

https://docs.snowflake.com/en/sql-reference/info-schema
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from sandbox.snowflake.data.model import ObjectName, StoredObject, VirtualTable
from sandbox.snowflake.data.statements.base import Execution
from sandbox.snowflake.data.types import DataType

_TIME: Final = "TIMESTAMP_LTZ"
_TABLES: Final = (
    ("TABLE_CATALOG", "TEXT"),
    ("TABLE_SCHEMA", "TEXT"),
    ("TABLE_NAME", "TEXT"),
    ("TABLE_OWNER", "TEXT"),
    ("TABLE_TYPE", "TEXT"),
    ("IS_TRANSIENT", "TEXT"),
    ("CLUSTERING_KEY", "TEXT"),
    ("ROW_COUNT", "NUMBER"),
    ("BYTES", "NUMBER"),
    ("RETENTION_TIME", "NUMBER"),
    ("SELF_REFERENCING_COLUMN_NAME", "TEXT"),
    ("REFERENCE_GENERATION", "TEXT"),
    ("USER_DEFINED_TYPE_CATALOG", "TEXT"),
    ("USER_DEFINED_TYPE_SCHEMA", "TEXT"),
    ("USER_DEFINED_TYPE_NAME", "TEXT"),
    ("IS_INSERTABLE_INTO", "TEXT"),
    ("IS_TYPED", "TEXT"),
    ("COMMIT_ACTION", "TEXT"),
    ("CREATED", _TIME),
    ("LAST_ALTERED", _TIME),
    ("LAST_DDL", _TIME),
    ("LAST_DDL_BY", "TEXT"),
    ("AUTO_CLUSTERING_ON", "TEXT"),
    ("COMMENT", "TEXT"),
    ("IS_TEMPORARY", "TEXT"),
    ("IS_ICEBERG", "TEXT"),
    ("IS_DYNAMIC", "TEXT"),
    ("IS_IMMUTABLE", "TEXT"),
    ("IS_HYBRID", "TEXT"),
)
_VIEWS: Final = (
    ("TABLE_CATALOG", "TEXT"),
    ("TABLE_SCHEMA", "TEXT"),
    ("TABLE_NAME", "TEXT"),
    ("TABLE_OWNER", "TEXT"),
    ("VIEW_DEFINITION", "TEXT"),
    ("CHECK_OPTION", "TEXT"),
    ("IS_UPDATABLE", "TEXT"),
    ("INSERTABLE_INTO", "TEXT"),
    ("IS_SECURE", "TEXT"),
    ("CREATED", _TIME),
    ("LAST_ALTERED", _TIME),
    ("LAST_DDL", _TIME),
    ("LAST_DDL_BY", "TEXT"),
    ("COMMENT", "TEXT"),
)
_COLUMNS: Final = (
    ("TABLE_CATALOG", "TEXT"),
    ("TABLE_SCHEMA", "TEXT"),
    ("TABLE_NAME", "TEXT"),
    ("COLUMN_NAME", "TEXT"),
    ("ORDINAL_POSITION", "NUMBER"),
    ("COLUMN_DEFAULT", "TEXT"),
    ("IS_NULLABLE", "TEXT"),
    ("DATA_TYPE", "TEXT"),
    ("CHARACTER_MAXIMUM_LENGTH", "NUMBER"),
    ("CHARACTER_OCTET_LENGTH", "NUMBER"),
    ("NUMERIC_PRECISION", "NUMBER"),
    ("NUMERIC_PRECISION_RADIX", "NUMBER"),
    ("NUMERIC_SCALE", "NUMBER"),
    ("DATETIME_PRECISION", "NUMBER"),
    ("COLLATION_NAME", "TEXT"),
    ("IS_IDENTITY", "TEXT"),
    ("IDENTITY_GENERATION", "TEXT"),
    ("IDENTITY_START", "TEXT"),
    ("IDENTITY_INCREMENT", "TEXT"),
    ("COMMENT", "TEXT"),
    ("DATA_TYPE_ALIAS", "TEXT"),
)
_SCHEMATA: Final = (
    ("CATALOG_NAME", "TEXT"),
    ("SCHEMA_NAME", "TEXT"),
    ("SCHEMA_OWNER", "TEXT"),
    ("IS_TRANSIENT", "TEXT"),
    ("IS_MANAGED_ACCESS", "TEXT"),
    ("RETENTION_TIME", "NUMBER"),
    ("DEFAULT_CHARACTER_SET_CATALOG", "TEXT"),
    ("DEFAULT_CHARACTER_SET_SCHEMA", "TEXT"),
    ("DEFAULT_CHARACTER_SET_NAME", "TEXT"),
    ("SQL_PATH", "TEXT"),
    ("CREATED", _TIME),
    ("LAST_ALTERED", _TIME),
    ("COMMENT", "TEXT"),
)
_DATABASES: Final = (
    ("DATABASE_NAME", "TEXT"),
    ("DATABASE_OWNER", "TEXT"),
    ("IS_TRANSIENT", "TEXT"),
    ("COMMENT", "TEXT"),
    ("CREATED", _TIME),
    ("LAST_ALTERED", _TIME),
    ("RETENTION_TIME", "NUMBER"),
    ("TYPE", "TEXT"),
)
_LOAD_HISTORY: Final = (
    ("SCHEMA_NAME", "TEXT"),
    ("FILE_NAME", "TEXT"),
    ("TABLE_NAME", "TEXT"),
    ("LAST_LOAD_TIME", _TIME),
    ("STATUS", "TEXT"),
    ("ROW_COUNT", "NUMBER"),
    ("ROW_PARSED", "NUMBER"),
    ("FIRST_ERROR_MESSAGE", "TEXT"),
    ("FIRST_ERROR_LINE_NUMBER", "NUMBER"),
    ("FIRST_ERROR_CHARACTER_POSITION", "NUMBER"),
    ("FIRST_ERROR_COL_NAME", "TEXT"),
    ("ERROR_COUNT", "NUMBER"),
    ("ERROR_LIMIT", "NUMBER"),
)
_COPY_HISTORY: Final = (
    ("FILE_NAME", "TEXT"),
    ("STAGE_LOCATION", "TEXT"),
    ("LAST_LOAD_TIME", _TIME),
    ("ROW_COUNT", "NUMBER"),
    ("ROW_PARSED", "NUMBER"),
    ("FILE_SIZE", "NUMBER"),
    ("FIRST_ERROR_MESSAGE", "TEXT"),
    ("FIRST_ERROR_LINE_NUMBER", "NUMBER"),
    ("FIRST_ERROR_CHARACTER_POS", "NUMBER"),
    ("FIRST_ERROR_COLUMN_NAME", "TEXT"),
    ("ERROR_COUNT", "NUMBER"),
    ("ERROR_LIMIT", "NUMBER"),
    ("STATUS", "TEXT"),
    ("TABLE_CATALOG_NAME", "TEXT"),
    ("TABLE_SCHEMA_NAME", "TEXT"),
    ("TABLE_NAME", "TEXT"),
    ("PIPE_CATALOG_NAME", "TEXT"),
    ("PIPE_SCHEMA_NAME", "TEXT"),
    ("PIPE_NAME", "TEXT"),
    ("PIPE_RECEIVED_TIME", _TIME),
)
Facts = Mapping[str, Any]
Answer = tuple[Sequence[tuple[str, str]], Sequence[Facts]]


def view(run: Execution, name: ObjectName) -> VirtualTable | None:
    """The rows of `database.INFORMATION_SCHEMA.name`, or None when there is no such view."""
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
    return VirtualTable(_COPY_HISTORY, _copies(run, database, arguments))


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
    ]
    return _TABLES, rows


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
        if stored.kind == "VIEW"
    ]
    return _VIEWS, rows


def _columns(run: Execution, database: str) -> Answer:
    rows: list[Facts] = []
    for name, columns in run.metadata.all_columns(run.session.cursor, database).items():
        for position, column in enumerate(columns, start=1):
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
    return _COLUMNS, rows


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
    ]
    return _SCHEMATA, rows


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
    ]
    return _DATABASES, rows


def _load_history(run: Execution, database: str) -> Answer:
    names = [name for name, _ in _LOAD_HISTORY]
    rows = run.run(
        "SELECT schema_name, file_name, table_name, last_load_time, status, row_count, row_parsed,"
        " first_error_message, first_error_line, first_error_character, first_error_column,"
        f" error_count, error_limit FROM {run.store.history(database)} ORDER BY last_load_time"
    )
    return _LOAD_HISTORY, [dict(zip(names, row, strict=True)) for row in rows]


def _copies(run: Execution, database: str, arguments: Mapping[str, Any]) -> list[list[Any]]:
    table = str(arguments.get("TABLE_NAME", arguments.get("0", "")))
    wanted = [part.strip('"').upper() for part in table.split(".")]
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
        if wanted != full[-len(wanted) :] or not _within(row[2], arguments):
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
