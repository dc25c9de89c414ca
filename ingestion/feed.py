"""A feed: files of one shape that land under one prefix and become the rows of one raw table.

The facts are in `feeds/<name>.yaml`; whatever the platform needs to know about a feed (table,
format, COPY text) is derived from them here. What is deliberately absent: typing, cleaning and
deduplication, which are dbt's, and the names of databases and stacks, which the caller gives.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator

from ingestion import yaml_file
from ingestion.quoting import identifier, literal
from ingestion.yaml_file import InvalidInputError

FEEDS: Final = Path(__file__).parent / "feeds"
RAW_SCHEMA: Final = "RAW"


def _plain(value: object) -> object:
    """One message instead of one for each member of the union."""
    if not isinstance(value, bool | int | str | list):
        raise ValueError(f"got {value!r}, allowed true, false, a whole number, text or a list")
    return value


OptionValue = Annotated[bool | int | str | list[str], BeforeValidator(_plain)]

_COMMON_OPTIONS: dict[str, type] = {
    "compression": str,
    "date_format": str,
    "ignore_utf8_errors": bool,
    "null_ifs": list,
    "replace_invalid_characters": bool,
    "skip_byte_order_mark": bool,
    "time_format": str,
    "timestamp_format": str,
    "trim_space": bool,
}
FORMAT_OPTIONS: Final[dict[str, dict[str, type]]] = {
    "CSV": {
        **_COMMON_OPTIONS,
        "empty_field_as_null": bool,
        "encoding": str,
        "error_on_column_count_mismatch": bool,
        "escape": str,
        "escape_unenclosed_field": str,
        "field_delimiter": str,
        "field_optionally_enclosed_by": str,
        "record_delimiter": str,
        "skip_blank_lines": bool,
        "skip_header": int,
    },
    "JSON": {
        **_COMMON_OPTIONS,
        "allow_duplicate": bool,
        "enable_octal": bool,
        "strip_null_values": bool,
        "strip_outer_array": bool,
    },
}
_TYPE_PATTERN: Final = (
    r"^(VARCHAR(\(\d+\))?|TEXT|NUMBER(\(\d{1,2},\d{1,2}\))?|FLOAT|BOOLEAN|DATE|TIME"
    r"|TIMESTAMP_(NTZ|LTZ|TZ)(\(\d\))?|VARIANT|OBJECT|ARRAY|BINARY|GEOGRAPHY)$"
)


def _upper(value: object) -> object:
    return value.upper() if isinstance(value, str) else value


class _Fact(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class FileFormat(_Fact):
    """How a feed's files are written; options carry the provider's names in snake case.

    https://docs.snowflake.com/en/sql-reference/sql/create-file-format
    """

    type: Literal["CSV", "JSON"]
    options: dict[str, OptionValue] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _options_fit_the_type(self) -> FileFormat:
        known = FORMAT_OPTIONS[self.type]
        wrong = [
            f"{name}: {value!r}"
            for name, value in sorted(self.options.items())
            if name not in known or type(value) is not known[name]
        ]
        if wrong:
            allowed = ", ".join(f"{name} ({kind.__name__})" for name, kind in sorted(known.items()))
            raise ValueError(f"got {', '.join(wrong)}, allowed for {self.type} {allowed}")
        return self


class FeedColumn(_Fact):
    """One column of the raw table; `source` says where in the file it is.

    A CSV column without a source takes the next position of the file; a JSON column needs one:
    `$1` for the whole document or a path in it, such as `$1:device.id`.
    """

    name: Annotated[str, BeforeValidator(_upper), Field(pattern=r"^[A-Z_][A-Z0-9_]*$")]
    type: Annotated[str, Field(pattern=_TYPE_PATTERN)]
    nullable: bool = True
    comment: Annotated[str, Field(min_length=1)]
    source: Annotated[str, Field(pattern=r"^\$\d+(:\w+(\.\w+)*)?$")] | None = None
    tags: dict[Annotated[str, BeforeValidator(_upper)], str] = Field(default_factory=dict)
    """Governance tags of the raw column; `environments/base.yaml` says which exist."""


METADATA_COLUMNS: Final = (
    FeedColumn(
        name="_FILE_NAME",
        type="VARCHAR(16777216)",
        nullable=False,
        comment="Key of the file that the row came from",
    ),
    FeedColumn(
        name="_FILE_ROW",
        type="NUMBER(38,0)",
        nullable=False,
        comment="Row of that file, from 1",
    ),
    FeedColumn(
        name="_LOADED_AT",
        type="TIMESTAMP_NTZ(9)",
        nullable=False,
        comment="When the load began to read the file (UTC)",
    ),
)
"""What every raw table has beside the feed's own columns."""

# The time of the scan, not CURRENT_TIMESTAMP, which a pipe evaluates when its COPY is compiled:
# https://docs.snowflake.com/en/user-guide/data-load-snowpipe-ts#load-times-inserted-using-current-timestamp-earlier-than-load-time-values-in-copy-history-view
_METADATA_SOURCES: Final = (
    "METADATA$FILENAME",
    "METADATA$FILE_ROW_NUMBER",
    "CONVERT_TIMEZONE('UTC', METADATA$START_SCAN_TIME)::TIMESTAMP_NTZ",
)


