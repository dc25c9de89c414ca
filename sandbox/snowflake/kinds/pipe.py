"""Pipes: a COPY that runs by itself on new files. The worker that runs them is elsewhere.

https://docs.snowflake.com/en/sql-reference/sql/create-pipe
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final, Protocol

from sandbox.snowflake.catalog import columns as column
from sandbox.snowflake.catalog import values as value
from sandbox.snowflake.catalog.kind import Kind, Scope, ShowColumn
from sandbox.snowflake.catalog.record import Record
from sandbox.snowflake.context import Context
from sandbox.snowflake.errors import CompilationError, DoesNotExistError, InvalidValueError
from sandbox.snowflake.kinds import integration
from sandbox.snowflake.parameter_levels import ParameterLevels
from sandbox.snowflake.pipe_definition import read_source
from sandbox.snowflake.result import Column, Result
from sandbox.snowflake.sql.names import Path, dotted
from sandbox.snowflake.sql.reader import Reader
from sandbox.snowflake.verbs import show
from sandbox.snowflake.verbs.functions import SystemFunction

PAUSED: Final = "PIPE_EXECUTION_PAUSED"


def is_paused(levels: ParameterLevels, record: Record) -> bool:
    """Whether the pipe is paused by itself, its schema or the account."""
    return levels.effective(PAUSED, record).value == "true"


class PipeWork(Protocol):
    """What runs the pipes, as far as statements ask it."""

    def refresh(
        self, record: Record, prefix: str = "", modified_after: datetime | None = None
    ) -> Sequence[tuple[str, str]]:
        """Queue the files that are in the stage already: `(file, status)` for each."""

    def status(self, record: Record, channel: str) -> str:
        """The JSON that SYSTEM$PIPE_STATUS answers."""


class NoPipeWork:
    """Stands in where nothing runs pipes: they are kept and described, and stay idle."""

    def __init__(self, levels: ParameterLevels) -> None:
        self._levels = levels

    def refresh(
        self, record: Record, prefix: str = "", modified_after: datetime | None = None
    ) -> Sequence[tuple[str, str]]:
        """Nothing is queued."""
        return ()

    def status(self, record: Record, channel: str) -> str:
        """The state, with no file waiting."""
        state = "PAUSED" if is_paused(self._levels, record) else "RUNNING"
        return json.dumps(
            {"executionState": state, "pendingFileCount": 0, "notificationChannelName": channel}
        )


def _as(reader: Reader, properties: dict[str, Any]) -> None:
    """AS COPY INTO …: kept as it is written, to the end."""
    properties["DEFINITION"] = reader.raw_until_end()


def _validate(context: Context, record: Record) -> None:
    definition = record.properties.get("DEFINITION")
    if not definition:
        raise CompilationError("Missing option(s): [AS]")
    for name in ("INTEGRATION", "ERROR_INTEGRATION"):
        given = record.properties.get(name)
        if given and context.store.find(integration.NAMESPACE, Reader(given).path()) is None:
            raise DoesNotExistError("integration", given)


def _created(context: Context, record: Record) -> None:
    """What the COPY reads and writes must stand, and be the session's to read and write."""
    table, stage = settle(context, record)
    for privilege in ("INSERT", "SELECT"):
        context.demand(privilege, table)
    context.demand("USAGE" if stage.properties.get("URL") else "READ", stage)


def settle(context: Context, record: Record) -> tuple[Record, Record]:
    """Find out what the COPY reads and writes; the table and the stage.

    A clone needs no more than that, and may name a replica's table: it stands still.
    """
    definition = record.properties["DEFINITION"]
    reader = Reader(definition)
    reader.expect("COPY", "INTO")
    target = _resolved(record, reader.path())
    source = read_source(definition)
    table = _standing(context, "TABLE", target)
    stage = _standing(context, "STAGE", _resolved(record, source.stage))
    record.properties |= {
        "TABLE": list(target),
        "STAGE": list(stage.path),
        "PATTERN": source.pattern,
    }
    if record.properties.get("AUTO_INGEST"):
        record.properties["CHANNEL"] = _channel(context, record, stage)
    return table, stage


def _standing(context: Context, kind: str, path: Path) -> Record:
    record = context.store.find(kind, path)
    if record is None:
        raise DoesNotExistError(kind, dotted(path))
    return record


