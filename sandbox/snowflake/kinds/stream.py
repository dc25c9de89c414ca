"""Streams on tables and views: what changed since they were last read.

https://docs.snowflake.com/en/sql-reference/sql/create-stream
"""

from __future__ import annotations

from typing import Any, Final

from sandbox.snowflake import streams
from sandbox.snowflake.catalog import columns as column
from sandbox.snowflake.catalog import values as value
from sandbox.snowflake.catalog.kind import Kind, Scope, ShowColumn
from sandbox.snowflake.catalog.record import Record
from sandbox.snowflake.context import Context
from sandbox.snowflake.data.model import ObjectName
from sandbox.snowflake.data.past.moment import Moment, NoDataThenError
from sandbox.snowflake.data.reading import read_when
from sandbox.snowflake.errors import (
    CompilationError,
    DoesNotExistError,
    InsufficientPrivilegesError,
    SnowflakeError,
    UnsupportedError,
)
from sandbox.snowflake.result import Result
from sandbox.snowflake.sql.names import Path, dotted
from sandbox.snowflake.sql.reader import Reader
from sandbox.snowflake.verbs.functions import SystemFunction
from sandbox.snowflake.verbs.needs import demand_stream
from sandbox.snowflake.verbs.show import table

_WHEN: Final = "WHEN"
"""AT | BEFORE as it was written, until the stream is made."""


class SourceNotTrackedError(InsufficientPrivilegesError):
    """The role may not begin to track the changes of what the stream would watch."""

    def __init__(self, name: str) -> None:
        SnowflakeError.__init__(
            self,
            "SQL access control error:\nInsufficient privileges to operate on stream source "
            f"without CHANGE_TRACKING enabled '{name}'.",
        )


def _on(reader: Reader, properties: dict[str, Any]) -> None:
    """ON {TABLE | VIEW} name [AT | BEFORE (…)]."""
    word = reader.accept_any("TABLE", "VIEW")
    if word is None:
        raise UnsupportedError(f"CREATE STREAM … ON {reader.token.word}")
    properties |= {"SOURCE_KIND": word, "SOURCE": dotted(reader.path())}


def _at(reader: Reader, properties: dict[str, Any]) -> None:
    properties[_WHEN] = f"AT ({reader.parenthesised()})"


def _before(reader: Reader, properties: dict[str, Any]) -> None:
    properties[_WHEN] = f"BEFORE ({reader.parenthesised()})"


def _validate(context: Context, record: Record) -> None:
    """Find the source, which later statements know by its id, and where the stream begins."""
    properties = record.properties
    if "SOURCE" not in properties:
        raise CompilationError("Missing option(s): [ON]")
    if "SOURCE_ID" in properties:
        return
    path = Reader(properties["SOURCE"]).path()
    whole = (*record.path[: 3 - len(path)], *path)
    context.check_parent(whole)
    source = context.store.find("TABLE", whole)
    if source is None or source.kind != properties["SOURCE_KIND"]:
        raise DoesNotExistError(properties["SOURCE_KIND"], dotted(whole))
    context.demand("SELECT", source)
    _demand_tracking(context, source)
    properties |= {"SOURCE": dotted(whole), "SOURCE_ID": source.id}
    properties |= _beginning(context, record.path, source, properties.pop(_WHEN, None))


def _demand_tracking(context: Context, source: Record) -> None:
    """Only who owns a table or view may begin to track its changes."""
    for one in (source, *streams.tables(context.account, source)):
        if streams.tracks_changes(one):
            continue
        try:
            context.demand("OWNERSHIP", one)
        except InsufficientPrivilegesError:
            raise SourceNotTrackedError(one.name) from None


def _beginning(context: Context, path: Path, source: Record, when: str | None) -> dict[str, Any]:
    """The version of the table behind which the stream begins."""
    account = context.account
    clause = read_when(Reader(when)) if when is not None else None
    if clause is None:
        serial, births = _version(context, source, None)
        return {streams.OFFSET: serial, streams.BIRTHS: births}
    if str(clause.args["kind"]).upper() == "STREAM":
        other = _stream(context, (*path[:2],), clause.args["expression"].name)
        if other.properties["SOURCE_ID"] != source.id:
            raise CompilationError(f"Stream {other.name} is not on {dotted(source.path)}.")
        kept = (streams.OFFSET, streams.BIRTHS)
        return {key: other.properties.get(key) for key in kept} | streams.copied(account, other)
    query = account.query_context(context)
    moment = account.data.moment(context.session.data, clause, query)
    serial, births = _version(context, source, moment)
    if serial is None or not moment.is_kept(streams.days(account, source)):
        raise NoDataThenError(source.kind.lower(), source.name)
    since = moment.at.isoformat()
    return {streams.OFFSET: serial, streams.BIRTHS: births, streams.SINCE: since}