class Feed(_Fact):
    """One feed, as its YAML file declares it.

    `on_error` is `SKIP_FILE` where a file with a bad line must not load in part: the other files
    load, and the load history names the file, the line and the reason.
    """

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    description: Annotated[str, Field(min_length=1)]
    format: FileFormat
    pattern: Annotated[str, Field(min_length=1)] | None = None
    columns: Annotated[tuple[FeedColumn, ...], Field(strict=False)]
    on_error: Literal["SKIP_FILE", "CONTINUE"] = "SKIP_FILE"

    @field_validator("pattern")
    @classmethod
    def _is_a_regular_expression(cls, value: str | None) -> str | None:
        try:
            re.compile(value or "")
        except re.error as error:
            raise ValueError(f"got {value!r} ({error}), allowed a regular expression") from error
        return value

    @field_validator("columns")
    @classmethod
    def _are_some_and_unique(cls, columns: tuple[FeedColumn, ...]) -> tuple[FeedColumn, ...]:
        if not columns:
            raise ValueError("got [], allowed one column or more")
        names = [column.name for column in (*columns, *METADATA_COLUMNS)]
        repeated = sorted({name for name in names if names.count(name) > 1})
        if repeated:
            raise ValueError(f"got {', '.join(repeated)} twice, allowed once (metadata included)")
        return columns

    @model_validator(mode="after")
    def _json_columns_have_a_source(self) -> Feed:
        if self.format.type == "JSON":
            without = [column.name for column in self.columns if column.source is None]
            if without:
                raise ValueError(f"got {', '.join(without)} without source, allowed $1 or $1:path")
        return self

    @property
    def table(self) -> str:
        """Name of the raw table."""
        return self.name.upper()

    @property
    def stage(self) -> str:
        """Name of the stage over the feed's part of the landing bucket."""
        return f"{self.table}_STAGE"

    @property
    def file_format(self) -> str:
        """Name of the file format."""
        return f"{self.table}_FORMAT"

    @property
    def pipe(self) -> str:
        """Name of the pipe."""
        return f"{self.table}_PIPE"

    @property
    def prefix(self) -> str:
        """Start of the keys of the feed's files in the landing bucket."""
        return f"{self.name}/"

    @property
    def extension(self) -> str:
        """Ending of the names of the feed's files, without the dot."""
        return {"CSV": "csv", "JSON": "json"}[self.format.type]

    @property
    def table_columns(self) -> tuple[FeedColumn, ...]:
        """All columns of the raw table: the feed's own, then those on the load."""
        return (*self.columns, *METADATA_COLUMNS)

    def copy_statement(self, database: str, schema: str = RAW_SCHEMA) -> str:
        """The COPY that the feed's pipe runs, and that a replay runs by hand.

        https://docs.snowflake.com/en/sql-reference/sql/create-pipe
        https://docs.snowflake.com/en/user-guide/data-load-transform
        """
        targets = ", ".join(identifier(column.name) for column in self.table_columns)
        sources = ", ".join((*self._sources(), *_METADATA_SOURCES))
        file_format = literal(identifier(database, schema, self.file_format))
        lines = [
            f"COPY INTO {identifier(database, schema, self.table)} ({targets})",
            f"FROM (SELECT {sources}",
            f"FROM @{identifier(database, schema, self.stage)})",
            f"FILE_FORMAT = (FORMAT_NAME = {file_format})",
        ]
        if self.pattern:
            lines.append(f"PATTERN = {literal(self.pattern)}")
        return "\n".join([*lines, f"ON_ERROR = {self.on_error}"])

    def _sources(self) -> list[str]:
        position = 0
        sources = []
        for column in self.columns:
            if column.source is None:
                position += 1
                sources.append(f"${position}")
            elif ":" in column.source:
                sources.append(f"{column.source}::{column.type}")
            else:
                sources.append(column.source)
        return sources


def load_feeds(folder: Path = FEEDS) -> tuple[Feed, ...]:
    """All feeds of the platform, by name.

    Raises:
        InvalidInputError: with every problem of every file, each as
            `ingestion/feeds/x.yaml:key: got …, allowed …`.
    """
    feeds: list[Feed] = []
    problems: list[str] = []
    for path in sorted(folder.glob("*.yaml")):
        shown_as = f"ingestion/feeds/{path.name}"
        try:
            feed = yaml_file.read(path, shown_as, Feed)
        except InvalidInputError as error:
            problems.extend(error.problems)
            continue
        if feed.name != path.stem:
            problems.append(f"{shown_as}:name: got {feed.name!r}, allowed {path.stem!r}")
        feeds.append(feed)
    if problems:
        raise InvalidInputError(problems)
    return tuple(feeds)


def feed_named(name: str, folder: Path = FEEDS) -> Feed:
    """The feed of that name.

    Raises:
        InvalidInputError: there is none.
    """
    feeds = {feed.name: feed for feed in load_feeds(folder)}
    if name not in feeds:
        raise InvalidInputError([f"feed: got {name!r}, allowed {', '.join(feeds)}"])
    return feeds[name]