def _resolved(record: Record, path: Path) -> Path:
    """A short name in a pipe's COPY is looked for in the pipe's own schema."""
    return (*record.path[: 3 - len(path)], *path)


def _channel(context: Context, record: Record, stage: Record) -> str:
    url = stage.properties.get("URL")
    if not url:
        raise CompilationError("AUTO_INGEST needs a pipe on an external stage.")
    topic = record.properties.get("AWS_SNS_TOPIC")
    return str(topic) if topic else context.account.channel_for(str(url))


def _invalid_reason(context: Context, record: Record) -> str | None:
    for kind in ("TABLE", "STAGE"):
        path = tuple(record.properties[kind])
        if context.store.find(kind, path) is None:
            return f"{kind.capitalize()} '{dotted(path)}' does not exist or not authorized."
    return None


def _refresh(context: Context, record: Record, reader: Reader) -> Result:
    """REFRESH [PREFIX = '…'] [MODIFIED_AFTER = '…']: queue the files that the stage holds."""
    given: dict[str, str] = {}
    while not reader.at_end:
        name = reader.accept_any("PREFIX", "MODIFIED_AFTER")
        if name is None:
            raise reader.error()
        reader.expect_symbol("=")
        given[name] = reader.string()
    after = _moment(given["MODIFIED_AFTER"]) if "MODIFIED_AFTER" in given else None
    sent = context.account.pipes.refresh(record, given.get("PREFIX", ""), after)
    return Result([Column("File"), Column("Status")], sent)


def _moment(text: str) -> datetime:
    """A moment in ISO form; without a zone it is UTC."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise InvalidValueError(text, "MODIFIED_AFTER") from error
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def _describe(context: Context, record: Record) -> Result:
    return show.table(context, KIND, [record])


def _find(context: Context, arguments: list[str]) -> Record:
    if not arguments:
        raise CompilationError("not enough arguments for function, expected a pipe's name")
    return context.get(KIND, Reader(arguments[0]).path())


def _status(context: Context, arguments: list[str]) -> str:
    """https://docs.snowflake.com/en/sql-reference/functions/system_pipe_status"""
    record = _find(context, arguments)
    context.demand("MONITOR", record)
    return context.account.pipes.status(record, record.properties.get("CHANNEL") or "")


def _force_resume(context: Context, arguments: list[str]) -> str:
    """https://docs.snowflake.com/en/sql-reference/functions/system_pipe_force_resume"""
    record = _find(context, arguments)
    context.demand("OPERATE", record)
    with context.store.transaction():
        record.parameters[PAUSED] = "false"
        context.store.save(record)
    return ""


SYSTEM_FUNCTIONS: Final[dict[str, SystemFunction]] = {
    "SYSTEM$PIPE_STATUS": _status,
    "SYSTEM$PIPE_FORCE_RESUME": _force_resume,
}

KIND: Final = Kind(
    name="PIPE",
    plural="PIPES",
    scope=Scope.SCHEMA,
    properties=(
        value.boolean("AUTO_INGEST"),
        value.reference("ERROR_INTEGRATION"),
        value.text("AWS_SNS_TOPIC"),
        value.reference("INTEGRATION"),
        value.COMMENT,
    ),
    clauses={"AS": _as},
    parameters=(PAUSED,),
    actions={"REFRESH": _refresh},
    alter_privileges=dict.fromkeys(("SET", "UNSET", "REFRESH"), "OPERATE"),
    privileges=("APPLYBUDGET", "MONITOR", "OPERATE"),
    show=(
        column.CREATED_ON,
        column.NAME,
        column.DATABASE_NAME,
        column.SCHEMA_NAME,
        column.shown("definition", "DEFINITION"),
        column.OWNER,
        column.shown("notification_channel", "CHANNEL", missing=None),
        column.COMMENT,
        column.shown("integration", "INTEGRATION", missing=None),
        column.shown("pattern", "PATTERN", missing=None),
        column.shown("error_integration", "ERROR_INTEGRATION", missing=None),
        column.OWNER_ROLE_TYPE,
        ShowColumn("invalid_reason", _invalid_reason),
        column.fixed("kind", "STAGE"),
    ),
    describe=_describe,
    validate=_validate,
    created=_created,
)
