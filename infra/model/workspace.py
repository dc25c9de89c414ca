"""A workspace: one developer's or one pull request's corner of a foundation.

The facts, and every name that follows from them. Its owner, its expiry and the foundation that it
builds on are no facts of an environment: they are in the stack's own file.
"""

from typing import Annotated, Final

from pydantic import Field, StringConstraints

from infra.model.access import SchemaLevel
from infra.model.base import Fact
from infra.model.identifiers import Identifier
from infra.model.naming import Naming
from infra.model.warehouse import WarehouseSize

WORKSPACE_SCHEMA: Final = r"(DEV_[A-Z][A-Z0-9_]*|CI_[0-9]+)"
"""What a workspace's schema is called; a pattern that Snowflake's REGEXP_LIKE reads too."""


class Workspace(Fact):
    """What a workspace is given and for how long."""

    schema_: Annotated[
        str, StringConstraints(pattern=r"^[A-Z_][A-Z0-9_]*\{name\}$"), Field(alias="schema")
    ]
    """The schema's name, with ``{name}`` for the developer or the pull request's number."""
    role: Identifier
    """The role that works in it."""
    readers: tuple[Identifier, ...] = ()
    """Other roles that may look at what is built there."""
    warehouse: Identifier
    """What it is made with; dbt works on the workspace's own."""
    credit_quota: Annotated[int, Field(ge=1)]
    """Credits in its life."""
    expires_after_days: Annotated[int, Field(ge=1)]

    def names(self, naming: Naming, database: str, name: str) -> "WorkspaceNames":
        """The names of the workspace of that developer or pull request.

        ``database`` is without the prefix, like all names of facts.
        """
        schema = self.schema_.replace("{name}", name.upper())
        return WorkspaceNames(
            database=naming.account(database),
            schema=schema,
            own_role=naming.schema_role(database, schema, SchemaLevel.OWN),
            read_role=naming.schema_role(database, schema, SchemaLevel.READ),
            warehouse=naming.account(f"{schema}_WH"),
            monitor=naming.account(f"{schema}_LIMIT"),
        )


class Workspaces(Fact):
    """What every workspace is made by, and what its own warehouse is held to."""

    deployer: Identifier
    """The role that makes them, and owns their schemas and roles; no administrator."""
    max_credits: Annotated[int, Field(ge=1)]
    """The highest limit that one may have."""
    warehouse_size: WarehouseSize
    auto_suspend: Annotated[int, Field(ge=1)]


class WorkspaceNames(Fact):
    """What a workspace's objects are called in Snowflake."""

    database: str
    schema_: str = Field(alias="schema")
    own_role: str
    read_role: str
    warehouse: str
    monitor: str