def _version(
    context: Context, source: Record, moment: Moment | None
) -> tuple[int | None, tuple[int, ...] | None]:
    """The version of the source at a point in the past, or now; of a view, also with which
    versions the tables began that it reads.
    """
    account, session = context.account, context.session
    name, query = ObjectName(*source.path), account.query_context(context)
    if source.kind == "VIEW":
        return account.data.view_version(session.data, name, moment, query)
    return account.data.version(session.data, name, moment, query), None


def _created(context: Context, record: Record) -> None:
    source = streams.source_of(context.account, record)
    for one in (source, *streams.tables(context.account, source)) if source is not None else ():
        if not streams.tracks_changes(one):
            one.properties[streams.TRACKING] = "TRUE"
            context.store.save(one)


def _stream(context: Context, home: Path, name: str) -> Record:
    """A stream that the session may read, with its source."""
    path = Reader(name).path()
    record = context.get(KIND, (*home[: 3 - len(path)], *path) if home else path)
    demand_stream(context, record)
    return record


def _has_data(context: Context, arguments: list[str]) -> bool:
    """SYSTEM$STREAM_HAS_DATA: a look at an empty stream keeps it from getting stale.

    https://docs.snowflake.com/en/sql-reference/functions/system_stream_has_data
    """
    if len(arguments) != 1:
        raise CompilationError("SYSTEM$STREAM_HAS_DATA takes the name of a stream.")
    account = context.account
    record = _stream(context, (), arguments[0])
    facts, query = streams.facts(account, record), account.query_context(context)
    return account.data.stream_has_data(
        context.session.data, ObjectName(*record.path), facts, query
    )


SYSTEM_FUNCTIONS: Final[dict[str, SystemFunction]] = {"SYSTEM$STREAM_HAS_DATA": _has_data}


def _source_name(context: Context, record: Record) -> str:
    return streams.source_name(context.account, record)


def _base_tables(context: Context, record: Record) -> str:
    source = streams.source_of(context.account, record)
    if source is None:
        return _source_name(context, record)
    tables = streams.tables(context.account, source)
    return ",".join(sorted(dotted(one.path) for one in tables))


def _stale_after(context: Context, record: Record) -> Any:
    return streams.stale_after(context.account, record)


def _is_stale(context: Context, record: Record) -> str:
    after = streams.stale_after(context.account, record)
    return "true" if after is None or context.now >= after else "false"


def _invalid_reason(context: Context, record: Record) -> str:
    if streams.source_of(context.account, record) is not None:
        return "N/A"
    return f"Base {record.properties['SOURCE_KIND'].lower()} dropped, cannot read from the stream"


def _mode(context: Context, record: Record) -> str:
    return "APPEND_ONLY" if record.properties.get("APPEND_ONLY") else "DEFAULT"


def _source_type(context: Context, record: Record) -> str:
    return str(record.properties["SOURCE_KIND"]).capitalize()


def _describe(context: Context, record: Record) -> Result:
    return table(context, KIND, [record])


KIND: Final = Kind(
    name="STREAM",
    plural="STREAMS",
    scope=Scope.SCHEMA,
    properties=(
        value.boolean("APPEND_ONLY", False),
        value.boolean("SHOW_INITIAL_ROWS", False),
        value.COMMENT,
    ),
    clauses={"ON": _on, "AT": _at, "BEFORE": _before},
    show=(
        column.CREATED_ON,
        column.NAME,
        column.DATABASE_NAME,
        column.SCHEMA_NAME,
        column.OWNER,
        column.COMMENT,
        ShowColumn("table_name", _source_name),
        ShowColumn("source_type", _source_type),
        ShowColumn("base_tables", _base_tables),
        column.fixed("type", "DELTA"),
        ShowColumn("stale", _is_stale),
        ShowColumn("mode", _mode),
        ShowColumn("stale_after", _stale_after, "timestamp_ltz"),
        ShowColumn("invalid_reason", _invalid_reason),
        column.OWNER_ROLE_TYPE,
    ),
    describe=_describe,
    validate=_validate,
    created=_created,
)
