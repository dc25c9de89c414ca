"""Where files land and how they become rows: the landing zone, and what a feed must say of itself.

A feed's own facts (columns, format, COPY text) live with ingestion; the program needs only the
shape below, so infrastructure does not depend on how feeds are written.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Protocol

from pydantic import Field

from infra.model.base import Fact
from infra.model.identifiers import BucketName, Identifier, RoleName


class Landing(Fact):
    """The bucket that files arrive in, and the way Snowflake reads it."""

    schema_: Annotated[Identifier, Field(alias="schema")]
    """The schema that feeds load into."""
    bucket: BucketName
    """The bucket's stem: the environment's prefix goes before, the account's number after."""
    role: RoleName
    """The stem of the IAM role that Snowflake assumes."""
    storage_integration: Identifier
    noncurrent_version_expiration_days: Annotated[int, Field(ge=1)]
    """Days that a replaced or deleted file stays restorable."""
    abort_incomplete_multipart_upload_days: Annotated[int, Field(ge=1)]
    message_retention_days: Annotated[int, Field(ge=1, le=14)]
    """Days that the landing zone's own queue keeps an event."""
    max_receive_count: Annotated[int, Field(ge=1, le=1000)]
    """Tries before an event goes to the dead-letter queue."""


class FeedColumn(Protocol):
    """A column of a feed's table."""

    @property
    def name(self) -> str: ...
    @property
    def type(self) -> str: ...
    @property
    def nullable(self) -> bool: ...
    @property
    def comment(self) -> str: ...
    @property
    def tags(self) -> Mapping[str, str]: ...


class FeedFormat(Protocol):
    """A file format in the provider's property names."""

    @property
    def type(self) -> str: ...
    @property
    def options(self) -> Mapping[str, bool | int | str | Sequence[str]]: ...


class Feed(Protocol):
    """What the program needs to know of a feed."""

    @property
    def name(self) -> str: ...
    @property
    def description(self) -> str: ...
    @property
    def table(self) -> str: ...
    @property
    def stage(self) -> str: ...
    @property
    def file_format(self) -> str: ...
    @property
    def pipe(self) -> str: ...
    @property
    def prefix(self) -> str: ...
    @property
    def format(self) -> FeedFormat: ...
    @property
    def table_columns(self) -> Sequence[FeedColumn]: ...
    def copy_statement(self, database: str, schema: str) -> str: ...
