"""The words that the data plane and the control plane share: contexts, names, effects, files.

The data plane owns rows; the control plane owns identity (owners, grants, clocks, stages). Each
asks the other only through these values and protocols, so neither imports the other's parts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, NamedTuple, Protocol

from sandbox.snowflake.result import AnyResult

EffectAction = Literal["create", "replace", "drop", "rename", "swap", "alter"]
EffectKind = Literal["TABLE", "VIEW"]


@dataclass(frozen=True, slots=True)
class QueryContext:
    """Who asks, from where and when: everything a statement may see of its session."""

    database: str | None
    schema: str | None
    user: str
    role: str
    warehouse: str | None = None
    account: str = "SANDBOX1"
    account_name: str = "SANDBOX"
    organization: str = "LEAP"
    region: str = "AWS_US_EAST_1"
    session_id: int = 0
    secondary_roles: str = '{"roles":"","value":""}'
    available_roles: tuple[str, ...] = ()
    session_roles: tuple[str, ...] = ()
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    last_query_id: str | None = None
    statement_id: str = ""
    timezone: str = "UTC"
    version: str = "10.0.0"
    client_ip: str = "127.0.0.1"
    roles: frozenset[int] = frozenset()
    """The control plane's numbers of the roles in force; what is listed depends on them."""
    alert: Mapping[str, str] = field(default_factory=dict)
    """What an alert that runs knows of itself: `alert_scheduled`, `alert_last` (ISO times) and
    `alert_condition` (a statement's id)."""


class ObjectName(NamedTuple):
    """A fully resolved name, in the case in which it is stored."""

    database: str
    schema: str
    name: str

    def __str__(self) -> str:
        return ".".join(self)


@dataclass(frozen=True, slots=True)
class Governed:
    """A policy or tags that CREATE sets: the text after these words, and the column, if one."""

    what: Literal["MASKING POLICY", "ROW ACCESS POLICY", "TAG"]
    text: str
    column: str | None = None


@dataclass(frozen=True, slots=True)
class Effect:
    """What a statement does to one table or view, for the catalogue to follow.

    `new_name` is set by `rename` and `swap`; `properties` holds what SET and UNSET name (None is
    UNSET), as `COMMENT` or `DATA_RETENTION_TIME_IN_DAYS`; `if_exists` marks a DROP that may find
    nothing; `if_not_exists` a CREATE that may do nothing (then `Outcome.effects` omits it).
    """

    action: EffectAction
    kind: EffectKind
    name: ObjectName
    new_name: ObjectName | None = None
    temporary: bool = False
    transient: bool = False
    secure: bool = False
    comment: str | None = None
    copy_grants: bool = False
    if_exists: bool = False
    if_not_exists: bool = False
    text: str = ""
    cluster_by: str = ""
    source: ObjectName | None = None
    properties: Mapping[str, str | None] = field(default_factory=dict)
    kept: str = ""
    """Where the rows of the dropped or replaced table were put aside; empty where they are gone."""
    cloned: bool = False
    """Whether `source` was cloned, with all that the catalogue knows of it."""
    past: bool = False
    """Whether it was cloned as it was at an earlier time, with its columns of then."""
    columns: Mapping[str, str | None] = field(default_factory=dict)
    """Columns that got another name, and those that are gone (None)."""
    governed: tuple[Governed, ...] = ()
    """Policies and tags that CREATE sets, and ADD COLUMN."""


@dataclass(frozen=True, slots=True)
class Analysis:
    """What a statement would touch, told before it runs.

    `kind` is the statement's Snowflake type (`SELECT`, `INSERT`, `CREATE_TABLE`, …); `writes` maps
    each table to the privileges that Snowflake asks for (`INSERT`, `UPDATE`, `DELETE`, `TRUNCATE`);
    `stages` are what COPY, LIST and SELECT read files from; `virtual` are views of
    INFORMATION_SCHEMA and of the SNOWFLAKE database.
    """

    kind: str
    reads: frozenset[ObjectName] = frozenset()
    writes: Mapping[ObjectName, frozenset[str]] = field(default_factory=dict)
    effects: tuple[Effect, ...] = ()
    stages: frozenset[ObjectName] = frozenset()
    virtual: frozenset[ObjectName] = frozenset()
    file_formats: frozenset[ObjectName] = frozenset()
    needs_warehouse: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """The answer of a statement and what it did."""

    result: AnyResult
    effects: tuple[Effect, ...] = ()
    reads: frozenset[ObjectName] = frozenset()
    writes: frozenset[ObjectName] = frozenset()
    rows_produced: int = 0
    loads: tuple[FileLoad, ...] = ()
    session_parameters: Mapping[str, str | None] = field(default_factory=dict)
    noted: str = ""
    """The id under which the effects were written down with the rows."""


@dataclass(frozen=True, slots=True)
class ColumnInfo:
    """A column as DESCRIBE TABLE and INFORMATION_SCHEMA.COLUMNS tell it."""

    name: str
    type: str
    nullable: bool = True
    default: str | None = None
    comment: str | None = None
    primary_key: bool = False
    unique_key: bool = False


@dataclass(frozen=True, slots=True)
class StoredObject:
    """A table or view that is on disk; the control plane reconciles its catalogue with these."""

    name: ObjectName
    kind: EffectKind
    transient: bool = False
    secure: bool = False
    comment: str | None = None
    created: datetime | None = None
    owner: str | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class StagedFile:
    """One file of a stage. `name` is METADATA$FILENAME: the path inside bucket or stage."""

    name: str
    size: int
    etag: str
    last_modified: datetime
    url: str = ""


