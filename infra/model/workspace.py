"""A workspace: one developer's or one pull request's corner of a foundation."""

from typing import Annotated

from pydantic import Field, StringConstraints

from infra.model.base import Fact
from infra.model.identifiers import Identifier


class Workspace(Fact):
    """What a workspace is given and for how long."""

    schema_: Annotated[
        str, StringConstraints(pattern=r"^[A-Z_][A-Z0-9_]*\{name\}$"), Field(alias="schema")
    ]
    """The schema's name, with ``{name}`` for the developer or the pull request's number."""
    role: Identifier
    """The role that works in it."""
    warehouse: Identifier
    credit_quota: Annotated[int, Field(ge=1)]
    """Credits in its life."""
    expires_after_days: Annotated[int, Field(ge=1)]
