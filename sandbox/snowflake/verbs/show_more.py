"""SHOW in all its forms: special ones from a table, all others from the kinds."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sandbox.snowflake.access import shown as grants
from sandbox.snowflake.catalog.kind import ShowColumn
from sandbox.snowflake.catalog.record import Record
from sandbox.snowflake.context import Context
from sandbox.snowflake.errors import DoesNotExistError, OperationOnMissingError, UnsupportedError
from sandbox.snowflake.kinds.share import show_shares
from sandbox.snowflake.replication import shown as replication
from sandbox.snowflake.result import Column, Result
from sandbox.snowflake.sql.reader import Reader
from sandbox.snowflake.verbs import show, show_parameters


def show_any(context: Context, reader: Reader) -> Result | None:
    """Answer a SHOW; None leaves it to the data plane (SHOW COLUMNS and the keys of tables)."""
    terse = reader.accept("TERSE")
    if reader.token.word == "SHARES":
        rest = Reader(reader.text[reader.token.end :])
        members = replication.show_members(context, rest, "SHARE")
        if members is not None:
            return members
    for words, handler in _SPECIAL.items():
        if reader.accept(*words):
            return handler(context, reader)
    if reader.token.word in _ON_DATA_PLANE:
        return None
    kind = context.registry.read_plural(reader)
    if kind is None:
        raise UnsupportedError(" ".join(context.statement.text.split()[:6]))
    if kind.name == "DATABASE":
        members = replication.show_members(context, reader, kind.name)
        if members is not None:
            return members
    return show.show(context, kind, reader, terse=terse)


_ON_DATA_PLANE = ("COLUMNS", "PRIMARY", "UNIQUE", "IMPORTED", "EXPORTED", "VARIABLES", "SEQUENCES")


def show_objects(context: Context, reader: Reader) -> Result:
    """SHOW OBJECTS: tables and views together. Clients (dbt) tell a missing schema by its text."""
    kind = context.registry["TABLE"]
    try:
        wanted = show.read_filter(context, kind, reader)
    except DoesNotExistError as error:
        raise OperationOnMissingError from error
    records = [*context.store.all("TABLE"), *context.store.all("VIEW")]
    records = sorted(
        (r for r in records if wanted.passes(r) and context.sees(r)), key=lambda r: (r.name, r.path)
    )
    names = [column for column in kind.show if column.name in _OBJECT_COLUMNS]
    columns = [Column(column.name, column.type) for column in names]
    rows = [[_cell(context, column, record) for column in names] for record in records]
    return Result(columns, rows[: wanted.limit])


def _cell(context: Context, column: ShowColumn, record: Record) -> object:
    """A transient table is a TABLE here, unlike in SHOW TABLES; dbt replaces what it knows."""
    return record.kind if column.name == "kind" else column.value(context, record)


_OBJECT_COLUMNS = frozenset(
    (
        "created_on",
        "name",
        "database_name",
        "schema_name",
        "kind",
        "comment",
        "cluster_by",
        "rows",
        "bytes",
        "owner",
        "retention_time",
        "owner_role_type",
        "budget",
        "is_hybrid",
        "is_dynamic",
        "is_iceberg",
    )
)


def show_user_functions(context: Context, reader: Reader) -> Result:
    """SHOW USER FUNCTIONS: none, as the sandbox makes no functions; dbt asks before each run.

    https://docs.snowflake.com/en/sql-reference/sql/show-user-functions
    """
    show.read_filter(context, context.registry["TABLE"], reader)
    names = (
        *("created_on", "name", "schema_name", "is_builtin", "is_aggregate", "is_ansi"),
        *("min_num_arguments", "max_num_arguments", "arguments", "description", "catalog_name"),
        *("is_table_function", "valid_for_clustering", "is_secure", "secrets"),
        *("external_access_integrations", "is_external_function", "language", "is_memoizable"),
        "is_data_metric",
    )
    return Result([Column(name) for name in names], [])


_SPECIAL: Mapping[tuple[str, ...], Callable[[Context, Reader], Result]] = {
    ("GRANTS",): grants.show_grants,
    ("FUTURE", "GRANTS"): grants.show_future_grants,
    ("PARAMETERS",): show_parameters.show_parameters,
    ("OBJECTS",): show_objects,
    **replication.SPECIAL,
    ("USER", "FUNCTIONS"): show_user_functions,
    ("SHARES",): show_shares,
}