class FileSource(Protocol):
    """The stages, as the control plane knows them."""

    def stage_files(self, stage: ObjectName, path: str) -> Sequence[StagedFile]:
        """Files under `path`, sorted by name; DoesNotExistError when there is no such stage."""

    def fetch(self, stage: ObjectName, file: StagedFile) -> Path:
        """A local, readable copy of the file."""

    def remove(self, stage: ObjectName, file: StagedFile) -> None:
        """Deletes the file from the stage (COPY's PURGE)."""

    def stage_format(self, stage: ObjectName) -> Mapping[str, Any]:
        """The stage's own file format options, by upper-case name; empty when it has none."""

    def file_format(self, name: ObjectName) -> Mapping[str, Any]:
        """A named file format's options (`TYPE`, `SKIP_HEADER`, …); DoesNotExistError if absent."""


@dataclass(frozen=True, slots=True)
class FileLoad:
    """What COPY did with one file: its result row and its line in the load history.

    `status` is `LOADED`, `PARTIALLY_LOADED` or `LOAD_FAILED`; lines and characters count from 1.
    """

    file: str
    status: str
    rows_parsed: int
    rows_loaded: int
    error_limit: int
    errors_seen: int = 0
    first_error: str | None = None
    first_error_line: int | None = None
    first_error_character: int | None = None
    first_error_column: str | None = None
    size: int = 0


@dataclass(frozen=True, slots=True)
class VirtualTable:
    """Rows that a system view or table function answers: column name and Snowflake type, rows."""

    columns: Sequence[tuple[str, str]]
    rows: Sequence[Sequence[Any]]


@dataclass(frozen=True, slots=True)
class AppliedPolicy:
    """A policy's function where it is attached: `given` are the columns for its arguments."""

    name: ObjectName
    arguments: tuple[str, ...]
    body: str
    returns: str
    given: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StreamFacts:
    """A stream as the catalogue has it. `source` is None where what it watched is gone."""

    id: int
    source: ObjectName | None
    source_name: str
    source_id: int
    on_view: bool
    append_only: bool
    initial: bool
    """Whether it shows the rows that stood when it was made until it is first consumed."""
    offset: int | None
    """The version behind which it began; None: that with which its table began."""
    since: datetime
    """When that was."""
    days: int
    """How long it may stay unread."""
    births: frozenset[int] | None = None
    """Of a stream on a view: with which versions the tables began that the view reads; None where
    that is not known.
    """


@dataclass(frozen=True, slots=True)
class Protection:
    """What stands between a table or view and its readers: masks by column, and a row filter."""

    masks: Mapping[str, AppliedPolicy]
    rows: AppliedPolicy | None = None


class SystemViews(Protocol):
    """The control plane's side of INFORMATION_SCHEMA and of the SNOWFLAKE database.

    Asked first; `None` means that the data plane answers by itself or says that it does not exist.
    """

    def view(self, name: ObjectName, context: QueryContext) -> VirtualTable | None:
        """A view as `LEAP_ANALYTICS.INFORMATION_SCHEMA.TABLE_PRIVILEGES`."""

    def function(
        self,
        database: str | None,
        name: str,
        arguments: Mapping[str, Any],
        context: QueryContext,
    ) -> VirtualTable | None:
        """A table function as `TABLE(INFORMATION_SCHEMA.QUERY_HISTORY(…))`; positional arguments
        are keyed `0`, `1`, …
        """

    def lists(self, path: tuple[str, ...], context: QueryContext) -> bool:
        """Whether the session may know of a database, a schema, or a table or view."""

    def database_facts(self, name: str) -> Mapping[str, Any]:
        """Column values (`DATABASE_OWNER`, `CREATED`, …) of INFORMATION_SCHEMA.DATABASES."""

    def schema_facts(self, database: str, name: str) -> Mapping[str, Any]:
        """Column values of INFORMATION_SCHEMA.SCHEMATA."""

    def object_facts(self, name: ObjectName) -> Mapping[str, Any]:
        """Column values of INFORMATION_SCHEMA.TABLES and VIEWS."""

    def retention_days(self, name: ObjectName) -> int:
        """How long a table's rows are kept after a change or a drop; 0 for an unknown one."""

    def statement_times(self, statement: str) -> tuple[datetime, datetime] | None:
        """When a statement of the history began and ended; None for an unknown one."""

    def masking_policies(self, name: ObjectName) -> Mapping[str, str]:
        """The qualified name of the masking policy of each column that has one."""

    def protection_version(self) -> int | None:
        """Another number after each change that may protect something; None: nothing is."""

    def protection(self, name: ObjectName) -> Protection | None:
        """The policies of a table or view itself, also those that its columns have by tags."""

    def stream(self, name: ObjectName) -> StreamFacts | None:
        """A stream; None for anything else."""

    def has_streams(self) -> bool:
        """Whether there are any."""

    def tracks_changes(self, name: ObjectName) -> tuple[int, bool]:
        """The id of a table, and whether its change tracking is on."""

    def view_definition(self, name: ObjectName) -> tuple[str, str] | None:
        """The text and the owner of a view; None for anything else."""
