"""Schemas. https://docs.snowflake.com/en/sql-reference/sql/create-schema"""

from __future__ import annotations

from typing import Any, Final

from sandbox.snowflake.catalog import columns as column
from sandbox.snowflake.catalog import values as value
from sandbox.snowflake.catalog.kind import Kind, Scope, ShowColumn
from sandbox.snowflake.catalog.record import Record
from sandbox.snowflake.context import Context
from sandbox.snowflake.errors import UnsupportedError
from sandbox.snowflake.kinds.database import PARAMETERS as DATABASE_PARAMETERS
from sandbox.snowflake.kinds.database import options, refuse_case_twin, retention
from sandbox.snowflake.result import Column, Result
from sandbox.snowflake.retention import check
from sandbox.snowflake.sql.names import Path
from sandbox.snowflake.sql.reader import Reader

PARAMETERS = (*DATABASE_PARAMETERS, "PIPE_EXECUTION_PAUSED")
_CREATED: Final = (
    "AGGREGATION POLICY",
    "ALERT",
    "AUTHENTICATION POLICY",
    "CORTEX SEARCH SERVICE",
    "DATASET",
    "DYNAMIC TABLE",
    "EVENT TABLE",
    "EXTERNAL TABLE",
    "FILE FORMAT",
    "FUNCTION",
    "GIT REPOSITORY",
    "HYBRID TABLE",
    "ICEBERG TABLE",
    "IMAGE REPOSITORY",
    "JOIN POLICY",
    "MASKING POLICY",
    "MATERIALIZED VIEW",
    "MODEL",
    "NETWORK RULE",
    "NOTEBOOK",
    "PACKAGES POLICY",
    "PASSWORD POLICY",
    "PIPE",
    "PRIVACY POLICY",
    "PROCEDURE",
    "PROJECTION POLICY",
    "ROW ACCESS POLICY",
    "SECRET",
    "SEMANTIC VIEW",
    "SEQUENCE",
    "SERVICE",
    "SESSION POLICY",
    "SNAPSHOT",
    "SNOWFLAKE.CORE.BUDGET",
    "SNOWFLAKE.ML.ANOMALY_DETECTION",
    "SNOWFLAKE.ML.FORECAST",
    "STAGE",
    "STREAM",
    "STREAMLIT",
    "TABLE",
    "TAG",
    "TASK",
    "TEMPORARY TABLE",
    "VIEW",
)
PRIVILEGES: Final = (
    "ADD SEARCH OPTIMIZATION",
    "APPLYBUDGET",
    *(f"CREATE {name}" for name in _CREATED),
    "MODIFY",
    "MONITOR",
    "USAGE",
)
"""https://docs.snowflake.com/en/user-guide/security-access-control-privileges#schema-privileges"""


def _managed(reader: Reader, properties: dict[str, Any]) -> None:
    reader.expect("ACCESS")
    properties["MANAGED ACCESS"] = True


def _with(reader: Reader, properties: dict[str, Any]) -> None:
    reader.expect("MANAGED")
    _managed(reader, properties)


def _switch(*, on: bool) -> Any:
    def act(context: Context, record: Record, reader: Reader) -> None:
        reader.expect("MANAGED", "ACCESS")
        record.properties["MANAGED ACCESS"] = on

    return act


def _validate(context: Context, record: Record) -> None:
    refuse_case_twin(context, record, record.path)
    check(context.store, record)


def _created(context: Context, record: Record) -> None:
    context.account.data.create_schema(*record.path)
    context.session.database, context.session.schema = record.path


def _dropped(context: Context, record: Record) -> None:
    for session in context.account.sessions.all():
        if (session.database, session.schema) == record.path:
            session.schema = None


def _kept(context: Context, record: Record) -> str:
    return context.account.data.shelf.keep_schema(*record.path)


def _restored(context: Context, record: Record, place: str) -> None:
    database, name = record.path
    context.account.data.shelf.restore_schema(database, name, place)


def _purged(context: Context, record: Record, place: str) -> None:
    context.account.data.drop_schema(record.path[0], place or record.name)


def _renamed(context: Context, record: Record, path: Path) -> None:
    if path[0] != record.path[0]:
        raise UnsupportedError("ALTER SCHEMA … RENAME TO into another database")
    refuse_case_twin(context, record, path)
    context.account.data.rename_schema(record.path[0], record.name, path[-1])
    for session in context.account.sessions.all():
        if (session.database, session.schema) == record.path:
            session.schema = path[-1]


def _describe(context: Context, record: Record) -> Result:
    names = (Column("created_on", "timestamp_ltz"), Column("name"), Column("kind"))
    inside = context.store.inside(record.path)
    return Result(names, [[item.created_on, item.name, item.kind] for item in inside])


def _information_schemas(context: Context) -> list[Record]:
    """INFORMATION_SCHEMA of every database: shown, and no object of the catalogue."""
    facts = {"COMMENT": "Views describing the contents of schemas in this database"}
    return [
        Record(0, "SCHEMA", (database.name, "INFORMATION_SCHEMA"), None, context.now, facts)
        for database in context.store.each("DATABASE")
    ]


def _is_current(context: Context, record: Record) -> str:
    current = (context.session.database, context.session.schema)
    return "Y" if current == record.path else "N"


KIND = Kind(
    name="SCHEMA",
    plural="SCHEMAS",
    scope=Scope.DATABASE,
    properties=(value.COMMENT,),
    parameters=PARAMETERS,
    modifiers=("TRANSIENT",),
    clauses={"MANAGED": _managed, "WITH": _with},
    actions={"ENABLE": _switch(on=True), "DISABLE": _switch(on=False)},
    privileges=PRIVILEGES,
    show=(
        column.CREATED_ON,
        column.NAME,
        column.fixed("is_default", "N"),
        ShowColumn("is_current", _is_current),
        column.DATABASE_NAME,
        column.OWNER,
        column.COMMENT,
        ShowColumn("options", lambda context, record: options(record)),
        ShowColumn("retention_time", retention),
        column.OWNER_ROLE_TYPE,
        column.fixed("budget", None),
    ),
    show_also=_information_schemas,
    describe=_describe,
    validate=_validate,
    created=_created,
    dropped=_dropped,
    kept=_kept,
    restored=_restored,
    purged=_purged,
    renamed=_renamed,
)
