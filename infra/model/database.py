"""The database and its schemas.

Vendor: https://docs.snowflake.com/en/sql-reference/sql/create-database and
https://docs.snowflake.com/en/sql-reference/sql/create-schema
"""

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from infra.model.base import Fact
from infra.model.governance import TagValue
from infra.model.identifiers import Identifier

RetentionDays = Annotated[int, Field(ge=0, le=90)]
"""Days of time travel."""


class Schema(Fact):
    """One schema. What is left out is inherited from the database."""

    comment: str = ""
    is_transient: bool = False
    """No fail-safe, and at most one day of time travel."""
    data_retention_time_in_days: RetentionDays | None = None
    tags: Mapping[Identifier, TagValue] = {}


class Database(Fact):
    """The platform's database, without the ``PUBLIC`` schema that Snowflake would add."""

    name: Identifier
    comment: str = ""
    data_retention_time_in_days: RetentionDays
    tags: Mapping[Identifier, TagValue] = {}
    schemas: Mapping[Identifier, Schema]
